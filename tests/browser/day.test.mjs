// A hall's working day through everybody's screen: the numbers open, one is called, seen on the wall and served, and
// every side road of a ticket is taken once.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { standsStill } from './support/people.mjs';

journey('numbers open at 08:50, and one tap, one key and one look are a visit', {}, async (hall) => {
  const [kiosk, board, manager, phone, officer] = await Promise.all([
    hall.kiosk(),
    hall.board(),
    hall.manager(),
    hall.phone(),
    hall.officer(),
  ]);
  await standsStill(board.page);
  await Promise.all([kiosk.opens(), board.opens(), manager.opens('overview')]);

  // too early
  await kiosk.sees('#sentence', '08:50');
  await kiosk.sees('.tile', '08:50 开始取号');
  await board.sees('#idle-zh', '08:50');
  hall.screens.expects(/status of 409.*\/tickets/);
  await kiosk.taps('违法处理');
  await kiosk.sees('#sheet', '08:50');
  await kiosk.goesBack();

  // ten minutes before the doors
  await hall.clock('08:50:00');
  await kiosk.sees('#sentence', '可以取号了');
  await kiosk.sees('.tile', '不用等');
  await kiosk.taps('违法处理');
  await kiosk.shows('A001');
  const address = await kiosk.scanned();
  assert.match(address, new RegExp(`^${hall.server.origin}/t/[\\w-]{20,}$`));
  await kiosk.goesBack();
  await board.sees('#sentence-zh', '已开始取号');
  await manager.sees('[data-sum="issued"]', '1');
  await phone.opens(address);
  await phone.sees('h1.number', 'A001');

  // one key calls, and it is on the wall before a moment of the board has passed: it was told and has not asked
  await officer.opensWindow(6);
  await officer.sees('#next', 'A001');
  await officer.key('F2');
  await board.calls('A001', 6);
  await board.page.clock.resume();
  await board.sees('#panel-number', 'A001');
  await board.sees('#panel-window', '到 6 号窗口');
  await officer.has('A001', '正在叫号');
  await phone.sees('.go', '请到 6 号窗口');

  // and the same key finishes and calls the next
  const { number } = await kiosk.takes('违法处理');
  assert.equal(number, 'A002');
  await officer.pressesF2Until('A002');
  await board.calls('A002', 6);
  await board.callsFirst('A002');
  await board.sees('#windows > li', /6 号 综合窗口\s*A002/);
  await phone.sees('body.stage-served', '办好了');
  await manager.sees('[data-sum="served"]', '1');
});

journey('every side road of a ticket is open, and sign-off waits for those who hold a number', { time: '09:00:00' }, async (hall) => {
  const [board, manager, phone, officer] = await Promise.all([hall.board(), hall.manager(), hall.phone(), hall.officer()]);
  const first = await hall.server.take('fine');
  await hall.server.take('fine');
  await hall.server.take('fine');
  await Promise.all([board.opens(), manager.opens('overview'), phone.opens(first.page), officer.opensWindow(6)]);

  // recall: not at once, then as often as wanted
  await officer.key('F2');
  await officer.has('A001', '正在叫号');
  hall.screens.expects(/status of 409.*\/recall/);
  await officer.key('F3');
  await officer.sees('#message', '09:00:08');
  await hall.clock('09:00:08');
  await officer.key('F3');
  await officer.sees('#running', '已叫 2 次');
  await board.calls('A001', 6);

  // missed, and back from the phone
  await hall.clock('09:00:48');
  await officer.key('F4');
  await officer.sees('#missed-list', 'A001');
  await phone.sees('.stage', '已过号');
  await phone.presses('重新排队');
  await phone.sees('.stage', '等候中');
  await phone.sees('#why', '再叫3位');

  // a document is missing: parked with a note, and on again
  await officer.pressesF2Until('A002');
  await officer.key('Enter');
  await officer.has('A002', '办理中');
  await officer.key('F7');
  await officer.key('3');
  await officer.sees('#parked', /A002.*居民身份证/s);
  await officer.has('–');
  await officer.presses('继续办理');
  await officer.has('A002', '办理中');

  // passed on to another service, and that taken back
  await officer.key('F6');
  await officer.presses('行驶证业务');
  await officer.sees('#next', /A002.*行驶证业务/s);
  await officer.has('–');
  await officer.key('Control+z');
  await officer.has('A002', '办理中');

  // a break shows on the wall and in the overview
  await officer.pressesF2Until('A003');
  await officer.presses('只办结,不叫号');
  await officer.has('–');
  await officer.key('F9');
  await officer.presses('吃饭');
  await officer.sees('#service', '吃饭');
  await board.sees('#windows > li', /6 号 综合窗口\s*暂停/);
  await manager.sees('#windows > tr', /6 综合窗口\s*暂停/);
  await officer.key('F9');
  await manager.sees('#windows > tr', /6 综合窗口\s*开放/);

  // nobody who holds a number is left behind
  await officer.presses('下班签退');
  await officer.sees('#leaving', /1 位违法处理\(A001\)/);
  await officer.presses('继续办理');
  await officer.pressesF2Until('A001');
  await officer.presses('只办结,不叫号');
  await officer.has('–');
  await officer.presses('下班签退');
  await officer.sees('#closed', '窗口未开');
  await manager.sees('#windows > tr', /6 综合窗口\s*未开/);
});
