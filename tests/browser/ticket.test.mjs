// The phone page: whole without JavaScript, live with it, and light enough for a poor connection.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { until } from './support/people.mjs';

const FIRST_LOAD_BYTES = 20_000;

// The forms and a reload are all there is; each action asks once more on a page of its own, answers 303 and leads back.
journey('without JavaScript every action is a form', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone({ javaScriptEnabled: false });
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('fine');
  for (let others = 0; others < 3; others += 1) await hall.server.take('fine');
  const step = async (name) => {
    await phone.page.getByRole('link', { name }).click();
    await phone.page.getByRole('link', { name: '返回我的号码' }).waitFor();
  };
  await phone.opens(mine.page);
  await phone.sees('#ahead', '您是下一位');
  await phone.seesNot('#alarm');

  await step('我要晚一点');
  assert.equal(await phone.sends('让 2 位先办'), 303);
  await phone.sees('#why', '再叫2位');

  await step('选错业务了');
  await phone.page.selectOption('select[name=service]', 'licence');
  assert.equal(await phone.sends('更改,号码不变'), 303);
  await phone.sees('.service', '驾驶证业务');
  await phone.sees('h1.number', 'A001');
  assert.equal(await phone.page.getByRole('link', { name: '选错业务了' }).count(), 0);

  await officer('call', { number: 'A001', reason: '本人已到' });
  await phone.page.reload();
  await phone.sees('.go', '请到 6 号窗口');
  await step('走不开');
  await phone.sees('main', '再叫 3 位后叫您');
  await phone.page.getByRole('link', { name: '返回我的号码' }).click();
  await step('我来了');
  await phone.sees('.big', '请直接到 6 号窗口');
  await hall.clock('09:00:40');
  await officer('missed');
  await phone.page.getByRole('link', { name: '返回我的号码' }).click();
  await phone.sees('.said', '叫过您了');
  await phone.sees('.soft', '还可以重新排队 2 次');
  assert.equal(await phone.sends('重新排队'), 303);
  await phone.sees('.stage', '等候中');

  await officer('call', { number: 'A001', reason: '本人已到' });
  await officer('finish');
  await phone.page.reload();
  await phone.sees('.said', '办好了');
  await phone.page.getByRole('link', { name: '不评价' }).click();
  assert.equal(await phone.page.getByRole('button', { name: '非常满意' }).count(), 0);
  await phone.page.goto(mine.page);
  assert.equal(await phone.sends('非常满意'), 303);
  await phone.sees('.said', '谢谢您的评价');

  const other = await hall.server.take('mark');
  await phone.opens(other.page);
  await step('不办了');
  assert.equal(await phone.sends('确定取消'), 303);
  await phone.sees('.stage', '已取消');
  await phone.sees('.said', '号码已失效');
  await phone.page.getByRole('link', { name: '再取一个' }).click();
  await phone.sees('.citizen h1', /检验标志|取号/);
});

// It would take what somebody types with it, so a page that cannot change by itself is not loaded again.
journey('without JavaScript the page loads itself again while something can change', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone({ javaScriptEnabled: false });
  const mine = await hall.server.take('fine');
  const again = () => phone.page.content().then((html) => /<meta http-equiv="refresh" content="15; url=\/t\//.test(html));
  await phone.opens(mine.page);
  assert.equal(await again(), true, 'waiting');
  const officer = await hall.server.officer(1);
  await officer('call-next');
  await phone.page.reload();
  assert.equal(await again(), true, 'called');
  await officer('finish');
  await phone.page.reload();
  assert.equal(await again(), false, 'served');
});

// The page was old: the refusal is told on a page that stays the ticket's own.
journey('a refused form says why, and the page stays the ticket', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('fine');
  let isLive = false;
  await phone.page.routeWebSocket(/\/ws\//, (socket) => isLive && socket.connectToServer());
  await phone.opens(mine.page);
  await phone.page.getByRole('link', { name: '不办了' }).click();
  await phone.sees('#sheet', '不能恢复');
  await officer('call-next');
  isLive = true;
  await phone.presses('确定取消');
  await phone.sees('.alert', '叫号');
  await phone.sees('.go', '请到 6 号窗口');
  await phone.page.reload();
  await officer('start');
  await phone.sees('.said', '6 号窗口正在为您办理');
  await phone.page.getByRole('link', { name: 'English' }).click();
  await phone.sees('.stage', 'Being served');
});

