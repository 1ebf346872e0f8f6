// The panel under the keys in which one digit chooses: where to transfer, what is missing, why a break. It takes the
// place of the fields for finishing and never covers anything.

import { byId, key, make } from './dom.js';

const ON_A_PAGE = 9; // 1 to 9; 0 turns the page

// A screen reader does not read the digit: it says how to press the choice, not what the choice is.
function digitOn(digit) {
  const sign = make('kbd', '', String(digit));
  sign.setAttribute('aria-hidden', 'true');
  return sign;
}

export function choices(say) {
  let open = null; // {name, options, page, again, opener}

  // `options`: [{text, detail, pick(values)}]; `again`: what the same key does a second time.
  function show(name, { title, options, again, note, window: hasWindow, done }) {
    close();
    open = { name, options, page: 0, again };
    byId('choices-title').textContent = title;
    byId('choices-note-label').hidden = !note;
    byId('choices-window-label').hidden = !hasWindow;
    byId('choices-done-label').hidden = !done;
    byId('choices').hidden = false;
    byId(name).setAttribute('aria-expanded', 'true');
    draw();
    const first = byId('choices-list').querySelector('button');
    (first || byId('choices-close')).focus();
  }

  function draw() {
    const { options, page } = open;
    const from = page * ON_A_PAGE;
    const shown = options.slice(from, from + ON_A_PAGE).map((option, place) => choice(option, place + 1));
    if (options.length > ON_A_PAGE) shown.push(choice({ text: say('console-choices-more'), pick: turn }, 0));
    byId('choices-list').replaceChildren(...shown);
  }

  function turn() {
    open.page = (open.page + 1) % Math.ceil(open.options.length / ON_A_PAGE);
    draw();
  }

  function choice(option, digit) {
    const button = key('', 'choice', () => pick(digit));
    button.append(digitOn(digit), make('span', '', ` ${option.text}`));
    if (option.detail) button.append(make('span', 'soft', ` ${option.detail}`));
    return button;
  }

  function pick(digit) {
    if (digit === 0) {
      if (open.options.length > ON_A_PAGE) turn();
      return;
    }
    const option = open.options[open.page * ON_A_PAGE + digit - 1];
    if (option) option.pick(values());
  }

  function values() {
    const target = byId('transfer-window').value;
    return {
      note: byId('choices-note').value.trim(),
      window: byId('choices-window-label').hidden || target === '' ? null : Number(target),
      done: !byId('choices-done-label').hidden && byId('choices-done').checked,
    };
  }

  // Answers whether there was something to close.
  function close() {
    if (!open) return false;
    const hadFocus = byId('choices').contains(document.activeElement);
    byId(open.name).setAttribute('aria-expanded', 'false');
    byId('choices').hidden = true;
    byId('choices-note').value = '';
    byId('choices-done').checked = false;
    byId('transfer-window').value = '';
    if (hadFocus) byId(open.name).focus();
    open = null;
    return true;
  }

  // The key that opened it, pressed once more.
  function again(name) {
    if (!open || open.name !== name) return false;
    if (open.again) open.again(values());
    else close();
    return true;
  }

  byId('choices-close').addEventListener('click', close);
  byId('choices-note').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    const first = byId('choices-list').querySelector('button');
    if (first) first.focus();
  });
  return { show, close, again, pick, isOpen: () => open !== null };
}
