// A server that stops answering without a word, for ten seconds, a minute, and nearly seven: a browser does not notice, so
// the board must. Three servers are frozen side by side, in real time.

import assert from 'node:assert/strict';
import test from 'node:test';
import { openBrowser } from './support/browser.mjs';
import { Board, until } from './support/people.mjs';
import { startDemo } from './support/server.mjs';
import { diaryOf, keepsDiary, numbersOf } from './support/wall.mjs';

const LONGEST_MS = 600_000;
const STRIP_WITHIN = 13; // seconds after the last beat
const POLLS_WITHIN = 31;
const AWAY_AFTER = 300;
const RIGHT_WITHIN = 20; // after the server goes on
const WAIT_MS = 1000;

const passes = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// A hall with one number called, and its board.
async function hallWithCall(t, screens, name) {
  const server = await startDemo({ time: '09:30:00', speed: 1 });
  t.after(() => server.stop());
  const page = await screens.open(name, server.origin, { viewport: { width: 1920, height: 1080 } });
  await keepsDiary(page);
  const board = await new Board(page, { server }).opens();
  const act = await server.officer(1);
  await server.take('fine');
  await server.take('fine');
  await act('call-next');
  await board.calls('A001', 1);
  await until('the first call is announced', async () => (await numbersOf(page, 'end')).includes('A001'));
  return { server, board, act };
}

// Freezes for so long; when it was frozen and went on, in milliseconds.
async function freeze(t, server, seconds) {
  const frozen = Date.now();
  server.freeze();
  t.after(() => server.thaw());
  await passes(seconds);
  server.thaw();
  return { frozen, thawed: Date.now() };
}

// Everything the board did, in seconds after the last word it heard before the silence.
async function whatHappened(page, { frozen }) {
  const heard = await diaryOf(page, 'heard');
  const last = heard.filter(({ at }) => at <= frozen + WAIT_MS).pop().at;
  const of = async (what) => (await diaryOf(page, what)).filter(({ at }) => at > last).map(({ at }) => (at - last) / 1000);
  return {
    last,
    strip: await of('stale comes'),
    stripGone: await of('stale goes'),
    polls: await of('polled'),
    away: await of('away comes'),
    awayGone: await of('away goes'),
  };
}

// The picture is right: no strip, no curtain, and a new call is announced while the old one is not announced again.
async function isRightAgain({ board, act }, { thawed }) {
  const { page } = board;
  await until('the board hears again', async () => (await diaryOf(page, 'heard')).some(({ at }) => at > thawed));
  await until('strip and curtain are gone', () => page.evaluate(() => document.getElementById('stale').hidden && document.getElementById('away').hidden));
  const gone = await diaryOf(page, ['stale goes', 'away goes']);
  const latest = Math.max(thawed, ...gone.map(({ at }) => at));
  assert.ok(latest - thawed <= RIGHT_WITHIN * 1000, `right again after ${latest - thawed} ms`);
  await board.calls('A001', 1);
  await act('finish-and-call-next');
  await board.callsFirst('A002');
  await until('the new call is announced', async () => (await numbersOf(page, 'begin')).includes('A002'));
  assert.deepEqual(await numbersOf(page, 'begin'), ['A001', 'A002']);
}

async function tenSeconds(t, screens) {
  const hall = await hallWithCall(t, screens, 'ten seconds');
  const silence = await freeze(t, hall.server, 10);
  await isRightAgain(hall, silence);
  const { strip, polls, away } = await whatHappened(hall.board.page, silence);
  assert.ok(strip.length === 0 || (strip[0] >= 12 && strip[0] <= STRIP_WITHIN), `strip after ${strip}`);
  assert.deepEqual([polls, away], [[], []]);
}

async function aMinute(t, screens) {
  const hall = await hallWithCall(t, screens, 'a minute');
  const { page } = hall.board;
  const silence = freeze(t, hall.server, 60);
  await hall.board.sees('#stale', /连接中断,正在恢复 · 显示 09:3\d 的情况/);
  await hall.board.calls('A001', 1);
  const over = await silence;
  await isRightAgain(hall, over);
  const { strip, polls, away } = await whatHappened(page, over);
  assert.ok(strip[0] >= 12 && strip[0] <= STRIP_WITHIN, `strip after ${strip}`);
  assert.ok(polls[0] >= 30 && polls[0] <= POLLS_WITHIN, `polls after ${polls}`);
  assert.ok(polls.length >= 5, `polled only ${polls.length} times`);
  assert.deepEqual(away, []);
}

async function nearlySevenMinutes(t, screens) {
  const hall = await hallWithCall(t, screens, 'seven minutes');
  const { page } = hall.board;
  const silence = freeze(t, hall.server, 400);
  await passes(AWAY_AFTER - 5);
  await until('the curtain falls', () => page.evaluate(() => !document.getElementById('away').hidden));
  await hall.board.sees('#away', '叫号屏暂不可用,请听现场人工叫号');
  const covered = await page.evaluate(() => {
    const { left, top } = document.getElementById('panel-number').getBoundingClientRect();
    return Boolean(document.elementFromPoint(left + 50, top + 50).closest('#away'));
  });
  assert.ok(covered, 'the old call can still be read');
  const over = await silence;
  await isRightAgain(hall, over);
  const { strip, polls, away } = await whatHappened(page, over);
  assert.ok(strip[0] >= 12 && strip[0] <= STRIP_WITHIN, `strip after ${strip}`);
  assert.ok(polls[0] >= 30 && polls[0] <= POLLS_WITHIN, `polls after ${polls}`);
  assert.ok(away[0] >= AWAY_AFTER && away[0] <= AWAY_AFTER + 1, `curtain after ${away}`);
}

test('a frozen server is noticed, and the board is right again when it goes on', { timeout: LONGEST_MS, concurrency: 3 }, async (t) => {
  const screens = await openBrowser();
  t.after(() => screens.close());
  screens.tolerates(/ERR_|WebSocket|devices\/board|\/voice\/|healthz|status of 408/); // what was asked for while it was frozen
  await Promise.all([
    t.test('for ten seconds', (part) => tenSeconds(part, screens)),
    t.test('for a minute', (part) => aMinute(part, screens)),
    t.test('for nearly seven minutes', (part) => nearlySevenMinutes(part, screens)),
  ]);
  screens.check();
});
