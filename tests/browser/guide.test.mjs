// The guide as people use it: on a phone with and without JavaScript, on the kiosk's tall glass, on paper, and the
// manager's list of what was asked in vain.

import assert from 'node:assert/strict';
import { fitsAPhone, isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';
import { passes, standsStill, stopsClock, until } from './support/people.mjs';

const HAN = /\p{Script=Han}/u;
const KIOSK = { viewport: { width: 1080, height: 1920 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

// A picture for whoever wants to look, where PHOTOGRAPHS names a folder.
async function photograph(who, name) {
  if (process.env.PHOTOGRAPHS) await who.page.screenshot({ path: `${process.env.PHOTOGRAPHS}/${name}.png`, fullPage: true });
}

// Letters and keys that are smaller than they may be on the glass.
function tooSmall(page, letters, keys) {
  return page.evaluate(([letters, keys]) => {
    const shown = [...document.querySelectorAll('main *, .bottom *, .keyboard *')].filter((element) => element.offsetHeight > 0);
    const words = shown.filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
    const small = words.filter((element) => parseFloat(getComputedStyle(element).fontSize) < letters);
    const low = shown.filter((element) => element.matches('button, .button, .found a, input, summary') && element.offsetHeight < keys);
    return [...small, ...low].map((element) => `${element.tagName} ${element.innerText}`);
  }, [letters, keys]);
}

journey('without JavaScript a question leads to a card and a printed list', { time: '09:30:00' }, async (hall) => {
  const citizen = await hall.phone({ ...PHONE, javaScriptEnabled: false });
  await citizen.page.goto('/zhuzhou/guide');
  assert.equal(await citizen.page.locator('#frequent li').count(), 6);
  await photograph(citizen, 'guide-front');
  await citizen.page.getByLabel('您想办什么').fill('我驾照丢了咋办');
  await citizen.presses('查找');
  await citizen.sees('#count', '找到');
  await photograph(citizen, 'guide-found');
  await citizen.page.locator('.found a').first().click();
  await citizen.sees('h1', '驾驶证遗失补证');
  await citizen.page.getByRole('link', { name: '替别人办' }).click();
  await citizen.sees('.checklist', '委托书');
  await citizen.sees('.place', '3 号窗口');
  await photograph(citizen, 'guide-card');
  await citizen.page.getByRole('link', { name: '打印清单' }).click();
  await citizen.page.waitForURL(/\/print/); // and for its style sheet
  const points = await citizen.page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.boxes li')).fontSize) * 0.75);
  assert.ok(points >= 14, `${points} pt`);
  await citizen.page.getByRole('link', { name: '大字' }).click();
  await citizen.page.waitForURL(/large/);
  const large = await citizen.page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.boxes li')).fontSize) * 0.75);
  assert.ok(large >= 18, `${large} pt`);
  await photograph(citizen, 'guide-paper');
});

journey('the guide answers while one types, and says what it does not know', { time: '09:30:00' }, async (hall) => {
  const citizen = await hall.phone();
  await citizen.page.goto('/zhuzhou/guide');
  await citizen.page.getByLabel('您想办什么').pressSequentially('nianjian');
  await citizen.sees('.found strong', '申领检验标志');
  await citizen.page.getByLabel('您想办什么').fill('护照到期了');
  await citizen.sees('.nothing', '出入境');
  await citizen.sees('.nothing', '12123');
  await photograph(citizen, 'guide-nothing');
  await citizen.presses('查找');
  await citizen.sees('.nothing', '12123');
  const manager = await hall.manager();
  await manager.opens('overview');
  await until('the manager sees the question', async () => {
    await manager.page.goto('/zhuzhou/guide/misses');
    return (await manager.text('main')).includes('护照到期了');
  });
  assert.doesNotMatch(await manager.text('main'), /nianjia\b/, 'what was only half typed is no question');
  await photograph(manager, 'guide-misses');
  await isAccessible(manager, 'misses');
  await manager.presses('已处理');
  await manager.sees('main', '还没有');
});

journey('every page of the guide is accessible and speaks one language', { time: '09:30:00' }, async (hall) => {
  const citizen = await hall.phone();
  const pages = ['guide', 'guide?q=jszdl', 'guide?q=passport', 'guide/licence-lost', 'guide/licence-lost?as=agent', 'guide/fine-redlight', 'guide/register-new/print'];
  for (const path of pages) {
    for (const language of ['zh', 'en']) {
      const where = `${path} in ${language}`;
      await citizen.page.goto(`/zhuzhou/${path}${path.includes('?') ? '&' : '?'}lang=${language}`);
      await isAccessible(citizen, where);
      await fitsAPhone(citizen, where);
      if (language === 'zh') continue;
      const told = (await citizen.text('body')).replaceAll('中文', '').replace(/Source:.*/g, '');
      assert.doesNotMatch(told, HAN, where);
    }
  }
});

journey('on the kiosk one types with keys on the glass, and is led back', { time: '09:30:00' }, async (hall) => {
  const citizen = await hall.kiosk(KIOSK);
  await citizen.opens(); // it is the kiosk's page that one is led back to
  await standsStill(citizen.page);
  await citizen.page.goto('/zhuzhou/guide?kiosk=1');
  for (const letter of 'jszdl') await citizen.presses(letter);
  await passes(citizen.page, 1);
  await citizen.sees('.found strong', '驾驶证遗失补证');
  await photograph(citizen, 'guide-kiosk');
  assert.deepEqual(await tooSmall(citizen.page, 34, 60), []);
  const isUsable = async (where) => {
    await citizen.page.clock.resume(); // what looks for barriers wants time, much less than the minute after which the page leaves
    await isAccessible(citizen, where);
    await stopsClock(citizen.page);
  };
  await isUsable('the guide on the kiosk');
  const highest = await citizen.page.evaluate(() => Math.min(...[...document.querySelectorAll('a, button, input[type=search]')].filter((key) => key.offsetHeight > 0).map((key) => key.getBoundingClientRect().top)));
  assert.ok(highest >= 511, `nothing is touched above 511 px: ${highest}`);
  await citizen.page.locator('.found a').first().click();
  await citizen.page.getByRole('link', { name: '本人来办' }).click();
  await citizen.sees('.checklist', '身份证');
  await photograph(citizen, 'guide-kiosk-card');
  assert.deepEqual(await tooSmall(citizen.page, 34, 60), []);
  await isUsable('a card on the kiosk');
  const foreign = await citizen.page.evaluate(() => [...document.links].filter((link) => link.origin !== location.origin).length);
  assert.equal(foreign, 0, 'a kiosk leads nowhere else');
  await passes(citizen.page, 61);
  await citizen.page.waitForURL('**/zhuzhou/kiosk*');
});
