// The kiosk: one tap on a tile is a number. This file knows what is going on and joins the parts, which are the files
// kiosk-*.js.

import { askOnce, read } from './api.js';
import { hallClock } from './clock.js';
import { byId, key } from './dom.js';
import { reader } from './kiosk-aloud.js';
import { awayDesk, storePage } from './kiosk-away.js';
import { checkInSheet } from './kiosk-check-in.js';
import { countdown, isForBooked, placesOf, stampOf } from './kiosk-day.js';
import { documentDesk } from './kiosk-documents.js';
import { fit } from './kiosk-fit.js';
import { glassOver } from './kiosk-glass.js';
import { helpCall } from './kiosk-help.js';
import { openTicket } from './kiosk-holder.js';
import { watchIdle } from './kiosk-idle.js';
import { issuing } from './kiosk-issue.js';
import { listenForArrows } from './kiosk-keys.js';
import { printer } from './kiosk-printing.js';
import { ageOn, identified, listenForReader } from './kiosk-reader.js';
import { allSheet, severalSheet } from './kiosk-several.js';
import * as sheets from './kiosk-sheets.js';
import * as sounds from './kiosk-sounds.js';
import { numberDesk } from './kiosk-take.js';
import { arranged, drawTiles, quietOnes } from './kiosk-tiles.js';
import { follow } from './live.js';
import { span } from './when.js';
import { inLanguage, sayer } from './words.js';

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
  isLost: false, // the last request for a number got no answer
  free: {}, // by service, where nobody gets a number today: the next time that can be booked, null if there is none
};
let say = sayer(dictionaries[kiosk.language]);
let isUp = false;
const local = (text) => inLanguage(text, kiosk.language);
const stamp = () => stampOf(clock.now(), kiosk.view.now);
const isBookedOnly = () => isForBooked(kiosk.view);
const serviceOf = (id) => kiosk.view.services.find((each) => each.id === id);

// What every sheet and tile needs.
function context() {
  const { view, language, free, large, low } = kiosk;
  return { say, local, language, home, tap, view, free, isBookedOnly: isBookedOnly(), large, low };
}

const glass = glassOver({ redraw: draw, home, say: (...words) => say(...words) });
const { show } = glass;

const aloud = reader(page.hall, { language: () => kiosk.language, onReady: showAloud });
const print = printer(page.hall, { agent: page.agent, onState: (isBroken) => (byId('no-paper').hidden = !isBroken) });
const help = helpCall(page.hall);
const away = await awayDesk(page.hall, { stamp, onRefused: showRefused });
const issue = issuing({ kiosk, origin: page.origin, away, print, aloud, glass, serviceOf, context });
const { wish, take } = numberDesk(page.hall, { kiosk, away, show, issue, askForDocument, context });
const documents = documentDesk({ glass, print, take: wish, context });

function draw() {
  const { view } = kiosk;
  byId('hall').textContent = local(view.name);
  byId('sentence').textContent = local(view.sentence);
  byId('notices').textContent = view.notices.map(local).join(' · ');
  const quiet = quietOnes(view).map(({ name }) => local(name));
  byId('quiet').hidden = quiet.length === 0;
  byId('quiet').textContent = say('kiosk-quiet', { name: quiet.slice(0, 3).join(say('kiosk-list-comma')) });
  byId('classes').hidden = kiosk.class === null || glass.hasSheet();
  byId('bringing').hidden = !kiosk.bringing || glass.hasSheet();
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
  byId('clock').textContent = clock.time();
  const left = countdown(kiosk.view, clock.now());
  byId('countdown').hidden = left === null;
  if (left !== null) byId('countdown').textContent = say('kiosk-countdown', { time: span(left * 1000) });
  fit(document.querySelector('header'));
}

async function lookForPlaces() {
  Object.assign(kiosk, await placesOf(kiosk.view));
  draw();
}

function setLanguage(language) {
  kiosk.language = language;
  say = sayer(dictionaries[language]);
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-word]')) element.textContent = say(element.dataset.word);
  draw();
}

// One key more in the bar leaves less room above it. A browser with voices of its own may say so before the page is up.
function showAloud() {
  byId('aloud').hidden = false;
  if (!isUp) return;
  draw();
  glass.fit();
}

