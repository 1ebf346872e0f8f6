// The hall's clock. A page never trusts the clock of the machine it runs on: it takes the server's time and adds what
// has passed since. A demo's clock may run fast, stand still or be set: its pace is read off the beats, and believed when
// two in a row agree, or a clock that was set would look fast.

const PACE_FROM_SECONDS = 3; // two beats are 5 s apart; a view right after a beat says nothing about the pace
const SAME_PACE = 0.1; // beats come a little early or late

export function hallClock() {
  let at = Date.now();
  let heard = performance.now();
  let pace = 1;
  let measured = 1;
  let offset = 0;
  let begun = false;

  function tell(text) {
    const moment = Date.parse(text);
    const now = performance.now();
    const passed = now - heard;
    if (begun && passed > PACE_FROM_SECONDS * 1000) measure((moment - at) / passed);
    if (!begun || passed > PACE_FROM_SECONDS * 1000 || moment > at) [at, heard] = [moment, now];
    offset = offsetMinutes(text);
    begun = true;
  }

  function measure(fresh) {
    if (Math.abs(fresh - measured) <= SAME_PACE * Math.max(1, measured)) pace = Math.max(0, Math.round(fresh));
    measured = fresh;
  }

  const now = () => at + (performance.now() - heard) * pace;
  return { tell, now, time: () => timeOf(new Date(now() + offset * 60_000).toISOString()) };
}

// 09:05, of a moment as the hall writes it
export const timeOf = (at) => at.slice(11, 16);

export function offsetMinutes(text) {
  const found = /([+-])(\d\d):(\d\d)$/.exec(text);
  if (!found) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === '-' ? -minutes : minutes;
}
