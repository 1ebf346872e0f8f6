// The kiosk: one tap on a tile is a number. This file knows what is going on and wires the parts together; each part is
// a file of its own: kiosk-tiles, kiosk-sheets, kiosk-number, kiosk-documents, kiosk-several, kiosk-check-in,
// kiosk-holder, kiosk-help, kiosk-reader, kiosk-keys, kiosk-idle, kiosk-aloud, kiosk-sounds, kiosk-printing,
// kiosk-away.

import { attempt, freshKey, isAnswered, read } from './api.js';
import { hallClock, span } from './clock.js';
import { byId, key } from './dom.js';
import { reader } from './kiosk-aloud.js';
import { awayDesk } from './kiosk-away.js';
import { checkInSheet } from './kiosk-check-in.js';
import { countdown, isForBooked, isShutToday, isToday, stampOf } from './kiosk-day.js';
import { bringSheet, checklistOf, lackingSheet, readySheet } from './kiosk-documents.js';
import { fit } from './kiosk-fit.js';
import { helpCall } from './kiosk-help.js';
import { openTicket } from './kiosk-holder.js';
import { idleSheet, watchIdle } from './kiosk-idle.js';
import { listenForArrows } from './kiosk-keys.js';
import { numberSheet, slipOf, spokenNumber } from './kiosk-number.js';
import { printer } from './kiosk-printing.js';
import { ageOn, identified, listenForReader } from './kiosk-reader.js';
import { allSheet, severalSheet } from './kiosk-several.js';
import * as sheets from './kiosk-sheets.js';
import * as sounds from './kiosk-sounds.js';
import { arranged, drawTiles, quietOnes } from './kiosk-tiles.js';
import { follow } from './live.js';
import { inLanguage, sayer } from './words.js';

const AGAIN_SECONDS = 10; // the same tile tapped again so soon is mostly a mistake
const PATIENCE_SECONDS = 3; // then the number comes from the kiosk's own block
const UNANSWERED_SECONDS = 60; // after that the person who wished it has gone
const SHOWN_SECONDS = { printed: 8, glass: 20 };
const UNHURRIED = 2; // times as long for whoever reads large letters or listens
const ELDERLY_YEARS = 60;
const CLASSES = ['elderly', 'disabled', 'pregnant', 'military'];

const page = document.body.dataset;
const dictionaries = JSON.parse(page.words);
const clock = hallClock();
const kiosk = {
  view: JSON.parse(page.view),
  language: page.lang,
  class: null, // whom the next number is for, where priority was asked for
  bringing: false, // the next tile tells what to bring
  large: false,
  low: false,
  aloud: false,
  person: null, // the document that was read in this visit
  taking: false,
  free: {}, // by service, where nobody gets a number today: the next time that can be booked, null if there is none
  expects: false, // places of today are to come
  last: null, // {ticket, service, at}: what was taken here before
  unanswered: null, // {wish, key, until}: a wish without an answer goes out again under its first key
  timer: 0,
};
let say = sayer(dictionaries[kiosk.language]);
let isUp = false;
const local = (text) => inLanguage(text, kiosk.language);
const stamp = () => stampOf(clock.now(), kiosk.view.now);
const isBookedOnly = () => isForBooked(kiosk.view, kiosk.expects);
const context = () => ({ say, local, home, tap, view: kiosk.view, free: kiosk.free, isBookedOnly: isBookedOnly(), large: kiosk.large, low: kiosk.low });

const aloud = reader(page.hall, { language: () => kiosk.language, onReady: showAloud });
const print = printer(page.hall, { agent: page.agent, onState: (isBroken) => (byId('no-paper').hidden = !isBroken) });
const help = helpCall(page.hall);
const away = await awayDesk(page.hall, { stamp, onRefused: showRefused });

