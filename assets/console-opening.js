// Opening the window, with the services that are ticked. An officer sits at one window: where he is still signed on at
// another, he says which one it is.

import { post } from './api.js';
import { byId } from './dom.js';

// `act(action, body)`; `refused(result)` says why another window could not be closed.
export function opening(hall, own, { act, refused, say }) {
  async function open() {
    const services = [...byId('open-services').querySelectorAll('input:checked')].map((each) => each.value);
    const result = await act('open', services.length > 0 ? { services } : {});
    if (result && result.ok) localStorage.setItem(`paihao-window-${hall}`, own);
    const there = result && !result.ok && /already-open/.test(result.answer.type || '') ? result.answer.window : null;
    if (there && String(there) !== own) offerEither(there);
  }

  function offerEither(there) {
    const elsewhere = byId('elsewhere');
    const stay = elsewhere.querySelector('a');
    elsewhere.hidden = false;
    elsewhere.querySelector('p').textContent = say('console-sits-there', { window: there });
    stay.href = `/${hall}/window?window=${there}`;
    stay.textContent = say('console-stay-there', { window: there });
    byId('move-here').textContent = say('console-move-here', { window: own });
    byId('move-here').onclick = async () => {
      const closed = await post(`/api/v1/halls/${hall}/windows/${there}/close`);
      if (!closed.ok) return refused(closed);
      elsewhere.hidden = true;
      open();
    };
    stay.focus();
  }

  return open;
}
