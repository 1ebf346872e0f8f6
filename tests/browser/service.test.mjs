// A hall's first morning for real: no demo, nobody may do anything yet. The first manager comes with the token from the
// server's console and lets the others in.

import assert from 'node:assert/strict';
import path from 'node:path';
import { journey } from './support/journey.mjs';
import { folder, startService } from './support/server.mjs';

const PASSWORD = 'eleven horses and a cart';
const PIN = '284951';

const freshHall = async (t) => startService({ time: '09:00:00', store: `sqlite:${path.join(await folder(t), 'hall.db')}` });

journey('the first manager sets the hall up, and lets an officer and a kiosk in', { start: freshHall }, async (hall) => {
  const [manager, officer, kiosk] = await Promise.all([hall.manager(), hall.officer(), hall.kiosk()]);

  // the printed link, and an account of one's own
  await manager.page.goto(await hall.server.setupLink());
  await manager.page.getByLabel('用户名').fill('chen');
  await manager.page.getByLabel('密码').fill(PASSWORD);
  await manager.presses('完成设置');
  await manager.page.waitForURL('**/sign-in');
  await manager.page.getByLabel('工号或用户名').fill('chen');
  await manager.page.getByLabel('PIN 或密码').fill('not this one');
  await manager.presses('登录');
  await manager.sees('.alert', '不对');
  assert.equal(await manager.page.getByLabel('工号或用户名').inputValue(), 'chen');
  await manager.page.getByLabel('PIN 或密码').fill(PASSWORD);
  await manager.presses('登录');
  await manager.sees('.who', 'chen · 负责人');

  // a colleague, and a machine
  await manager.page.goto('/zhuzhou/accounts');
  await manager.page.locator('form[action$=officers]').getByLabel('工号').fill('1001');
  await manager.page.getByLabel('姓名').fill('李敏');
  await manager.page.getByLabel('PIN(').fill(PIN);
  await manager.presses('新增');
  await manager.sees('tbody tr', /1001.*李敏.*窗口人员/s);
  await manager.page.getByLabel('设备名').fill('kiosk-1');
  await manager.presses('登记');
  await manager.sees('h2', '已登记 kiosk-1');
  const link = await manager.page.locator('.demo-card a').getAttribute('href');
  await manager.page.getByRole('link', { name: 'English' }).click();
  await manager.sees('h1', 'Accounts');

  // each with its own key
  await kiosk.opens(link);
  await kiosk.taps('驾驶证业务');
  await kiosk.shows('F001');
  await officer.page.goto('/zhuzhou/window');
  await officer.page.waitForURL('**/sign-in?**');
  await officer.page.getByLabel('工号或用户名').fill('1001');
  await officer.page.getByLabel('PIN 或密码').fill(PIN);
  await officer.page.keyboard.press('Enter');
  await officer.page.getByRole('link', { name: /^3 号窗口/ }).click();
  await officer.presses('开窗');
  await officer.page.locator('#current').waitFor();
  await officer.key('F2');
  await officer.has('F001', '正在叫号');

  // and no further than that
  await officer.page.goto('/zhuzhou/overview');
  await officer.page.waitForURL('**/sign-in?role=manager**');
  await manager.page.goto('/');
  await manager.presses('Sign out');
  await manager.seesNot('.who');
  await manager.page.goto('/zhuzhou/accounts');
  await manager.page.waitForURL('**/sign-in?**');
});

journey('a stranger can look and take nothing', { start: freshHall }, async (hall) => {
  const visitor = await hall.visitor();
  await visitor.opens('/');
  await visitor.sees('h2', '交警业务大厅');
  assert.equal(await visitor.page.locator('.demo').count(), 0);
  for (const closed of ['window', 'overview', 'stats', 'accounts']) {
    await visitor.opens(`/zhuzhou/${closed}`);
    await visitor.page.waitForURL('**/sign-in?**');
  }
});
