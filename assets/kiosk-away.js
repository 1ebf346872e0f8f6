// While the server is away: what the kiosk knows of the hall, and whether it may still give numbers. When the server is
// back, the kiosk reports every number in order, as often as it takes. What is left of a block goes back when its service gives out no more numbers.

import { attempt, freshKey, isAnswered, KIOSK_PATIENCE_SECONDS } from './api.js';
import { openReserve } from './kiosk-reserve.js';

const AWAY_LONGEST_MS = 5 * 60_000; // then people are better served at the desk
const AGAIN_MS = 4000;
const LEAST_LEFT = 0.5; // of a block; the hall lends another then

// 22 characters and more that nobody can guess, as the hall's own tokens are; plain http has no better source.
function freshToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_');
}

// `stamp()`: the hall's time as it writes it; `onRefused(tickets)` for staff.
export async function awayDesk(hall, { stamp, onRefused }) {
  const reserve = await openReserve(hall);
  const memory = memoryOf(hall);
  let prefixes = null; // the series that the hall gives out to anybody now; only then it lends any; unknown before its first view
  let wanted = null; // blocks that were asked for, under one key until the hall has answered
  let reporting = false;
  let timer = 0;
  const own = new Map(); // how many of a service this kiosk gave while the view stood still

  const path = (rest) => `/api/v1/halls/${hall}/leases${rest}`;
  const isAwayTooLong = () => Date.now() - memory.heard > AWAY_LONGEST_MS;

  // One tap stays one tap: the number comes at once from the block, unless it needs the hall.
  async function issue(service, body, key) {
    const closes = service.closes_at ? Date.parse(service.closes_at) : 0;
    const taken_at = stamp();
    const isOpen = service.open && Date.parse(taken_at) < closes;
    if (!reserve || !isOpen || service.identify || isAwayTooLong()) return null;
    const ahead = service.waiting + (own.get(service.id) || 0);
    const factor = service.waiting > 0 ? ahead / service.waiting : 1;
    const wait = service.wait && { low: Math.round(service.wait.low * factor), high: Math.round(service.wait.high * factor) };
    const ticket = await reserve.issue(service.prefix, today(), {
      key: freshKey(),
      token: freshToken(),
      service: service.id,
      class: body.class || 'normal',
      language: body.language,
      taken_at,
      instead_of: key,
      slip: 'none',
      ahead,
      wait,
      wait_unknown: service.wait_unknown,
    }).catch(() => null);
    if (!ticket) return null;
    own.set(service.id, (own.get(service.id) || 0) + 1);
    return { ...ticket, reserve: true };
  }

  // The hall was heard: a new view counts everybody the hall knows of.
  function heard(view, at) {
    memory.hear(view, at);
    if (view) own.clear();
    if (view) prefixes = [...new Set(view.services.filter(({ open, identify }) => open && !identify).map(({ prefix }) => prefix))];
    if (reserve && !timer && !reporting) report();
  }

  async function report() {
    if (reporting || !reserve) return;
    reporting = true;
    clearTimeout(timer);
    timer = 0;
    const isDone = await reportAll().catch(() => false);
    reporting = false;
    if (isDone) await giveBack().catch(() => {});
    if (isDone && prefixes?.length > 0) await borrow().catch(() => {});
    if (!isDone) timer = setTimeout(report, AGAIN_MS);
  }

  // In their order, so that the hall's log has them as they were given.
  async function reportAll() {
    const refused = [];
    for (const ticket of await reserve.tickets()) {
      if (ticket.standing === 'refused') refused.push(ticket);
      if (ticket.standing !== 'unreported') continue;
      const { ok, status, answer } = await attempt(path('/tickets'), reportOf(ticket, stamp()), ticket.key, KIOSK_PATIENCE_SECONDS);
      if (ok) await reserve.forget(ticket.turn);
      else if (isFinal(status)) {
        await reserve.change(ticket.turn, { standing: 'refused', problem: answer });
        refused.push({ ...ticket, problem: answer });
      } else return false;
    }
    onRefused(refused);
    return true;
  }

  // A new block for every series of which too little is left here. Only what this very request lent belongs to this page:
  // of an earlier block another page of this kiosk may give numbers, or may have given some and forgotten it.
  async function borrow() {
    const blocks = (await reserve.blocks()).filter(({ date }) => date === today());
    const isLow = (prefix) => {
      const own = blocks.filter((block) => block.prefix === prefix);
      const left = own.reduce((sum, { last, next }) => sum + last + 1 - next, 0);
      return own.length === 0 || left < LEAST_LEFT * (own[0].last + 1 - own[0].first);
    };
    wanted = wanted || { key: freshKey(), low: prefixes.filter(isLow) };
    const { key, low } = wanted;
    if (low.length === 0) return void (wanted = null);
    const result = await attempt(path(''), { low }, key, KIOSK_PATIENCE_SECONDS);
    if (isAnswered(result)) wanted = null;
    const { ok, answer } = result;
    if (ok) await reserve.keep({ ...answer, leases: answer.leases.filter(({ fresh }) => fresh) });
  }

  // The series that the hall gives out to nobody now: until their blocks are back the day does not close. A block is closed
  // here first, so that no number of it is given any more; what was given is reported by then.
  async function giveBack() {
    if (!prefixes) return;
    const isShut = ({ prefix, date }) => date !== today() || !prefixes.includes(prefix);
    for (const block of (await reserve.blocks()).filter(isShut)) {
      await reserve.shut(block.lease);
      const unreported = (await reserve.tickets()).some(({ lease, standing }) => lease === block.lease && standing === 'unreported');
      if (unreported) return void setTimeout(report, AGAIN_MS);
      const { ok, status } = await attempt(path('/return'), { lease: block.lease }, freshKey(), KIOSK_PATIENCE_SECONDS);
      if (ok || isFinal(status)) await reserve.drop(block.lease);
    }
  }

  // The day that business belongs to: over midnight it is yesterday's.
  const today = () => memory.date || stamp().slice(0, 10);

  return { issue, heard, report, reserve, memory, isAwayTooLong };
}

