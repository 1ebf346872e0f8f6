// The officer's console: keys and buttons to actions. What stands on the page is drawn by console-view.js from the newest
// view; nothing is guessed ahead of the server. What has been wished goes through console-outbox.js, so that a lost
// network neither loses it nor does it twice.

import { post, read } from './api.js';
import { hallClock } from './clock.js';
import { booked } from './console-booked.js';
import { choices } from './console-choices.js';
import { helpKey } from './console-help.js';
import { digitOf, drawEditor, isFree, isOnPad, keyboard, label, nameOf } from './console-keys.js';
import { leaving } from './console-leaving.js';
import { outbox } from './console-outbox.js';
import { drawPaper } from './console-paper.js';
import { sound } from './console-sound.js';
import { typedCall } from './console-typed.js';
import { canCallNext, canCallSomebody, drawConsole, drawTimes } from './console-view.js';
import { byId } from './dom.js';
import { drawHelps } from './help-calls.js';
import { follow } from './live.js';
import { inLanguage, sayer } from './words.js';

const F2_GUARD_MS = 1500; // a key pressed twice in a hurry calls one citizen, not two
const SLOW_MS = 800;
// How old the last word of the hall may be, see console-outbox.js for what is done with wishes meanwhile.
const STALE_MS = 12_000;
const CUT_MS = 30_000;
const LONG_CUT_MS = 300_000;
const WITHOUT_HALL = new Set(['finish', 'recall']); // what an officer can still rightly do after CUT_MS

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const local = (text) => inLanguage(text, page.lang);
const clock = hallClock();
const hallPath = `/api/v1/halls/${page.hall}`;
const windowPath = `${hallPath}/windows/${page.window}`;
const AUTO = `paihao-auto-${page.hall}-${page.window}`;

let view = JSON.parse(page.view);
let waits = sessionStorage.getItem(AUTO) === 'on'; // nobody was there: whoever comes is called
let lastF2 = -F2_GUARD_MS;
let startIsNext = false; // somebody was called: Enter starts as soon as the page knows
let keyIsWanted = null; // the action whose new key is pressed next
let heardAt = '';

const keys = keyboard();
const panel = choices(say);
const typed = typedCall();
const ticks = sound();
const box = outbox(windowPath, `paihao-outbox-${page.hall}-${page.window}`, { answered, changed: draw });
const signOff = leaving({ say, local, path: windowPath, window: page.window, close: () => act('close'), help: () => help.ask(false) });
const help = helpKey({ say, tell, path: `${hallPath}/help`, window: Number(page.window) });
const today = booked({ hallPath, say, local });
const live = follow(`/ws/halls/${page.hall}/windows/${page.window}`, hear, () => draw());

function isCut() {
  return live.silence() >= CUT_MS;
}

// The visit that was ended here and that the hall does not know of yet.
function endedHere() {
  const ending = box.pending().find(({ action, body }) => action === 'finish' && body.number);
  return ending ? ending.body.number : null;
}

function draw() {
  const context = { say, language: page.lang, act, waits, ended: endedHere(), isCut: isCut() };
  drawConsole(view, context);
  drawTimes(view, clock, context);
  typed.draw(view, local);
  drawHelps(view.help, { say, path: `${hallPath}/help`, own: Number(page.window), tell });
  drawHealth();
  signOff.follow(view);
  today.follow(view);
  if (startIsNext && !byId('start').disabled) {
    startIsNext = false;
    byId('start').focus();
  }
}

function drawHealth() {
  const silence = live.silence();
  const isStale = silence >= STALE_MS;
  const isLong = silence >= LONG_CUT_MS;
  const pending = box.pending();
  byId('stale').hidden = !isStale && pending.length === 0;
  byId('stale').classList.toggle('bad', isLong);
  const words = isLong ? 'console-cut-long' : silence >= CUT_MS ? 'console-cut' : 'live-stale';
  byId('stale-text').textContent = isStale ? say(words, { time: heardAt }) : '';
  byId('stale-pending').textContent = isStale && pending.length > 0 ? say('console-pending', { n: pending.length }) : '';
  byId('stale').hidden = byId('stale-text').textContent === '';
  byId('print').hidden = !isLong;
  byId('paper').hidden = !isLong;
  if (isLong) drawPaper(view, { say, local, time: heardAt });
}

