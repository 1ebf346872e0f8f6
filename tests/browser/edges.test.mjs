// The edges of the day at the door: checking in, being led to the app, the usher who walks along the line.

import assert from 'node:assert/strict';
import { fitsAPhone, isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';

const FRIDAY = '2026-11-27';
const SATURDAY = '2026-11-28';
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const HAN = /\p{Script=Han}/u;

const person = (id_number, name = '王芳') => ({ name, phone: '13800001234', id_number });
const booked = (hall, time, id_number, name) =>
  hall.server.post('/halls/zhuzhou/appointments', {
    service: 'licence',
    slot: `weekend-20261128T${time}`,
    person: person(id_number, name),
  });

async function typesOnGlass(kiosk, digits) {
  for (const digit of digits) await kiosk.presses(digit);
}

// It happened: a deaf man and somebody else had been given one number, and for years nobody believed him.
journey('two people with one number are both served', { time: '10:00:00', date: FRIDAY }, async (hall) => {
  const first = await booked(hall, '0900', '430202199001010011', '陈某');
  const second = await booked(hall, '0900', '430202199001010011', '王某某');
  await hall.clock('08:50:00', SATURDAY);
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  await kiosk.page.locator('body.booked-only').waitFor();
  hall.screens.expects(/status of 422.*check-ins/);
  await kiosk.scans('430202199001010011');
  await kiosk.sees('#sheet', '请输入预约码');
  await kiosk.goesBack();
  for (const [{ code }, number] of [[first, 'F001'], [second, 'F002'], [first, 'F001']]) {
    await kiosk.taps('我有预约');
    await typesOnGlass(kiosk, code);
    await kiosk.presses('签到');
    await kiosk.shows(number);
    await kiosk.goesBack();
  }
});

journey('a passport is typed with letters', { time: '10:00:00', date: FRIDAY }, async (hall) => {
  await hall.server.post('/halls/zhuzhou/appointments', {
    service: 'licence',
    slot: 'weekend-20261128T0900',
    person: { ...person('e 1234 5678', 'John Smith'), document: 'passport' },
  });
  await hall.clock('08:50:00', SATURDAY);
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  await kiosk.page.locator('body.booked-only').waitFor();
  await kiosk.taps('我有预约');
  await kiosk.presses('字母 ABC');
  await kiosk.presses('E');
  await kiosk.presses('数字 123');
  await typesOnGlass(kiosk, '12345678');
  await kiosk.sees('.typed', 'E12345678');
  await isAccessible(kiosk, 'letters');
  await kiosk.presses('签到');
  await kiosk.shows('F001');
});

journey('whoever has booked checks in at the kiosk', { time: '10:00:00', date: FRIDAY }, async (hall) => {
  const first = await booked(hall, '0900', '430202199001010011');
  const second = await booked(hall, '0900', '43020219900101002X');
  await booked(hall, '0900', '430202199001010038');
  await hall.clock('08:39:00', SATURDAY);
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  await kiosk.page.locator('body.booked-only').waitFor();
  await kiosk.taps('我有预约');
  await typesOnGlass(kiosk, first.code);
  await kiosk.sees('.typed', first.code);
  await isAccessible(kiosk, 'code');
  hall.screens.expects(/status of 409.*check-ins/);
  await kiosk.presses('签到');
  await kiosk.sees('#sheet', '08:40');
  await isAccessible(kiosk, 'too early');
  await kiosk.goesBack();

  await hall.clock('08:50:00', SATURDAY);
  await kiosk.sees('#sentence', '预约');
  await kiosk.page.locator('body.booked-only').waitFor();
  await kiosk.sees('.tile', /驾驶证业务.*最近可约 11:00/s);
  await isAccessible(kiosk, 'by appointment only');
  await kiosk.taps('我有预约');
  await typesOnGlass(kiosk, first.code);
  await kiosk.presses('签到');
  await kiosk.shows('F001');
  await kiosk.goesBack();

  // a scanner types what it reads and ends with Enter: the page's address, or a document's number
  await kiosk.scans(`${hall.server.origin}${second.page}`);
  await kiosk.shows('F002');
  await kiosk.goesBack();
  await kiosk.scans('430202199001010038');
  await kiosk.shows('F003');
  await kiosk.goesBack();

  // the same once more is the same number
  await kiosk.taps('我有预约');
  await typesOnGlass(kiosk, first.code);
  await kiosk.presses('签到');
  await kiosk.shows('F001');
  await kiosk.goesBack();

  // without one: the next times, and a code to book them with
  await kiosk.presses('English');
  hall.screens.expects(/status of 409.*tickets/);
  await kiosk.taps('Driving licence');
  await kiosk.sees('#sheet .others', 'Book for');
  await kiosk.page.locator('#sheet img.book').evaluate((image) => image.decode());
  assert.doesNotMatch((await kiosk.text('body')).replace('中文', ''), HAN);
});

journey('near closing the app comes first, and whoever insists gets a number', { time: '16:31:00' }, async (hall) => {
  const [kiosk, manager] = await Promise.all([hall.kiosk(), hall.manager()]);
  await Promise.all([kiosk.opens(), manager.opens('overview')]);
  hall.screens.expects(/status of 409.*tickets/);
  for (const language of ['zh', 'en']) {
    if (language === 'en') await kiosk.presses('English');
    await kiosk.taps(language === 'zh' ? '违法处理' : 'Traffic fines');
    await kiosk.sees('#sheet', /12123/);
    const code = kiosk.page.locator('#sheet img.app');
    await code.evaluate((image) => image.decode());
    const { width } = await code.boundingBox();
    assert.ok(width >= 400, `${width} px is small for a phone's camera`);
    await isAccessible(kiosk, `led to the app, ${language}`);
    await fitsGlass(kiosk);
    await kiosk.goesBack();
    if (language === 'en') await kiosk.presses('English');
    await kiosk.taps(language === 'zh' ? '驾驶证业务' : 'Driving licence');
    await kiosk.page.locator('#sheet img.book').evaluate((image) => image.decode());
    await fitsGlass(kiosk);
    await kiosk.goesBack();
  }
  await kiosk.taps('违法处理');
  await kiosk.presses('还是要取号');
  await kiosk.shows('A001');
  await kiosk.goesBack();
  await kiosk.taps('检验标志');
  await kiosk.presses('没有智能手机,取号');
  await kiosk.shows('W001');
  await kiosk.goesBack();
  await kiosk.taps('机动车登记');
  await kiosk.presses('带齐了,取号');
  await kiosk.shows('U001');
  await manager.sees('#redirects tr', /违法处理\s*\d+\s*1/);
});

// Nothing on a sheet is cut off.
async function fitsGlass(kiosk) {
  const over = await kiosk.page.locator('#sheet').evaluate((sheet) => sheet.scrollHeight - sheet.clientHeight);
  assert.ok(over <= 1, `the sheet is ${over} px too long`);
}

journey('the same on a phone, without JavaScript', { time: '16:31:00' }, async (hall) => {
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens('/zhuzhou/take');
  await visitor.presses(/^违法处理/);
  await visitor.sees('.alert', '临近下班');
  await visitor.sees('.button', '交管12123');
  await visitor.presses('坚持取号');
  await visitor.sees('h1.number', 'A001');
});

journey('the usher walks along the line', { time: '16:20:00' }, async (hall) => {
  const usher = await hall.visitor(PHONE);
  await usher.page.goto(hall.server.link('usher'));
  await usher.sees('.line', /违法处理.*16:30 开始引导,还有 10 分钟/s);
  await hall.clock('16:30:00');
  await usher.page.reload();
  await usher.sees('.leads', /违法处理.*现在开始引导/s);
  await usher.sees('.say', '交管12123');
  await isAccessible(usher, 'usher');
  await fitsAPhone(usher, 'usher');
  await usher.page.locator('.leads').first().getByRole('button', { name: '已教会' }).click();
  await usher.sees('.message', '已记下');

  const opens = (title) => usher.page.locator('details.card summary').filter({ hasText: title }).click();
  await opens('给已在排队的人发号');
  await usher.page.locator('form[action$=issue] select[name=service]').selectOption('fine');
  await usher.presses('发号');
  await usher.sees('.given', 'A001');
  await usher.page.locator('.message img').evaluate((image) => image.decode());
  await isAccessible(usher, 'a number given');
  await opens('改业务');
  await usher.page.locator('form[action$=change] input[name=number]').fill('a001');
  await usher.page.locator('form[action$=change] select').selectOption('licence');
  await usher.presses('更改,号码不变');
  await usher.sees('.message', /A001.*业务已改/s);
  await opens('过号的人回来了');
  await usher.page.locator('form[action$=readmit] input[name=number]').fill('A001');
  await usher.presses('重新排队');
  await usher.sees('.alert', 'A001');
  await opens('再看一次号码');
  await usher.page.locator('form[action$=reprint] input[name=number]').fill('A001');
  await usher.presses('显示');
  await usher.sees('.given', 'A001');
  await usher.page.goto('/zhuzhou/usher?lang=en');
  await usher.sees('.now', 'Lead people to the app now');
  await isAccessible(usher, 'usher in English');
});

journey('the usher on a day by appointment only', { time: '10:00:00', date: FRIDAY }, async (hall) => {
  const { code } = await booked(hall, '0900', '430202199001010011');
  await booked(hall, '0930', '43020219900101002X');
  await hall.clock('08:50:00', SATURDAY);
  const usher = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await usher.page.goto(hall.server.link('usher'));
  await usher.sees('main', '还有 2 位没到');
  await usher.page.locator('summary').filter({ hasText: '替人签到' }).click();
  await usher.page.fill('input[name=code]', code);
  await usher.presses('签到');
  await usher.sees('.given', 'F001');
  await usher.page.locator('summary').filter({ hasText: '现场补位' }).click();
  await usher.page.locator('form[action$=issue] select[name=service]').selectOption('exam');
  await usher.presses('发号');
  await usher.sees('.given', 'C001');

  await usher.opens('/zhuzhou/appointments');
  await usher.sees('tr', new RegExp(`${code}.*王\\S*.*已签到.*F001`, 's'));
  await usher.sees('tr', '现场补位');
  await usher.page.locator('summary').filter({ hasText: '取消预约' }).first().click();
  await usher.presses('确定取消');
  await usher.sees('tr', '已取消');
});
