// A day from before the doors to after the last one, and a Saturday: every surface says the hall's state in the server's
// own words, in both languages, and in no phase does a page have a barrier, a key with too many words, or an error.

import assert from 'node:assert/strict';
import { isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';
import { until } from './support/people.mjs';

const HAN = /\p{Script=Han}/gu;
const KEY_LONGEST = 12; // hanzi: what an elderly reader takes in at a glance

const DAY = [
  { phase: 'closed', time: '08:45:00' },
  { phase: 'early_open', time: '08:52:00', happens: (hall) => hall.server.take('fine') },
  { phase: 'open', time: '09:30:00', happens: somebodyIsServed },
  { phase: 'paused', time: '09:40:00', happens: (hall) => manages(hall, 'pause', { reason: '网络检修' }) },
  { phase: 'near_closing', time: '11:40:00', happens: (hall) => manages(hall, 'resume', {}) },
  { phase: 'serving_out', time: '12:05:00' },
  { phase: 'between', time: '12:40:00', happens: everybodyIsServed },
  { phase: 'near_closing', time: '16:40:00' },
  { phase: 'done', time: '17:05:00' },
  { phase: 'weekend', time: '09:10:00', date: '2026-11-28' },
];

async function manages(hall, action, body) {
  await hall.server.post(`/halls/zhuzhou/${action}`, body, await hall.server.bearer('manager'));
}

async function somebodyIsServed(hall) {
  for (const service of ['fine', 'licence', 'vehicle', 'registration', 'fine']) await hall.server.take(service);
  await hall.window('call-next');
}

async function everybodyIsServed(hall) {
  while ((await hall.window('finish-and-call-next')).ticket) continue;
}

// What the server says now, to citizens and to the waiting room.
async function sentences(hall) {
  const read = async (path) => (await fetch(`${hall.server.origin}/api/v1/halls/zhuzhou${path}`)).json();
  const [kiosk, board] = await Promise.all([read(''), read('/board')]);
  return { kiosk: kiosk.sentence, board: board.sentence };
}

async function says(page, selector, what, where) {
  let said;
  const fits = async () => {
    said = (await page.locator(selector).allInnerTexts()).join(' | ');
    return said.replaceAll(/\s/g, '').includes(what.replaceAll(/\s/g, ''));
  };
  await until(`${where} says "${what}"`, fits).catch((error) => {
    throw new Error(`${error.message}; it says "${said}"`);
  });
}

async function keysAreShort(page, where) {
  const keys = await page.locator('button:visible, a.button:visible').allInnerTexts();
  const tooLong = keys.flatMap((key) => key.split('\n')).filter((line) => (line.match(HAN) || []).length > KEY_LONGEST);
  assert.deepEqual(tooLong, [], `${where}: keys with more than ${KEY_LONGEST} hanzi`);
}

const OPEN_TO_ALL = { index: '/', hall: '/zhuzhou', board: '/zhuzhou/board', book: '/zhuzhou/book', guide: '/zhuzhou/guide', status: '/status' };
const OF_STAFF = { console: '/zhuzhou/window?window=6', usher: '/zhuzhou/usher', overview: '/zhuzhou/overview' };

journey('every phase in one sentence, on every surface', { time: '08:45:00' }, async (hall) => {
  hall.window = await hall.server.officer(6);
  const [kiosk, manager] = await Promise.all([hall.kiosk(), hall.manager()]);
  await kiosk.opens();
  await manager.opens('overview');
  for (const role of ['officer', 'usher']) await manager.page.goto(`/sign-in?role=${role}&next=/`);
  for (const { phase, time, date, happens } of DAY) {
    await hall.clock(time, date);
    if (happens) await happens(hall);
    const said = await sentences(hall);
    await says(kiosk.page, '#sentence', said.kiosk.zh, `the kiosk, ${phase}`);
    await keysAreShort(kiosk.page, `the kiosk, ${phase}`);
    await isAccessible(kiosk, `the kiosk, ${phase}`);
    for (const [language, other] of [['zh', 'en'], ['en', 'zh']]) {
      await manager.page.goto(`/?lang=${language}`);
      await says(manager.page, 'main', said.kiosk[language], `the first page, ${phase}`);
      assert.notEqual(said.kiosk[language], said.kiosk[other]);
    }
    await manager.page.goto('/zhuzhou/board');
    await says(manager.page, 'body', said.board.zh, `the board, ${phase}`);
    for (const [name, path] of Object.entries({ ...OPEN_TO_ALL, ...OF_STAFF })) {
      await manager.page.goto(path);
      await isAccessible(manager, `${name}, ${phase}`);
      await keysAreShort(manager.page, `${name}, ${phase}`);
    }
  }
});
