// Keeps a ticket's page true without reloading it, for its holder and for the family. The page is complete without this
// script. With it, what changes often is written in place, a new stage fetches the server's own page for it, and steps and
// forms open in the page, so that an alarm once allowed stays allowed.

import { alarm } from './ticket-alarm.js';
import { hallClock, timeOf } from './clock.js';
import { follow } from './ticket-feed.js';
import { inLanguage, minutes, sayer } from './words.js';

const ANNOUNCED = [5, 2, 0]; // how many are ahead when a screen reader says so: not at each change

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const clock = hallClock();
const byId = (id) => document.getElementById(id);
const bell = alarm(say);
let newest = null; // the view that the page should show
let fetching = false;
let ahead = null;
let announced = 0;
let isNear = document.body.classList.contains('near');

function hear({ at, view }) {
  clock.tell(at);
  byId('as-of').textContent = say('ticket-live-as-of', { time: clock.time() });
  if (view) newest = view;
  if (!newest) return;
  if (view) tell(view);
  if (shape(newest) !== page.shape) turn();
  else if (view) write(view);
}

const shape = (view) => `${view.stage}|${view.near}|${view.actions.join(' ')}`;

// What a person has to notice, whether or not the page for it can be had just now.
function tell(view) {
  const isCall = view.stage === 'called' && (page.stage !== 'called' || view.announced > announced);
  if (isCall && (page.stage !== 'called' || announced > 0)) bell.ring();
  announced = view.announced || 0;
  if (view.stage !== 'called') bell.hush();
  if (view.stage === 'called' && page.stage !== 'called') showCall(view);
  if (view.near && !isNear) bell.nudge();
  isNear = view.near;
  announce(view.ahead);
}

function announce(now) {
  const before = ahead;
  ahead = now;
  if (before === null || now === null) return;
  if (ANNOUNCED.some((at) => now <= at && at < before)) byId('announce').textContent = aheadText(now);
}

const aheadText = (n) => (n === 0 ? say('ticket-live-next') : say('ticket-live-ahead', { n }));

// The view itself says where to go, so a call does not wait for a page.
function showCall(view) {
  document.body.className = document.body.className.replace(/stage-\w+|near/g, '') + ' stage-called';
  page.stage = view.stage;
  const go = document.createElement('p');
  Object.assign(go, { id: 'go', className: 'go', tabIndex: -1, textContent: say('ticket-live-go', { window: view.window }) });
  const stage = document.querySelector('.stage');
  stage.textContent = inLanguage(view.stage_label, page.lang);
  byId('position')?.remove();
  stage.after(go);
  document.title = `${view.number} ${go.textContent}`;
  byId('sheet')?.setAttribute('hidden', '');
  go.focus();
}

function write(view) {
  if (view.stage === 'waiting') {
    byId('ahead').textContent = aheadText(view.ahead);
    byId('wait').textContent = view.wait ? waitText(view.wait) : unknownText(view.wait_unknown);
    byId('back').textContent = view.be_back_by ? say('ticket-live-back', { time: timeOf(view.be_back_by) }) : '';
    byId('why').textContent = inLanguage(view.why_not_yet, page.lang);
    byId('reason').textContent = inLanguage(view.reason, page.lang);
    if (byId('bar')) byId('bar').value = Math.max(0, view.ahead_when_taken - view.ahead);
    document.title = `${view.number} ${view.ahead === 0 ? say('ticket-live-title-next') : say('ticket-live-title-ahead', { n: view.ahead })}`;
  }
  byId('promise').textContent = promise(view);
  byId('sentence').textContent = inLanguage(view.sentence, page.lang);
}

function promise({ done_by: time, stage, phase }) {
  if (time) return say('ticket-live-promise', { time: timeOf(time) });
  const closes = phase === 'near_closing' || phase === 'serving_out';
  return stage === 'waiting' && closes ? say('ticket-live-kept') : '';
}

function waitText({ low, high }) {
  const [least, most] = [minutes(low), minutes(high)];
  if (most === 0) return say('ticket-live-soon');
  return least === most ? say('ticket-live-wait-one', { n: most }) : say('ticket-live-wait', { low: least, high: most });
}

const unknownText = (unknown) => (unknown ? say('ticket-live-unknown', { why: inLanguage(unknown.text, page.lang) }) : '');

// The server's own page takes the place of this one's middle; if it cannot be had, the next message tries again.
async function turn() {
  if (fetching) return;
  fetching = true;
  const fresh = await load(page.page);
  fetching = false;
  if (fresh) adopt(fresh);
}

async function load(address, request) {
  try {
    const response = await fetch(address, request);
    const text = await response.text();
    const other = new DOMParser().parseFromString(text, 'text/html');
    return other.querySelector('main') ? Object.assign(other, { address: response.url }) : null;
  } catch {
    return null;
  }
}

function adopt(fresh) {
  if (!fresh.getElementById('live')) return;
  const wasCalled = byId('go') !== null;
  const ticked = [...document.querySelectorAll('.checks input')].map((box) => box.checked);
  for (const id of ['live', 'more']) byId(id).replaceWith(fresh.getElementById(id));
  document.querySelectorAll('.checks input').forEach((box, at) => (box.checked = ticked[at]));
  const isRinging = document.body.classList.contains('ringing');
  document.body.className = fresh.body.className + (isRinging ? ' ringing' : '');
  for (const key of ['stage', 'shape']) page[key] = fresh.body.dataset[key];
  document.title = fresh.title;
  bell.offer(page.stage);
  if (page.stage !== 'called') bell.hush();
  if (byId('go') && (!wasCalled || document.activeElement === document.body)) byId('go').focus();
}

// A step opens in the page itself.
async function open(link) {
  const fresh = await load(link.href);
  if (!fresh) return strip(say('ticket-live-failed'));
  const sheet = byId('sheet');
  sheet.replaceChildren(...fresh.querySelector('main').childNodes);
  sheet.hidden = false;
  if (sheet.querySelector('.share')) (await import('./ticket-share.js')).share(sheet); // few share, so few load it
  sheet.scrollIntoView({ block: 'center' });
  return undefined;
}

async function send(form, submitter) {
  const wish = new URLSearchParams(new FormData(form));
  if (submitter.name) wish.set(submitter.name, submitter.value);
  submitter.disabled = true;
  const fresh = await load(form.action, { method: 'POST', body: wish });
  submitter.disabled = false;
  if (!fresh) return strip(say('ticket-live-failed'));
  byId('sheet').hidden = true;
  // another number's page, or one that says what went wrong
  if (!fresh.getElementById('live') || fresh.body.dataset.page !== page.page) return location.assign(fresh.address);
  adopt(fresh);
  return scrollTo(0, 0);
}

function strip(text) {
  byId('stale').textContent = text;
  byId('stale').hidden = text === '';
}

document.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (!link || !byId('sheet')) return;
  if (link.classList.contains('step')) {
    event.preventDefault();
    open(link);
  } else if (link.classList.contains('back')) {
    event.preventDefault();
    byId('sheet').hidden = true;
  }
});
document.addEventListener('submit', (event) => {
  if (!event.submitter || !byId('sheet')) return; // an old browser sends the form by itself
  event.preventDefault();
  send(event.target, event.submitter);
});
bell.offer(page.stage);
follow(page.socket, page.feed, hear, (health) => {
  document.body.classList.toggle('lost', health === 'lost');
  const words = { live: '', stale: say('ticket-live-stale', { time: clock.time() }), lost: say('ticket-live-lost') };
  strip(words[health]);
});
