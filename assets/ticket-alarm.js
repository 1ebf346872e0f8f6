// Rings, buzzes and flashes when a number is called. A browser plays sound only after a tap, so the page offers one; an
// iPhone cannot vibrate from a page, so the screen flashes as well, once a second.

const RING_SECONDS = 60;
const EVERY_MS = 2000;
const CALL = [400, 200, 400, 200, 400];
const SOON = [200];
const TONES = [[880, 0], [660, 0.35]]; // hertz, and seconds from now
const TONE_SECONDS = 0.3;

export function alarm(say) {
  const body = document.body;
  const offered = document.getElementById('alarm');
  let sound = null;
  let ringing = 0;

  // Nobody is called any more once he has been served.
  function offer(stage) {
    if (offered) offered.hidden = !['waiting', 'parked', 'missed', 'called'].includes(stage) || !hasSound();
    if (offered && stage === 'called' && !sound) offered.hidden = true;
  }

  const hasSound = () => Boolean(window.AudioContext || window.webkitAudioContext);

  // The first tap allows the sound and lets it be heard; every further one is a test.
  function arm() {
    sound = sound || new (window.AudioContext || window.webkitAudioContext)();
    sound.resume();
    play();
    buzz(SOON);
    stayAwake();
    const key = offered.querySelector('button');
    key.classList.remove('main');
    key.textContent = navigator.vibrate ? say('ticket-live-alarm-on') : say('ticket-live-alarm-flash');
  }

  function ring() {
    hush();
    const until = performance.now() + RING_SECONDS * 1000;
    body.classList.add('ringing');
    ringing = setInterval(() => (performance.now() > until ? hush() : once()), EVERY_MS);
    once();
  }

  function once() {
    play();
    buzz(CALL);
  }

  function play() {
    if (!sound) return;
    sound.resume(); // a phone that was locked has stopped it
    for (const [hertz, wait] of TONES) {
      const tone = sound.createOscillator();
      tone.frequency.value = hertz;
      tone.connect(sound.destination);
      tone.start(sound.currentTime + wait);
      tone.stop(sound.currentTime + wait + TONE_SECONDS);
    }
  }

  const buzz = (pattern) => navigator.vibrate && sound && navigator.vibrate(pattern);
  const nudge = () => buzz(SOON);

  function hush() {
    clearInterval(ringing);
    body.classList.remove('ringing');
  }

  // Only where the page came over https; the system takes it back when the page is not looked at.
  async function stayAwake() {
    if (!sound || document.hidden || !navigator.wakeLock) return;
    await navigator.wakeLock.request('screen').catch(() => {}); // a battery that is low refuses
  }

  if (offered) offered.querySelector('button').addEventListener('click', arm);
  document.addEventListener('pointerdown', hush);
  document.addEventListener('keydown', hush);
  document.addEventListener('visibilitychange', stayAwake);
  return { offer, ring, nudge, hush };
}
