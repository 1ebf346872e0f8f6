// The officer's window: every key on both sides of the keyboard, one key for a citizen, one call for a key, and what the
// console says before it lets anybody go.

import assert from 'node:assert/strict';
import { installed } from './support/browser.mjs';
import { isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';
import { stopsClock, until } from './support/people.mjs';
import { startService, folder } from './support/server.mjs';
import path from 'node:path';

const GUARD_MS = 1600; // a little more than the console is deaf after F2
const PIN = '284951';

// An officer whose page's clock can be moved on, so that nobody waits for the guard after F2.
async function quick(hall, window = 6, name = 'officer', options) {
  const officer = await hall.officer(name, options);
  await officer.page.clock.install();
  await officer.page.goto(`/zhuzhou/window?window=${window}`); // a demo lets in whoever sits at it
  await officer.presses('开窗');
  await officer.page.locator('#current').waitFor();
  officer.next = async (key = 'F2') => {
    await officer.page.clock.fastForward(GUARD_MS);
    await officer.key(key);
  };
  return officer;
}

const takes = async (hall, ...services) => {
  for (const service of services) await hall.server.take(service);
};

journey('one key is a citizen, ten times over', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await takes(hall, ...Array(11).fill('fine'));
  await officer.sees('#waiting', '等候 11 人');
  let keys = 0;
  for (let citizen = 1; citizen <= 10; citizen += 1) {
    await officer.next();
    keys += 1;
    await officer.has(`A${String(citizen).padStart(3, '0')}`, '正在叫号');
  }
  assert.equal(keys, 10);
  await officer.sees('#waiting', '等候 1 人');
});

for (const [side, keys] of Object.entries({
  'function keys': { next: 'F2', recall: 'F3', missed: 'F4', transfer: 'F6', park: 'F7', rate: 'F8' },
  'the numeric pad': { next: 'NumpadAdd', recall: 'NumpadMultiply', missed: 'NumpadSubtract', transfer: 'NumpadDivide', park: 'NumpadDecimal', rate: 'NumpadEnter' },
})) {
  journey(`every key does its work: ${side}`, { time: '09:00:00' }, async (hall) => {
    const officer = await quick(hall);
    const digit = side === 'function keys' ? (n) => `Digit${n}` : (n) => `Numpad${n}`;
    await takes(hall, 'fine', 'fine', 'fine');
    await officer.sees('#next', 'A003');

    await officer.next(keys.next);
    await officer.has('A001', '正在叫号');
    await hall.clock('09:00:09');
    await until('recall is offered', () => officer.page.locator('#recall').isEnabled());
    await officer.key(keys.recall);
    await officer.sees('#running', '已叫 2 次');
    await hall.clock('09:00:41');
    await until('no-show is offered', () => officer.page.locator('#missed').isEnabled());
    await officer.key(keys.missed);
    await officer.sees('#missed-list', 'A001');

    // transfer: two keys, with its number and its time
    await officer.next(keys.next);
    await officer.has('A002', '正在叫号');
    await officer.key('Enter');
    await officer.has('A002', '办理中');
    await officer.key(keys.transfer);
    await officer.key(digit(2));
    await officer.sees('#next', /A002.*行驶证业务.*6 号窗口转来/s);

    // hold: the same key twice
    await officer.next(keys.next);
    await officer.has('A002', '正在叫号');
    await officer.sees('#passed-on', '6 号窗口转来');
    await officer.key('Enter');
    await officer.has('A002', '办理中');
    await officer.key(keys.park);
    await officer.key(keys.park);
    await officer.sees('#parked', 'A002');

    // rating: the code of whoever is here, and away again
    await officer.next(keys.next);
    await officer.has('A003', '正在叫号');
    await officer.key('Enter');
    await officer.has('A003', '办理中');
    await officer.key(keys.rate);
    await officer.sees('#rating', 'A003');
    await officer.key(keys.rate);
    await officer.seesNot('#rating');
    await officer.presses('只办结,不叫号');
    await officer.has('–');
  });
}

journey('break, direct service, help and undo have their keys too', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  const colleague = await hall.officer('colleague');
  await colleague.page.goto('/zhuzhou/window?window=5');

  await officer.key('F9');
  await officer.key('1');
  await officer.sees('#service', '吃饭');
  await officer.key('F9');
  await officer.sees('#service', '按 F2');

  await officer.key('Control+Enter');
  await officer.key('1');
  await officer.has('A001', '办理中');
  await officer.presses('只办结,不叫号');
  await officer.has('–');
  await officer.key('Control+z');
  await officer.has('A001', '办理中');

  // a press calls a colleague
  await officer.key('F10');
  await officer.sees('#message', '已求助');
  await colleague.sees('#helps', /6 号窗口.*求助/);
  await colleague.presses('我来帮忙');
  await officer.sees('#helps', '5 号窗口的同事马上到');

  // held for a second and a half it is security
  await officer.page.keyboard.down('F10');
  await officer.page.clock.fastForward(1500);
  await officer.page.keyboard.up('F10');
  await officer.sees('#message', '已呼叫保安');
  await colleague.sees('#helps .urgent', /6 号窗口.*紧急/);
  const usher = await hall.manager();
  await usher.opens('usher');
  await usher.sees('#helps .urgent', /6 号窗口.*紧急/);
  await usher.page.goto('/zhuzhou/overview');
  await usher.sees('#helps .urgent', '紧急');
  await usher.presses('我来帮忙');
  await colleague.seesNot('#helps .urgent');

  // F5 is nobody's
  await officer.page.evaluate(() => (window.isSame = true));
  await officer.key('F5');
  assert.equal(await officer.page.evaluate(() => window.isSame), true);
});

