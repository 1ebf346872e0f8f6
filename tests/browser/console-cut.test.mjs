// The hall out of reach: what a console says at which age of the last word, what it still lets an officer do, and that
// all of it is right and done once when the hall is back, after half a minute as after an hour.

import assert from 'node:assert/strict';
import path from 'node:path';
import { isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';
import { passes, standsStill, until } from './support/people.mjs';
import { folder, startDemo } from './support/server.mjs';

const CUT = 30; // seconds
const LONG_CUT = 300;

let store;

async function keptHall(t) {
  store = `sqlite:${path.join(await folder(t), 'hall.db')}`;
  return startDemo({ time: '09:00:00', store });
}

// `prepare` does something to the clock of the page before it is opened.
async function servesSomebody(hall, prepare = (page) => page.clock.install()) {
  const officer = await hall.officer();
  await prepare(officer.page);
  await officer.opensWindow(6);
  for (const service of ['fine', 'fine', 'mark']) await hall.server.take(service);
  await officer.sees('#waiting', '等候 3 人');
  await officer.key('F2');
  await officer.has('A001', '正在叫号');
  await officer.key('Enter');
  await officer.has('A001', '办理中');
  return officer;
}

// The page's own clock goes on, beats or not.
const goesOn = (officer, seconds) => officer.page.clock.fastForward(seconds * 1000);

const away = /ERR_CONNECTION|ERR_FAILED|ERR_EMPTY|ERR_INTERNET|WebSocket connection|ERR_NETWORK/;

journey('a frozen hall: amber, then no calls, and what was done is made up for once', { start: keptHall }, async (hall) => {
  const officer = await servesSomebody(hall, standsStill);
  hall.screens.tolerates(away);
  await hall.server.freeze();
  await passes(officer.page, CUT - 1);
  await officer.sees('#stale', /连接中断,正在恢复 · 显示 09:00 的情况/);
  assert.doesNotMatch(await officer.text('#stale'), /暂时不能叫号/, 'no sooner than half a minute after the last beat');
  await passes(officer.page, CUT + 1); // should a last beat have come on the way
  await officer.sees('#stale', '暂时不能叫号');
  await officer.page.clock.resume();
  assert.ok(await officer.page.locator('#finish-and-call-next').isDisabled());
  await isAccessible(officer, 'cut off');
  await officer.presses('只办结,不叫号');
  await officer.has('A001', '已办结,待确认');
  await officer.sees('#stale', '待补 1 项');
  assert.ok(await officer.page.locator('#finish').isDisabled(), 'a visit is ended once');

  // kept in the browser, should that go away too
  const kept = () => officer.page.evaluate(() => localStorage.getItem('paihao-outbox-zhuzhou-6'));
  const [wish] = JSON.parse(await kept());
  assert.equal(wish.action, 'finish');
  hall.server.thaw();
  await officer.has('–');
  await officer.seesNot('#stale');
  await until('nothing is left to send', async () => (await kept()) === null);
  await officer.sees('#waiting', '等候 2 人');
});

journey('what was done without the hall outlives the page', { start: keptHall }, async (hall) => {
  const officer = await servesSomebody(hall);
  hall.screens.tolerates(away);
  let asked = 0;
  await officer.page.route('**/finish', (route) => {
    asked += 1;
    return route.abort();
  });
  await officer.presses('只办结,不叫号');
  await until('it was tried', () => asked > 0);
  await officer.has('A001', '已办结,待确认');
  await officer.page.unroute('**/finish');
  await officer.page.reload();
  await officer.has('–');
  await officer.sees('#waiting', '等候 2 人');
});

journey('after five minutes the line is there to be printed', { start: keptHall }, async (hall) => {
  const officer = await servesSomebody(hall);
  hall.screens.tolerates(away);
  await hall.server.kill();
  await goesOn(officer, LONG_CUT + 1);
  await officer.sees('#stale.bad', '按名单人工叫号');
  await officer.page.evaluate(() => (window.print = () => (window.isPrinted = true)));
  await officer.presses('打印名单');
  assert.equal(await officer.page.evaluate(() => window.isPrinted), true);
  await officer.page.emulateMedia({ media: 'print' });
  await officer.sees('#paper', /A002.*违法处理.*W001.*检验标志/s);
  assert.ok(!(await officer.page.locator('#desk').isVisible()));
});

journey('an hour without the hall, a new start of both: the visit has ended once, and nobody was called', { start: keptHall }, async (hall) => {
  const officer = await servesSomebody(hall);
  hall.screens.tolerates(away);
  await hall.server.kill();
  await goesOn(officer, CUT);
  await officer.presses('只办结,不叫号');
  await officer.has('A001', '已办结,待确认');

  const { port } = hall.server;
  hall.server = await startDemo({ time: '10:02:00', store, port });
  await officer.page.goto(hall.server.link('console'));
  await officer.page.goto('/zhuzhou/window?window=6');
  await officer.has('–');
  await officer.sees('#waiting', '等候 2 人');
  const day = await officer.page.evaluate(async () => (await fetch('/api/v1/halls/zhuzhou/windows/6')).json());
  assert.equal(day.current, null);
  assert.equal(await officer.page.evaluate(() => localStorage.getItem('paihao-outbox-zhuzhou-6')), null);
  await officer.pressesF2Until('A002');
});

journey('a lost answer is asked for again: the call was one call', { start: keptHall }, async (hall) => {
  const officer = await servesSomebody(hall);
  hall.screens.tolerates(away);
  let lost = 0;
  await officer.page.route('**/finish-and-call-next', async (route) => {
    lost += 1;
    if (lost > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await goesOn(officer, 1.6);
  await officer.key('F2');
  await officer.has('A002', '正在叫号');
  await until('it was asked again', async () => {
    await goesOn(officer, 0.5);
    return lost > 1;
  });
  await officer.has('A002', '正在叫号');
  await officer.sees('#waiting', '等候 1 人');
});
