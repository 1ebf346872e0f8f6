// Draws the console from one view. Lists are made anew. Forms, selects and ticked papers stay as they are: an officer may
// be busy with them.

import { timeOf } from './clock.js';
import { byId, key, make } from './dom.js';
import { span, whenOf } from './when.js';
import { inLanguage, minutes } from './words.js';

const SLOW_AT = 1.5; // × the usual time
const VERY_SLOW_AT = 2.5;

// `context`: say, language, act, and what only this page knows: `waits` (the next citizen who comes is called), `ended`
// (the number whose visit was ended while the hall could not be reached).
export function drawConsole(view, context) {
  const local = (text) => inLanguage(text, context.language);
  drawState(view, context, local);
  drawCurrent(view, context, local);
  drawLists(view, context, local);
  drawChoices(view, context, local);
}

export const canCallSomebody = (view) => view.officer !== null && view.paused === null && view.calling_paused === null;

function drawState(view, { say, waits }, local) {
  const open = view.officer !== null;
  document.body.classList.toggle('window-closed', !open);
  byId('closed').hidden = open;
  byId('current').hidden = !open;
  byId('sentence').textContent = local(view.sentence);
  drawBanner(view, say, local);
  byId('auto').hidden = !waits;
  byId('pause-label').textContent = view.paused === null ? say('console-pause') : say('console-resume');
  byId('close').hidden = !open;
  const stage = view.current ? view.current.stage : null;
  byId('finish-and-call-next').querySelector('span').textContent = nextLabel(view, say);
  byId('start').disabled = stage !== 'called';
  byId('park').disabled = stage !== 'serving';
  byId('transfer').disabled = stage === null;
  byId('finish').disabled = stage === null;
  byId('rate').disabled = view.to_rate === null;
  byId('direct').disabled = !canCallSomebody(view) || stage !== null;
  byId('pause').disabled = !open || (view.paused === null && stage !== null);
}

// What the hall's state means for this window, while it is not simply open.
function drawBanner(view, say, local) {
  const banner = byId('banner');
  const isEnding = view.phase === 'near_closing' || view.phase === 'serving_out';
  if (view.calling_paused !== null) banner.textContent = `${local(view.sentence)} · ${view.calling_paused}`;
  else if (isEnding) banner.textContent = view.done_by ? local(view.sentence) : `${local(view.sentence)} · ${say('console-left', { n: view.open_tickets })}`;
  banner.hidden = view.calling_paused === null && !isEnding;
}

function nextLabel(view, say) {
  if (view.current) return say('console-finish-and-call-next');
  if (view.calling_paused !== null) return say('console-hall-paused');
  if (view.next.length === 0 && view.numbers_from) return say('console-numbers-from', { time: whenOf(view.numbers_from, view.now) });
  return say('console-call-next');
}

export function canCallNext(view) {
  if (!canCallSomebody(view)) return false;
  return view.current !== null || view.next.length > 0 || view.numbers_from === null;
}

function drawCurrent(view, { say, ended }, local) {
  const ticket = view.current;
  const isEnded = ticket !== null && ticket.number === ended;
  byId('current').className = `card current ${ticket ? ticket.stage : view.paused === null ? 'idle' : 'paused'}${isEnded ? ' ended' : ''}`;
  byId('number').textContent = ticket ? ticket.number : '–';
  const stage = ticket && !isEnded ? say('console-stage-' + ticket.stage) : say('console-ended-here');
  byId('stage').textContent = ticket ? stage : say('console-idle');
  byId('service').textContent = ticket ? local(ticket.service_name) : idleText(view, say);
  byId('class').textContent = ticket ? local(ticket.class_label) || say('console-class-normal') : '';
  byId('class').classList.toggle('is-normal', Boolean(ticket && !ticket.class_label));
  byId('passed-on').textContent = ticket && ticket.passed_on ? say('console-passed-on', { window: ticket.passed_on.from }) : '';
  byId('needs').textContent = ticket ? needsText(ticket, say) : '';
  byId('note').textContent = ticket ? notes(ticket).join(' · ') : '';
  drawPapers(ticket, local);
  drawAlso(ticket, say, local);
}

const notes = (ticket) => [ticket.note, ticket.passed_on && ticket.passed_on.note].filter(Boolean);

