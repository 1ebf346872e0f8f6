// The kiosk: one tap on a tile is a number. This file knows what is going on; kiosk-tiles.js draws the tiles and
// kiosk-sheets.js what stands in their place.

import { post, read } from './api.js';
import { hallClock } from './clock.js';
import { byId } from './dom.js';
import { checkInSheet, identified } from './kiosk-check-in.js';
import { drawTiles } from './kiosk-tiles.js';
import * as sheets from './kiosk-sheets.js';
import { listenForReader } from './kiosk-reader.js';
import { follow } from './live.js';
import { inLanguage, sayer } from './words.js';

const AGAIN_SECONDS = 30; // the same tile tapped again so soon is mostly a mistake
const SHOWN_SECONDS = { ticket: 20, large: 40, sheet: 30, ways: 60 };

const page = document.body.dataset;
const dictionaries = JSON.parse(page.words);
const clock = hallClock();
const kiosk = {
  view: JSON.parse(page.view),
  language: page.lang,
  class: null,
  large: false,
  low: false,
  taking: false,
  free: {}, // the next time that can be booked, by service, where nobody gets a number today
  expects: false, // places of today are to come
  last: null, // {ticket, service, at}: what was taken here before
  timer: 0,
};
let say = sayer(dictionaries[kiosk.language]);
const local = (text) => inLanguage(text, kiosk.language);

function draw() {
  byId('hall').textContent = local(kiosk.view.name);
  byId('sentence').textContent = local(kiosk.view.sentence);
  byId('notices').textContent = kiosk.view.notices.map(local).join(' · ');
  byId('chosen').hidden = kiosk.class === null;
  if (kiosk.class) byId('chosen-class').textContent = say('kiosk-chosen', { name: say('class-' + kiosk.class) });
  byId('check-in').hidden = !byId('sheet').hidden || !kiosk.view.services.some(({ bookable }) => bookable);
  document.body.classList.toggle('booked-only', isBookedOnly());
  drawTiles(kiosk.view, { say, local, tap, free: isBookedOnly() ? kiosk.free : {} });
}

// Today is for whoever has booked: nobody gets a number without an appointment, now or later today, but places of today
// are to come, or the session runs.
function isBookedOnly() {
  const { services } = kiosk.view;
  const runs = ({ phase, suspended }) => ['early_open', 'open', 'near_closing'].includes(phase) && !suspended;
  return isShutToday() && (kiosk.expects || services.some(runs));
}

const isToday = (at) => at !== null && at.slice(0, 10) === kiosk.view.now.slice(0, 10);
const isShutToday = () => kiosk.view.services.every(({ open, opens_at: opens }) => !open && !isToday(opens));

// Whether somebody may come with an appointment, and when else one could come: for the tiles of such a day.
async function lookForTimes() {
  const free = {};
  let expects = false;
  const bookable = isShutToday() ? kiosk.view.services.filter((service) => service.bookable) : [];
  for (const { id } of bookable) {
    const { ok, answer } = await read(`/api/v1/halls/${page.hall}/slots?service=${id}`);
    if (!ok) continue;
    expects = expects || answer.slots.some((slot) => isToday(slot.starts_at));
    const next = answer.slots.find((slot) => slot.bookable && slot.free > 0);
    if (next) free[id] = next.starts_at;
  }
  Object.assign(kiosk, { free, expects });
  draw();
}

function setLanguage(language) {
  kiosk.language = language;
  say = sayer(dictionaries[language]);
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = say(element.dataset.word);
  draw();
}

function setSwitch(name, on) {
  kiosk[name] = on;
  document.body.classList.toggle(name, on);
  byId(name).setAttribute('aria-pressed', String(on));
}

// The next citizen finds the kiosk as it was.
function home() {
  clearInterval(kiosk.timer);
  kiosk.class = null;
  setSwitch('large', false);
  setSwitch('low', false);
  show(null);
  setLanguage(page.lang);
}

function show(sheet) {
  clearInterval(kiosk.timer);
  byId('tiles').hidden = sheet !== null;
  byId('check-in').hidden = sheet !== null || !kiosk.view.services.some(({ bookable }) => bookable);
  byId('sheet').hidden = sheet === null;
  byId('sheet').replaceChildren(...(sheet || []));
  // whoever uses keys goes on from here; a tap leaves no mark
  const first = document.querySelector(sheet === null ? '.tile' : '#sheet button');
  if (first) first.focus({ preventScroll: true });
}

function showFor(seconds, sheet) {
  show(sheet);
  let left = seconds;
  const count = byId('sheet').querySelector('.count');
  const tick = () => {
    if (count) count.textContent = say('kiosk-seconds', { seconds: left });
    if (left <= 0) home();
    left -= 1;
  };
  tick();
  kiosk.timer = setInterval(tick, 1000);
}

