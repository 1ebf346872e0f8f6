// Which key does what at a window. Function keys and the numeric pad, because neither is text: they work while an input
// method is on and never collide with what is typed. An officer whose keyboard lacks some may choose others; the choice
// is kept on this machine.

import { make } from './dom.js';

const KEPT = 'paihao-console-keys';

export const FIRST_KEYS = {
  next: ['F2', 'NumpadAdd'],
  recall: ['F3', 'NumpadMultiply'],
  missed: ['F4', 'NumpadSubtract'],
  transfer: ['F6', 'NumpadDivide'],
  park: ['F7', 'NumpadDecimal'],
  rate: ['F8', 'NumpadEnter'],
  pause: ['F9'],
  help: ['F10'],
  direct: ['Control+Enter'],
  undo: ['Control+KeyZ'],
  also: ['F1'],
};

// F5 is nobody's: the habit of reloading must not cost a citizen his place on the screen. Letters, digits and what
// moves the focus stay what they are.
const NOT_FREE = /^(F5|Digit\d|Numpad\d|Key[A-Z]|Tab|Escape|Backspace|Delete|Enter|Space|Arrow.*|Shift.*|Control(Left|Right)?|Alt(Left|Right)?|Meta.*|Process|Unidentified|)$/;

const SIGNS = { NumpadAdd: '+', NumpadMultiply: '*', NumpadSubtract: '-', NumpadDivide: '/', NumpadDecimal: '.', NumpadEnter: 'Enter' };

// The name under which a pressed key is looked up: where it stands on the keyboard, so that an input method that
// swallows its meaning does not matter.
export function nameOf(event) {
  const code = event.code || event.key;
  return `${event.ctrlKey ? 'Control+' : ''}${event.altKey ? 'Alt+' : ''}${code}`;
}

export const isFree = (name) => !NOT_FREE.test(name);
export const isOnPad = (name) => name in SIGNS;

// The digit of a key, on either side of the keyboard; null for every other.
export function digitOf(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return null;
  const found = /^(?:Digit|Numpad)(\d)$/.exec(event.code || '');
  if (found && !event.shiftKey) return Number(found[1]);
  return /^\d$/.test(event.key) ? Number(event.key) : null;
}

export function keyboard() {
  let own = kept();

  const keysOf = (action) => (own[action] ? [own[action]] : FIRST_KEYS[action]);

  function actionOf(name) {
    return Object.keys(FIRST_KEYS).find((action) => keysOf(action).includes(name)) || null;
  }

  // Whoever had the key before gets his first ones back, or nothing would be left to do it with.
  function choose(action, name) {
    for (const other of Object.keys(own)) if (own[other] === name) delete own[other];
    own = { ...own, [action]: name };
    localStorage.setItem(KEPT, JSON.stringify(own));
  }

  function reset() {
    own = {};
    localStorage.removeItem(KEPT);
  }

  return { keysOf, actionOf, choose, reset };
}

function kept() {
  try {
    const own = JSON.parse(localStorage.getItem(KEPT)) || {};
    return Object.fromEntries(Object.entries(own).filter(([action, name]) => action in FIRST_KEYS && isFree(String(name))));
  } catch {
    return {};
  }
}

// As it stands on the key.
export const faceOf = (name) => name.replace('Control+', 'Ctrl+').replace(/Key([A-Z])/, '$1').replace(/Numpad\w+/, (pad) => SIGNS[pad] || pad);

// As a screen reader is told, see `aria-keyshortcuts`.
const spoken = (name) => name.replace(/Key([A-Z])/, '$1').replace(/Numpad\w+/, (pad) => (SIGNS[pad] === '+' ? 'Plus' : SIGNS[pad] || pad));

// Writes the keys onto the buttons.
export function label(keys) {
  for (const action of Object.keys(FIRST_KEYS)) {
    const button = document.querySelector(`[data-action="${action}"]`);
    button.setAttribute('aria-keyshortcuts', keys.keysOf(action).map(spoken).join(' '));
    button.querySelector('kbd').textContent = faceOf(keys.keysOf(action)[0]);
  }
}

// The list in which keys are changed. `listen(action, done)`: the next key pressed is the one for it.
export function drawEditor(list, keys, say, listen) {
  const row = (action) => {
    const button = make('button', '', say('console-key-change'));
    button.type = 'button';
    button.setAttribute('aria-label', `${say('console-key-change')} ${say('console-key-' + action)}`);
    button.addEventListener('click', () => {
      button.textContent = say('console-key-press');
      listen(action);
    });
    return make('li', '', '', [make('span', '', say('console-key-' + action)), make('kbd', '', keys.keysOf(action).map(faceOf).join('  ')), button]);
  };
  list.replaceChildren(...Object.keys(FIRST_KEYS).map(row));
}