// Ticks stay as long as the ticket does.
function drawPapers(ticket, local) {
  byId('papers').hidden = ticket === null || ticket.documents.length === 0;
  const name = ticket ? `${ticket.number} ${ticket.service}` : '';
  if (byId('documents').dataset.of === name) return;
  byId('documents').dataset.of = name;
  byId('documents').replaceChildren(...(ticket ? ticket.documents.map((each, place) => check(String(place), local(each))) : []));
}

// Several things in one visit: what is still to do, and one key to go on with it.
function drawAlso(ticket, say, local) {
  const also = (ticket && ticket.also) || [];
  byId('also').hidden = also.length === 0;
  if (also.length === 0) return;
  byId('also').querySelector(':scope > span').textContent = say('console-also', { service: also.map((each) => local(each.name)).join('、') });
  byId('also-next').querySelector('span').textContent = say('console-also-next', { service: local(also[0].name) });
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
  drawColleagues(view, say);
  const free = view.current === null && canCallSomebody(view);
  const resume = (ticket) => key(say('console-resume-ticket'), '', () => act('resume', { number: ticket.number }));
  const back = (ticket) => key(say('console-call'), '', () => act('call', { number: ticket.number, reason: say('console-reason-back') }));
  byId('parked').replaceChildren(...view.parked.map((each) => ticketRow(each, local, free ? resume(each) : null)));
  byId('missed-list').replaceChildren(...view.missed.map((each) => ticketRow(each, local, free ? back(each) : null)));
  byId('parked-card').hidden = view.parked.length === 0;
  byId('missed-card').hidden = view.missed.length === 0;
}

// Over lunch: whose turn it is to stay.
function drawColleagues(view, say) {
  const there = view.colleagues.filter((each) => each.state === 'open').map((each) => each.window);
  const matters = view.next.length === 0 && view.numbers_from !== null;
  byId('colleagues').hidden = !matters || there.length === 0;
  byId('colleagues').textContent = say('console-on-duty', { window: there.join('、') });
}

function nextRow(each, say, local) {
  const label = each.class_label ? ` · ${local(each.class_label)}` : '';
  const from = each.passed_on_from ? ` · ${say('console-passed-on', { window: each.passed_on_from })}` : '';
  return make('li', '', '', [
    make('b', '', each.number),
    make('span', '', local(each.service_name) + label + from),
    make('span', 'soft', `${timeOf(each.taken_at)} · ${say('why-' + each.why)}`),
  ]);
}

function ticketRow(ticket, local, button) {
  const note = ticket.note ? ` · ${ticket.note}` : '';
  return make('li', '', '', [
    make('b', '', ticket.number),
    make('span', '', local(ticket.service_name) + note),
    make('span', 'soft', timeOf(ticket.since)),
    ...(button ? [button] : []),
  ]);
}

function drawChoices(view, { say }, local) {
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
export function drawTimes(view, clock, { say, ended, isCut, waits }) {
  const now = clock.now();
  const ticket = view.current;
  const isEnded = ticket !== null && ticket.number === ended;
  byId('clock').textContent = clock.time();
  byId('running').textContent = ticket && !isEnded ? runningText(ticket, now, say) : '';
  byId('running').className = `running ${ticket ? pace(ticket, now) : ''}`;
  byId('finish-and-call-next').disabled = isCut || isEnded || waits || !(view.officer === null || canCallNext(view));
  byId('finish').disabled = !ticket || isEnded;
  byId('recall').disabled = isEnded || !isPast(ticket && ticket.recall_from, now);
  byId('missed').disabled = isEnded || isCut || !isPast(ticket && ticket.miss_from, now);
  drawUndo(view, now, say);
  drawBottom(view, now, say);
}

function drawBottom(view, now, say) {
  const count = view.waiting.reduce((sum, each) => sum + each.count, 0);
  byId('waiting').textContent = `${say('console-waiting', { n: count })} · ${say('console-waiting-here', { n: view.line.length })}`;
  const since = view.longest_waiting_since;
  byId('longest').textContent = since ? say('console-longest', { minutes: Math.max(0, Math.floor((now - Date.parse(since)) / 60_000)) }) : '';
  const parts = [];
  if (view.closes_at) parts.push(say('console-numbers-until', { time: timeOf(view.closes_at) }));
  if (view.done_by && view.open_tickets > 0) parts.push(say('console-done-by', { time: timeOf(view.done_by) }));
  byId('forecast').textContent = parts.join(' · ');
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
