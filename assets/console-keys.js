// Which key does what at a window. Function keys and the numeric pad, because neither is text: they work while an input
// method is on and never collide with typing. An officer whose keyboard lacks some may choose others; this machine stores
// the choice.

const STORED_AS = 'paihao-console-keys';

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

// Nobody may choose F5: the habit of reloading must not cost a citizen his place on the screen. Letters, digits and the
// keys that move the focus keep their meaning.
const NOT_FREE = /^(F5|Digit\d|Numpad\d|Key[A-Z]|Tab|Escape|Backspace|Delete|Enter|Space|Arrow.*|Shift.*|Control(Left|Right)?|Alt(Left|Right)?|Meta.*|Process|Unidentified|)$/;

const SIGNS = { NumpadAdd: '+', NumpadMultiply: '*', NumpadSubtract: '-', NumpadDivide: '/', NumpadDecimal: '.', NumpadEnter: 'Enter' };

// The name of a pressed key: its place on the keyboard, because an input method may swallow its meaning.
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
  let own = stored();

  const keysOf = (action) => (own[action] ? [own[action]] : FIRST_KEYS[action]);

  function actionOf(name) {
    return Object.keys(FIRST_KEYS).find((action) => keysOf(action).includes(name)) || null;
  }

  // The action that had this key before gets its first keys back, or it would have none.
  function choose(action, name) {
    for (const other of Object.keys(own)) if (own[other] === name) delete own[other];
    own = { ...own, [action]: name };
    localStorage.setItem(STORED_AS, JSON.stringify(own));
  }

  function reset() {
    own = {};
    localStorage.removeItem(STORED_AS);
  }

  return { keysOf, actionOf, choose, reset };
}

function stored() {
  try {
    const own = JSON.parse(localStorage.getItem(STORED_AS)) || {};
    return Object.fromEntries(Object.entries(own).filter(([action, name]) => action in FIRST_KEYS && isFree(String(name))));
  } catch {
    return {};
  }
}

// As it is printed on the key.
export const printed = (name) => name.replace('Control+', 'Ctrl+').replace(/Key([A-Z])/, '$1').replace(/Numpad\w+/, (pad) => SIGNS[pad] || pad);

// As a screen reader reads it, see `aria-keyshortcuts`.
export const spoken = (name) => name.replace(/Key([A-Z])/, '$1').replace(/Numpad\w+/, (pad) => (SIGNS[pad] === '+' ? 'Plus' : SIGNS[pad] || pad));
