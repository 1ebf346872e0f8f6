// A whole turn at a window without a mouse: choose it, open it, call, serve, pass on, pause, sign off.

import { journey } from './support/journey.mjs';

journey('an officer works with keys alone', { time: '09:00:00' }, async (hall) => {
  const [officer, board] = await Promise.all([hall.officer(), hall.board()]);
  await hall.server.take('licence');
  await hall.server.take('exam');
  await board.opens();
  await officer.page.goto(hall.server.link('console'));
  await officer.tabsTo('3 号窗口');
  await officer.key('Enter');
  await officer.page.locator('#closed').waitFor();
  await officer.tabsTo('开窗');
  await officer.key('Enter');
  await officer.page.locator('#current').waitFor();

  await officer.key('F2');
  await officer.has('F001', '正在叫号');
  await board.calls('F001', 3);
  await officer.key('Enter');
  await officer.has('F001', '办理中');

  // passed on to the other service of this window, by a digit in the panel that F6 opens
  await officer.key('F6');
  await officer.key('5');
  await officer.sees('#next', /F001.*考试预约/s);
  await officer.key('Control+z');
  await officer.has('F001', '办理中');

  await officer.pressesF2Until('C001');
  await officer.tabsTo('只办结,不叫号');
  await officer.key('Enter');
  await officer.has('–');
  await officer.key('F9');
  await officer.tabsTo('开会');
  await officer.key('Space');
  await officer.sees('#service', '开会');
  await officer.key('F9');
  await officer.sees('#service', '按 F2');
  await officer.tabsTo('下班签退');
  await officer.key('Enter');
  await officer.sees('#closed', '窗口未开');
});
