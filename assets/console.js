// The officer's console: keys and buttons to actions, one at a time. What stands on the page is drawn by
// console-view.js from the newest view; nothing is guessed ahead of the server.

import { forgetUnanswered, post, read } from './api.js';
import { hallClock } from './clock.js';
import { drawConsole, drawTimes } from './console-view.js';
import { byId } from './dom.js';
import { follow } from './live.js';
import { sayer } from './words.js';

const F2_GUARD_MS = 1500; // a key pressed twice in a hurry calls one citizen, not two
const SLOW_MS = 800;

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const clock = hallClock();
const windowPath = `/api/v1/halls/${page.hall}/windows/${page.window}`;
let view = JSON.parse(page.view);
let busy = false;
let stale = false;
let lastF2 = -F2_GUARD_MS;
let startIsNext = false; // somebody was called: Enter starts as soon as the page knows

function draw() {
  drawConsole(view, { say, language: page.lang, act });
  drawTimes(view, clock, say);
  if (startIsNext && !byId('start').disabled) {
    startIsNext = false;
    byId('start').focus();
  }
}

async function act(action, body = {}) {
  if (busy) return null;
  busy = true;
  const slow = setTimeout(() => tell(say('console-queued')), SLOW_MS);
  const result = await post(`${windowPath}/${action}`, body);
  clearTimeout(slow);
  busy = false;
  if (result.ok) tell('');
  else tell(refusal(result), true);
  if (stale) await catchUp();
  return result;
}

function refusal({ status, answer }) {
  if (status === 0) return say('live-failed');
  if (status === 503) return say('live-unknown');
  return answer.detail || answer.title;
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

async function finishAndCallNext() {
  if (performance.now() - lastF2 < F2_GUARD_MS) return;
  lastF2 = performance.now();
  const result = await act('finish-and-call-next', view.current ? finishValues() : {});
  if (!result || !result.ok) return;
  byId('finish-form').reset();
  startIsNext = result.answer.ticket !== null;
  if (startIsNext) draw();
  else tell(say('console-nobody-called'));
}

async function finishOnly() {
  const result = await act('finish', finishValues());
  if (result && result.ok) byId('finish-form').reset();
}

// Empty fields are left out: the rules have a default for each.
function finishValues() {
  const values = filled(byId('finish-form'));
  if (values.cases) values.cases = Number(values.cases);
  return values;
}

function filled(form) {
  return Object.fromEntries([...new FormData(form)].filter(([, value]) => value !== ''));
}

function togglePanel(name, open = byId(`${name}-form`).hidden) {
  for (const each of ['transfer', 'park', 'pause']) {
    const isOpen = each === name && open;
    byId(`${each}-form`).hidden = !isOpen;
    byId(each).setAttribute('aria-expanded', String(isOpen));
  }
  if (open) byId(`${name}-form`).querySelector('select, input, button').focus();
}

function pauseOrResume() {
  if (view.paused === null) togglePanel('pause');
  else act('resume-window');
}

async function submitPanel(name, body) {
  const result = await act(name, body);
  if (!result || !result.ok) return;
  if (byId(`${name}-form`).reset) byId(`${name}-form`).reset();
  togglePanel(name, false);
}

async function transfer() {
  const values = filled(byId('transfer-form'));
  if (values.window) values.window = Number(values.window);
  await submitPanel('transfer', values);
}

async function call() {
  const result = await act('call', filled(byId('call-form')));
  if (result && result.ok) byId('call-form').reset();
}

function open() {
  const services = [...byId('open-services').querySelectorAll('input:checked')].map((box) => box.value);
  act('open', services.length > 0 ? { services } : {});
}

const KEYS = {
  F2: finishAndCallNext,
  F3: () => act('recall'),
  F4: () => act('missed'),
  F5: () => {}, // a habit that would reload the page in front of a citizen
  F6: () => togglePanel('transfer'),
  F7: () => togglePanel('park'),
  F9: pauseOrResume,
};

function onKey(event) {
  const typing = event.target.matches && event.target.matches('input, textarea');
  const isUndo = event.ctrlKey && event.key.toLowerCase() === 'z' && !typing;
  const isOurs = isUndo || (event.key in KEYS && !event.ctrlKey && !event.altKey);
  if (!isOurs) return;
  event.preventDefault();
  if (event.repeat) return;
  if (isUndo) act('undo');
  else KEYS[event.key]();
}

function onSubmit(id, submit) {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
}

function hear({ at, view: fresh }) {
  clock.tell(at);
  if (!fresh) return;
  const called = fresh.current && fresh.current.stage === 'called' ? fresh.current.number : null;
  const before = view.current ? view.current.number : null;
  if (called && called !== before) byId('said').textContent = say('console-said-called', { number: called, window: page.window });
  if (JSON.stringify(fresh.current) !== JSON.stringify(view.current)) forgetUnanswered();
  view = fresh;
  draw();
}

function warn(isStale) {
  stale = isStale;
  byId('stale').hidden = !isStale;
  byId('stale').textContent = say('live-stale', { time: clock.face() });
}

document.addEventListener('keydown', onKey);
byId('finish-and-call-next').addEventListener('click', finishAndCallNext);
byId('start').addEventListener('click', () => act('start'));
byId('recall').addEventListener('click', KEYS.F3);
byId('missed').addEventListener('click', KEYS.F4);
byId('transfer').addEventListener('click', KEYS.F6);
byId('park').addEventListener('click', KEYS.F7);
byId('pause').addEventListener('click', pauseOrResume);
byId('undo').addEventListener('click', () => act('undo'));
byId('close').addEventListener('click', () => act('close'));
byId('next-service').addEventListener('click', () => {
  const service = byId('transfer-service').value || view.current.service;
  act('next-service', { service }).then(() => togglePanel('transfer', false));
});
for (const button of byId('pause-form').querySelectorAll('button')) {
  button.addEventListener('click', () => submitPanel('pause', { reason: button.dataset.reason }));
}
onSubmit('open-form', open);
onSubmit('finish-form', finishOnly);
onSubmit('transfer-form', transfer);
onSubmit('park-form', () => submitPanel('park', filled(byId('park-form'))));
onSubmit('call-form', call);

clock.tell(view.now);
draw();
setInterval(() => drawTimes(view, clock, say), 500);
follow(`/ws/halls/${page.hall}/windows/${page.window}`, hear, warn);
