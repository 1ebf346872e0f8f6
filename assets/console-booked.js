// A day by appointment only: who is expected today, who is here, who is late. Codes and times, no names: the screen may
// be turned.

import { read } from './api.js';
import { timeOf } from './clock.js';
import { byId, make } from './dom.js';

const AGAIN_MS = 10_000;

export function booked({ hallPath, say, local }) {
  let asked = -AGAIN_MS;
  let seen = null;

  async function follow(view) {
    byId('booked-card').hidden = !view.appointments_only;
    if (!view.appointments_only || view === seen || performance.now() - asked < AGAIN_MS) return;
    [asked, seen] = [performance.now(), view];
    const { ok, answer } = await read(`${hallPath}/appointments?date=${view.now.slice(0, 10)}`);
    if (!ok) return;
    const rows = answer.appointments.filter((each) => each.kind === 'window');
    byId('booked').replaceChildren(...rows.map(row));
    byId('booked-empty').hidden = rows.length > 0;
  }

  function row(each) {
    const late = each.late ? ` · ${say('console-booked-late')}` : '';
    return make('li', '', '', [
      make('b', '', timeOf(each.starts_at)),
      make('span', '', `${local(each.service_name)} · ${each.number || each.code}`),
      make('span', 'soft', local(each.standing_label) + late),
    ]);
  }

  return { follow };
}
