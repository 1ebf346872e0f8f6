// Shows which key does what, on the buttons and in a list where an officer may choose another key.

import { FIRST_KEYS, isFree, nameOf, printed, spoken } from './console-keys.js';
import { byId, key, make } from './dom.js';

// `keys`: see console-keys.js; `tell(text, isRefusal)`.
export function keyEditor(keys, { say, tell }) {
  let wanted = null; // the action whose new key is pressed next

  function show() {
    for (const action of Object.keys(FIRST_KEYS)) label(action);
    byId('key-list').replaceChildren(...Object.keys(FIRST_KEYS).map(row));
  }

  function label(action) {
    const button = document.querySelector(`[data-action="${action}"]`);
    button.setAttribute('aria-keyshortcuts', keys.keysOf(action).map(spoken).join(' '));
    button.querySelector('kbd').textContent = printed(keys.keysOf(action)[0]);
  }

  function row(action) {
    const name = say('console-key-' + action);
    const button = key(say('console-key-change'), '', () => {
      button.textContent = say('console-key-press');
      wanted = action;
    });
    button.setAttribute('aria-label', `${say('console-key-change')} ${name}`);
    return make('li', '', '', [make('span', '', name), make('kbd', '', keys.keysOf(action).map(printed).join('  ')), button]);
  }

  // The next key is the one for an action; Escape leaves things as they are.
  function choose(event) {
    event.preventDefault();
    const name = nameOf(event);
    if (/^(Shift|Control|Alt|Meta)/.test(event.key)) return;
    if (name !== 'Escape' && !isFree(name)) return tell(say('console-key-not-free'), true);
    if (name !== 'Escape') keys.choose(wanted, name);
    wanted = null;
    tell('');
    show();
  }

  byId('keys-reset').addEventListener('click', () => {
    keys.reset();
    show();
  });
  return { show, choose, isListening: () => wanted !== null };
}