// The page and its files are stored for a loading without the server, where the browser allows it.
export async function storePage(hall) {
  if (!('serviceWorker' in navigator)) return;
  const registration = await navigator.serviceWorker.register(`/${hall}/kiosk-worker.js`, { scope: `/${hall}/kiosk` });
  const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname);
  const files = loaded.filter((path) => path.startsWith('/assets/'));
  await navigator.serviceWorker.ready;
  registration.active.postMessage({ keep: [location.pathname, ...new Set(files)] });
}

// What the hall learns of one number.
function reportOf({ lease, number, token, service, class: ofClass, language, taken_at, instead_of }, sent_at) {
  const ticket = { lease, number, token, service, class: ofClass, language, taken_at, sent_at };
  return instead_of ? { ...ticket, instead_of } : ticket;
}

// The hall has decided; any other answer may change in a moment.
const isFinal = (status) => status >= 400 && status < 500 && ![401, 403, 408, 425, 429].includes(status);

// The last view the kiosk had of the hall, stored beyond a loading of the page.
function memoryOf(hall) {
  const place = `paihao-kiosk-${hall}`;
  const stored = read(place) || { heard: Date.now() };
  const write = () => {
    try {
      localStorage.setItem(place, JSON.stringify(stored));
    } catch {
      // a kiosk without storage starts from its page
    }
  };
  return {
    get heard() {
      return stored.heard;
    },
    get date() {
      return stored.view?.date;
    },
    // The newer of this page's view and the stored one, and the hall's time by now.
    last(view) {
      const isNewer = stored.view && Date.parse(stored.view.now) > Date.parse(view.now);
      if (!isNewer) return { view, at: view.now };
      const passed = Math.max(0, Date.now() - stored.heard);
      return { view: stored.view, at: stored.at, passed };
    },
    hear(view, at) {
      if (view) stored.view = view;
      Object.assign(stored, { at, heard: Date.now() });
      write();
    },
  };
}

function read(place) {
  try {
    return JSON.parse(localStorage.getItem(place));
  } catch {
    return null;
  }
}
