// On the kiosk: keys to type pinyin, and the return to the tiles when nobody is there any more.

import { byId, key } from './dom.js';
import { sayer } from './words.js';

const IDLE_MS = 60_000; // then the citizen has gone
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

const { lang, hall, words } = document.body.dataset;
const say = sayer(JSON.parse(words)[lang]);
const field = byId('question');

function type(change) {
  field.value = change(field.value).slice(0, field.maxLength);
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.focus({ preventScroll: true });
}

function row(letters) {
  const keys = document.createElement('div');
  for (const letter of letters) keys.append(key(letter, '', () => type((text) => text + letter)));
  return keys;
}

if (field) {
  const keyboard = byId('keyboard');
  keyboard.append(...ROWS.map(row));
  keyboard.lastChild.append(
    key(say('guide-js-delete'), 'wide', () => type((text) => text.slice(0, -1))),
    key(say('guide-js-clear'), 'wide', () => type(() => '')),
  );
  keyboard.hidden = false;
}

let idle = null;
function stillHere() {
  clearTimeout(idle);
  idle = setTimeout(() => location.assign(`/${hall}/kiosk`), IDLE_MS);
}
for (const sign of ['pointerdown', 'keydown', 'input', 'scroll']) {
  document.addEventListener(sign, stillHere, { capture: true, passive: true });
}
stillHere();
