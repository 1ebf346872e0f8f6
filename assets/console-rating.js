// The code for rating the last visit. It is turned towards the citizen; the console never learns what is in it.

import { byId } from './dom.js';

// `path`: of the code's picture; `nobody()` says that there is no visit to rate.
export function rating(path, nobody) {
  const sheet = byId('rating');

  function show(isShown) {
    sheet.hidden = !isShown;
    byId('desk').hidden = isShown;
    byId('rate').setAttribute('aria-expanded', String(isShown));
  }

  // Answers whether there was something to close.
  function close() {
    const wasOpen = !sheet.hidden;
    show(false);
    return wasOpen;
  }

  // `number`: of the last visit, or null.
  function toggle(number) {
    if (!sheet.hidden) return close();
    if (number === null) return nobody();
    byId('rating-code').src = `${path}?number=${number}`;
    sheet.querySelector('.rating-number').textContent = number;
    show(true);
    byId('rating-close').focus();
  }

  byId('rating-close').addEventListener('click', close);
  return { toggle, close };
}
