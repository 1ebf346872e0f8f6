// Calls for help, as a colleague, the usher and the manager see them: who, since when, and one press that says 「我来帮忙」.

import { post } from './api.js';
import { timeOf } from './clock.js';
import { byId, key, make } from './dom.js';

// Into `#helps`. `own`: the window of this console, or null. Its own call shows here when somebody is coming.
export function drawHelps(calls, { say, path, own = null, tell }) {
  const shown = calls.filter((call) => (own !== null && call.window === own ? call.answered : !call.answered));
  const list = byId('helps');
  list.hidden = shown.length === 0;
  const stamp = JSON.stringify(shown);
  if (list.dataset.calls === stamp) return;
  list.dataset.calls = stamp;
  list.replaceChildren(...shown.map(row));

  function row(call) {
    const where = call.window ? say('help-window', { window: call.window }) : say('help-kiosk', { name: call.kiosk || '' });
    const what = say(call.urgent ? 'help-urgent' : 'help-wanted', { name: where, time: timeOf(call.at) });
    const parts = [make('strong', '', what)];
    if (call.answered) parts.push(make('span', '', call.answered_by ? say('help-coming-from', { window: call.answered_by }) : say('help-coming')));
    else parts.push(key(say('help-answer'), '', () => answer(call)));
    return make('li', call.urgent ? 'urgent' : '', '', parts);
  }

  async function answer(call) {
    const result = await post(`${path}/${call.id}/answer`, own ? { window: own } : {});
    if (!result.ok) tell(result.answer.detail || result.answer.title || say('help-failed'), true);
  }
}
