// Draws the console from one view. Lists are made anew, forms and selects are kept: an officer may be typing in them.

import { span } from './clock.js';
import { byId, key, make } from './dom.js';
import { inLanguage, minutes } from './words.js';

const SLOW_AT = 1.5; // × the usual time
const VERY_SLOW_AT = 2.5;

export function drawConsole(view, context) {
  const local = (text) => inLanguage(text, context.language);
  drawState(view, context, local);
  drawCurrent(view, context, local);
  drawLists(view, context, local);
  drawChoices(view, context, local);
}

function drawState(view, { say }, local) {
  const open = view.officer !== null;
  document.body.classList.toggle('window-closed', !open);
  byId('closed').hidden = open;
  byId('current').hidden = !open;
  byId('sentence').textContent = local(view.sentence);
  const count = view.waiting.reduce((sum, each) => sum + each.count, 0);
  byId('waiting').textContent = say('console-waiting', { n: count });
  byId('pause-label').textContent = view.paused === null ? say('console-pause') : say('console-resume');
  byId('close').hidden = !open;
  const stage = view.current ? view.current.stage : null;
  byId('finish-and-call-next').disabled = !open || view.paused !== null;
  byId('finish-and-call-next').querySelector('span').textContent = stage ? say('console-finish-and-call-next') : say('console-call-next');
  byId('start').disabled = stage !== 'called';
  byId('park').disabled = stage !== 'serving';
  byId('transfer').disabled = stage === null;
  byId('finish').disabled = stage === null;
  byId('pause').disabled = !open || (view.paused === null && stage !== null);
}

function drawCurrent(view, { say }, local) {
  const ticket = view.current;
  byId('current').className = `card current ${ticket ? ticket.stage : view.paused === null ? 'idle' : 'paused'}`;
  byId('number').textContent = ticket ? ticket.number : '–';
  byId('stage').textContent = ticket ? say('console-stage-' + ticket.stage) : say('console-idle');
  byId('service').textContent = ticket ? local(ticket.service_name) : idleText(view, say);
  byId('class').textContent = ticket && ticket.class_label ? local(ticket.class_label) : '';
  byId('needs').textContent = ticket ? needsText(ticket, say) : '';
  byId('note').textContent = ticket && ticket.note ? ticket.note : '';
  byId('documents').replaceChildren(...(ticket ? ticket.documents.map((each) => make('li', '', local(each))) : []));
}

function idleText(view, say) {
  return view.paused === null ? say('console-idle-text') : say('console-paused', { reason: view.paused });
}

function needsText(ticket, say) {
  const needs = ticket.needs.map((need) => say('need-' + need));
  if (ticket.party > 1) needs.push(say('console-party', { n: ticket.party }));
  return needs.join(' · ');
}

function drawLists(view, { say, act }, local) {
  byId('next').replaceChildren(...view.next.map((each) => nextRow(each, say, local)));
  byId('next-empty').hidden = view.next.length > 0;
  const free = view.current === null;
  const resume = (ticket) => key(say('console-resume-ticket'), '', () => act('resume', { number: ticket.number }));
  const back = (ticket) => key(say('console-call'), '', () => act('call', { number: ticket.number, reason: say('console-reason-back') }));
  byId('parked').replaceChildren(...view.parked.map((each) => ticketRow(each, local, free ? resume(each) : null)));
  byId('missed-list').replaceChildren(...view.missed.map((each) => ticketRow(each, local, free ? back(each) : null)));
}

function nextRow(each, say, local) {
  const label = each.class_label ? ` · ${local(each.class_label)}` : '';
  return make('li', '', '', [
    make('b', '', each.number),
    make('span', '', local(each.service_name) + label),
    make('span', 'soft', `${each.taken_at.slice(11, 16)} · ${say('why-' + each.why)}`),
  ]);
}

function ticketRow(ticket, local, button) {
  const note = ticket.note ? ` · ${ticket.note}` : '';
  return make('li', '', '', [
    make('b', '', ticket.number),
    make('span', '', local(ticket.service_name) + note),
    make('span', 'soft', ticket.since.slice(11, 16)),
    ...(button ? [button] : []),
  ]);
}

function drawChoices(view, { say }, local) {
  const services = view.all_services.map((each) => [each.id, local(each.name)]);
  fillSelect(byId('transfer-service'), [['', say('console-transfer-same')], ...services]);
  const windows = view.other_windows.map((number) => [String(number), say('console-window', { window: number })]);
  fillSelect(byId('transfer-window'), [['', say('console-transfer-any')], ...windows]);
  fillChecks(byId('open-services'), view.services.map((each) => [each.id, local(each.name)]));
}

function fillSelect(select, options) {
  const chosen = select.value;
  if (sameKeys(select, options)) return;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  select.value = options.some(([value]) => value === chosen) ? chosen : '';
}

function fillChecks(field, options) {
  if (sameKeys(field, options)) return;
  field.replaceChildren(...options.map(([value, text]) => check(value, text)));
}

function check(value, text) {
  const box = make('input');
  box.type = 'checkbox';
  box.value = value;
  return make('label', '', '', [box, ` ${text}`]);
}

function sameKeys(element, options) {
  const keys = options.map(([value]) => value).join(' ');
  const same = element.dataset.keys === keys;
  element.dataset.keys = keys;
  return same;
}

// What changes by itself: the clock, the running time, what may be pressed from when, how long an undo is left.
export function drawTimes(view, clock, say) {
  const now = clock.now();
  byId('clock').textContent = clock.face();
  const ticket = view.current;
  byId('running').textContent = ticket ? runningText(ticket, now, say) : '';
  byId('running').className = `running ${ticket ? pace(ticket, now) : ''}`;
  byId('recall').disabled = !isPast(ticket && ticket.recall_from, now);
  byId('missed').disabled = !isPast(ticket && ticket.miss_from, now);
  drawUndo(view, now, say);
}

function drawUndo(view, now, say) {
  const left = view.undo_until ? Math.ceil((Date.parse(view.undo_until) - now) / 1000) : 0;
  byId('undo').disabled = left <= 0;
  byId('undo-label').textContent = left > 0 ? say('console-undo-left', { seconds: left }) : say('console-undo');
}

function runningText(ticket, now, say) {
  const time = span(now - Date.parse(ticket.since));
  if (ticket.stage === 'called') return say('console-called-for', { n: ticket.times, time });
  const text = say('console-running', { time, usual: minutes(ticket.usual_seconds) });
  return pace(ticket, now) === 'very-slow' ? `${text} · ${say('console-slow')}` : text;
}

function pace(ticket, now) {
  if (ticket.stage !== 'serving') return '';
  const share = (now - Date.parse(ticket.since)) / 1000 / ticket.usual_seconds;
  if (share >= VERY_SLOW_AT) return 'very-slow';
  return share >= SLOW_AT ? 'slow' : '';
}

function isPast(at, now) {
  return Boolean(at) && now >= Date.parse(at);
}
