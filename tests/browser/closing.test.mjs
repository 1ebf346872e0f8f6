// The end of a day on every screen: led to the app in good time, everybody with a number served, and a record that adds
// up.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { journey } from './support/journey.mjs';

journey('a day closes by itself when the last citizen has been served', { time: '16:20:00' }, async (hall) => {
  const [kiosk, board, phone, manager, officer] = await Promise.all([
    hall.kiosk(),
    hall.board(),
    hall.phone(),
    hall.manager(),
    hall.officer(),
  ]);
  await Promise.all([kiosk.opens(), board.opens(), manager.opens('overview'), officer.opensWindow(6)]);
  await kiosk.takes('机动车登记');

  await hall.clock('16:30:00');
  await kiosk.sees('#sentence', '临近下班');
  await board.sees('#sentence-zh', '临近下班');
  await manager.sees('#phase', '临近下班');
  await officer.sees('#sentence', '临近下班');
  const last = await kiosk.takes('综合咨询');
  await phone.opens(last.page);
  await phone.sees('.said', '已取号,一定办完');

  await hall.clock('17:00:00');
  await kiosk.sees('#sentence', '取号已结束');
  hall.screens.expects(/status of 409.*\/tickets/);
  await kiosk.taps('检验标志');
  await kiosk.sees('#sheet', '08:50');
  await kiosk.goesBack();
  await board.sees('#sentence-zh', '还有2位,都办完我们才下班');
  await officer.presses('下班签退');
  await officer.sees('#leaving', 'U001');
  await officer.pressesF2Until('U001');
  await hall.clock('17:10:00');
  await officer.pressesF2Until('H001');
  await phone.sees('.go', '请到 6 号窗口');
  await hall.clock('17:15:00');
  await officer.presses('只办结,不叫号');

  // black with tomorrow on it, once the last call has been up for its minute
  await hall.clock('17:17:00');
  await board.page.locator('body.mode-black').waitFor();
  await board.sees('#idle-zh', '周二11月24日08:50');
  await kiosk.sees('#sentence', '今天已办完');
  await manager.sees('#phase', '已办完');

  await manager.opens('stats');
  await manager.sees('h1', /^2026-11-23$/);
  for (const [sum, count] of [['取号', 2], ['办结', 2], ['取消', 0], ['过号', 0], ['转交', 0], ['未办理', 0]]) {
    await manager.sees('.sums div', new RegExp(`^\\s*${sum}\\s*${count}\\s*$`));
  }
  await manager.sees('.sums div', /最后办完\s*17:15/);
  await manager.sees('p', /下班后还在办理[^]*6 号窗口 15:00/);
  const csv = await downloaded(manager, '下载 CSV');
  assert.match(csv, /^\uFEFF?\w+/);
  assert.match(csv, /registration/);
  assert.ok(csv.trim().split('\n').length > 3, csv);
});

async function downloaded(person, link) {
  const download = person.page.waitForEvent('download');
  await person.page.getByRole('link', { name: link }).click();
  return readFile(await (await download).path(), 'utf8');
}