journey('a hasty second press, a held key and two consoles call one citizen each', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await takes(hall, 'fine', 'fine', 'fine', 'fine', 'fine');
  await officer.sees('#next', 'A005');
  const { page } = officer;
  const asked = [];
  page.on('request', (request) => request.method() === 'POST' && asked.push(request.url()));

  await stopsClock(page);
  await page.clock.fastForward(GUARD_MS);
  await officer.key('F2');
  await officer.key('F2');
  await officer.has('A001', '正在叫号');
  assert.equal(asked.length, 1);

  await page.clock.fastForward(GUARD_MS);
  for (let repeat = 0; repeat < 20; repeat += 1) await page.keyboard.down('F2');
  await page.keyboard.up('F2');
  await officer.has('A002', '正在叫号');
  assert.equal(asked.length, 2);
  await page.clock.resume();

  // two consoles of one window: whoever comes second ends nobody else's visit
  const other = await hall.officer('the same window elsewhere');
  await other.page.clock.install();
  await other.page.goto('/zhuzhou/window?window=6');
  await other.has('A002', '正在叫号');
  hall.screens.tolerates(/status of 409/);
  await Promise.all([page.clock.fastForward(GUARD_MS), other.page.clock.fastForward(GUARD_MS)]);
  await Promise.all([officer.key('F2'), other.key('F2')]);
  await officer.has('A003', '正在叫号');
  await other.has('A003', '正在叫号');
  await officer.sees('#waiting', '等候 2 人');

  // and consoles of two windows: each his own
  const second = await quick(hall, 1, 'window 1');
  await Promise.all([officer.next(), second.next()]);
  await until('both have somebody', async () => {
    const numbers = [await officer.text('#number'), await second.text('#number')].sort();
    return numbers.join() === 'A004,A005';
  });
});

journey('nobody waits: whoever comes is called, unless that is cancelled', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await officer.next();
  await officer.sees('#auto', '来人自动叫');
  await takes(hall, 'fine');
  await officer.has('A001', '正在叫号');
  await officer.seesNot('#auto');

  await officer.next();
  await officer.sees('#auto', '来人自动叫');
  await officer.key('Escape');
  await officer.seesNot('#auto');
  await takes(hall, 'fine');
  await officer.sees('#next', 'A002');
  await officer.has('–');

  // taken back, it does not call again at once
  await officer.next();
  await officer.has('A002', '正在叫号');
  await officer.key('Control+z');
  await officer.has('–');
  await officer.sees('#next', 'A002');
});

journey('a typed number finds its citizen without a letter', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await takes(hall, 'fine', 'fine', 'mark', 'fine', 'mark');
  await officer.sees('#next', 'W002');
  await officer.key('2');
  await officer.sees('#call-preview', /A002.*违法处理/s);
  await officer.sees('#call-preview', /W002.*检验标志/s);
  await officer.key('ArrowDown');
  await officer.next();
  await officer.has('W002', '正在叫号');

  await officer.key('Numpad3');
  await officer.sees('#call-preview', 'A003');
  await officer.next('NumpadAdd');
  await officer.has('A003', '正在叫号');
  await officer.sees('#waiting', '等候 3 人');
  assert.equal(await officer.page.locator('#call-number').inputValue(), '');
});

journey('keys work while an input method is on, and can be chosen anew', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await takes(hall, 'fine', 'fine');
  await officer.sees('#next', 'A002');
  await officer.page.clock.fastForward(GUARD_MS);
  await officer.page.locator('#finish-form [name=note]').focus();
  await officer.page.evaluate(() => {
    const key = { key: 'Process', code: 'F2', keyCode: 229, bubbles: true, cancelable: true, isComposing: true };
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', key));
  });
  await officer.has('A001', '正在叫号');

  await officer.page.locator('#key-card summary').click();
  await officer.presses('改 办完,叫下一位');
  await officer.key('q');
  await officer.sees('#message', '这个键不能用');
  await officer.key('F12');
  assert.equal(await officer.page.locator('#finish-and-call-next').getAttribute('aria-keyshortcuts'), 'F12');
  await officer.page.reload();
  await officer.has('A001', '正在叫号');
  await officer.key('F12');
  await officer.has('A002', '正在叫号');
});

