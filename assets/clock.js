// The hall's clock. A page never trusts the clock of the machine it runs on: it takes the server's time and adds what
// has passed since. A demo's clock may run faster than life, stand still or be set: its pace is read off the beats, and
// believed when two in a row tell the same, or a clock that was set would look like a fast one.

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
    const told = Date.parse(text);
    const now = performance.now();
    const passed = now - heard;
    if (begun && passed > PACE_FROM_SECONDS * 1000) measure((told - at) / passed);
    if (!begun || passed > PACE_FROM_SECONDS * 1000 || told > at) [at, heard] = [told, now];
    offset = offsetMinutes(text);
    begun = true;
  }

  function measure(fresh) {
    if (Math.abs(fresh - measured) <= SAME_PACE * Math.max(1, measured)) pace = Math.max(0, Math.round(fresh));
    measured = fresh;
  }

  const now = () => at + (performance.now() - heard) * pace;
  return { tell, now, face: () => face(now(), offset) };
}

// 09:05 of a moment in milliseconds
export function face(moment, offset) {
  return new Date(moment + offset * 60_000).toISOString().slice(11, 16);
}

// 2:05 or 1:02:05
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, '0');
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function offsetMinutes(text) {
  const found = /([+-])(\d\d):(\d\d)$/.exec(text);
  if (!found) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return found[1] === '-' ? -minutes : minutes;
}
