// The phone page: whole without JavaScript, live with it, and light enough for a poor connection.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';

const FIRST_LOAD_BYTES = 20_000;

// The forms and a reload are all there is; each answers 303 and leads back to the page.
journey('without JavaScript every action is a form', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone({ javaScriptEnabled: false });
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('fine');
  for (let others = 0; others < 3; others += 1) await hall.server.take('fine');
  await phone.opens(mine.page);
  await phone.sees('#ahead', '您是下一位');

  assert.equal(await phone.sends('我要晚一点'), 303);
  await phone.sees('#why', '再叫2位');

  await phone.page.locator('summary').filter({ hasText: '选错业务了' }).click();
  await phone.page.selectOption('select[name=service]', 'licence');
  assert.equal(await phone.sends('更改,号码不变'), 303);
  await phone.sees('.service', '驾驶证业务');
  await phone.sees('h1.number', 'A001');
  assert.equal(await phone.page.locator('summary').filter({ hasText: '选错业务了' }).count(), 0);

  await officer('call', { number: 'A001', reason: '本人已到' });
  await phone.page.reload();
  await phone.sees('.go', '请到 6 号窗口');
  await hall.clock('09:00:40');
  await officer('missed');
  await phone.page.reload();
  await phone.sees('.said', '已叫过您');
  assert.equal(await phone.sends('重新排队'), 303);
  await phone.sees('.stage', '等候中');

  await officer('call', { number: 'A001', reason: '本人已到' });
  await officer('finish');
  await phone.page.reload();
  await phone.sees('.said', '办好了');
  await phone.page.fill('textarea', '很快,谢谢');
  assert.equal(await phone.sends('非常满意'), 303);
  await phone.sees('.said', '谢谢您的评价');

  const other = await hall.server.take('mark');
  await phone.opens(other.page);
  await phone.page.locator('summary').filter({ hasText: '不办了' }).click();
  assert.equal(await phone.sends('确定取消'), 303);
  await phone.sees('.stage', '已取消');
});

// The page was old: the refusal is told on a page that stays the ticket's own.
journey('a refused form says why, and the page stays the ticket', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('fine');
  let isLive = false;
  await phone.page.routeWebSocket(/\/ws\//, (socket) => isLive && socket.connectToServer());
  await phone.opens(mine.page);
  await phone.page.locator('summary').filter({ hasText: '不办了' }).click();
  await officer('call-next');
  isLive = true;
  await phone.presses('确定取消');
  await phone.sees('.alert', '叫号');
  await phone.sees('.go', '请到 6 号窗口');
  await officer('start');
  await phone.sees('.said', '6 号窗口正在为您办理');
  await phone.page.getByRole('link', { name: 'English' }).click();
  await phone.sees('.stage', 'Being served');
});

journey('with JavaScript the page follows without a reload', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const before = await hall.server.take('other');
  const mine = await hall.server.take('other');
  const officer = await hall.server.officer(6);
  await phone.opens(mine.page);
  await phone.page.evaluate(() => (window.sameDocument = true));
  await phone.sees('#ahead', '前面还有 1 人');
  assert.match(await phone.page.title(), /H002.*前面还有 1 人/);
  await phone.presses('叫到我时响铃和震动');
  await phone.sees('#alarm', '叫到时会响铃和震动');

  await hall.server.post(`/tickets/${before.token}/cancel`, {});
  await phone.sees('#ahead', '您是下一位');
  await officer('call-next');
  await phone.sees('.go', '请到 6 号窗口');
  assert.equal(await phone.page.evaluate(() => document.body.className), 'stage-called');
  await officer('start');
  await phone.sees('.said', '6 号窗口正在为您办理');
  await officer('finish');
  await phone.sees('.said', '办好了');
  await phone.seesNot('#alarm');
  assert.equal(await phone.page.evaluate(() => window.sameDocument), true);
  await phone.presses('满意');
  await phone.sees('.said', '谢谢您的评价');
});

journey('a first look at the ticket costs at most 20 kB', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const mine = await hall.server.take('licence');
  const network = await phone.page.context().newCDPSession(phone.page);
  await network.send('Network.enable');
  let bytes = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await phone.opens(mine.page);
  await phone.page.waitForLoadState('networkidle');
  await phone.sees('#as-of', '09:00');
  assert.ok(bytes > 0 && bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
});