journey('several things in one visit: one key goes on with the next', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  await hall.server.take('fine', { also: ['mark'] });
  await officer.next();
  await officer.has('A001', '正在叫号');
  await officer.sees('#also', '还要办:检验标志');
  await officer.key('F1');
  await officer.sees('#service', '检验标志');
  await officer.has('A001', '正在叫号');
  await officer.seesNot('#also');
});

journey('sign-off says whom it would leave, and what can be done', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall, 3);
  await takes(hall, 'licence', 'exam', 'exam');
  await officer.sees('#next', 'C002');
  await officer.presses('下班签退');
  await officer.sees('#leaving', '还有 3 位没办完');
  await officer.sees('#leaving', '还有 2 位考试预约(C001、C002)');
  await officer.sees('#leaving', /6、7 号窗口也能办/);
  await isAccessible(officer, 'sign-off');
  await hall.server.officer(6);
  await officer.sees('#leaving', '可以签退');
  await officer.page.locator('#leaving-go').click();
  await officer.sees('#closed', '窗口未开');
});

journey('the way to the rating is a picture, for this window alone', { time: '09:00:00' }, async (hall) => {
  const officer = await quick(hall);
  const first = await hall.server.take('fine');
  await hall.server.take('fine');
  await officer.sees('#next', 'A002');
  await officer.next();
  await officer.has('A001', '正在叫号');
  await officer.next();
  await officer.has('A002', '正在叫号');
  await officer.key('F8');
  await officer.sees('#rating', 'A001');
  const code = officer.page.locator('#rating-code');
  await code.evaluate((image) => image.decode());
  assert.equal(await readCode(officer.page, code), `${hall.server.origin}${new URL(first.page, hall.server.origin).pathname}`);
  const told = await officer.page.evaluate(async () => (await fetch('/api/v1/halls/zhuzhou/windows/6')).text());
  assert.ok(!told.includes(first.token), 'the console knows the token');

  // not of another number, and not for whoever sits elsewhere
  const status = (address) => officer.page.evaluate(async (path) => (await fetch(path)).status, address);
  hall.screens.tolerates(/status of 404/);
  assert.equal(await status('/zhuzhou/windows/6/rating.svg?number=A002'), 404);
  assert.equal(await status('/zhuzhou/windows/5/rating.svg?number=A001'), 404);
});

// What a phone's camera would read.
async function readCode(page, image) {
  const size = 300;
  const pixels = await image.evaluate((element, size) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
    const paper = canvas.getContext('2d');
    paper.fillStyle = 'white';
    paper.fillRect(0, 0, size, size);
    paper.drawImage(element, 10, 10, size - 20, size - 20);
    return [...paper.getImageData(0, 0, size, size).data];
  }, size);
  const { default: jsQR } = await installed('jsqr');
  return jsQR(Uint8ClampedArray.from(pixels), size, size).data;
}

journey('from the sign-in to the first call', { start: withStaff }, async (hall) => {
  const officer = await hall.officer();
  await hall.server.take('fine');
  const { page } = officer;
  let loads = 0;
  page.on('load', () => (loads += 1));

  // the first day at this desk
  await page.goto('/zhuzhou/window');
  await signIn(page);
  await page.getByRole('link', { name: /^6 号窗口/ }).click();
  await page.locator('#open').waitFor();
  await officer.key('F2');
  await page.locator('#current').waitFor();

  // the next morning: the desk knows its window
  await page.context().clearCookies();
  await page.goto('/zhuzhou/window');
  loads = 0;
  await signIn(page);
  await page.locator('#number').waitFor();
  await officer.pressesF2Until('A001');
  console.log(`sign-in to first call: 4 interactions, ${loads} page loads`);
  assert.ok(loads <= 3, `${loads} page loads`);

  // one officer, one window: he is asked which to keep
  await officer.presses('只办结,不叫号');
  await officer.has('–');
  hall.screens.expects(/status of 409.*\/windows\/5\/open/);
  await page.goto('/zhuzhou/window?window=5');
  await officer.presses('开窗');
  await officer.sees('#elsewhere', '您已在 6 号窗口值守');
  await isAccessible(officer, 'which window');
  await officer.presses('换到 5 号窗口');
  await page.locator('#current').waitFor();
  await page.goto('/zhuzhou/window?window=6');
  await officer.sees('#closed', '窗口未开');
});

async function signIn(page) {
  await page.locator('[name=name]').fill('1024');
  await page.locator('[name=secret]').fill(PIN);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/zhuzhou\/window/);
}

async function withStaff(t) {
  const server = await startService({ time: '09:00:00', store: `sqlite:${path.join(await folder(t), 'hall.db')}` });
  const token = new URL(await server.setupLink()).searchParams.get('token');
  const chief = { account: 'chen', name: 'Chen', secret: 'eleven horses and a cart' };
  await server.post('/setup', { token, ...chief });
  const { bearer } = await server.post('/sign-in', { account: chief.account, secret: chief.secret });
  await server.post('/accounts', { account: '1024', name: 'Li', secret: PIN, role: 'officer', hall: 'zhuzhou' }, bearer);
  return server;
}
