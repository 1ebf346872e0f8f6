// The kiosk's glass, measured: whoever sits in a wheelchair reaches every key, every key takes a thumb, every word fits,
// in both sizes, both languages, large letters, low keys, and every phase of a day.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { isAccessible, paleLines } from './support/barriers.mjs';

const PORTRAIT = { width: 1080, height: 1920 };
const LANDSCAPE = { width: 1920, height: 1080 };
const THUMB = 60;
const LINE = 511; // pixels from the top: 1.22 m on a 32-inch panel that hangs from 70 cm
const LOW = 900; // the keys of the low layout are all in the lowest so many
const SATURDAY = '2026-11-28';

// What is wrong with the keys and words on the glass, a line for each.
function flaws(page, { line, low }) {
  return page.evaluate(
    ([thumb, line, low]) => {
      const found = [];
      const top = low ? innerHeight - low : line;
      const name = (element) => element.innerText.replaceAll('\n', ' ').slice(0, 40);
      const runsOver = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
      const over = document.querySelector('.sheet.over:not([hidden])');
      const keys = [...(over || document).querySelectorAll('button')].filter((key) => key.offsetWidth > 0);
      if (keys.length === 0) found.push('no keys');
      for (const key of keys) {
        const box = key.getBoundingClientRect();
        if (box.width < thumb || box.height < thumb) found.push(`small: ${name(key)} ${box.width}×${box.height}`);
        if (box.top < top) found.push(`out of reach: ${name(key)} at ${box.top}`);
        if (box.bottom > innerHeight || box.right > innerWidth || box.left < 0) found.push(`off the glass: ${name(key)}`);
        if (runsOver(key)) found.push(`runs over: ${name(key)}`);
      }
      for (const title of document.querySelectorAll('.tile strong')) {
        if (title.offsetHeight > 2.5 * parseFloat(getComputedStyle(title).lineHeight)) found.push(`long: ${name(title)}`);
      }
      for (const box of document.querySelectorAll('header, main, #tiles, #sheet:not([hidden]), #idle:not([hidden])')) {
        if (box.offsetHeight > 0 && runsOver(box)) found.push(`overflows: ${box.id || box.tagName} ${box.scrollHeight}>${box.clientHeight}`);
      }
      const overlaps = ([a, b]) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
      for (let at = 1; at < keys.length; at += 1) {
        if (overlaps([keys[at - 1].getBoundingClientRect(), keys[at].getBoundingClientRect()])) found.push(`lies on another: ${name(keys[at])}`);
      }
      return found;
    },
    [THUMB, line, low],
  );
}

const MODES = [[], ['large'], ['low'], ['large', 'low']];

// Every size of letters and both languages of what is on the glass; `prepare` puts it there each time.
async function isInOrder(kiosk, viewport, where, prepare = async () => {}) {
  for (const language of ['zh', 'en']) {
    for (const modes of MODES) {
      if (language === 'en') await kiosk.page.click('#language');
      for (const mode of modes) await kiosk.page.click(`#${mode}`);
      await prepare(kiosk.page);
      const isPortrait = viewport === PORTRAIT;
      const limits = { line: isPortrait ? LINE : 0, low: modes.includes('low') ? LOW : 0 };
      const label = `${where}, ${viewport.width} wide, ${language} ${modes.join(' ')}`;
      assert.deepEqual(await flaws(kiosk.page, limits), [], label);
      await goesHome(kiosk);
      for (const mode of modes) if (await kiosk.page.locator(`body.${mode}`).count()) await kiosk.page.click(`#${mode}`);
      if ((await kiosk.page.getAttribute('html', 'lang')) === 'en') await kiosk.page.click('#language');
    }
  }
}

async function goesHome(kiosk) {
  if (!(await kiosk.page.locator('#sheet').isVisible())) return;
  await kiosk.page.locator('#sheet .keys button').filter({ hasText: /^(好的|返回|Done|Back)$/ }).click();
  await kiosk.page.locator('#tiles').waitFor();
}

async function fill(hall) {
  for (let taken = 0; taken < 12; taken += 1) await hall.server.take(['exam', 'registration'][taken % 2]);
}

