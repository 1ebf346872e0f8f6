// What stands in place of the tiles for a while: the number, a question, a refusal with somewhere else to go.
// Each function answers the elements of one sheet.

import { key, make } from './dom.js';
import { minutes } from './words.js';

const CLASSES = ['elderly', 'disabled', 'pregnant', 'military'];

export function taking({ say }) {
  return [make('p', 'big', say('kiosk-taking'))];
}

export function ticket(taken, serviceName, { say, home }) {
  const code = make('img', 'code');
  code.src = `/t/${taken.token}/qr.svg`;
  code.alt = '';
  return [
    make('p', 'soft', `${say('kiosk-taken')} · ${serviceName}`),
    make('p', 'number', taken.number),
    make('p', 'big', taken.ahead === 0 ? say('kiosk-next') : say('kiosk-ahead', { n: taken.ahead })),
    make('p', 'wait', waitText(taken, say)),
    code,
    make('p', 'soft', say('kiosk-scan')),
    keys(key(say('kiosk-ok'), 'main', home)),
    make('p', 'count'),
  ];
}

export function again(taken, choices, { say, home }) {
  return [
    make('p', 'big', say('kiosk-again', { number: taken.number })),
    keys(
      key(say('kiosk-again-same'), 'main', choices.same),
      key(say('kiosk-again-new'), '', choices.fresh),
      key(say('kiosk-back'), '', home),
    ),
    make('p', 'count'),
  ];
}

export function refusal(problem, view, insist, { say, local, home }) {
  const others = alternatives(problem, view, { say, local });
  return [
    make('p', 'big', local(problem.detail) || local(problem.title) || say('kiosk-refused')),
    ...(others.length > 0 ? [make('p', 'soft', say('kiosk-alternatives')), make('ul', 'others', '', others)] : []),
    keys(
      ...(problem.may_insist ? [key(say('kiosk-insist'), 'main', insist)] : []),
      key(say('kiosk-back'), problem.may_insist ? '' : 'main', home),
    ),
    make('p', 'count'),
  ];
}

export function unreachable({ say, home }) {
  return [make('p', 'big', say('kiosk-offline-help')), keys(key(say('kiosk-back'), 'main', home)), make('p', 'count')];
}

export function priority(choose, { say, home }) {
  const classes = CLASSES.map((name) => key(say('class-' + name), 'main', () => choose(name)));
  return [
    make('p', 'big', say('kiosk-priority-question')),
    make('div', 'keys four', '', classes),
    keys(key(say('kiosk-back'), '', home)),
    make('p', 'count'),
  ];
}

export function help({ say, home }) {
  return [make('p', 'big', say('kiosk-help-text')), keys(key(say('kiosk-back'), 'main', home)), make('p', 'count')];
}

function keys(...buttons) {
  return make('div', 'keys', '', buttons);
}

function waitText(taken, say) {
  const { wait } = taken;
  return wait && wait.high > 0 ? say('kiosk-wait', { low: minutes(wait.low), high: minutes(wait.high) }) : '';
}

function alternatives(problem, view, { say, local }) {
  const lines = (problem.alternatives || []).map((other) => make('li', '', alternativeText(other, { say, local })));
  if (lines.length === 0 && view.hotline) lines.push(make('li', '', say('kiosk-call-hotline', { number: view.hotline })));
  return lines;
}

function alternativeText(other, { say, local }) {
  const title = other.kind === 'app' ? say('kiosk-online', { name: local(other.title) }) : local(other.title);
  const isForPhones = other.url && /^https?:/.test(other.url); // another page of ours and a tel: are nothing to copy down
  return isForPhones ? `${title} · ${other.url}` : title;
}
