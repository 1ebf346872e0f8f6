// What stands on the glass: the tiles, or one sheet in their place. A sheet may leave by itself after some seconds.

import { byId } from './dom.js';
import { fit } from './kiosk-fit.js';

// `redraw()`: everything around the sheet; `home()`: what follows a sheet whose time is over.
export function glassOver({ redraw, home, say }) {
  const box = byId('sheet');
  let timer = 0;

  // The elements of a sheet, or null for the tiles.
  function show(sheet, name = '') {
    clearInterval(timer);
    byId('tiles').hidden = sheet !== null;
    box.hidden = sheet === null;
    box.dataset.sheet = name;
    box.classList.toggle('over', name === 'number');
    box.replaceChildren(...(sheet || []));
    redraw();
    fitSheet();
    // people who use keys go on from here; a tap leaves no mark
    const first = document.querySelector(sheet === null ? '.tile' : '#sheet button');
    if (first) first.focus({ preventScroll: true });
  }

  function fitSheet() {
    if (box.hidden) return;
    fit(box);
    for (const row of box.querySelectorAll('.row')) fit(row);
  }

  function showFor(seconds, sheet, name) {
    show(sheet, name);
    let left = seconds;
    const count = box.querySelector('.count');
    const tick = () => {
      if (count) count.textContent = say('kiosk-seconds', { seconds: left });
      if (left <= 0) home();
      left -= 1;
    };
    tick();
    fitSheet();
    timer = setInterval(tick, 1000);
  }

  return {
    show,
    showFor,
    fit: fitSheet,
    hasSheet: () => !box.hidden,
    isOn: (name) => box.dataset.sheet === name,
    first: () => box.firstElementChild,
  };
}