// Wishes something; null when it cannot be wished now.
async function act(action, body = {}) {
  if (!mayAct(action)) return null;
  const slow = setTimeout(() => tell(say('console-queued')), SLOW_MS);
  const result = await box.put(action, body);
  clearTimeout(slow);
  return result;
}

// While the hall answers, one thing at a time. While it does not: what is certain still to be right.
function mayAct(action) {
  const pending = box.pending();
  const silence = live.silence();
  if (silence >= CUT_MS && !WITHOUT_HALL.has(action)) return refuse('console-only-without');
  if (pending.length === 0) return true;
  if (silence < STALE_MS) return false;
  const isSettled = pending.every((entry) => entry.action === 'recall') && action !== 'recall';
  return isSettled || refuse('console-first-line');
}

function refuse(words) {
  tell(say(words), true);
  return false;
}

function answered(entry, result) {
  if (result.ok) tell('');
  else tell(refusal(result), true);
  if (live.silence() >= STALE_MS) catchUp();
}

function refusal({ status, answer }) {
  if (status === 0) return say('live-failed');
  if (status === 503) return say('live-unknown');
  return answer.detail || answer.title || say('live-failed');
}

function tell(text, isRefusal = false) {
  const message = byId('message');
  message.textContent = text;
  message.hidden = text === '';
  message.classList.toggle('bad', isRefusal);
}

async function catchUp() {
  const { ok, answer } = await read(windowPath);
  if (ok) hear({ at: answer.now, view: answer });
}

// F2: opens the window, calls the number typed, ends the visit and calls whoever is next.
async function next() {
  if (performance.now() - lastF2 < F2_GUARD_MS) return;
  lastF2 = performance.now();
  closeAll();
  if (view.officer === null) return openWindow();
  if (typed.isTyped()) return callTyped();
  if (waits || !canCallNext(view)) return;
  const current = view.current;
  const result = await (current ? act('finish-and-call-next', finishValues()) : act('call-next'));
  if (!result || !result.ok) return;
  byId('finish-form').reset();
  called(result.answer.ticket !== null);
}

function called(isSomebody) {
  startIsNext = isSomebody;
  waitForSomebody(!isSomebody);
  draw();
}

function waitForSomebody(isWished) {
  waits = isWished;
  sessionStorage.setItem(AUTO, waits ? 'on' : 'off');
}

// Somebody came: called as if the key had been pressed now.
async function callWhoCame() {
  if (!waits || view.current || view.next.length === 0 || !canCallSomebody(view) || box.pending().length > 0) return;
  const result = await act('call-next');
  if (result && result.ok && result.answer.ticket !== null) called(true);
}

async function callTyped() {
  const wanted = typed.wanted();
  const { current } = view;
  if (current) {
    const ended = await act('finish', finishValues());
    if (!ended || !ended.ok) return;
    byId('finish-form').reset();
  }
  const result = await act('call', wanted);
  if (!result || !result.ok) return;
  typed.clear();
  called(true);
}

async function finishOnly() {
  const result = await act('finish', finishValues());
  if (result && result.ok) byId('finish-form').reset();
}

// Empty fields are left out: the rules have a default for each. The number says whose visit is meant.
function finishValues() {
  const values = filled(byId('finish-form'));
  if (values.cases) values.cases = Number(values.cases);
  if (view.current) values.number = view.current.number;
  return values;
}

function filled(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''));
}

async function choose(action, body) {
  panel.close();
  await act(action, body);
}

// To the window for everything, to another service, or to one window that takes this one.
function transfer() {
  if (panel.again('transfer') || byId('transfer').disabled) return;
  const { service } = view.current;
  const there = view.colleagues.filter((each) => each.state !== 'closed');
  const send = (to) => ({ note, window, done }) => {
    if (done && to.service) return choose('next-service', { service: to.service });
    const body = { ...to, ...(window && !to.window ? { window } : {}), ...(note ? { note } : {}) };
    return choose('transfer', body);
  };
  const windowNamed = (each) => [say('console-window', { window: each.window }), local(each.label)].filter(Boolean).join(' ');
  const everything = there.filter((each) => each.everything).map((each) => ({ text: windowNamed(each), detail: each.label ? '' : say('console-everything'), pick: send({ window: each.window }) }));
  const services = view.all_services.filter((each) => each.id !== service).map((each) => ({ text: local(each.name), pick: send({ service: each.id }) }));
  const windows = there
    .filter((each) => !each.everything && each.services.includes(service))
    .map((each) => ({ text: windowNamed(each), pick: send({ window: each.window }) }));
  const options = [...everything, ...services, ...windows];
  panel.show('transfer', { title: say('console-transfer-to'), options, note: true, window: true, done: true });
}

