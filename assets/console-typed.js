// A number typed at the console: the digits are enough. 12 is A012. Where several letters have a 12, the first in line
// stands first and the arrows choose another. Nobody has to find a letter on the keyboard.

import { timeOf } from './clock.js';
import { byId, make } from './dom.js';
import { ticketOf } from './typed.js';

export function typedCall() {
  let found = [];
  let chosen = 0;
  const field = byId('call-number');

  const isTyped = () => field.value.trim() !== '';

  function add(digit) {
    field.value = (field.value + digit).slice(0, 7);
  }

  function cut() {
    field.value = field.value.slice(0, -1);
  }

  function clear() {
    const was = isTyped();
    byId('call-form').reset();
    chosen = 0;
    return was;
  }

  // Who it could be: those who wait for a service of this window, and those missed here.
  function draw(view, local) {
    const wanted = /^([A-Z]*)(\d+)$/.exec(ticketOf(field.value));
    const fits = ({ number }) => {
      const [, letters, digits] = /^([A-Z]*)(\d+)$/.exec(number);
      return Number(digits) === Number(wanted[2]) && letters.startsWith(wanted[1]);
    };
    const service = (id) => {
      const named = view.services.find((each) => each.id === id);
      return named ? local(named.name) : '';
    };
    found = wanted ? [...view.line, ...view.missed].filter(fits) : [];
    chosen = Math.min(chosen, Math.max(0, found.length - 1));
    byId('call-preview').replaceChildren(...found.map((each, place) => option(each, service(each.service), place)));
  }

  function option({ number, taken_at: taken }, service, place) {
    const box = make('input');
    box.type = 'radio';
    box.name = 'candidate';
    box.checked = place === chosen;
    box.addEventListener('change', () => (chosen = place));
    return make('label', 'candidate', '', [box, make('b', '', number), make('span', '', service), make('span', 'soft', timeOf(taken))]);
  }

  function move(step) {
    if (found.length < 2) return false;
    chosen = (chosen + step + found.length) % found.length;
    byId('call-preview').querySelectorAll('input')[chosen].checked = true;
    return true;
  }

  // The number to call: the candidate, or the typed text, which the hall may know although this page does not.
  function wanted() {
    const typed = ticketOf(field.value);
    const number = found.length > 0 ? found[chosen].number : typed;
    return { number, reason: byId('call-reason').value };
  }

  return { isTyped, add, cut, clear, draw, move, wanted };
}
