// The slip: printed by the hall's server, or by the agent beside the kiosk, which prints while the server is away too.
// Where neither can, or no paper came out, the number stays on the glass longer, with a code to take along.

import { askOnce, freshKey, KIOSK_PATIENCE_SECONDS, read } from './api.js';

const PRINTS = ['ready', 'near_end', 'unknown'];
const LOOK_MS = 20_000;
const PAPER_SECONDS = 8; // a slip that has not come by then is not waited for
const ASK_MS = 500;

// `agent`: its address, or nothing; `onState(isBroken)`: there is a printer and it does not print.
export function printer(hall, { agent, onState }) {
  let state = 'none';

  // How the printer is and what became of the last slips; nothing if nobody answers.
  async function look() {
    const { ok, status, answer } = agent ? await atAgent('/printer') : await read(`/api/v1/halls/${hall}/printer`);
    if (ok) state = answer.printer;
    else if (agent) state = 'offline';
    else if (status === 404) state = 'none';
    onState(['paper_end', 'offline'].includes(state));
    return ok ? answer : null;
  }

  async function atAgent(path, body) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), KIOSK_PATIENCE_SECONDS * 1000);
    const request = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    try {
      const response = await fetch(agent + path, { ...request, signal: stop.signal });
      return { ok: response.ok, status: response.status, answer: await response.json().catch(() => ({})) };
    } catch {
      return { ok: false, status: 0, answer: {} };
    } finally {
      clearTimeout(timer);
    }
  }

  // The same id is printed once, however often it is sent. Answers whether paper came out.
  const printPaper = async (id, paper) => Boolean(agent) && isOut(await atAgent('/slips', { id, paper }));

  // A ticket that the hall knows; without `isFirst` marked as printed once more.
  async function printTicket(token, { large, isFirst }) {
    if (!prints()) return false;
    if (!isFirst) await askOnce(`/api/v1/tickets/${token}/reprint`);
    if (!agent) return isOut(await askOnce(`/api/v1/halls/${hall}/slips`, { token, large }));
    const { ok, answer } = await read(`/api/v1/tickets/${token}/slip`);
    return ok && printPaper(freshKey(), { ...answer, large });
  }

  async function printList(list) {
    if (agent) return printPaper(freshKey(), { kind: 'checklist', ...list });
    return isOut(await askOnce(`/api/v1/halls/${hall}/checklists`, list));
  }

  // Waits until the printer says so.
  async function isOut({ ok, answer }) {
    if (!ok) return false;
    let { state: how } = answer;
    const until = performance.now() + PAPER_SECONDS * 1000;
    while (!['printed', 'failed'].includes(how) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, ASK_MS));
      const seen = await look();
      const line = seen && seen.slips.find(({ slip }) => slip === answer.slip);
      if (line) how = line.state;
    }
    return how === 'printed';
  }

  const prints = () => PRINTS.includes(state);

  const ready = look();
  setInterval(look, LOOK_MS);
  return { prints, printTicket, printPaper, printList, ready, hasAgent: Boolean(agent) };
}