function setSwitch(name, on) {
  kiosk[name] = on;
  document.body.classList.toggle(name, on);
  byId(name).setAttribute('aria-pressed', String(on));
  draw();
  glass.fit();
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
  Object.assign(kiosk, { class: null, bringing: false, person: null });
  byId('priority').setAttribute('aria-pressed', 'false');
  byId('bring').setAttribute('aria-pressed', 'false');
  help.forget();
  for (const name of ['large', 'low', 'aloud']) if (kiosk[name]) setSwitch(name, false);
  aloud.turn(false);
  if (kiosk.language !== page.lang) setLanguage(page.lang);
  show(null);
}

// The kiosk is not as the next citizen expects it.
function isInUse() {
  if (glass.hasSheet()) return !kiosk.taking && !glass.isOn('number');
  const { bringing, large, low, language } = kiosk;
  return Boolean(kiosk.class || bringing || large || low || kiosk.aloud || language !== page.lang);
}

function tap(kind, service) {
  if (kiosk.taking) return;
  if (kind !== 'service') return OTHER_TILES[kind]();
  if (kiosk.bringing) return documents.bring(service);
  if (service.open && service.ask_documents && !kiosk.class) return documents.ready(service);
  wish(service);
}

const OTHER_TILES = {
  booked: openCheckIn,
  unsure: () => callHelp(),
  everything: () => show(severalSheet(takeSeveral, context())),
  all() {
    const choose = (service) => tap('service', service);
    const { unsure } = OTHER_TILES;
    show(allSheet({ choose, several: several(), unsure, search: searchGuide }, context()), 'all');
  },
};

const several = () => kiosk.view.services.length > 1 && OTHER_TILES.everything;
const takeSeveral = ([first, ...also]) => take(first, { also: also.map(({ id }) => id) });

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
  if (found.ticket) return openTicket(found.ticket, { show, print: reprinter() }, context());
  kiosk.taking = true;
  show(sheets.taking(context()));
  const { ok, status, answer } = await askOnce(`/api/v1/halls/${page.hall}/check-ins`, found);
  kiosk.taking = false;
  if (ok) return issue.hand(answer);
  if (status === 0 || status === 503) return show(sheets.toTheDesk(context()));
  if (status === 404 && found.id_number && !isBookedOnly()) return welcome(found.id_number);
  show(sheets.notCheckedIn(answer, openCheckIn, context()));
}

const reprinter = () => (print.prints() ? (token) => print.printTicket(token, { isFirst: false }) : null);

// Nothing is booked for this card: the tiles, with priority for the elderly. Nobody has to ask for it.
function welcome(number) {
  kiosk.person = number;
  setClass(ageOn(number, kiosk.view.now) >= ELDERLY_YEARS ? 'elderly' : null);
}

async function callHelp() {
  const unsure = () => setBringing(true);
  const open = () => show(help.sheet({ unsure, guide: openGuide, several: several() }, context()), 'help');
  open();
  // somebody who has gone back meanwhile is not shown it again
  if ((await help.ask()) && glass.isOn('help')) {
    open();
    aloud.say(help.text(say));
  }
  help.redraw = open;
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
    lookForPlaces();
    if (help.hear(view) && glass.isOn('help')) help.redraw();
  }
  away.heard(view, at);
}

function warn(isStale) {
  byId('stale').hidden = !isStale;
  if (isStale) byId('stale').textContent = say('live-stale', { time: clock.time() });
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
for (const name of ['large', 'low']) byId(name).addEventListener('click', () => setSwitch(name, !kiosk[name]));
byId('aloud').addEventListener('click', () => {
  setSwitch('aloud', !kiosk.aloud);
  aloud.turn(kiosk.aloud);
  if (kiosk.aloud) aloud.say(local(kiosk.view.sentence));
});
byId('language').addEventListener('click', () => setLanguage(kiosk.language === 'zh' ? 'en' : 'zh'));

listenForReader((text) => {
  const found = identified(text);
  if (glass.isOn('document') && found && found.id_number) kiosk.awaiting(text);
  else identify(found);
});
listenForArrows();
watchIdle({ isInUse, isUnhurried: () => kiosk.large || kiosk.aloud, speak: aloud.say, home, context });
document.addEventListener('pointerdown', ({ target }) => target.closest('button') && sounds.click());

const last = away.memory.last(kiosk.view);
kiosk.view = last.view;
clock.tell(last.passed ? stampOf(Date.parse(last.at) + last.passed, last.at) : last.at);
setInterval(drawTime, 1000);
isUp = true;
draw();
lookForPlaces();
away.report();
issue.printRest();
follow(`/ws/halls/${page.hall}/kiosk`, hear, warn);
addEventListener('resize', draw);
storePage(page.hall).catch(() => {}); // without it the page cannot be loaded while the server is away; all else works