for (const [name, viewport] of [['upright', PORTRAIT], ['across', LANDSCAPE]]) {
  const glass = async (hall) => {
    await fill(hall);
    const kiosk = await hall.kiosk({ viewport, reducedMotion: 'reduce' });
    await kiosk.opens();
    return kiosk;
  };

  journey(`every key can be reached and every word fits, ${name}`, { time: '09:30:00' }, async (hall) => {
    const kiosk = await glass(hall);
    await isInOrder(kiosk, viewport, 'tiles');
    await kiosk.presses('优先');
    await isInOrder(kiosk, viewport, 'priority');
  });

  const papers = /机动车登记|Vehicle registration/;
  journey(`what is said of papers fits ${name}`, { time: '09:30:00' }, async (hall) => {
    const kiosk = await glass(hall);
    await isInOrder(kiosk, viewport, 'asked for documents', async (page) => {
      await page.locator('.tile').filter({ hasText: papers }).click();
      await page.locator('#sheet .documents').waitFor();
    });
    await isInOrder(kiosk, viewport, 'something is missing', async (page) => {
      await page.locator('.tile').filter({ hasText: papers }).click();
      await page.locator('#sheet .keys button').nth(1).click();
      await page.locator('#sheet .documents').waitFor();
    });
    await kiosk.presses('要带什么');
    await isInOrder(kiosk, viewport, 'what to bring', async (page) => {
      if (!(await page.locator('#bringing').isVisible())) await page.click('#bring');
      await page.locator('.tile').nth(2).click();
      await page.locator('#sheet .documents').waitFor();
    });
  });

  journey(`the other sheets fit ${name}`, { time: '09:30:00' }, async (hall) => {
    const kiosk = await glass(hall);
    await isInOrder(kiosk, viewport, 'several', (page) => page.locator('.of-everything').click());
    await isInOrder(kiosk, viewport, 'check-in', (page) => page.locator('.of-booked').click());
    await isInOrder(kiosk, viewport, 'letters', async (page) => {
      await page.locator('.of-booked').click();
      await page.locator('#sheet .keys button').filter({ hasText: /ABC/ }).click();
    });
    await isInOrder(kiosk, viewport, 'help', (page) => page.locator('#help').click());
  });

  journey(`a number, and the ways near closing, fit ${name}`, { time: '16:31:00' }, async (hall) => {
    const kiosk = await hall.kiosk({ viewport, reducedMotion: 'reduce' });
    await kiosk.opens();
    await isInOrder(kiosk, viewport, 'near closing');
    await isInOrder(kiosk, viewport, 'number', async (page) => {
      await page.locator('.tile').filter({ hasText: /综合咨询|Other matters/ }).click();
      await page.locator('#sheet .keys').waitFor();
      const another = page.getByRole('button', { name: /^(另取一个号|Take another number)$/ });
      if (await another.isVisible()) await another.click();
      await page.locator('#sheet .number').waitFor();
    });
    hall.screens.expects(/status of 409.*tickets/);
    await isInOrder(kiosk, viewport, 'led to the app', async (page) => {
      await page.locator('.tile').nth(1).click();
      await page.locator('#sheet img.app').evaluate((image) => image.decode());
    });
    await isInOrder(kiosk, viewport, 'led to the app, bookable', async (page) => {
      await page.locator('.tile').nth(2).click();
      await page.locator('#sheet img.book').evaluate((image) => image.decode());
    });
  });
}

// The plan of the model hall with twelve services, some with names that nobody would paint on a door.
async function manyServices(hall) {
  const bearer = await hall.server.bearer('manager');
  const address = `${hall.server.origin}/api/v1/halls/zhuzhou/plan`;
  const headers = { Authorization: `Bearer ${bearer}`, 'Content-Type': 'application/json' };
  const current = await fetch(address, { headers });
  const plan = await current.json();
  const more = [
    ['transfer', '机动车转让登记与号牌保留', 'Transfer of vehicles and keeping of number plates'],
    ['social', '社保卡', 'Social security card'],
    ['housing', '公积金提取', 'Housing fund withdrawal'],
    ['foreign', '境外驾驶证换领', 'Exchange of foreign driving licences'],
    ['school', '校车驾驶资格', 'School bus drivers'],
  ];
  const model = plan.services.find(({ id }) => id === 'registration');
  for (const [index, [id, zh, en]] of more.entries()) {
    plan.services.push({ ...model, id, name: { zh, en }, prefix: 'RMVBD'[index] });
  }
  const answer = await fetch(address, {
    method: 'PUT',
    headers: { ...headers, 'If-Match': current.headers.get('etag'), 'Idempotency-Key': crypto.randomUUID() },
    body: JSON.stringify(plan),
  });
  assert.equal(answer.status, 200, await answer.text());
}