// F7 again keeps the place without saying what is missing.
function park() {
  if (panel.again('park') || byId('park').disabled) return;
  const send = (what) => ({ note }) => choose('park', { ...([what, note].some(Boolean) ? { note: [what, note].filter(Boolean).join(' · ') } : {}) });
  const papers = view.current.documents.map((each) => ({ text: local(each), pick: send(local(each)) }));
  const options = [...papers, { text: say('console-park-do'), detail: say('console-park-unsaid'), pick: send('') }];
  panel.show('park', { title: say('console-park-note'), options, note: true, again: send('') });
}

function pauseOrResume() {
  if (panel.again('pause') || byId('pause').disabled) return;
  if (view.paused !== null) return act('resume-window');
  waitForSomebody(false);
  const reasons = ['meal', 'meeting', 'device'].map((each) => say('console-pause-' + each));
  const options = reasons.map((reason) => ({ text: reason, pick: () => choose('pause', { reason }) }));
  panel.show('pause', { title: say('console-pause-why'), options });
}

// Somebody who needs no number: a question, a colleague's citizen.
function direct() {
  if (panel.again('direct') || byId('direct').disabled) return;
  const serve = (service) => () => choose('serve-directly', { service, language: page.lang });
  const options = view.services.map((each) => ({ text: local(each.name), pick: serve(each.id) }));
  if (options.length === 1) return options[0].pick();
  panel.show('direct', { title: say('console-direct-what'), options });
}

// The next thing of the same visit, with the same number; here at once if this window takes it.
async function goOn() {
  const [also] = (view.current && view.current.also) || [];
  if (!also) return;
  const { number } = view.current;
  const result = await act('next-service', { service: also.id });
  const isOurs = view.services.some((each) => each.id === also.id);
  if (!result || !result.ok || !isOurs) return;
  const call = await act('call', { number, reason: say('console-also-reason') });
  if (call && call.ok) called(true);
}

// The code is turned towards the citizen; the console never learns what is in it.
function rate() {
  if (!byId('rating').hidden) return closeRating();
  if (view.to_rate === null) return tell(say('console-rate-nobody'));
  byId('rating-code').src = `/${page.hall}/windows/${page.window}/rating.svg?number=${view.to_rate}`;
  byId('rating').querySelector('.rating-number').textContent = view.to_rate;
  byId('rating').hidden = false;
  byId('desk').hidden = true;
  byId('rate').setAttribute('aria-expanded', 'true');
  byId('rating-close').focus();
}

function closeRating() {
  const wasOpen = !byId('rating').hidden;
  byId('rating').hidden = true;
  byId('desk').hidden = false;
  byId('rate').setAttribute('aria-expanded', 'false');
  return wasOpen;
}

function closeAll() {
  const was = [panel.close(), closeRating(), signOff.hide()];
  return was.some(Boolean);
}

function undo() {
  waitForSomebody(false);
  if (box.takeBack()) return tell(say('console-taken-back'));
  draw();
  return byId('undo').disabled ? null : act('undo');
}

async function openWindow() {
  const services = [...byId('open-services').querySelectorAll('input:checked')].map((each) => each.value);
  const result = await act('open', services.length > 0 ? { services } : {});
  if (result && result.ok) localStorage.setItem(`paihao-window-${page.hall}`, page.window);
  const there = result && !result.ok && /already-open/.test(result.answer.type || '') ? result.answer.window : null;
  if (there && String(there) !== page.window) offerEither(there);
}

// One officer sits at one window: which one is his to say.
function offerEither(there) {
  const elsewhere = byId('elsewhere');
  elsewhere.hidden = false;
  elsewhere.querySelector('p').textContent = say('console-sits-there', { window: there });
  elsewhere.querySelector('a').href = `/${page.hall}/window?window=${there}`;
  elsewhere.querySelector('a').textContent = say('console-stay-there', { window: there });
  byId('move-here').textContent = say('console-move-here', { window: page.window });
  byId('move-here').onclick = async () => {
    const closed = await post(`${hallPath}/windows/${there}/close`);
    if (!closed.ok) return tell(refusal(closed), true);
    elsewhere.hidden = true;
    openWindow();
  };
  elsewhere.querySelector('a').focus();
}

