// A citizen walks away in the middle: after a while the kiosk asks whether somebody is still there, a ring runs down, and
// the tiles come back. Any touch stops it. People who read large letters or listen have more time.

import { byId, key, make } from './dom.js';

const USUAL = { quiet: 30, ring: 15 };
const UNHURRIED = { quiet: 90, ring: 30 };
const SVG = 'http://www.w3.org/2000/svg';

// `isInUse()`: whether there is anything to leave; `speak(text)` reads the question aloud.
export function watchIdle({ isInUse, isUnhurried, speak, home, context }) {
  let quiet = 0;
  let left = null; // seconds of the ring, while it runs
  let question = null; // while it stands over the glass
  const limits = () => (isUnhurried() ? UNHURRIED : USUAL);

  function touch() {
    quiet = 0;
    if (left === null) return;
    left = null;
    // not within the touch itself: what it would press beneath must not be there yet
    setTimeout(close, 0);
  }

  function tick() {
    if (!isInUse()) {
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
      close();
      home();
    } else {
      ask();
    }
  }

  function ask() {
    if (!question) open();
    question.show(left, limits().ring);
  }

  function open() {
    const { say } = context();
    question = { ...idleSheet(say), focused: document.activeElement };
    byId('idle').replaceChildren(...question.elements);
    byId('idle').hidden = false;
    byId('idle').querySelector('button').focus({ preventScroll: true });
    speak(say('kiosk-idle'));
  }

  function close() {
    if (!question) return;
    byId('idle').hidden = true;
    if (question.focused && question.focused.isConnected) question.focused.focus({ preventScroll: true });
    question = null;
  }

  // before anything else hears of it: the touch that says "I am here" presses nothing beneath
  for (const sign of ['pointerdown', 'keydown']) document.addEventListener(sign, touch, true);
  setInterval(tick, 1000);
}

// The question with its ring.
function idleSheet(say) {
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
