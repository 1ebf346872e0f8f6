// Keeps a ticket's page true without reloading it. The page is complete without this script; with it, the few numbers
// that change often are written in place, and another stage fetches the page anew.

import { hallClock } from './clock.js';
import { follow } from './live.js';
import { minutes, sayer } from './words.js';

const RING_SECONDS = 60;
const BUZZ = [400, 200, 400, 200, 400];

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const clock = hallClock();
const byId = (id) => document.getElementById(id);
let sound = null;
let ringing = 0;

function hear({ at, view }) {
  clock.tell(at);
  byId('as-of').textContent = say('ticket-live-as-of', { time: clock.face() });
  if (!view) return;
  if (view.stage !== page.stage || view.actions.join(' ') !== page.actions) {
    if (view.stage === 'called' && page.stage !== 'called') ring();
    refresh(view);
  } else if (view.stage === 'waiting') {
    write(view);
  }
}

function write(view) {
  byId('ahead').textContent = view.ahead === 0 ? say('ticket-live-next') : say('ticket-live-ahead', { n: view.ahead });
  byId('wait').textContent = view.wait ? waitText(view.wait) : '';
  byId('why').textContent = view.why_not_yet ? view.why_not_yet[page.lang] : '';
  document.title = `${view.number} · ${byId('ahead').textContent}`;
}

function waitText({ low, high }) {
  return high > 0 ? say('ticket-live-wait', { low: minutes(low), high: minutes(high) }) : say('ticket-live-soon');
}

// The server's own page for the new stage takes the place of this one's middle.
async function refresh(view) {
  page.stage = view.stage;
  page.actions = view.actions.join(' ');
  offerAlarm();
  const response = await fetch(`/t/${page.token}`).catch(() => null); // the address may be that of a refused form
  if (!response || !response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
  byId('live').replaceWith(fresh.getElementById('live'));
  document.body.className = fresh.body.className;
  document.title = fresh.title;
}

// Nobody is called any more once he has been.
function offerAlarm() {
  byId('alarm').hidden = !['waiting', 'parked', 'missed'].includes(page.stage);
}

// A browser plays sound only after a tap; that tap is the button's.
function arm() {
  sound = sound || new (window.AudioContext || window.webkitAudioContext)();
  sound.resume();
  beep();
  byId('alarm').disabled = true;
  byId('alarm').textContent = say('ticket-live-alarm-on');
}

function ring() {
  if (!sound) return;
  const until = performance.now() + RING_SECONDS * 1000;
  ringing = setInterval(() => (performance.now() > until ? hush() : buzz()), 2000);
  buzz();
}

function buzz() {
  beep();
  if (navigator.vibrate) navigator.vibrate(BUZZ);
}

function beep() {
  const tone = sound.createOscillator();
  tone.frequency.value = 880;
  tone.connect(sound.destination);
  tone.start();
  tone.stop(sound.currentTime + 0.3);
}

function hush() {
  clearInterval(ringing);
}

offerAlarm();
byId('alarm').addEventListener('click', arm);
document.addEventListener('pointerdown', hush);
follow(`/ws/tickets/${page.token}`, hear, (isStale) => {
  byId('stale').hidden = !isStale;
  byId('stale').textContent = say('live-stale', { time: clock.face() });
});
