// What a phone says when it hears nothing from the hall, by how long that has been, and that it finds back by itself.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { passes, standsStill, until } from './support/people.mjs';

const STALE = 12; // seconds after the last beat

journey('a server that does not answer is noticed, and the page is right again after it', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  await standsStill(phone.page);
  const officer = await hall.server.officer(6);
  const before = await hall.server.take('other');
  const mine = await hall.server.take('other');
  const connected = phone.page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await phone.opens(mine.page);
  await connected;
  await phone.sees('#ahead', '前面还有 1 人');
  await phone.seesNot('#stale');
  hall.screens.tolerates(/WebSocket|ERR_|Failed to load/);
  await hall.server.freeze();
  try {
    await passes(phone.page, STALE - 1);
    await phone.seesNot('#stale');
    await passes(phone.page, STALE + 1); // should a last beat have come on the way
    await phone.sees('#stale', '信号不好,显示 09:00 的情况');
  } finally {
    hall.server.thaw();
    await phone.page.clock.resume();
  }
  await hall.server.post(`/tickets/${before.token}/cancel`, {});
  await officer('call-next');
  await phone.sees('.go', '请到 6 号窗口');
  await phone.seesNot('#stale');
});

// The page's own clock is moved, the network is cut: half a minute, then five.
journey('without a socket the phone asks, and without that it says where to look', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  await phone.page.clock.install();
  await phone.page.routeWebSocket(/\/ws\//, () => {}); // opens, and says nothing
  const before = await hall.server.take('other');
  const mine = await hall.server.take('other');
  const asked = [];
  phone.page.on('response', (response) => {
    if (response.url().includes('/api/v1/tickets/')) asked.push(response.status());
  });
  await phone.opens(mine.page);
  await phone.page.clock.runFor(13_000);
  await phone.sees('#stale', '信号不好');
  assert.deepEqual(asked, []);
  await phone.page.clock.runFor(19_000);
  await until('it asks', () => asked.length > 0);
  await until('unchanged is all that is said', async () => {
    await phone.page.clock.runFor(16_000);
    return asked.includes(304);
  });
  assert.equal(asked[0], 200);
  await hall.server.post(`/tickets/${before.token}/cancel`, {});
  await until('the answer is written', async () => {
    await phone.page.clock.runFor(16_000);
    return (await phone.text('#ahead')) === '您是下一位';
  });
  await phone.seesNot('.lost');

  hall.screens.tolerates(/ERR_INTERNET_DISCONNECTED|Failed to load/);
  await phone.page.context().setOffline(true);
  await phone.page.clock.runFor(200_000);
  await phone.sees('#stale', '信号不好');
  await phone.page.clock.runFor(120_000);
  await phone.sees('.lost #stale', '请看大厅屏幕或问工作人员');
  await phone.seesNot('#position');
  await phone.page.context().setOffline(false);
  await until('it is back', async () => {
    await phone.page.clock.runFor(16_000);
    return phone.page.evaluate(() => !document.body.classList.contains('lost'));
  });
  await phone.sees('#position', '您是下一位');
});
