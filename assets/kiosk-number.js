// The number that was given, over the whole glass, and as the slip that is printed.

import { key, make } from './dom.js';
import { codeOf } from './kiosk-code.js';
import { keys, picture, waitText } from './kiosk-sheets.js';

// `taken`: what the hall answered, or the kiosk's own reserve (`reserve: true`); `service`: its tile; `printing`:
// whether a slip comes; `again()` prints it once more, where there is a printer.
export function numberSheet(taken, { service, name, address, printing, again }, { say, local, home }) {
  const away = taken.reserve && codeOf(address);
  const code = taken.reserve ? away && makeCode(away) : picture(`/t/${taken.token}/qr.svg`, 'code');
  const place = service && service.zone ? zoneText(service.zone, { say, local }) : '';
  return [
    make('p', 'soft', `${say('kiosk-taken')} · ${name}`),
    ...(printing ? [slip()] : []),
    make('p', 'number', taken.number),
    ...(taken.reserve ? [make('p', 'reserve', say('kiosk-reserve'))] : []),
    make('p', 'big', taken.ahead === 0 ? say('kiosk-next') : say('kiosk-ahead', { n: taken.ahead })),
    make('p', 'wait', [waitText(taken, { say, local }), place].filter(Boolean).join(' · ')),
    ...(code ? [code, make('p', 'soft', printing ? say('kiosk-scan') : say('kiosk-photo'))] : []),
    keys(key(say('kiosk-ok'), 'main', home), ...(again ? [key(say('kiosk-again-print'), '', again)] : [])),
    make('p', 'count'),
  ];
}

// What the kiosk reads aloud of it.
export function spokenNumber(taken, { say, local }) {
  const digits = [...taken.number].join(' ');
  const ahead = taken.ahead === 0 ? say('kiosk-next') : say('kiosk-ahead', { n: taken.ahead });
  return `${say('kiosk-taken')}: ${digits}。${ahead}。${waitText(taken, { say, local })}`;
}

// The same as paper, for the agent beside the kiosk while the server is away.
export function slipOf(taken, { hall, service, address, at, large }) {
  return {
    kind: 'ticket',
    hall,
    number: taken.number,
    service: service.name,
    ahead: taken.ahead,
    wait: taken.wait,
    wait_unknown: taken.wait_unknown,
    at,
    zone: service.zone ? joined(service.zone) : null,
    documents: service.documents,
    url: address,
    language: taken.language,
    reserve: true,
    large,
  };
}

function joined({ floor, name }) {
  const both = (language) => [floor && floor[language], name[language]].filter(Boolean).join(' ');
  return { zh: both('zh'), en: both('en') };
}

const zoneText = (zone, { say, local }) => say('kiosk-zone', { name: local(joined(zone)) });

// The slip comes out below: the one thing on the kiosk that moves.
function slip() {
  const paper = make('div', 'slip');
  paper.setAttribute('aria-hidden', 'true');
  return paper;
}

function makeCode(svg) {
  svg.setAttribute('class', 'code');
  return svg;
}
