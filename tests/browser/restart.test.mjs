// The server dies in the middle of the morning and comes back on the same store: the wall says so and is right again,
// and a citizen whose number was on its way has one that counts.

import assert from 'node:assert/strict';
import path from 'node:path';
import { journey } from './support/journey.mjs';
import { folder, startDemo } from './support/server.mjs';

let store;

async function keptHall(t) {
  store = `sqlite:${path.join(await folder(t), 'hall.db')}`;
  return startDemo({ time: '09:00:00', store });
}

journey('a killed server comes back with everything it has said', { start: keptHall }, async (hall) => {
  const [kiosk, board, phone, officer] = await Promise.all([hall.kiosk(), hall.board(), hall.phone(), hall.officer()]);
  await Promise.all([kiosk.opens(), board.opens(), officer.opensWindow(6)]);
  const first = await kiosk.takes('违法处理');
  await phone.opens(first.page);
  await officer.key('F2');
  await board.calls('A001', 6);

  // the number is given out, the answer is lost, and the server with it: the kiosk gives one of its own instead
  hall.screens.tolerates(/ERR_CONNECTION|ERR_FAILED|ERR_EMPTY|WebSocket connection/);
  await kiosk.page.route('**/tickets', async (route) => {
    await route.fetch();
    await hall.server.kill();
    return route.abort();
  }, { times: 1 });
  await kiosk.taps('检验标志');
  await kiosk.sees('#sheet', '备用号,同样有效');
  const own = await kiosk.text('#sheet .number');
  assert.match(own, /^W9\d\d$/);
  await board.sees('#stale', /连接中断,正在恢复 · 显示 09:00 的情况/);
  await board.calls('A001', 6);
  await phone.sees('#stale', '信号不好');
  await officer.sees('#stale', '连接中断');

  const { port } = hall.server;
  hall.server = await startDemo({ time: '09:01:30', store, port });
  await board.seesNot('#stale');
  await board.sees('#clock', '09:01');
  await board.calls('A001', 6);
  await phone.seesNot('#stale');
  await officer.seesNot('#stale');
  await officer.has('A001', '正在叫号');

  // nobody holds W001, so nobody is called by it
  await officer.sees('#next', own);
  await officer.pressesF2Until(own);
  await board.calls(own, 6);
  await board.callsFirst(own);
  await officer.sees('#waiting', '等候 0 人');
});
