// What stands in place of the tiles for a while: a question, a refusal with somewhere else to go. Each function answers
// the elements of one sheet. The number itself is in kiosk-number.js.

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

// No number, but other ways: the app to scan beside the rest, and a number nevertheless where there is one.
export function refusal(problem, service, view, nevertheless, { say, local, home }) {
  const ways = problem.alternatives || [];
  const app = ways.find(({ kind, qr }) => kind === 'app' && qr);
  const others = ways.filter((way) => way !== app).map((way) => make('li', '', wayText(way, { say, local })));
  if (ways.length === 0 && view.hotline) others.push(make('li', '', say('kiosk-call-hotline', { number: view.hotline })));
  const isLed = /:redirect$/.test(problem.type || '') && ['near-closing', 'forecast'].includes(problem.reason);
  const mayInsist = problem.may_insist === true;
  return [
    make('p', 'big', why(problem, { say, local })),
    make('div', 'ways', '', [
      ...(app ? [appCode(app, { say, local })] : []),
      make('div', 'rest', '', [
        ...(others.length > 0 ? [make('p', 'soft', say('kiosk-alternatives')), make('ul', 'others', '', others)] : []),
        ...bookCode(ways, service, view, { say }),
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
export function told(text, { say, home }) {
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
function bookCode(ways, service, view, { say }) {
  if (!service.bookable || !ways.some(({ kind }) => kind === 'appointment')) return [];
  const code = picture(`/${view.hall}/services/${service.id}/book.svg`, 'code book');
  return [make('div', 'beside', '', [code, make('span', '', say('kiosk-book-scan'))])];
}

function wayText(way, { say, local }) {
  const title = way.kind === 'app' ? say('kiosk-online', { name: local(way.title) }) : local(way.title);
  if (way.kind !== 'hall') return title;
  const { wait, walking_minutes: walking, driving_minutes: driving } = way;
  const parts = [title];
  if (walking) parts.push(say('ticket-walking', { n: walking }));
  else if (driving) parts.push(say('ticket-driving', { n: driving }));
  if (wait) parts.push(wait.high > 0 ? say('kiosk-wait', { low: minutes(wait.low), high: minutes(wait.high) }) : say('kiosk-nobody'));
  return parts.join(' · ');
}
