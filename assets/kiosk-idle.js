// Whoever walks away leaves the kiosk to the next citizen: after a while it asks whether somebody is still there, a ring
// runs down, and it goes home. Any touch stops it. Who reads large letters or listens has more time.

import { key, make } from './dom.js';

const USUAL = { quiet: 30, ring: 15 };
const UNHURRIED = { quiet: 90, ring: 30 };
const SVG = 'http://www.w3.org/2000/svg';

// `isAway()`: whether there is anything to leave; `isUnhurried()`; `ask(sheet)` shows the question over what is there,
// `stay()` takes it away, `home()`.
export function watchIdle({ isAway, isUnhurried, say, ask, stay, home }) {
  let quiet = 0;
  let left = null; // seconds of the ring, while it runs
  const limits = () => (isUnhurried() ? UNHURRIED : USUAL);

  function touch() {
    quiet = 0;
    if (left === null) return;
    left = null;
    stay();
  }

  function tick() {
    if (!isAway()) {
      quiet = 0;
      return;
    }
    quiet += 1;
    if (left === null && quiet >= limits().quiet) left = limits().ring;
    else if (left !== null) left -= 1;
    if (left === null) return;
    if (left <= 0) {
      left = null;
      quiet = 0;
      home();
    } else {
      ask(left, limits().ring);
    }
  }

  // before anything else hears of it: the touch that says "I am here" presses nothing beneath
  for (const sign of ['pointerdown', 'keydown']) document.addEventListener(sign, touch, true);
  setInterval(tick, 1000);
}

// The question with its ring.
export function idleSheet({ say }) {
  const ring = document.createElementNS(SVG, 'svg');
  ring.setAttribute('viewBox', '0 0 100 100');
  ring.setAttribute('class', 'ring');
  ring.setAttribute('aria-hidden', 'true');
  const circle = document.createElementNS(SVG, 'circle');
  for (const [name, value] of Object.entries({ cx: 50, cy: 50, r: 42, pathLength: 100 })) circle.setAttribute(name, value);
  const seconds = document.createElementNS(SVG, 'text');
  for (const [name, value] of Object.entries({ x: 50, y: 50 })) seconds.setAttribute(name, value);
  ring.append(circle, seconds);
  const show = (left, of) => {
    circle.setAttribute('stroke-dasharray', `${(100 * left) / of} 100`);
    seconds.textContent = String(left);
  };
  const elements = [
    make('p', 'big', say('kiosk-idle')),
    ring,
    make('div', 'keys', '', [key(say('kiosk-go-on'), 'main', () => {})]),
  ];
  return { elements, show };
}
