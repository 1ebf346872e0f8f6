// The help key of a window: one press calls a colleague, holding it calls security. See help-calls.js for who answers.

import { post, refusalText } from './api.js';
import { byId } from './dom.js';

const HOLD_MS = 1500;

// The key: `press` and `release` as it goes down and up.
export function helpKey({ say, tell, path, window: own }) {
  let timer = null;

  async function ask(urgent) {
    const result = await post(path, { window: own, urgent });
    if (result.ok) tell(say(urgent ? 'help-called-security' : 'help-called'));
    else tell(refusalText(result, say, 'help-failed', 'help-failed'), true);
  }

  function press() {
    if (timer) return;
    byId('help').classList.add('held');
    timer = setTimeout(() => {
      settle();
      ask(true);
    }, HOLD_MS);
  }

  function release() {
    if (!timer) return;
    settle();
    ask(false);
  }

  function settle() {
    clearTimeout(timer);
    timer = null;
    byId('help').classList.remove('held');
  }

  const button = byId('help');
  button.addEventListener('pointerdown', press);
  button.addEventListener('pointerup', release);
  button.addEventListener('pointerleave', release);
  button.addEventListener('click', (event) => {
    if (event.detail === 0) ask(false); // by the keyboard: no pointer was held
  });
  return { press, release, ask };
}