journey('more services than tiles are two taps away, or found by their letters', { time: '09:30:00' }, async (hall) => {
  await manyServices(hall);
  for (const viewport of [PORTRAIT, LANDSCAPE]) {
    const kiosk = await hall.kiosk({ viewport, reducedMotion: 'reduce' });
    await kiosk.opens('/sign-in?role=kiosk&next=/zhuzhou/kiosk');
    assert.equal(await kiosk.page.locator('.tile').count(), 10);
    await isInOrder(kiosk, viewport, 'twelve services');
    await isInOrder(kiosk, viewport, 'all services', (page) => page.locator('.of-all').click());

    await kiosk.taps('全部事项');
    await isAccessible(kiosk, 'all services');
    // what is on no tile stands first, in the order of its letters
    const first = await kiosk.page.locator('.row strong').first().innerText();
    const tiles = await kiosk.page.locator('.tile strong').allTextContents();
    assert.ok(!tiles.includes(first), first);
    for (const letter of 'SBK') await kiosk.page.locator('.letters button').filter({ hasText: new RegExp(`^${letter}$`) }).click();
    await kiosk.sees('.row', '社保卡');
    assert.equal(await kiosk.page.locator('.row').count(), 1);
    await kiosk.page.locator('.row').click();
    await kiosk.presses('带齐了,取号');
    await kiosk.shows(viewport === PORTRAIT ? 'M001' : 'M002');
    await kiosk.goesBack();
  }
});

// Each phase: when it is, and what has happened before.
const PHASES = {
  closed: { time: '08:45:00' },
  early_open: { time: '08:52:00' },
  open: { time: '09:40:00', happens: (hall) => Promise.all([hall.server.take('registration'), hall.server.take('exam')]) },
  near_closing: { time: '11:40:00' },
  serving_out: { time: '12:03:00' },
  between: { time: '12:40:00', happens: serveAll },
  done: { time: '17:15:00' },
  weekend: { time: '08:51:00', date: SATURDAY },
};

async function serveAll(hall) {
  const act = await hall.server.officer(6);
  while ((await act('finish-and-call-next')).ticket) continue;
  await hall.clock('12:40:00');
}

journey('in every phase the kiosk says what the hall says, to everybody', { time: '08:40:00' }, async (hall) => {
  const kiosk = await hall.kiosk({ reducedMotion: 'reduce' });
  await kiosk.opens();
  for (const [phase, { time, date, happens }] of Object.entries(PHASES)) {
    await hall.clock(time, date);
    if (happens) await happens(hall);
    const view = await (await fetch(`${hall.server.origin}/api/v1/halls/zhuzhou`)).json();
    if (phase !== 'weekend') assert.equal(view.phase, phase);
    await kiosk.sees('#sentence', view.sentence.zh);
    assert.equal(await kiosk.text('#sentence'), view.sentence.zh, phase);
    await isInOrder(kiosk, PORTRAIT, phase);
    await isReadable(kiosk, phase);
    await kiosk.presses('English');
    assert.equal(await kiosk.text('#sentence'), view.sentence.en, phase);
    await isReadable(kiosk, `${phase} in English`);
    assert.doesNotMatch((await kiosk.text('body')).replace('中文', ''), /\p{Script=Han}/u, phase);
    await kiosk.presses('中文');
  }
  await hall.clock('08:41:00', '2026-11-30');
  await kiosk.sees('#countdown', /还有 \d:\d\d 开始取号/);
  await hall.clock('08:39:00', '2026-12-01');
  await kiosk.seesNot('#countdown');
});

// No failure of WCAG A or AA, and contrast as of AAA.
async function isReadable(kiosk, where) {
  await isAccessible(kiosk, where);
  assert.deepEqual(await paleLines(kiosk.page), [], where);
}

journey('the first page is light', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  const answers = [];
  kiosk.page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (/^\/(assets|zhuzhou)\//.test(pathname) && response.status() === 200) answers.push(response.body());
  });
  await kiosk.opens();
  const bytes = (await Promise.all(answers)).reduce((sum, body) => sum + body.length, 0);
  assert.ok(bytes > 20_000 && bytes < 150_000, `${bytes} bytes`);
});
