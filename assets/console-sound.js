// A soft tick when somebody comes to an empty line. Off until an officer turns it on; this machine stores that.

import { byId } from './dom.js';

const STORED_AS = 'paihao-console-sound';
const HERTZ = 660;
const SECONDS = 0.06;
const LOUDNESS = 0.05;

export function sound() {
  let on = localStorage.getItem(STORED_AS) === 'on';
  let context = null;

  function draw() {
    byId('sound').setAttribute('aria-pressed', String(on));
  }

  function toggle() {
    on = !on;
    localStorage.setItem(STORED_AS, on ? 'on' : 'off');
    draw();
    tick();
  }

  function tick() {
    if (!on || !window.AudioContext) return;
    context = context || new AudioContext();
    const [tone, level] = [context.createOscillator(), context.createGain()];
    tone.frequency.value = HERTZ;
    level.gain.setValueAtTime(LOUDNESS, context.currentTime);
    level.gain.exponentialRampToValueAtTime(0.001, context.currentTime + SECONDS);
    tone.connect(level).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + SECONDS);
  }

  byId('sound').addEventListener('click', toggle);
  draw();
  return { tick };
}
