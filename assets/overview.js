// The manager's overview: the view drawn live, and the actions. An action changes many people's day, so its button
// asks to be pressed a second time instead of opening a dialog.

import { post, refusalText } from './api.js';
import { hallClock, timeOf } from './clock.js';
import { drawComplaints } from './complaints.js';
import { byId, make } from './dom.js';
import { drawHelps } from './help-calls.js';
import { follow } from './live.js';
import { inLanguage, minutes, sayer } from './words.js';

const CONFIRM_MS = 5000;

const page = document.body.dataset;
const say = sayer(JSON.parse(page.words));
const clock = hallClock();
const local = (text) => inLanguage(text, page.lang);
let view = JSON.parse(page.view);

// After closing: the day waits for papers that a kiosk may have given out while the server was away.
function lentText() {
  if (view.lent.length === 0) return '';
  const kiosks = view.lent.map(({ kiosk, numbers }) => say('overview-lent-kiosk', { name: kiosk, n: numbers })).join(' · ');
  return say('overview-lent', { time: timeOf(view.lent_until), name: kiosks });
}

function draw() {
  byId('phase').textContent = say('phase-' + view.phase);
  byId('phase').className = `chip phase-${view.phase}`;
  byId('sentence').textContent = view.calling_paused ? say('overview-paused', { reason: view.calling_paused }) : local(view.sentence);
  byId('calendar').hidden = view.missing_calendar_years.length === 0;
  byId('calendar').textContent = view.missing_calendar_years.map((year) => say('overview-calendar-missing', { year })).join(' ');
  byId('lent').hidden = view.lent.length === 0;
  byId('lent').textContent = lentText();
  byId('resume-calling').hidden = view.calling_paused === null;
  for (const sum of document.querySelectorAll('[data-sum]')) sum.textContent = sumOf(sum.dataset.sum);
  byId('staffed').textContent = `${view.officers.length} / ${view.windows.length}`;
  byId('waiting').replaceChildren(...view.waiting.map(waitingRow));
  byId('windows').replaceChildren(...view.windows.map(windowRow));
  drawAppointments();
  drawRedirects();
  drawHelps(view.help, { say, path: `/api/v1/halls/${page.hall}/help`, tell: (text) => tell({ ok: false, answer: { detail: text } }) });
  drawComplaints(view.words, { say, path: `/api/v1/halls/${page.hall}/words`, tell });
  drawTimes();
}

function sumOf(name) {
  if (name === 'open_tickets') return view.open_tickets;
  return view.sums ? view.sums[name] : 0;
}

function drawAppointments() {
  for (const sum of document.querySelectorAll('[data-appointments]')) sum.textContent = view.appointments[sum.dataset.appointments];
  byId('absent-officers').hidden = view.absent_officers.length === 0;
  byId('absent-officers').textContent = say('overview-absent-officers', { name: view.absent_officers.join(' ') });
  byId('overdue').hidden = view.overdue.length === 0;
  byId('overdue').textContent = say('overview-overdue', { number: view.overdue.join(' ') });
}

// Who was led elsewhere, and for which services near closing has begun early.
function drawRedirects() {
  const named = (id) => local(view.waiting.find(({ service }) => service === id).name);
  const led = Object.entries(view.redirects);
  byId('redirects').replaceChildren(
    ...led.map(([service, { redirected, insisted }]) => row('', [named(service)], [String(redirected), String(insisted)])),
  );
  byId('redirects-none').hidden = led.length > 0;
  byId('overruns').hidden = view.overruns.length === 0;
  byId('overruns').textContent = say('overview-overruns', { service: view.overruns.map(named).join(' · ') });
}

function waitingRow({ name, count, wait, wait_unknown: unknown }) {
  const range = wait && say('wait-range', { low: minutes(wait.low), high: minutes(wait.high) });
  const known = count > 0 ? range : say('wait-none');
  return row('', [local(name)], [String(count), unknown ? local(unknown.text) : known]);
}

function windowRow({ window, label, state, number }) {
  const officer = view.officers.find((each) => each.window === window);
  const who = officer ? say('overview-since', { name: officer.officer, time: timeOf(officer.since) }) : '';
  return row(`is-${state}`, [`${window} ${local(label)}`, say('window-' + state), number || '–', who], []);
}

function row(className, texts, numbers) {
  return make('tr', className, '', [
    ...texts.map((text) => make('td', '', text)),
    ...numbers.map((text) => make('td', 'num', text)),
  ]);
}

function drawTimes() {
  byId('clock').textContent = clock.time();
  const since = view.longest_waiting_since;
  byId('longest').textContent = since ? say('overview-minutes', { minutes: minutes(Math.max(0, clock.now() - Date.parse(since)) / 1_000) }) : '–';
}

// What each form asks of the hall, from its fields.
const BODIES = {
  notices: ({ zh, en, until }) => ({
    notices: zh || en ? [{ text: { zh: zh || en, en: en || zh }, until: today(until) }] : [],
  }),
  pause: ({ reason }) => ({ reason }),
  resume: () => ({}),
  'hand-on': ({ number, reason }) => ({ number: number.trim().toUpperCase(), reason }),
  'override-sign-off': ({ window, reason }) => ({ window: Number(window), reason }),
  suspend: ({ service, reason, until }) => ({ service, reason, until: today(until) }),
  interruption: ({ reason }) => ({ reason }),
  clock: () => ({}),
};

// A time of day becomes a moment of the hall's own date.
function today(time) {
  return time ? `${view.now.slice(0, 10)}T${time}:00${view.now.slice(-6)}` : null;
}

async function act(action, form, button) {
  if (!confirmed(button)) return;
  button.disabled = true;
  const body = BODIES[action](Object.fromEntries(new FormData(form)));
  const result = await post(`/api/v1/halls/${page.hall}/${action}`, body);
  button.disabled = false;
  if (result.ok) form.reset();
  if (result.ok && action === 'clock') form.remove();
  tell(result);
}

// True on the second press.
function confirmed(button) {
  if (button.dataset.asked) {
    settle(button);
    return true;
  }
  button.dataset.asked = button.textContent;
  button.textContent = say('overview-confirm');
  setTimeout(() => settle(button), CONFIRM_MS);
  return false;
}

function settle(button) {
  if (!button.dataset.asked) return;
  button.textContent = button.dataset.asked;
  delete button.dataset.asked;
}

function tell(result) {
  const message = byId('message');
  message.hidden = false;
  message.classList.toggle('bad', !result.ok);
  message.textContent = result.ok ? say('overview-done') : refusalText(result, say);
}

for (const form of document.querySelectorAll('form[data-action]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    act(form.dataset.action, form, form.querySelector('button:not([type])'));
  });
}
byId('resume-calling').addEventListener('click', (event) => act('resume', event.target.form, event.target));

clock.tell(view.now);
draw();
setInterval(drawTimes, 1000);
follow(
  `/ws/halls/${page.hall}/overview`,
  ({ at, view: fresh }) => {
    clock.tell(at);
    if (fresh) view = fresh;
    draw();
  },
  (isStale) => {
    byId('stale').hidden = !isStale;
    byId('stale').textContent = say('live-stale', { time: clock.time() });
  },
);
