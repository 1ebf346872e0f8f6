// 「请人帮忙」: one tap tells the staff, and the kiosk says when somebody has heard it.

import { askOnce } from './api.js';
import { key, make } from './dom.js';
import { keys } from './kiosk-sheets.js';

// The call of this visit: `ask()` makes one, `sheet()` shows how it stands, `hear(view)` says whether that has changed.
export function helpCall(hall) {
  let call = null; // {id, said}: what the kiosk view says of it

  // Answers whether there is news.
  async function ask() {
    const { ok, answer } = await askOnce(`/api/v1/halls/${hall}/help`);
    call = { id: ok ? answer.id : null, said: null };
    return ok;
  }

  function hear(view) {
    if (!call || call.id === null || !view.help) return false;
    const said = view.help.find(({ id }) => id === call.id);
    const isNews = Boolean(said && said.answered) !== Boolean(call.said && call.said.answered);
    if (said) call.said = said;
    return isNews;
  }

  function sheet({ unsure, guide, several }, { say, home }) {
    return [
      make('p', 'big', text(say)),
      keys(
        ...(guide ? [key(say('kiosk-guide'), '', guide)] : []),
        ...(several ? [key(say('kiosk-tile-everything'), '', several)] : []),
        ...(unsure ? [key(say('kiosk-bring'), '', unsure)] : []),
        key(say('kiosk-back'), 'main', home),
      ),
    ];
  }

  // When nobody heard it, the honest answer is: go to the desk.
  function text(say) {
    if (!call || call.id === null) return say('kiosk-help-text');
    const { said } = call;
    if (!said || !said.answered) return say('kiosk-help-coming');
    return said.answered_by ? say('kiosk-help-answered-by', { window: said.answered_by }) : say('kiosk-help-answered');
  }

  return { ask, hear, sheet, text, forget: () => (call = null) };
}
