// Everything without touching the glass, by five keys: the arrows and Enter. Left and right go through the keys in the
// order in which they are read, up and down to the nearest in the next row.

const isThere = (element) => element.offsetWidth > 0 && !element.disabled;

function keysInOrder() {
  const over = document.querySelector('.sheet.over:not([hidden])');
  return [...(over || document).querySelectorAll('button')].filter(isThere);
}

export function listenForArrows() {
  document.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    const keys = keysInOrder();
    const from = keys.indexOf(document.activeElement);
    const to = from < 0 ? keys[0] : move(keys, from);
    if (!to) return;
    event.preventDefault();
    to.focus({ preventScroll: true });
  });
  // a key held down presses once, or the sheet that it brought would be gone again
  document.addEventListener('keydown', (event) => event.repeat && event.key === 'Enter' && event.preventDefault());
}

const MOVES = {
  ArrowLeft: (keys, from) => keys[from - 1],
  ArrowRight: (keys, from) => keys[from + 1],
  ArrowUp: (keys, from) => nearest(keys, from, -1) || keys[from - 1],
  ArrowDown: (keys, from) => nearest(keys, from, 1) || keys[from + 1],
};

function nearest(keys, from, direction) {
  const centre = (key) => {
    const { left, right, top, bottom } = key.getBoundingClientRect();
    return { x: (left + right) / 2, y: (top + bottom) / 2, half: (bottom - top) / 2 };
  };
  const here = centre(keys[from]);
  const beyond = keys.map((key) => ({ key, at: centre(key) })).filter(({ at }) => (at.y - here.y) * direction > here.half / 2);
  const away = ({ at }) => Math.abs(at.y - here.y) * 4 + Math.abs(at.x - here.x);
  beyond.sort((a, b) => away(a) - away(b));
  return beyond.length > 0 ? beyond[0].key : null;
}
