// What a console says in each state of the hall, in both languages, without a barrier and without anything cut off.

import assert from 'node:assert/strict';
import { isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';

const LIGHT = 150_000; // bytes of a first load
const SMALLEST = 56; // px of a key

const fits = async (officer, where) => {
  await isAccessible(officer, where);
  const { small, over } = await officer.page.evaluate((least) => {
    const keys = [...document.querySelectorAll('main button')].filter((key) => key.offsetHeight > 0);
    const small = keys.filter((key) => key.offsetHeight < least && !key.closest('.strip, #key-card')).map((key) => key.innerText);
    return { small, over: document.documentElement.scrollWidth - innerWidth };
  }, SMALLEST);
  assert.deepEqual(small, [], `${where}: keys too small`);
  assert.ok(over <= 0, `${where}: wider than the screen`);
};

for (const [language, words] of Object.entries({
  zh: { before: '08:50 开始取号', call: '叫下一位', nobody: '来人自动叫', closing: '临近下班', left: '还有2位', hall: '全厅暂停叫号', lunch: '13:20 开始取号' },
  en: { before: 'Numbers from 08:50', call: 'Call next', nobody: 'Whoever comes is called', closing: 'Closing soon', left: '2 left', hall: 'Hall is paused', lunch: 'Numbers from 13:20' },
})) {
  journey(`the day of a console, ${language}`, { time: '08:40:00' }, async (hall) => {
    const officer = await hall.officer('officer', { locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
    const { page } = officer;
    await page.clock.install();
    await page.goto(hall.server.link('console'));
    await page.goto(`/zhuzhou/window?window=6&lang=${language}`);
    await fits(officer, 'closed window');
    await officer.key('F2');
    await officer.sees('#finish-and-call-next', words.before);
    assert.ok(await page.locator('#finish-and-call-next').isDisabled());
    await fits(officer, 'before numbers');

    await hall.clock('08:50:00');
    await officer.sees('#finish-and-call-next', words.call);
    await page.clock.fastForward(1600);
    await officer.key('F2');
    await officer.sees('#auto', words.nobody);
    await fits(officer, 'nobody waits');
    await hall.server.take('registration', { class: 'elderly' });
    await officer.has('U001');
    await fits(officer, 'called');
    const primary = await page.locator('#finish-and-call-next').boundingBox();
    assert.ok(primary.width >= 320 && primary.height >= 88, JSON.stringify(primary));
    await officer.key('Enter');
    await page.locator('#current.serving').waitFor();
    await hall.clock('09:31:00');
    await officer.sees('#running.slow');
    await hall.clock('09:41:00');
    await officer.sees('#running.very-slow');
    await officer.key('F6');
    await fits(officer, 'transfer');
    await officer.key('Escape');

    const bearer = await hall.server.bearer('manager');
    await hall.server.post('/halls/zhuzhou/pause', { reason: '消防演习' }, bearer);
    await officer.sees('#banner', '消防演习');
    await fits(officer, 'paused');
    await hall.server.post('/halls/zhuzhou/resume', {}, bearer);
    await hall.clock('11:31:00');
    await hall.server.take('registration');
    await officer.sees('#banner', words.closing);
    await officer.sees('#banner', words.left);
    await fits(officer, 'near closing');
    await page.clock.fastForward(1600);
    await officer.key('F2');
    await officer.has('U002');
    await page.locator('#finish').click();
    await officer.has('–');
    await hall.clock('12:20:00');
    await officer.sees('#finish-and-call-next', words.lunch);
    await fits(officer, 'between');
  });
}

journey('a weekend is for those who have booked', { time: '09:05:00', date: '2026-11-28' }, async (hall) => {
  const officer = await hall.officer();
  await officer.opensWindow(6);
  await officer.sees('#booked-card', '今天的预约');
  await fits(officer, 'weekend');
});

journey('the first load of a console is light', { time: '09:00:00' }, async (hall) => {
  const officer = await hall.officer();
  await officer.opensWindow(6);
  let bytes = 0;
  let asked = 0;
  officer.page.on('requestfinished', async (request) => {
    asked += 1;
    const { responseBodySize, responseHeadersSize } = await request.sizes();
    bytes += responseBodySize + responseHeadersSize;
    asked -= 1;
  });
  const client = await officer.page.context().newCDPSession(officer.page);
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  await officer.page.reload({ waitUntil: 'load' });
  await officer.page.locator('#current').waitFor();
  assert.equal(asked, 0);
  console.log(`a console's first load: ${bytes} bytes`);
  assert.ok(bytes > 0 && bytes <= LIGHT, `${bytes} bytes`);
});