const ACTIONS = {
  next,
  recall: () => act('recall'),
  missed: () => act('missed'),
  transfer,
  park,
  rate,
  pause: pauseOrResume,
  direct,
  undo,
  also: goOn,
};

function onKey(event) {
  if (keyIsWanted) return chooseKey(event);
  const name = nameOf(event);
  const field = event.target.closest ? event.target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select') : null;
  const isText = field !== null && !field.matches('[data-pad]');
  const action = keys.actionOf(name);
  if (name === 'F5') return event.preventDefault();
  if (action && !(isText && (isOnPad(name) || name === 'Control+KeyZ'))) return onAction(event, action);
  if (!event.isComposing && field === null && !event.repeat && onDigits(event)) event.preventDefault();
  if (name === 'Escape') onEscape();
}

function onAction(event, action) {
  event.preventDefault();
  if (event.repeat) return;
  if (action === 'help') help.press();
  else if (!byId('desk').hidden || ['next', 'rate', 'undo', 'recall'].includes(action)) ACTIONS[action]();
}

function onDigits(event) {
  const digit = digitOf(event);
  if (digit !== null) {
    if (panel.isOpen()) panel.pick(digit);
    else typed.add(digit);
  } else if (event.key === 'Backspace') typed.cut();
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') return typed.isTyped() && typed.move(event.key === 'ArrowDown' ? 1 : -1);
  else return false;
  typed.draw(view, local);
  return true;
}

function onEscape() {
  if (closeAll() || typed.clear()) return draw();
  waitForSomebody(false);
  draw();
}

// The next key is the one for an action; Escape leaves things as they are.
function chooseKey(event) {
  event.preventDefault();
  const name = nameOf(event);
  if (/^(Shift|Control|Alt|Meta)/.test(event.key)) return;
  if (name !== 'Escape' && !isFree(name)) return tell(say('console-key-not-free'), true);
  if (name !== 'Escape') keys.choose(keyIsWanted, name);
  keyIsWanted = null;
  tell('');
  showKeys();
}

function showKeys() {
  label(keys);
  drawEditor(byId('key-list'), keys, say, (action) => (keyIsWanted = action));
}

function onSubmit(id, submit) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
}

function hear({ at, view: fresh }) {
  clock.tell(at);
  heardAt = at.slice(11, 16);
  box.wake();
  if (!fresh) return draw();
  const number = fresh.current && fresh.current.stage === 'called' ? fresh.current.number : null;
  const before = view.current ? view.current.number : null;
  if (number && number !== before) byId('said').textContent = say('console-said-called', { number, window: page.window });
  if (view.next.length === 0 && fresh.next.length > 0) ticks.tick();
  if (fresh.current || fresh.officer === null) waitForSomebody(false);
  view = fresh;
  draw();
  callWhoCame();
}

document.addEventListener('keydown', onKey);
document.addEventListener('keyup', (event) => {
  if (keys.actionOf(nameOf(event)) === 'help') help.release();
});
for (const button of document.querySelectorAll('[data-action]')) {
  if (button.dataset.action !== 'help') button.addEventListener('click', () => ACTIONS[button.dataset.action]());
}
byId('start').addEventListener('click', () => act('start'));
byId('auto-cancel').addEventListener('click', onEscape);
byId('rating-close').addEventListener('click', closeRating);
byId('close').addEventListener('click', signOff.ask);
byId('print').addEventListener('click', () => window.print());
byId('call-number').addEventListener('input', () => typed.draw(view, local));
byId('keys-reset').addEventListener('click', () => {
  keys.reset();
  showKeys();
});
onSubmit('open-form', openWindow);
onSubmit('finish-form', finishOnly);
onSubmit('call-form', callTyped);

clock.tell(view.now);
heardAt = view.now.slice(11, 16);
showKeys();
draw();
if (view.officer === null) byId('open').focus();
box.pump();
callWhoCame();
setInterval(() => {
  drawTimes(view, clock, { say, ended: endedHere(), isCut: isCut(), waits });
  drawHealth();
}, 500);