const context = () => ({ say, local, home });

function tap(service) {
  if (kiosk.taking) return;
  const recent = kiosk.last && kiosk.last.service === service.id && performance.now() - kiosk.last.at < AGAIN_SECONDS * 1000;
  if (recent) {
    const choices = { same: () => showTicket(kiosk.last.ticket), fresh: () => take(service) };
    showFor(SHOWN_SECONDS.sheet, sheets.again(kiosk.last.ticket, choices, context()));
  } else {
    take(service);
  }
}

// `nevertheless`: `insist` or `no_smartphone`, after the other ways were shown.
async function take(service, nevertheless) {
  const body = { service: service.id, language: kiosk.language };
  if (kiosk.class) body.class = kiosk.class;
  if (nevertheless) body[nevertheless] = true;
  kiosk.taking = true;
  show(sheets.taking(context()));
  const result = await post(`/api/v1/halls/${page.hall}/tickets`, body);
  kiosk.taking = false;
  if (result.ok) {
    kiosk.last = { ticket: result.answer, service: service.id, at: performance.now() };
    showTicket(result.answer);
  } else {
    showRefusal(service, result);
  }
}

function showTicket(ticket) {
  showFor(kiosk.large ? SHOWN_SECONDS.large : SHOWN_SECONDS.ticket, sheets.ticket(ticket, serviceNamed(ticket.service), context()));
}

function showRefusal(service, { status, answer }) {
  const nevertheless = (how) => take(service, how);
  if (status === 0 || status === 503) showFor(SHOWN_SECONDS.sheet, sheets.unreachable(context()));
  else showFor(SHOWN_SECONDS.ways, sheets.refusal(answer, service, kiosk.view, nevertheless, context()));
}

function openCheckIn() {
  showFor(SHOWN_SECONDS.ways, checkInSheet((text) => checkIn(identified(text)), context()));
}

// What was typed or read makes an appointment a ticket.
async function checkIn(body) {
  if (kiosk.taking || !body) return;
  kiosk.taking = true;
  show(sheets.taking(context()));
  const { ok, status, answer } = await post(`/api/v1/halls/${page.hall}/check-ins`, body);
  kiosk.taking = false;
  if (ok) showTicket(answer);
  else if (status === 0 || status === 503) showFor(SHOWN_SECONDS.sheet, sheets.unreachable(context()));
  else showFor(SHOWN_SECONDS.sheet, sheets.notCheckedIn(answer, openCheckIn, context()));
}

function serviceNamed(id) {
  const service = kiosk.view.services.find((each) => each.id === id);
  return service ? local(service.name) : id;
}

function choosePriority() {
  const choose = (name) => {
    kiosk.class = name;
    show(null);
    draw();
  };
  showFor(SHOWN_SECONDS.sheet, sheets.priority(choose, context()));
}

function hear({ at, view }) {
  clock.tell(at);
  if (!view) return;
  kiosk.view = view;
  draw();
  lookForTimes();
}

function warn(isStale) {
  byId('stale').hidden = !isStale;
  if (isStale) byId('stale').textContent = say('live-stale', { time: clock.face() });
}

byId('check-in').addEventListener('click', openCheckIn);
byId('priority').addEventListener('click', choosePriority);
byId('unchoose').addEventListener('click', home);
byId('large').addEventListener('click', () => setSwitch('large', !kiosk.large));
byId('low').addEventListener('click', () => setSwitch('low', !kiosk.low));
byId('language').addEventListener('click', () => setLanguage(kiosk.language === 'zh' ? 'en' : 'zh'));
byId('help').addEventListener('click', () => showFor(SHOWN_SECONDS.sheet, sheets.help(context())));

listenForReader((text) => checkIn(identified(text)));

// A key held down presses once, or the sheet that it brought would be gone again.
document.addEventListener('keydown', (event) => event.repeat && event.key === 'Enter' && event.preventDefault());

// Nobody touches the glass: whoever chose a language or a class has left.
let touched = performance.now();
for (const sign of ['pointerdown', 'keydown']) document.addEventListener(sign, () => (touched = performance.now()));
setInterval(() => {
  byId('clock').textContent = clock.face();
  const idle = performance.now() - touched > SHOWN_SECONDS.sheet * 1000 && byId('sheet').hidden;
  if (idle && (kiosk.class || kiosk.large || kiosk.low || kiosk.language !== page.lang)) home();
}, 1000);

clock.tell(kiosk.view.now);
draw();
lookForTimes();
follow(`/ws/halls/${page.hall}/kiosk`, hear, warn);
