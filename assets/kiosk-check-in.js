// Checking in: one field for whatever the visitor has, typed on glass. Six digits are the code of the booking; anything
// longer is the number of a document. Whoever has no resident's card has letters in the number: a key brings them.

import { key, make } from './dom.js';
import { identified } from './kiosk-reader.js';

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'X', '0', '⌫'];
const LETTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '⌫'];
const LONGEST = 18;

// `send(typed)`; `what` is asked for: a `booking`, or a `document` alone.
export function checkInSheet(send, { say, home }, what = 'booking') {
  let typed = '';
  const field = make('output', 'typed');
  const done = key(say('kiosk-enter-do-' + what), 'main', () => send(typed));
  const draw = () => {
    field.textContent = typed || '—';
    done.disabled = identified(typed) === null;
  };
  const press = (sign) => {
    typed = sign === '⌫' ? typed.slice(0, -1) : (typed + sign).slice(0, LONGEST);
    draw();
  };
  const pad = (signs) =>
    signs.map((sign) => {
      const button = key(sign, '', () => press(sign));
      if (sign === '⌫') button.setAttribute('aria-label', say('kiosk-check-in-delete'));
      return button;
    });
  // a real keyboard types here too
  const sheet = make('div', 'pad-keys', '', pad(DIGITS));
  const other = key(say('kiosk-check-in-letters'), '', () => {
    const hasLetters = sheet.classList.toggle('abc');
    sheet.replaceChildren(...pad(hasLetters ? LETTERS : DIGITS));
    other.textContent = say(hasLetters ? 'kiosk-check-in-digits' : 'kiosk-check-in-letters');
  });
  sheet.addEventListener('keydown', (event) => {
    if (/^[0-9a-zA-Z]$/.test(event.key)) press(event.key.toUpperCase());
    if (event.key === 'Backspace') press('⌫');
  });
  draw();
  return [
    make('p', 'big', say('kiosk-enter-question-' + what)),
    make('p', 'soft', say('kiosk-enter-hint-' + what)),
    field,
    sheet,
    make('div', 'keys', '', [done, other, key(say('kiosk-back'), '', home)]),
  ];
}