function draw() {
  const { view } = kiosk;
  byId('hall').textContent = local(view.name);
  byId('sentence').textContent = local(view.sentence);
  byId('notices').textContent = view.notices.map(local).join(' · ');
  const quiet = quietOnes(view).map(({ name }) => local(name));
  byId('quiet').hidden = quiet.length === 0;
  byId('quiet').textContent = say('kiosk-quiet', { name: quiet.slice(0, 3).join(say('kiosk-list-comma')) });
  byId('classes').hidden = kiosk.class === null || !byId('sheet').hidden;
  byId('bringing').hidden = !kiosk.bringing || !byId('sheet').hidden;
  for (const button of byId('classes').querySelectorAll('[data-class]')) {
    button.setAttribute('aria-pressed', String(button.dataset.class === kiosk.class));
    button.textContent = say('class-' + button.dataset.class);
  }
  document.body.classList.toggle('booked-only', isBookedOnly());
  document.body.classList.toggle('prioritised', kiosk.class !== null);
  drawTiles(byId('tiles'), arranged(view, isBookedOnly()), context());
  drawTime();
}

function drawTime() {
  byId('clock').textContent = clock.face();
  const left = countdown(kiosk.view, clock.now());
  byId('countdown').hidden = left === null;
  if (left !== null) byId('countdown').textContent = say('kiosk-countdown', { time: span(left * 1000) });
  fit(document.querySelector('header'));
}

