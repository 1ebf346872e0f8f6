// Questions about the hall's view that more than one part of the kiosk asks: who may come today, how long until numbers
// are given out, what the hall's clock would write.

const COUNTDOWN_SECONDS = 600;

export const isToday = (at, view) => at !== null && at.slice(0, 10) === view.now.slice(0, 10);

// Nobody gets a number without an appointment, now or later today.
export const isShutToday = (view) => view.services.every(({ open, opens_at: opens }) => !open && !isToday(opens, view));

// Today is for whoever has booked: places of today are to come (`expects`), or the session runs.
export function isForBooked(view, expects) {
  const runs = ({ phase, suspended }) => ['early_open', 'open', 'near_closing'].includes(phase) && !suspended;
  return isShutToday(view) && (expects || view.services.some(runs));
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
  const found = /([+-])(\d\d):(\d\d)$/.exec(like);
  const minutes = found ? Number(`${found[1]}1`) * (Number(found[2]) * 60 + Number(found[3])) : 0;
  const local = new Date(moment + minutes * 60_000).toISOString().slice(0, 19);
  return local + (found ? found[0] : 'Z');
}
