// Checking in: one field for whatever the visitor has, typed on glass. Six digits are the code of the booking; anything
// longer is the number of a document.

import { key, make } from './dom.js';

const CODE_DIGITS = 6;
const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', 'X', '0', '⌫'];
const LONGEST = 18;

// What the hall is asked for, by what was typed or read: a page's address, a token, a code, a document's number.
export function identified(text) {
  const plain = text.trim();
  const address = /\/a\/([A-Za-z0-9_-]{22,64})/.exec(plain);
  if (address) return { token: address[1] };
  if (new RegExp(`^\\d{${CODE_DIGITS}}$`).test(plain)) return { code: plain };
  if (/^[A-Za-z0-9_-]{22,64}$/.test(plain)) return { token: plain };
  return plain.length > CODE_DIGITS ? { id_number: plain } : null;
}

export function checkInSheet(send, { say, home }) {
  let typed = '';
  const field = make('output', 'typed');
  const done = key(say('kiosk-check-in-do'), 'main', () => send(typed));
  const draw = () => {
    field.textContent = typed || '—';
    done.disabled = identified(typed) === null;
  };
  const press = (face) => {
    typed = face === '⌫' ? typed.slice(0, -1) : (typed + face).slice(0, LONGEST);
    draw();
  };
  const pad = KEYS.map((face) => {
    const button = key(face, '', () => press(face));
    if (face === '⌫') button.setAttribute('aria-label', say('kiosk-check-in-delete'));
    return button;
  });
  // whoever has a keyboard types there
  const sheet = make('div', 'pad-keys', '', pad);
  sheet.addEventListener('keydown', (event) => {
    if (/^[0-9a-zA-Z]$/.test(event.key)) press(event.key.toUpperCase());
    if (event.key === 'Backspace') press('⌫');
  });
  draw();
  return [
    make('p', 'big', say('kiosk-check-in-question')),
    make('p', 'soft', say('kiosk-check-in-hint')),
    field,
    sheet,
    make('div', 'keys', '', [done, key(say('kiosk-back'), '', home)]),
    make('p', 'count'),
  ];
}