// Whether somebody may come with an appointment, and when else one could come: for the tiles of such a day.
async function lookForTimes() {
  const free = {};
  let expects = false;
  const bookable = isShutToday(kiosk.view) ? kiosk.view.services.filter((service) => service.bookable) : [];
  for (const { id } of bookable) {
    const { ok, answer } = await read(`/api/v1/halls/${page.hall}/slots?service=${id}`);
    if (!ok) continue;
    expects = expects || answer.slots.some((slot) => isToday(slot.starts_at, kiosk.view));
    const next = answer.slots.find((slot) => slot.bookable && slot.free > 0);
    free[id] = next ? next.starts_at : null;
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

// One key more in the bar: what is above it has less room. A browser with voices of its own says so before the page is up.
function showAloud() {
  byId('aloud').hidden = false;
  if (!isUp) return;
  draw();
  fitSheet();
}

function setSwitch(name, on) {
  kiosk[name] = on;
  document.body.classList.toggle(name, on);
  byId(name).setAttribute('aria-pressed', String(on));
  draw();
  fitSheet();
}

function setClass(name) {
  kiosk.class = name;
  byId('priority').setAttribute('aria-pressed', String(name !== null));
  if (name) setBringing(false);
  show(null);
  if (name) byId('classes').querySelector('[aria-pressed="true"]').focus({ preventScroll: true });
}

function setBringing(on) {
  kiosk.bringing = on;
  byId('bring').setAttribute('aria-pressed', String(on));
  show(null);
}

// The next citizen finds the kiosk as it was.
function home() {
  clearInterval(kiosk.timer);
  Object.assign(kiosk, { class: null, bringing: false, person: null });
  byId('priority').setAttribute('aria-pressed', 'false');
  byId('bring').setAttribute('aria-pressed', 'false');
  help.forget();
  for (const name of ['large', 'low', 'aloud']) if (kiosk[name]) setSwitch(name, false);
  aloud.turn(false);
  if (kiosk.language !== page.lang) setLanguage(page.lang);
  show(null);
}

const isAway = () =>
  (!byId('sheet').hidden && !kiosk.taking && byId('sheet').dataset.sheet !== 'number') ||
  (byId('sheet').hidden && Boolean(kiosk.class || kiosk.bringing || kiosk.large || kiosk.low || kiosk.aloud || kiosk.language !== page.lang));

function show(sheet, name = '') {
  clearInterval(kiosk.timer);
  byId('tiles').hidden = sheet !== null;
  const box = byId('sheet');
  box.hidden = sheet === null;
  box.dataset.sheet = name;
  box.classList.toggle('over', name === 'number');
  box.replaceChildren(...(sheet || []));
  draw();
  fitSheet();
  // whoever uses keys goes on from here; a tap leaves no mark
  const first = document.querySelector(sheet === null ? '.tile' : '#sheet button');
  if (first) first.focus({ preventScroll: true });
}

function fitSheet() {
  const box = byId('sheet');
  if (box.hidden) return;
  fit(box);
  for (const row of box.querySelectorAll('.row')) fit(row);
}

function showFor(seconds, sheet, name) {
  show(sheet, name);
  let left = seconds;
  const count = byId('sheet').querySelector('.count');
  const tick = () => {
    if (count) count.textContent = say('kiosk-seconds', { seconds: left });
    if (left <= 0) home();
    left -= 1;
  };
  tick();
  fitSheet();
  kiosk.timer = setInterval(tick, 1000);
}

function tap(kind, service) {
  if (kiosk.taking) return;
  if (kind !== 'service') return WAYS[kind]();
  if (kiosk.bringing) return showBring(service);
  if (service.open && service.ask_documents && !kiosk.class) return showReady(service);
  wish(service);
}

const WAYS = {
  booked: openCheckIn,
  unsure: () => callHelp(),
  everything: () => show(severalSheet((chosen) => take(chosen[0], { also: chosen.slice(1).map(({ id }) => id) }), context())),
  all: () => show(allSheet({ choose: (service) => tap('service', service), several: mayBeSeveral() && WAYS.everything, unsure: WAYS.unsure, search: searchGuide }, context()), 'all'),
};

const mayBeSeveral = () => kiosk.view.services.length > 1;

// A number, unless the same was taken here a moment ago: then most likely by the same hand.
function wish(service) {
  const recent = kiosk.last && kiosk.last.service === service.id && performance.now() - kiosk.last.at < AGAIN_SECONDS * 1000;
  if (!recent) return take(service);
  const { ticket } = kiosk.last;
  const prints = canPrint(ticket) && !ticket.reserve;
  const same = () => (prints ? showAndPrint(ticket, false) : showNumber(ticket, false));
  show(sheets.again(ticket, { same, fresh: () => take(service), prints }, context()));
}

// `more`: `{insist}` or `{no_smartphone}` after the other ways were shown, `{also}` for several things.
async function take(service, more = {}) {
  if (service.identify && service.open && !kiosk.person) return askForDocument(service, more);
  const body = { service: service.id, language: kiosk.language, ...more };
  if (kiosk.class) body.class = kiosk.class;
  if (service.identify && kiosk.person) body.person = kiosk.person;
  if (body.also && body.also.length === 0) delete body.also;
  kiosk.taking = true;
  show(sheets.taking(context()));
  // nobody waits for a server that has just not answered
  const early = kiosk.isLost ? await away.issue(service, body, null) : null;
  const result = early ? { status: 0 } : await ask(body);
  const own = early || (isAnswered(result) ? null : await away.issue(service, body, result.key));
  kiosk.taking = false;
  if (result.ok || own) {
    const ticket = own || result.answer;
    kiosk.last = { ticket, service: service.id, at: performance.now() };
    return hand(ticket);
  }
  if (isAnswered(result)) show(sheets.refusal(result.answer, service, kiosk.view, (how) => take(service, { ...more, [how]: true }), context()));
  else show(sheets.toTheDesk(context()));
}

// A wish that got no answer keeps its key: made again, it cannot happen twice.
async function ask(body) {
  const path = `/api/v1/halls/${page.hall}/tickets`;
  const text = JSON.stringify(body);
  const { unanswered } = kiosk;
  const isSame = unanswered && unanswered.text === text && performance.now() < unanswered.until;
  const wishKey = isSame ? unanswered.key : freshKey();
  const result = await attempt(path, body, wishKey, PATIENCE_SECONDS);
  kiosk.isLost = !isAnswered(result);
  kiosk.unanswered = isAnswered(result) ? null : { text, key: wishKey, until: performance.now() + UNANSWERED_SECONDS * 1000 };
  return { ...result, key: wishKey };
}

// The number is there: on the glass, on paper, aloud.
async function hand(ticket) {
  // a number of the reserve stands for the wish that got no answer; the next wish is another
  if (ticket.reserve) kiosk.unanswered = null;
  sounds.success();
  aloud.sayNumber(ticket.number, spokenNumber(ticket, context()));
  await showAndPrint(ticket, true);
}

async function showAndPrint(ticket, isFirst) {
  const printing = canPrint(ticket);
  showNumber(ticket, printing);
  if (!printing) return;
  const isPrinted = ticket.reserve ? await printOwn(ticket) : await print.printTicket(ticket.token, { large: kiosk.large, isFirst });
  // no slip came: the glass has to do
  if (!isPrinted && byId('sheet').dataset.number === ticket.number) showNumber(ticket, false);
}

// While the server is away only what hangs at the kiosk itself can print.
const canPrint = (ticket) => print.prints() && (!ticket.reserve || print.hasAgent);

function showNumber(ticket, printing) {
  const service = serviceOf(ticket.service);
  // a number of the reserve cannot be marked as printed before, so there is one paper of it
  const again = canPrint(ticket) && !ticket.reserve ? () => showAndPrint(ticket, false) : null;
  const about = { service, name: service ? local(service.name) : ticket.service, address: `${page.origin}/t/${ticket.token}`, printing, again };
  const seconds = (printing ? SHOWN_SECONDS.printed : SHOWN_SECONDS.glass) * (kiosk.large || kiosk.aloud ? UNHURRIED : 1);
  showFor(seconds, numberSheet(ticket, about, context()), 'number');
  byId('sheet').dataset.number = ticket.number;
}

// Printed by the agent under an id of its own; what it has not got yet it gets when the page is loaded again.
async function printOwn(ticket) {
  await away.reserve.change(ticket.turn, { slip: 'waiting' });
  const paper = slipOf(ticket, {
    hall: kiosk.view.name,
    service: serviceOf(ticket.service),
    address: `${page.origin}/t/${ticket.token}`,
    at: ticket.taken_at,
    large: kiosk.large,
  });
  const isPrinted = await print.printPaper(ticket.key, paper);
  if (isPrinted) await away.reserve.change(ticket.turn, { slip: 'given' });
  return isPrinted;
}

const serviceOf = (id) => kiosk.view.services.find((each) => each.id === id);

function showReady(service) {
  const lacking = () => show(lackingSheet(service, { take: () => wish(service), print: listPrinter(service) }, context()));
  show(readySheet(service, { take: () => wish(service), lacking }, context()));
}

function showBring(service) {
  show(bringSheet(service, { take: () => wish(service), print: listPrinter(service) }, context()));
}

function listPrinter(service) {
  if (!print.prints() || service.documents.length === 0) return null;
  return async () => {
    const before = byId('sheet').firstElementChild;
    const isPrinted = await print.printList(checklistOf(service, kiosk.language));
    if (byId('sheet').firstElementChild === before) show(sheets.told(isPrinted ? say('kiosk-list-printed') : say('kiosk-no-paper'), context()));
  };
}

function openCheckIn() {
  show(checkInSheet((text) => identify(identified(text)), context()));
}

// A service that wants to know for whom: the card is read, or its number typed.
function askForDocument(service, more) {
  const go = (text) => {
    const found = identified(text);
    kiosk.person = found && found.id_number ? found.id_number : null;
    if (kiosk.person) take(service, more);
  };
  kiosk.awaiting = go;
  show(checkInSheet(go, context(), 'document'), 'document');
}

// What was typed or read: a ticket opens, an appointment becomes a ticket, a card without one says for whom the next
// number is.
async function identify(found) {
  if (kiosk.taking || !found) return;
  if (found.ticket) return openTicket(found.ticket, { show, print: print.prints() ? (token) => print.printTicket(token, { isFirst: false }) : null }, context());
  kiosk.taking = true;
  show(sheets.taking(context()));
  const { ok, status, answer } = await attempt(`/api/v1/halls/${page.hall}/check-ins`, found, freshKey(), PATIENCE_SECONDS);
  kiosk.taking = false;
  if (ok) return hand(answer);
  if (status === 0 || status === 503) return show(sheets.toTheDesk(context()));
  if (status === 404 && found.id_number && !isBookedOnly()) return welcome(found.id_number);
  show(sheets.notCheckedIn(answer, openCheckIn, context()));
}

// Nothing is booked for this card: the tiles, with priority for whoever is old enough. Nobody has to ask for it.
function welcome(number) {
  kiosk.person = number;
  setClass(ageOn(number, kiosk.view.now) >= ELDERLY_YEARS ? 'elderly' : null);
}

async function callHelp() {
  const unsure = () => setBringing(true);
  const draw = () => show(help.sheet({ unsure, guide: openGuide, several: mayBeSeveral() && WAYS.everything }, context()), 'help');
  draw();
  // whoever has gone back meanwhile is not shown it again
  if ((await help.ask()) && byId('sheet').dataset.sheet === 'help') {
    draw();
    aloud.say(help.text(say));
  }
  help.redraw = draw;
}

const openGuide = () => location.assign(page.guide);

// Services that the guide finds for what was typed, best first.
async function searchGuide(letters) {
  const { ok, answer } = await read(`/api/v1/halls/${page.hall}/guide?q=${encodeURIComponent(letters)}`);
  return ok ? answer.results.map(({ service }) => service).filter(Boolean) : null;
}

function hear({ at, view }) {
  kiosk.isLost = false;
  clock.tell(at);
  if (view) {
    kiosk.view = view;
    if (!kiosk.taking) draw();
    lookForTimes();
    if (help.hear(view) && byId('sheet').dataset.sheet === 'help') help.redraw();
  }
  away.heard(view, at);
}

function warn(isStale) {
  byId('stale').hidden = !isStale;
  if (isStale) byId('stale').textContent = say('live-stale', { time: clock.face() });
  fit(document.querySelector('header'));
}

function showRefused(tickets) {
  byId('unreported').hidden = tickets.length === 0;
  byId('unreported').textContent = say('kiosk-unreported', { number: tickets.map(({ number }) => number).join(' ') });
}

for (const name of CLASSES) {
  const button = key('', '', () => setClass(name));
  button.dataset.class = name;
  byId('classes').append(button);
}
byId('priority').addEventListener('click', () => setClass(kiosk.class === null ? CLASSES[0] : null));
byId('bring').addEventListener('click', () => {
  if (kiosk.class) setClass(null);
  setBringing(!kiosk.bringing);
});
byId('bringing-off').addEventListener('click', () => setBringing(false));
byId('help').addEventListener('click', callHelp);
byId('large').addEventListener('click', () => setSwitch('large', !kiosk.large));
byId('low').addEventListener('click', () => setSwitch('low', !kiosk.low));
byId('aloud').addEventListener('click', () => {
  setSwitch('aloud', !kiosk.aloud);
  aloud.turn(kiosk.aloud);
  if (kiosk.aloud) aloud.say(local(kiosk.view.sentence));
});
byId('language').addEventListener('click', () => setLanguage(kiosk.language === 'zh' ? 'en' : 'zh'));

listenForReader((text) => {
  const found = identified(text);
  if (byId('sheet').dataset.sheet === 'document' && found && found.id_number) kiosk.awaiting(text);
  else identify(found);
});
listenForArrows();
document.addEventListener('pointerdown', ({ target }) => target.closest('button') && sounds.click());

// Whether somebody is still there is asked over whatever is on the glass.
let asked = null;
watchIdle({
  isAway,
  isUnhurried: () => kiosk.large || kiosk.aloud,
  home: () => {
    closeIdle();
    home();
  },
  ask: (left, of) => {
    if (!asked) {
      asked = idleSheet(context());
      byId('idle').replaceChildren(...asked.elements);
      byId('idle').hidden = false;
      asked.back = document.activeElement;
      byId('idle').querySelector('button').focus({ preventScroll: true });
      aloud.say(say('kiosk-idle'));
    }
    asked.show(left, of);
  },
  // not within the touch itself: what it would press beneath must not be there yet
  stay: () => setTimeout(closeIdle, 0),
});

function closeIdle() {
  if (!asked) return;
  byId('idle').hidden = true;
  if (asked.back && asked.back.isConnected) asked.back.focus({ preventScroll: true });
  asked = null;
}

// Numbers that were given away from the server and are not on paper yet.
async function printRest() {
  await print.ready;
  if (!away.reserve || !print.hasAgent || !print.prints()) return;
  for (const ticket of await away.reserve.tickets()) {
    if (ticket.slip === 'waiting' && serviceOf(ticket.service)) await printOwn(ticket);
  }
}

// The page and what it is made of are kept for a loading without the server, where the browser allows it.
async function keepPage() {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(`/${page.hall}/kiosk-worker.js`, { scope: `/${page.hall}/kiosk` });
  const parts = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname).filter((name) => name.startsWith('/assets/'));
  await navigator.serviceWorker.ready;
  registration.active.postMessage({ keep: [location.pathname, ...new Set(parts)] });
}

const last = away.memory.last(kiosk.view);
kiosk.view = last.view;
clock.tell(last.passed ? stampOf(Date.parse(last.at) + last.passed, last.at) : last.at);
setInterval(drawTime, 1000);
isUp = true;
draw();
lookForTimes();
away.report();
printRest();
follow(`/ws/halls/${page.hall}/kiosk`, hear, warn);
addEventListener('resize', draw);
keepPage().catch(() => {}); // without it the page cannot be loaded while the server is away; all else works
