// Every page, in both languages, for people who cannot see it well: no failure of WCAG A or AA that a program can find,
// nothing left in the wrong language, and one key to the other language and back.

import assert from 'node:assert/strict';
import { isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';

const HAN = /\p{Script=Han}/u;
const NAMES = /演示(负责人|窗口人员|引导员)/g; // people keep theirs in every language

// A hall at work: somebody at a window, one waiting, one missed, a notice, and yesterday's figures in the making.
async function busyHall(hall) {
  const officer = await hall.server.officer(2);
  const first = await hall.server.take('fine', { class: 'elderly' });
  await hall.server.take('fine');
  await hall.server.take('registration');
  await officer('call-next');
  await officer('finish');
  await officer('call-next');
  const manager = await hall.server.bearer('manager');
  const notices = [{ text: { zh: '三号窗口十点开放', en: 'Window 3 opens at ten' }, until: null }];
  await hall.server.post('/halls/zhuzhou/notices', { notices }, manager);
  return first;
}

const PAGES = {
  index: '/',
  'hall in public': '/zhuzhou',
  status: '/status',
  'sign-in': '/sign-in',
  setup: '/setup',
  chooser: '/zhuzhou/window',
  console: '/zhuzhou/window?window=2',
  'console of a closed window': '/zhuzhou/window?window=4',
  overview: '/zhuzhou/overview',
  stats: '/zhuzhou/stats',
  accounts: '/zhuzhou/accounts',
  appointments: '/zhuzhou/appointments',
  usher: '/zhuzhou/usher',
};

journey('office pages have no barrier and speak one language at a time', { time: '09:30:00' }, async (hall) => {
  await busyHall(hall);
  const manager = await hall.manager();
  await manager.opens('overview');
  await manager.page.goto(hall.server.link('console'));
  for (const [name, path] of Object.entries(PAGES)) {
    await manager.page.goto(path);
    await manager.sees('header', 'English');
    await isAccessible(manager, `${name} in Chinese`);
    await manager.page.getByRole('link', { name: 'English', exact: true }).click();
    await manager.sees('header', '中文');
    assert.equal(await manager.page.getAttribute('html', 'lang'), 'en', name);
    const rest = (await manager.text('body')).replaceAll('中文', '').replace(NAMES, '');
    assert.doesNotMatch(rest, HAN, `${name} in English`);
    await isAccessible(manager, `${name} in English`);
    await manager.page.getByRole('link', { name: '中文', exact: true }).click();
    await manager.sees('header', 'English');
  }
});

journey('what citizens see has no barrier in either language', { time: '09:30:00' }, async (hall) => {
  const served = await busyHall(hall);
  const waiting = await hall.server.take('licence');
  const [kiosk, board, phone] = await Promise.all([hall.kiosk(), hall.board(), hall.phone()]);
  await Promise.all([kiosk.opens(), board.opens()]);
  await board.calls('A002', 2);
  await isAccessible(board, 'board');

  for (const language of ['zh', 'en']) {
    if (language === 'en') await kiosk.presses('English');
    await isAccessible(kiosk, `kiosk, ${language}`);
    await kiosk.presses(language === 'en' ? 'Priority' : '优先');
    await isAccessible(kiosk, `priority, ${language}`);
    await kiosk.presses(language === 'en' ? 'Priority' : '优先');
    await kiosk.page.locator('.tile').nth(language === 'en' ? 1 : 2).click();
    await kiosk.page.locator('#sheet .number').waitFor();
    await isAccessible(kiosk, `number, ${language}`);
    await kiosk.goesBack();
  }
  await kiosk.presses('大字');
  await isAccessible(kiosk, 'kiosk, large');

  for (const ticket of [served, waiting]) {
    await phone.opens(ticket.page);
    await isAccessible(phone, 'ticket in Chinese');
    await phone.page.getByRole('link', { name: 'English' }).click();
    await phone.sees('header', '中文');
    const rest = (await phone.text('body')).replaceAll('中文', '');
    assert.doesNotMatch(rest, HAN, 'ticket in English');
    await isAccessible(phone, 'ticket in English');
    await phone.page.getByRole('link', { name: '中文' }).click();
    await phone.sees('header', 'English');
  }
});
