// More than fits the first page, and more than one thing at once: the list of all services with the first letters of
// their names to find one, and the choice of several for one number (一窗通办).

import { key, make } from './dom.js';
import { fit } from './kiosk-fit.js';
import { initials } from './kiosk-initials.js';
import { keys } from './kiosk-sheets.js';
import { others, waitText } from './kiosk-tiles.js';

const ROWS_MOST = { usual: 12, large: 6, low: 6 }; // in two columns; who looks for more types a letter
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
const SEVERAL_MOST = 5; // things in one visit

// 「全部事项」: what is not on the first page stands first, so that it is two taps away. `search(letters)` may know more
// than the names; `choose(service)`, `several()` and `unsure()` go on from here.
export function allSheet({ choose, several, unsure, search }, context) {
  const { say, local, home, view } = context;
  let typed = '';
  const field = make('output', 'typed', '');
  const grid = make('div', 'finder');
  const more = others(view);
  const byLetter = (a, b) => initials(a.name)[0].localeCompare(initials(b.name)[0]);
  const all = [...[...more].sort(byLetter), ...view.services.filter((service) => !more.includes(service)).sort(byLetter)];
  const draw = async () => {
    field.textContent = typed || say('kiosk-all-letters');
    const found = typed === '' ? all : matching(all, typed);
    list(grid, found, choose, context);
    if (typed === '' || !search) return;
    const asked = typed;
    const known = await search(asked);
    if (asked === typed && known) list(grid, merged(found, known, all), choose, context);
  };
  const press = (sign) => {
    typed = sign === '⌫' ? typed.slice(0, -1) : typed + sign;
    draw();
  };
  const pad = [...LETTERS, '⌫'].map((sign) => key(sign, '', () => press(sign)));
  pad[LETTERS.length].setAttribute('aria-label', say('kiosk-check-in-delete'));
  draw();
  return [
    field,
    grid,
    make('div', 'letters', '', pad),
    keys(
      ...(several ? [key(say('kiosk-tile-everything'), '', several)] : []),
      key(say('kiosk-tile-unsure'), '', unsure),
      key(say('kiosk-back'), '', home),
    ),
  ];
}

const matching = (services, typed) => services.filter(({ name }) => initials(name).some((letters) => letters.includes(typed)));

const merged = (found, known, all) => [...new Set([...found, ...known.flatMap((id) => all.filter((service) => service.id === id))])];

function list(grid, services, choose, context) {
  const rows = services.slice(0, ROWS_MOST[context.low ? 'low' : context.large ? 'large' : 'usual']).map((service) => row(service, () => choose(service), context));
  grid.replaceChildren(...(rows.length > 0 ? rows : [make('p', 'soft', context.say('kiosk-all-none'))]));
  for (const each of rows) fit(each);
}

function row(service, act, context) {
  const button = key('', `row${service.open ? '' : ' shut'}`, act);
  button.append(make('strong', '', context.local(service.name)), make('span', 'wait', waitText(service, context)));
  return button;
}

// 「一窗通办」: one tap for each thing and one for the number.
export function severalSheet(take, context) {
  const { say, home, view } = context;
  const chosen = [];
  const grid = make('div', 'finder');
  const done = key(say('kiosk-several-none'), 'main', () => take(chosen));
  const rows = view.services.filter(({ open }) => open).slice(0, ROWS_MOST.usual).map((service) => {
    const button = row(service, () => toggle(service), context);
    button.setAttribute('aria-pressed', 'false');
    return { service, button };
  });
  const draw = () => {
    for (const { service, button } of rows) {
      button.setAttribute('aria-pressed', String(chosen.includes(service)));
      button.disabled = chosen.length >= SEVERAL_MOST && !chosen.includes(service);
    }
    done.disabled = chosen.length === 0;
    done.textContent = chosen.length === 0 ? say('kiosk-several-none') : say('kiosk-several-take', { n: chosen.length });
  };
  const toggle = (service) => {
    const at = chosen.indexOf(service);
    if (at < 0) chosen.push(service);
    else chosen.splice(at, 1);
    draw();
  };
  grid.append(...rows.map(({ button }) => button));
  if (rows.length === 0) grid.append(make('p', 'soft', say('kiosk-shut')));
  draw();
  return [make('p', 'big', say('kiosk-several-question')), grid, keys(done, key(say('kiosk-back'), '', home))];
}
