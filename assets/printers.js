// The printers on the manager's overview: asked for every few seconds, because a roll ends without a record in the hall's
// log.

import { byId, make } from './dom.js';
import { sayer } from './words.js';

const ASK_MS = 5000;

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));

async function refresh() {
  const response = await fetch(`/api/v1/halls/${page.hall}/printer`);
  if (!response.ok) return;
  const { printers = [] } = await response.json();
  byId('printer-lines').replaceChildren(...printers.map(line));
}

function line({ kiosk, address, printer, waiting, failed }) {
  const row = make('tr');
  const state = make('td');
  state.append(make('span', `chip ${tone(printer)}`, say(`printer-${printer}`)));
  const place = make('td', '', kiosk || say('printers-any-kiosk'));
  place.append(make('br'), make('span', 'soft', address));
  row.append(place, state);
  for (const count of [waiting, failed]) row.append(make('td', 'num', String(count)));
  return row;
}

function tone(printer) {
  if (printer === 'ready') return 'good';
  return printer === 'unknown' ? '' : 'bad';
}

if (byId('printers')) setInterval(() => refresh().catch(() => {}), ASK_MS);
