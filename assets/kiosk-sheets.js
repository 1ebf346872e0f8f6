// What stands in place of the tiles for a while: a question, a refusal with alternatives. Each function answers the
// elements of one sheet. The number itself is in kiosk-number.js.

import { key, make } from './dom.js';
import { minutes } from './words.js';

export function taking({ say }) {
  return [make('p', 'big', say('kiosk-taking'))];
}

export function again(taken, choices, { say, home }) {
  return [
    make('p', 'big', say('kiosk-again', { number: taken.number })),
    keys(
      key(choices.prints ? say('kiosk-again-print') : say('kiosk-again-same'), 'main', choices.same),
      key(say('kiosk-again-new'), '', choices.fresh),
      key(say('kiosk-back'), '', home),
    ),
  ];
}

// No number, but alternatives: the app to scan beside the others, and a number nevertheless where the hall gives one.
export function refusal(problem, service, view, nevertheless, { say, local, home }) {
  const alternatives = problem.alternatives || [];
  const app = alternatives.find(({ kind, qr }) => kind === 'app' && qr);
  const others = alternatives.filter((each) => each !== app).map((each) => make('li', '', alternativeText(each, { say, local })));
  if (alternatives.length === 0 && view.hotline) others.push(make('li', '', say('kiosk-call-hotline', { number: view.hotline })));
  const isLed = /:redirect$/.test(problem.type || '') && ['near-closing', 'forecast'].includes(problem.reason);
  const mayInsist = problem.may_insist === true;
  return [
    make('p', 'big', why(problem, { say, local })),
    make('div', 'ways', '', [
      ...(app ? [appCode(app, { say, local })] : []),
      make('div', 'rest', '', [
        ...(others.length > 0 ? [make('p', 'soft', say('kiosk-alternatives')), make('ul', 'others', '', others)] : []),
        ...bookCode(alternatives, service, view, { say }),
      ]),
    ]),
    keys(
      ...(mayInsist ? [key(say('kiosk-nevertheless'), app ? '' : 'main', () => nevertheless('insist'))] : []),
      ...(isLed ? [key(say('kiosk-no-smartphone'), '', () => nevertheless('no_smartphone'))] : []),
      key(say('kiosk-back'), mayInsist || isLed ? '' : 'main', home),
    ),
  ];
}

export function notCheckedIn(problem, again, { say, local, home }) {
  return [
    make('p', 'big', why(problem, { say, local })),
    make('p', 'soft', say('kiosk-check-in-ask')),
    keys(key(say('kiosk-check-in-again'), 'main', again), key(say('kiosk-back'), '', home)),
  ];
}

// Words and nothing to choose.
export function notice(text, { say, home }) {
  return [make('p', 'big', text), keys(key(say('kiosk-back'), 'main', home))];
}

// The kiosk can give no number now: where somebody can.
export function toTheDesk({ say, home }) {
  const arrow = make('p', 'arrow', '➜');
  arrow.setAttribute('aria-hidden', 'true');
  return [arrow, make('p', 'big', say('kiosk-to-the-desk')), make('p', 'soft', say('kiosk-offline-help')), keys(key(say('kiosk-back'), 'main', home))];
}

export const why = (problem, { say, local }) =>
  local(problem.detail_text) || local(problem.detail) || local(problem.title) || say('kiosk-refused');

// Nothing where nobody waits; why, where nobody knows.
export function waitText({ wait, wait_unknown: unknown }, { say, local }) {
  if (unknown) return local(unknown.text);
  return wait && wait.high > 0 ? say('kiosk-wait', { low: minutes(wait.low), high: minutes(wait.high) }) : '';
}

export function keys(...buttons) {
  return make('div', 'keys', '', buttons);
}

export function picture(address, className) {
  const image = make('img', className);
  image.src = address;
  image.alt = '';
  return image;
}

function appCode(app, { say, local }) {
  return make('div', 'app-way', '', [picture(app.qr, 'code app'), make('p', 'wait', say('kiosk-online', { name: local(app.title) }))]);
}

// The next times to book are on the phone, a scan away; a kiosk has no keys to write a name with.
function bookCode(alternatives, service, view, { say }) {
  if (!service.bookable || !alternatives.some(({ kind }) => kind === 'appointment')) return [];
  const code = picture(`/${view.hall}/services/${service.id}/book.svg`, 'code book');
  return [make('div', 'beside', '', [code, make('span', '', say('kiosk-book-scan'))])];
}

function alternativeText({ kind, title: name, wait, walking_minutes: walking, driving_minutes: driving }, { say, local }) {
  const title = kind === 'app' ? say('kiosk-online', { name: local(name) }) : local(name);
  if (kind !== 'hall') return title;
  const parts = [title];
  if (walking) parts.push(say('ticket-walking', { n: walking }));
  else if (driving) parts.push(say('ticket-driving', { n: driving }));
  if (wait) parts.push(waitText({ wait }, { say, local }) || say('kiosk-nobody'));
  return parts.join(' · ');
}
