// The officer's console: from keys and buttons to actions. console-view.js draws the page from the newest view; nothing
// is guessed ahead of the server. What an officer wishes goes through console-wish-queue.js, so that a lost network
// neither loses it nor does it twice.

import { read, refusalText } from './api.js';
import { hallClock, timeOf } from './clock.js';
import { booked } from './console-booked.js';
import { choices } from './console-choices.js';
import { helpKey } from './console-help.js';
import { keyEditor } from './console-key-editor.js';
import { digitOf, isOnPad, keyboard, nameOf } from './console-keys.js';
import { leaving } from './console-leaving.js';
import { opening } from './console-opening.js';
import { drawPaper } from './console-paper.js';
import { questions } from './console-questions.js';
import { rating } from './console-rating.js';
import { sound } from './console-sound.js';
import { typedCall } from './console-typed.js';
import { canCallNext, canCallSomebody, drawConsole, drawTimes } from './console-view.js';
import { wishQueue } from './console-wish-queue.js';
import { byId } from './dom.js';
import { drawHelps } from './help-calls.js';
import { follow } from './live.js';
import { inLanguage, sayer } from './words.js';

const F2_GUARD_MS = 1500; // a key pressed twice in a hurry calls one citizen, not two
const SLOW_MS = 800;
// For how long nothing was heard of the hall; console-wish-queue.js says what becomes of wishes meanwhile.
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
let waits = sessionStorage.getItem(AUTO) === 'on'; // nobody was in line: the next citizen who comes is called
let lastF2 = -F2_GUARD_MS;
let startIsNext = false; // somebody was called: Enter starts as soon as the page knows
let heardAt = '';

const keys = keyboard();
const editor = keyEditor(keys, { say, tell });
const panel = choices(say);
const typed = typedCall();
const ticks = sound();
// browsers already store it under this name
const wishes = wishQueue(windowPath, `paihao-outbox-${page.hall}-${page.window}`, { answered, changed: draw });
const signOff = leaving({ say, local, path: windowPath, close: () => act('close'), help: () => help.ask(false) });
const help = helpKey({ say, tell, path: `${hallPath}/help`, window: Number(page.window) });
const today = booked({ hallPath, say, local });
const rate = rating(`/${page.hall}/windows/${page.window}/rating.svg`, () => tell(say('console-rate-nobody')));
const openWindow = opening(page.hall, page.window, { act, refused, say });
const stopWaiting = () => waitForSomebody(false);
const ask = questions({ panel, view: () => view, act, stopWaiting, say, local, language: page.lang });
const live = follow(`/ws/halls/${page.hall}/windows/${page.window}`, hear, () => draw());

function isCut() {
  return live.silence() >= CUT_MS;
}

// The visit that was ended here and that the hall does not know of yet.
function endedHere() {
  const ending = wishes.pending().find(({ action, body }) => action === 'finish' && body.number);
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
  const pending = wishes.pending();
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

// Puts a wish into the queue; null when it cannot be wished now.
async function act(action, body = {}) {
  if (!mayAct(action)) return null;
  const slow = setTimeout(() => tell(say('console-queued')), SLOW_MS);
  const result = await wishes.put(action, body);
  clearTimeout(slow);
  return result;
}

// While the hall answers, one thing at a time. While it does not, only what will certainly still be right.
function mayAct(action) {
  const pending = wishes.pending();
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
  else refused(result);
  if (live.silence() >= STALE_MS) catchUp();
}

function refused(result) {
  tell(refusalText(result, say), true);
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

// F2: opens the window, calls the typed number, or ends the visit and calls the next citizen.
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
  if (!waits || view.current || view.next.length === 0 || !canCallSomebody(view) || wishes.pending().length > 0) return;
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

function closeAll() {
  const was = [panel.close(), rate.close(), signOff.hide()];
  return was.some(Boolean);
}

function undo() {
  stopWaiting();
  if (wishes.takeBack()) return tell(say('console-taken-back'));
  draw();
  return byId('undo').disabled ? null : act('undo');
}

const ACTIONS = {
  next,
  recall: () => act('recall'),
  missed: () => act('missed'),
  transfer: ask.transfer,
  park: ask.park,
  rate: () => rate.toggle(view.to_rate),
  pause: ask.pauseOrResume,
  direct: ask.direct,
  undo,
  also: goOn,
};

function onKey(event) {
  if (editor.isListening()) return editor.choose(event);
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
  stopWaiting();
  draw();
}

function onSubmit(id, submit) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
}

function hear({ at, view: fresh }) {
  clock.tell(at);
  heardAt = timeOf(at);
  wishes.wake();
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
byId('close').addEventListener('click', signOff.ask);
byId('print').addEventListener('click', () => window.print());
byId('call-number').addEventListener('input', () => typed.draw(view, local));
onSubmit('open-form', openWindow);
onSubmit('finish-form', finishOnly);
onSubmit('call-form', callTyped);

clock.tell(view.now);
heardAt = timeOf(view.now);
editor.show();
draw();
if (view.officer === null) byId('open').focus();
wishes.pump();
callWhoCame();
setInterval(() => {
  drawTimes(view, clock, { say, ended: endedHere(), isCut: isCut(), waits });
  drawHealth();
}, 500);
