// What the hall's view says about today: who may come, how long until numbers are given out, when places are free.

import { read } from './api.js';
import { offsetMinutes } from './clock.js';

const COUNTDOWN_SECONDS = 600;

const isToday = (at, view) => at !== null && at.slice(0, 10) === view.now.slice(0, 10);

// Nobody gets a number without an appointment, now or later today.
const isShutToday = (view) => view.services.every(({ open, opens_at: opens }) => !open && !isToday(opens, view));

// Today is for citizens with an appointment, and is not over.
export const isForBooked = (view) => view.today === 'booked_only' && !['serving_out', 'done'].includes(view.phase);

// For the tiles of a day without numbers: when each service that can be booked is free next; null where there is no place.
export async function placesOf(view) {
  const free = {};
  const bookable = isShutToday(view) ? view.services.filter((service) => service.bookable) : [];
  for (const { id } of bookable) {
    const { ok, answer } = await read(`/api/v1/halls/${view.hall}/slots?service=${id}`);
    if (!ok) continue;
    const next = answer.slots.find((slot) => slot.bookable && slot.free > 0);
    free[id] = next ? next.starts_at : null;
  }
  return { free };
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
