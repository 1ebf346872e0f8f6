// What the hall's view says about today: who may come, how long until numbers are given out, when places are free.

import { read } from './api.js';
import { offsetMinutes } from './clock.js';

const COUNTDOWN_SECONDS = 600;

const isToday = (at, view) => at !== null && at.slice(0, 10) === view.now.slice(0, 10);

// Nobody gets a number without an appointment, now or later today.
const isShutToday = (view) => view.services.every(({ open, opens_at: opens }) => !open && !isToday(opens, view));

// Today is for citizens with an appointment: places of today are to come (`expects`), or the session runs.
export function isForBooked(view, expects) {
  const runs = ({ phase, suspended }) => ['early_open', 'open', 'near_closing'].includes(phase) && !suspended;
  return isShutToday(view) && (expects || view.services.some(runs));
}

// For the tiles of a day without numbers: whether places of today are to come (`expects`), and when each service that
// can be booked is free next (`free`; null where there is no place).
export async function placesOf(view) {
  const free = {};
  let expects = false;
  const bookable = isShutToday(view) ? view.services.filter((service) => service.bookable) : [];
  for (const { id } of bookable) {
    const { ok, answer } = await read(`/api/v1/halls/${view.hall}/slots?service=${id}`);
    if (!ok) continue;
    expects = expects || answer.slots.some((slot) => isToday(slot.starts_at, view));
    const next = answer.slots.find((slot) => slot.bookable && slot.free > 0);
    free[id] = next ? next.starts_at : null;
  }
  return { free, expects };
}

// Seconds until the first number, while that is near; nothing otherwise.
export function countdown(view, now) {
  if (view.services.some(({ open }) => open)) return null;
  const opens = view.services.filter(({ opens_at: at }) => at).map(({ opens_at: at }) => Date.parse(at));
  const left = Math.ceil((Math.min(...opens) - now) / 1000);
  return left > 0 && left <= COUNTDOWN_SECONDS ? left : null;
}

// A moment as the hall writes it, with the offset of `like`.
export function stampOf(moment, like) {
  const offset = /[+-]\d\d:\d\d$/.exec(like);
  const local = new Date(moment + offsetMinutes(like) * 60_000).toISOString().slice(0, 19);
  return local + (offset ? offset[0] : 'Z');
}
