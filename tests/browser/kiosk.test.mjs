// The machine by the door: every journey's taps, counted, and what it does with a hasty hand, a long pause, a scanner and
// a slip.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { passes, standsStill, stopsClock } from './support/people.mjs';

// Counts what a finger does to the kiosk from here on.
async function counted(kiosk) {
  await kiosk.page.evaluate(() => {
    window.taps = 0;
    document.addEventListener('pointerdown', () => (window.taps += 1), true);
  });
  return {
    async are(most, what) {
      const taps = await kiosk.page.evaluate(() => window.taps);
      assert.equal(taps, most, `${what} takes ${taps} taps`);
      await kiosk.page.evaluate(() => (window.taps = 0));
    },
  };
}

async function goesHome(kiosk) {
  await kiosk.goesBack();
  await kiosk.page.evaluate(() => (window.taps = 0));
}

journey('each journey takes as many taps as it should', { time: '09:00:00' }, async (hall) => {
  const [kiosk, officer] = await Promise.all([hall.kiosk(), hall.officer()]);
  await kiosk.opens();
  const taps = await counted(kiosk);
  await kiosk.taps('驾驶证业务');
  await kiosk.shows('F001');
  await taps.are(1, 'a number');
  await goesHome(kiosk);

  await kiosk.presses('优先');
  await kiosk.taps('考试预约');
  await kiosk.shows('C001');
  await taps.are(2, 'a number with priority');
  await goesHome(kiosk);
  await kiosk.seesNot('#classes');

  await kiosk.presses('要带什么');
  await kiosk.taps('行驶证业务');
  await kiosk.sees('#sheet .documents', /身份证/);
  await taps.are(2, 'what to bring');
  await goesHome(kiosk);

  // corrected by whom it is for, or by the officer
  await kiosk.presses('优先');
  await kiosk.presses('孕妇');
  await kiosk.taps('综合咨询');
  await kiosk.shows('H001');
  await taps.are(3, 'a number with the right class');
  await kiosk.goesBack();
  await officer.opensWindow(6);
  await officer.sees('#next', /C001.*老年人/s);
  await officer.sees('#next', /H001.*孕妇/s);
});

journey('the same tile tapped again offers the same number', { time: '09:00:00' }, async (hall) => {
  const [kiosk, manager] = await Promise.all([hall.kiosk(), hall.manager()]);
  await standsStill(kiosk.page);
  await Promise.all([kiosk.opens(), manager.opens('overview')]);
  await kiosk.page.locator('.tile').filter({ hasText: '检验标志' }).dblclick();
  await kiosk.shows('W001');
  await kiosk.goesBack();
  await kiosk.taps('检验标志');
  await kiosk.sees('#sheet', '您已取号 W001');
  await kiosk.presses('再看这个号');
  await kiosk.shows('W001');
  await manager.sees('[data-sum="issued"]', '1');

  // somebody else may want one all the same
  await kiosk.goesBack();
  await kiosk.taps('检验标志');
  await kiosk.presses('另取一个号');
  await kiosk.shows('W002');
  await manager.sees('[data-sum="issued"]', '2');

  // and the next in line is not asked
  await kiosk.goesBack();
  await kiosk.page.clock.fastForward(11_000);
  await kiosk.taps('检验标志');
  await kiosk.shows('W003');
});

journey('one key turns the kiosk to English and back', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  await kiosk.presses('English');
  await kiosk.sees('#sentence', 'What do you need today?');
  await kiosk.sees('.tile', 'Traffic fines');
  await kiosk.taps('Traffic fines');
  await kiosk.shows('A001');
  const onGlass = (await kiosk.text('body')).replace('中文', '');
  assert.doesNotMatch(onGlass, /\p{Script=Han}/u);
  await kiosk.goesBack();
  await kiosk.sees('#sentence', '您要办什么?');
});

journey('a number can be taken by five keys', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk({ hasTouch: false });
  await kiosk.opens();
  const focused = () => kiosk.page.evaluate(() => document.activeElement.innerText.split('\n')[0]);
  const arrives = async (arrow, name, most) => {
    for (let presses = 0; presses <= most; presses += 1) {
      if ((await focused()).includes(name)) return;
      await kiosk.page.keyboard.press(arrow);
    }
    throw new Error(`${arrow} does not lead to ${name}, but to ${await focused()}`);
  };
  // in the order in which they are read
  const order = await kiosk.page.locator('.tile strong').allInnerTexts();
  await kiosk.page.keyboard.press('ArrowRight');
  for (const name of order.slice(0, -1)) {
    assert.equal(await focused(), name);
    await kiosk.page.keyboard.press('ArrowRight');
  }
  await arrives('ArrowLeft', '考试预约', 8);
  await kiosk.page.keyboard.press('ArrowUp');
  assert.equal(await focused(), '检验标志');
  await kiosk.page.keyboard.press('ArrowDown');
  await kiosk.page.keyboard.press('Enter');
  await kiosk.shows('C001');
  assert.equal(await focused(), '好的');
  await kiosk.page.keyboard.press('Enter');
  await kiosk.page.locator('#tiles').waitFor();
  await arrives('ArrowDown', '优先', 12);
  await kiosk.page.keyboard.press('Enter');
  await arrives('ArrowRight', '孕妇', 30);
  await kiosk.page.keyboard.press('Enter');
  await arrives('ArrowRight', '综合咨询', 30);
  await kiosk.page.keyboard.press('Space');
  await kiosk.shows('H001');
});