journey('with JavaScript the page follows without a reload', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const before = await hall.server.take('other');
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  await phone.page.evaluate(() => (window.sameDocument = true));
  await phone.sees('#ahead', '前面还有 1 人');
  assert.equal(await phone.page.title(), 'H002 前面1人');
  const officer = await hall.server.officer(6);
  await phone.sees('#reason', '有1个窗口在办');
  await phone.sees('.soon', '快到了,请到 C区');

  await hall.server.post(`/tickets/${before.token}/cancel`, {});
  await phone.sees('#ahead', '您是下一位');
  await until('the title says so', async () => (await phone.page.title()) === 'H002 下一位');
  await officer('call-next');
  await phone.sees('.go', '请到 6 号窗口');
  await phone.sees('.where', 'C区');
  await until('the whole page is the call', () => phone.page.evaluate(() => document.body.matches('.stage-called:not(.near)')));
  assert.equal(await phone.page.evaluate(() => document.activeElement.id), 'go', 'a screen reader is led to the call');
  await officer('start');
  await phone.sees('.said', '6 号窗口正在为您办理');
  await officer('finish');
  await phone.sees('.said', '办好了');
  await phone.seesNot('#alarm');
  await phone.page.getByRole('link', { name: '非常不满意' }).click();
  await phone.page.getByLabel('服务态度').check();
  await phone.page.fill('textarea', '等了很久');
  await phone.presses('提交评价');
  await phone.sees('.said', '谢谢您的评价');
  assert.equal(await phone.page.evaluate(() => window.sameDocument), true);
});

// What stands on the page while one waits, and that others who came later were called for a reason.
journey('the page says when to be back and why it takes so long', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const officer = await hall.server.officer(4);
  for (let others = 0; others < 6; others += 1) await hall.server.take('vehicle');
  const mine = await hall.server.take('vehicle');
  await phone.opens(mine.page);
  await phone.sees('#ahead', '前面还有 6 人');
  await phone.sees('#back', /请在 09:\d\d 前回到大厅/);
  await phone.sees('.checks', '车主身份证');
  const bar = phone.page.locator('#bar');
  assert.equal(await bar.getAttribute('max'), '6');
  const elder = await hall.server.take('vehicle', { class: 'elderly' });
  await officer('call', { number: elder.number, reason: '照顾老人' });
  await officer('finish-and-call-next');
  await phone.sees('#reason', '刚才先叫了1位优先');
  await phone.sees('#ahead', '前面还有 5 人');
  assert.equal(await bar.evaluate((each) => each.value), 1);
});

// A screen reader hears 5, 2 and 0, not each step.
journey('a screen reader is told at five, two and none', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const others = [];
  for (let taken = 0; taken < 6; taken += 1) others.push(await hall.server.take('exam'));
  const mine = await hall.server.take('exam');
  const connected = phone.page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await phone.opens(mine.page);
  await connected;
  await phone.page.evaluate(() => {
    window.told = [];
    const status = document.querySelector('[role=status]');
    new MutationObserver(() => window.told.push(status.textContent)).observe(status, { childList: true, characterData: true, subtree: true });
  });
  await phone.sees('#ahead', '前面还有 6 人');
  for (const [left, other] of others.reverse().entries()) {
    await hall.server.post(`/tickets/${other.token}/cancel`, {});
    await phone.sees('#ahead', left === 5 ? '您是下一位' : `前面还有 ${5 - left} 人`);
  }
  assert.deepEqual(await phone.page.evaluate(() => window.told), ['前面还有 5 人', '前面还有 2 人', '您是下一位']);
  assert.equal(await phone.page.locator('[role=status]').count(), 1);
});

journey('a first look at the ticket costs at most 20 kB', { time: '09:00:00' }, async (hall, t) => {
  const phone = await hall.phone();
  const mine = await hall.server.take('licence');
  const network = await phone.page.context().newCDPSession(phone.page);
  await network.send('Network.enable');
  let bytes = 0;
  network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
  await phone.opens(mine.page);
  await phone.page.waitForLoadState('networkidle');
  await phone.sees('#as-of', '09:00');
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes > 0 && bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
});
