// A server that stops answering without a word, for ten seconds, a minute, and nearly seven: a browser does not notice, so
// the board must. The server is frozen in earnest; the board's seconds pass as the test lets them.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { passes, standsStill, until } from './support/people.mjs';
import { diaryOf, isAnnounced, keepsDiary, numbersOf } from './support/wall.mjs';

const STRIP_WITHIN = 13; // seconds after the last beat
const POLLS_WITHIN = 31;
const AWAY_AFTER = 300;
const RIGHT_WITHIN = 20; // after the server goes on
const ANSWER_MS = 1500; // what a server and a network get of this machine's time for each second of the board

const isVisible = (page, id) => page.evaluate((id) => !document.getElementById(id).hidden, id);
const nowOf = (page) => page.evaluate(() => Date.now());

// Whether this holds within so many seconds of the board; answers after how many.
async function within(seconds, what, page, condition) {
  for (let passed = 0; passed <= seconds; passed += 1) {
    if (await until(what, condition, ANSWER_MS).catch(() => false)) return passed;
    await passes(page, 1);
  }
  throw new Error(`not within ${seconds} s: ${what}`);
}

// The server is frozen while so many seconds pass for the board, then its clock is right again. What the board did
// meanwhile, in seconds after the last word that it had heard.
async function silence(hall, { page }, seconds, clock, look = async () => {}) {
  await hall.server.freeze();
  let thawed;
  try {
    await passes(page, seconds);
    await look();
    thawed = await nowOf(page);
    await passes(page, 0.001); // so that what is heard now is heard after the silence
  } finally {
    hall.server.thaw();
  }
  const isRight = async () =>
    (await diaryOf(page, 'heard')).some(({ at }) => at > thawed) && !(await isVisible(page, 'stale')) && !(await isVisible(page, 'away'));
  await within(RIGHT_WITHIN, 'the picture is right again', page, isRight);
  await hall.clock(clock);
  const last = (await diaryOf(page, 'heard')).filter(({ at }) => at <= thawed).pop().at;
  const of = async (what) => (await diaryOf(page, what)).filter(({ at }) => at > last).map(({ at }) => (at - last) / 1000);
  return { strip: await of('stale comes'), polls: await of('polled'), away: await of('away comes') };
}

// The old call is not announced again, and a new one is.
async function callsOn({ board, act, called }, number) {
  await board.calls(called.at(-1), 1);
  await act('finish-and-call-next');
  const first = board.page.locator('#rows > li:first-child').filter({ hasText: number });
  await within(RIGHT_WITHIN, `${number} stands first`, board.page, () => first.isVisible());
  await isAnnounced(board.page, number);
  called.push(number);
  assert.deepEqual(await numbersOf(board.page, 'begin'), called);
}

const isTimely = (strip) => assert.ok(strip[0] >= 12 && strip[0] <= STRIP_WITHIN, `strip after ${strip}`);
const asks = (polls) => assert.ok(polls[0] >= 30 && polls[0] <= POLLS_WITHIN, `polls after ${polls}`);

journey('a frozen server is noticed, and the board is right again when it goes on', { time: '09:30:00' }, async (hall, t) => {
  hall.screens.tolerates(/ERR_|WebSocket|devices\/board|\/voice\/|healthz|status of 408/); // what was asked for while it was frozen
  const board = await hall.board();
  const { page } = board;
  await standsStill(page);
  await keepsDiary(page);
  await board.opens();
  const act = await hall.server.officer(1);
  for (let taken = 0; taken < 4; taken += 1) await hall.server.take('fine');
  await act('call-next');
  await board.calls('A001', 1);
  await isAnnounced(page, 'A001');
  const floor = { board, act, called: ['A001'] };

  await t.test('for ten seconds', async () => {
    const { strip, polls, away } = await silence(hall, board, 10, '09:30:10');
    if (strip.length > 0) isTimely(strip); // the way back may take until then
    assert.deepEqual([polls, away], [[], []]);
    await callsOn(floor, 'A002');
  });

  await t.test('for a minute', async () => {
    const { strip, polls, away } = await silence(hall, board, 60, '09:31:10', async () => {
      await board.sees('#stale', /连接中断,正在恢复 · 显示 09:3\d 的情况/);
      await board.calls('A002', 1);
    });
    isTimely(strip);
    asks(polls);
    assert.ok(polls.length >= 5, `polled only ${polls.length} times`);
    assert.deepEqual(away, []);
    await callsOn(floor, 'A003');
  });

  await t.test('for nearly seven minutes', async () => {
    const { strip, polls, away } = await silence(hall, board, 400, '09:37:50', async () => {
      await board.sees('#away', '叫号屏暂不可用,请听现场人工叫号');
      const covered = await page.evaluate(() => {
        const { left, top } = document.getElementById('panel-number').getBoundingClientRect();
        return Boolean(document.elementFromPoint(left + 50, top + 50).closest('#away'));
      });
      assert.ok(covered, 'the old call can still be read');
    });
    isTimely(strip);
    asks(polls);
    assert.ok(away[0] >= AWAY_AFTER && away[0] <= AWAY_AFTER + 1, `curtain after ${away}`);
    await callsOn(floor, 'A004');
  });
});
