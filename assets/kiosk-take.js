// Taking a number: asked of the hall, and of the kiosk's own block when the hall does not answer in time.

import { attempt, isAnswered, requestKeys, KIOSK_PATIENCE_SECONDS } from './api.js';
import * as sheets from './kiosk-sheets.js';

const AGAIN_SECONDS = 10; // the same tile tapped again so soon is mostly a mistake

// `issue`: see kiosk-issue.js; `askForDocument(service, more)` where a service wants to know for whom the number is.
export function numberDesk(hall, { kiosk, away, show, issue, askForDocument, context }) {
  const keys = requestKeys();
  let last = null; // {ticket, service, at}: what was taken here before

  // A number, unless the same was taken here a moment ago: then most likely by the same hand.
  function wish(service) {
    const recent = last && last.service === service.id && performance.now() - last.at < AGAIN_SECONDS * 1000;
    if (!recent) return take(service);
    const { ticket } = last;
    const prints = issue.canReprint(ticket);
    const same = () => (prints ? issue.showAndPrint(ticket, false) : issue.showNumber(ticket, false));
    show(sheets.again(ticket, { same, fresh: () => take(service), prints }, context()));
  }

  // `more`: `{insist}` or `{no_smartphone}` after the alternatives were shown, `{also}` for several things.
  async function take(service, more = {}) {
    if (service.identify && service.open && !kiosk.person) return askForDocument(service, more);
    const body = { service: service.id, language: kiosk.language, ...more };
    if (kiosk.class) body.class = kiosk.class;
    if (service.identify && kiosk.person) body.person = kiosk.person;
    if (body.also && body.also.length === 0) delete body.also;
    kiosk.taking = true;
    show(sheets.taking(context()));
    // nobody waits for a server that has just not answered
    const early = kiosk.isLost ? await away.issue(service, body, null) : null;
    const result = early ? { status: 0 } : await ask(body);
    const own = early || (isAnswered(result) ? null : await away.issue(service, body, result.key));
    kiosk.taking = false;
    if (!result.ok && !own) return refuse(result, service, more);
    // a number of the reserve stands for the request that got no answer; the next request is another
    if (own) keys.forget();
    const ticket = own || result.answer;
    last = { ticket, service: service.id, at: performance.now() };
    return issue.hand(ticket);
  }

  async function ask(body) {
    const text = JSON.stringify(body);
    const key = keys.of(text);
    const result = await attempt(`/api/v1/halls/${hall}/tickets`, body, key, KIOSK_PATIENCE_SECONDS);
    kiosk.isLost = !isAnswered(result);
    keys.settle(text, key, result);
    return { ...result, key };
  }

  function refuse(result, service, more) {
    const nevertheless = (how) => take(service, { ...more, [how]: true });
    if (isAnswered(result)) show(sheets.refusal(result.answer, service, kiosk.view, nevertheless, context()));
    else show(sheets.toTheDesk(context()));
  }

  return { wish, take };
}
