// Sign-off. Before an officer goes, the console says whom he would leave, how many for which service, and what can be
// done. It asks again whenever something in the hall has changed.

import { read } from './api.js';
import { byId, make } from './dom.js';

export function leaving({ say, local, path, close, help }) {
  let asked = false;
  let seen = null;

  // Goes at once when nobody would be left.
  async function ask() {
    const left = await look();
    if (left === null || left.length === 0) return close();
    asked = true;
    draw(left);
    byId('leaving-stay').focus();
    return null;
  }

  // Null when the hall cannot say: then the sign-off itself will.
  async function look() {
    const { ok, answer } = await read(`${path}/sign-off`);
    return ok ? answer.left : null;
  }

  function draw(left) {
    const count = left.reduce((sum, each) => sum + each.numbers.length, 0);
    byId('leaving').hidden = false;
    byId('leaving-title').textContent = count > 0 ? say('console-leaving', { n: count }) : say('console-leaving-free');
    byId('leaving-list').replaceChildren(...left.map(row));
    byId('leaving-go').hidden = count > 0;
    byId('leaving-help').hidden = count === 0;
  }

  function row({ service_name: name, numbers, could_go_to: windows }) {
    const what = say('console-leaving-of', { n: numbers.length, service: local(name), number: numbers.join('、') });
    const where = windows.length > 0 ? say('console-leaving-to', { window: windows.join('、') }) : say('console-leaving-nowhere');
    return make('li', '', '', [make('strong', '', what), make('span', 'soft', where)]);
  }

  function hide() {
    const was = asked;
    asked = false;
    byId('leaving').hidden = true;
    return was;
  }

  async function follow(view) {
    if (!asked || view === seen) return;
    seen = view;
    if (view.officer === null) return hide();
    const left = await look();
    if (asked && left !== null) draw(left);
    return null;
  }

  byId('leaving-stay').addEventListener('click', hide);
  byId('leaving-help').addEventListener('click', help);
  byId('leaving-go').addEventListener('click', () => {
    hide();
    close();
  });
  return { ask, hide, follow };
}
