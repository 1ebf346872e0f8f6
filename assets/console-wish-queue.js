// What the officer wishes and the hall has not confirmed yet. Each wish has a key of its own from the beginning, so it
// happens once, even when it is sent again after a lost answer, a reload or an hour without network. The wishes are
// stored in this browser, in order, and sent one after the other.
//
// What would be heard in the hall is not made up for later: a call or a recall that finds no network for half a minute
// is not announced when the network is back. Of a lost 「办完,叫下一位」 the visit is still ended.

import { attempt, freshKey, isAnswered, read } from './api.js';

const AGAIN_MS = [500, 1000, 2000, 4000, 8000, 15_000];
const HEARD_WITHIN_MS = 30_000;
const MOST = 8; // more than a window can do between two citizens
const CALLS = new Set(['finish-and-call-next', 'call-next', 'call', 'recall', 'serve-directly']);

// `answered(entry, result)` after each; `changed()` whenever a wish is added or done.
export function wishQueue(path, storageKey, { answered, changed }) {
  let entries = stored(storageKey);
  const waiting = new Map(); // promises of this page's life
  let running = false;
  let tries = 0;
  let timer = null;

  function save() {
    if (entries.length > 0) localStorage.setItem(storageKey, JSON.stringify(entries));
    else localStorage.removeItem(storageKey);
    changed();
  }

  // Answers what the hall answered, or null when there is no room for it.
  function put(action, body) {
    if (entries.length >= MOST) return Promise.resolve(null);
    const entry = { key: freshKey(), action, body, at: Date.now(), tried: 0 };
    entries = [...entries, entry];
    save();
    const result = new Promise((resolve) => waiting.set(entry.key, resolve));
    pump();
    return result;
  }

  // The last wish, if it has not left this machine.
  function takeBack() {
    const last = entries[entries.length - 1];
    if (!last || last.tried > 0) return false;
    drop(last, null);
    return true;
  }

  function drop(entry, result) {
    entries = entries.filter((each) => each.key !== entry.key);
    save();
    const resolve = waiting.get(entry.key);
    waiting.delete(entry.key);
    if (resolve) resolve(result);
  }

  async function pump() {
    if (running) return;
    running = true;
    clearTimeout(timer);
    while (entries.length > 0 && (await sent(entries[0])));
    running = false;
    if (entries.length === 0) return;
    timer = setTimeout(pump, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]);
    tries += 1;
  }

  async function sent(entry) {
    if (CALLS.has(entry.action) && Date.now() - entry.at > HEARD_WITHIN_MS) return settled(entry);
    entry.tried += 1;
    save();
    const result = await attempt(`${path}/${entry.action}`, entry.body, entry.key);
    if (!isAnswered(result)) return false;
    tries = 0;
    drop(entry, result);
    answered(entry, result);
    return true;
  }

  // Too late to be heard. If its citizen is still at the window, it never arrived: then the visit alone is ended.
  async function settled(entry) {
    const { ok, status, answer } = await read(path);
    if (!ok && (status === 0 || status >= 500)) return false;
    const isStillHere = ok && answer.current && answer.current.number === entry.body.number;
    if (entry.action === 'finish-and-call-next' && isStillHere) {
      const instead = { ...entry, key: freshKey(), action: 'finish', tried: 0 };
      entries = [instead, ...entries.filter((each) => each.key !== entry.key)];
      waiting.set(instead.key, waiting.get(entry.key) || (() => {}));
      waiting.delete(entry.key);
      save();
    } else {
      drop(entry, null);
    }
    return true;
  }

  // The network is back.
  function wake() {
    tries = 0;
    if (!running) pump();
  }

  return { put, takeBack, wake, pump, pending: () => entries };
}

function stored(storageKey) {
  try {
    const entries = JSON.parse(localStorage.getItem(storageKey)) || [];
    return entries.filter((entry) => entry.key && entry.action && entry.body);
  } catch {
    return [];
  }
}
