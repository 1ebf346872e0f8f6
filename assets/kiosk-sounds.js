// Two small sounds: a click for a touch, two notes for a number. A kiosk without a loudspeaker, or a browser that wants
// a touch first, stays silent.

const CLICK = { hertz: 1200, seconds: 0.03, level: 0.05 };
const NOTES = [{ hertz: 659, at: 0 }, { hertz: 880, at: 0.16 }];
const NOTE = { seconds: 0.22, level: 0.12 };

let audio = null;

function ready() {
  const Context = window.AudioContext;
  if (!Context) return null;
  audio = audio || new Context();
  if (audio.state === 'suspended') audio.resume().catch(() => {});
  return audio;
}

function tone(hertz, after, seconds, level) {
  const context = ready();
  if (!context) return;
  const begin = context.currentTime + after;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(level, begin);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + seconds);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + seconds);
}

export function click() {
  tone(CLICK.hertz, 0, CLICK.seconds, CLICK.level);
}

export function success() {
  for (const { hertz, at } of NOTES) tone(hertz, at, NOTE.seconds, NOTE.level);
}