journey('whoever walks away leaves the kiosk as it was', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await standsStill(kiosk.page);
  await kiosk.opens();
  const waits = (seconds) => passes(kiosk.page, seconds);
  await kiosk.presses('English');
  await waits(29);
  assert.ok(await kiosk.page.locator('#idle').isHidden(), 'asked too early');
  await waits(2);
  await kiosk.sees('#idle', 'Are you still there?');
  // any touch stops the ring, and presses nothing
  await kiosk.page.mouse.click(500, 1500);
  await waits(0.1);
  await kiosk.seesNot('#idle');
  await kiosk.sees('#sentence', 'What do you need today?');
  assert.ok(await kiosk.page.locator('#sheet').isHidden(), 'the touch pressed a tile');
  await waits(30);
  await kiosk.sees('#idle', 'Are you still there?');
  await waits(16);
  await kiosk.sees('#sentence', '您要办什么?');

  // large letters are for those who need more time
  await kiosk.presses('大字');
  await waits(88);
  assert.ok(await kiosk.page.locator('#idle').isHidden(), 'large letters: asked too early');
  await waits(4);
  await kiosk.sees('#idle', '您还需要继续办理吗?');
  await waits(31);
  await kiosk.page.locator('body:not(.large)').waitFor();

  // and a number goes by itself: there is no paper, so it stays a little longer
  await kiosk.taps('违法处理');
  await kiosk.shows('A001');
  await waits(18);
  await kiosk.sees('#sheet .number', 'A001');
  await waits(4);
  await kiosk.page.locator('#tiles').waitFor();
});

journey('a scanner is heard, a person who types is not', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  const ticket = await hall.server.take('licence');
  const asked = [];
  kiosk.page.on('request', (request) => /check-ins|\/tickets\//.test(request.url()) && asked.push(request.url()));
  await kiosk.page.keyboard.type('430202199001010011', { delay: 70 });
  await kiosk.page.keyboard.press('Enter');
  await kiosk.scans(`${hall.server.origin}${ticket.page}`);
  await kiosk.sees('#sheet .number', ticket.number);
  assert.equal(asked.length, 1, asked.join('\n'));
  assert.match(asked[0], /\/tickets\//);
});

journey('a slip shown to the kiosk opens what can be done with it', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  const tickets = [await hall.server.take('licence'), await hall.server.take('licence'), await hall.server.take('licence')];
  const scans = (text) => kiosk.scans(text);
  await scans(`${hall.server.origin}${tickets[0].page}`);
  await kiosk.sees('#sheet .number', tickets[0].number);
  await kiosk.presses('让 2 位先办');
  await kiosk.sees('#sheet', '好了,后面 2 位先办');
  await kiosk.goesBack();

  await scans(`${hall.server.origin}${tickets[1].page}`);
  await kiosk.presses('不办了,取消号码');
  await kiosk.sees('#sheet', `取消 ${tickets[1].number}?`);
  await kiosk.presses('不办了,取消号码');
  await kiosk.sees('#sheet', '已取消');
  await kiosk.goesBack();

  const act = await hall.server.officer(3);
  const called = await act('call', { number: tickets[2].number, reason: '测试' });
  assert.equal(called.ticket.number, tickets[2].number);
  await act('recall').catch(() => {});
  await hall.clock('09:05:00');
  await act('missed');
  await scans(`${hall.server.origin}${tickets[2].page}`);
  await kiosk.presses('重新排队');
  await kiosk.sees('#sheet', '好了,已重新排队');
  await kiosk.goesBack();

  hall.screens.expects(/status of 404.*tickets/);
  await scans(`${hall.server.origin}/t/${'x'.repeat(22)}`);
  await kiosk.sees('#sheet', '不是今天的');
});

journey('a card of somebody old enough brings priority by itself', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  hall.screens.expects(/status of 404.*check-ins/);
  for (const [card, isElderly] of [['430202195001010013', true], ['43020219900101002X', false]]) {
    const answered = kiosk.page.waitForResponse(/check-ins/);
    await kiosk.scans(card);
    await answered;
    await kiosk.page.locator('#tiles').waitFor();
    assert.equal(await kiosk.page.locator('#classes').isVisible(), isElderly, card);
    if (isElderly) await kiosk.presses('优先');
  }
});

journey('before a number that needs papers the kiosk asks for them', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  const taps = await counted(kiosk);
  await kiosk.taps('机动车登记');
  await kiosk.sees('#sheet', '带齐了吗?');
  await kiosk.sees('#sheet .documents', '购车发票');
  await kiosk.presses('带齐了,取号');
  await kiosk.shows('U001');
  await taps.are(2, 'a number that needs papers');
  await kiosk.goesBack();
  await kiosk.taps('机动车登记');
  await kiosk.presses('还差材料');
  await kiosk.presses('先取号,同时补材料');
  await kiosk.presses('另取一个号');
  await kiosk.shows('U002');
});

journey('several things are one number, a tap for each', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  const taps = await counted(kiosk);
  await kiosk.taps('一窗通办');
  await kiosk.page.locator('.row').filter({ hasText: '驾驶证业务' }).click();
  await kiosk.page.locator('.row').filter({ hasText: '检验标志' }).click();
  const asked = kiosk.page.waitForRequest((request) => request.url().endsWith('/tickets'));
  await kiosk.presses('取号,共 2 件事');
  assert.deepEqual((await asked).postDataJSON().also, ['mark']);
  await kiosk.shows('F001');
  await taps.are(4, 'two things at once');
});

journey('somebody calls for help and sees that it was heard', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  const answered = kiosk.page.waitForResponse(/\/help$/);
  await kiosk.presses('请人帮忙');
  const { id } = await (await answered).json();
  await kiosk.sees('#sheet', '工作人员马上到');
  await hall.server.officer(6);
  await hall.server.post(`/halls/zhuzhou/help/${id}/answer`, { window: 6 }, await hall.server.bearer('officer'));
  await kiosk.sees('#sheet', '6 号窗口的同事正过来');
});
