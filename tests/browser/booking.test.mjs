// A place at another time, from the choice to the calendar: whole without JavaScript, in both languages, by keys alone.

import assert from 'node:assert/strict';
import { fitsAPhone, isAccessible } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';

const FRIDAY = { time: '10:00:00', date: '2026-11-27' };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const HAN = /\p{Script=Han}/u;
const SLOT = 'weekend-20261128T1000';
const TAPS_MOST = 4;

const person = (name = '王芳', id_number = '430202199001011233') => ({ name, phone: '13800001234', id_number });

// Numbers that residents could have, each with its check digit.
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
function resident(n) {
  const body = `43020219900101${String(n).padStart(3, '0')}`;
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return body + '10X98765432'[sum % 11];
}

async function fills(visitor, { name, phone, id_number }) {
  await visitor.page.fill('#name', name);
  await visitor.page.fill('#phone', phone);
  await visitor.page.fill('#id_number', id_number);
}

const booked = (hall, slot, who = person(), more = {}) =>
  hall.server.post('/halls/zhuzhou/appointments', { service: 'licence', slot, person: who, ...more });

// Four taps and the typing; each tap is counted.
async function books(visitor, { service, confirm, who }) {
  let taps = 0;
  const tap = async (locator) => {
    taps += 1;
    await locator.first().click();
  };
  await visitor.opens('/zhuzhou/book');
  await tap(visitor.page.getByRole('link', { name: service }));
  await tap(visitor.page.locator('.days a'));
  await tap(visitor.page.locator('.times button').filter({ hasText: '10:00' }));
  await visitor.page.locator('.held').waitFor();
  await fills(visitor, who);
  await tap(visitor.page.getByRole('button', { name: confirm, exact: true }));
  await visitor.page.waitForURL(/\/a\//);
  return taps;
}

const LANGUAGES = {
  zh: { service: '驾驶证业务', confirm: '就约这个时间', standing: '已预约', who: person() },
  en: { service: 'Driving licence', confirm: 'Book this time', standing: 'Booked', who: person('Jane', resident(9)) },
};

for (const [lang, words] of Object.entries(LANGUAGES)) {
  journey(`booking without JavaScript takes four taps (${lang})`, FRIDAY, async (hall) => {
    const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
    await visitor.opens(`/zhuzhou/book?lang=${lang}`);
    const taps = await books(visitor, words);
    assert.ok(taps <= TAPS_MOST, `${taps} taps`);
    await visitor.sees('.stage', words.standing);
    await visitor.sees('h1', '10:00');
    assert.match(await visitor.text('.code'), /^\d{6}$/);
    if (lang === 'en') assert.doesNotMatch((await visitor.text('body')).replaceAll('中文', ''), HAN);
  });
}

journey('what was typed stays when something is wrong', FRIDAY, async (hall) => {
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens(`/zhuzhou/book?service=licence&slot=${SLOT}`);
  await fills(visitor, { ...person(), phone: '12' });
  await visitor.page.locator('summary').filter({ hasText: '多件事' }).click();
  await visitor.page.check('input[name=wheelchair]');
  await visitor.presses('就约这个时间');
  await visitor.sees('.alert', '电话');
  assert.equal(await visitor.page.inputValue('#name'), '王芳');
  assert.equal(await visitor.page.inputValue('#id_number'), '');
  assert.ok(await visitor.page.isChecked('input[name=wheelchair]'));
  assert.equal(await visitor.page.getAttribute('#phone', 'aria-invalid'), 'true');
  await fills(visitor, person());
  await visitor.presses('就约这个时间');
  await visitor.sees('.stage', '已预约');
});

journey('booking by keys alone', FRIDAY, async (hall) => {
  const visitor = await hall.visitor();
  const { keyboard } = visitor.page;
  await visitor.opens('/zhuzhou/book');
  await visitor.tabsTo('驾驶证业务');
  await keyboard.press('Enter');
  await visitor.page.locator('.days').waitFor();
  await visitor.tabsTo('11月28日');
  await keyboard.press('Enter');
  await visitor.page.locator('.times').waitFor();
  await visitor.tabsTo('10:30');
  await keyboard.press('Enter');
  await visitor.page.locator('#booking').waitFor();
  for (const [field, text] of [['name', '王芳'], ['phone', '13800001234'], ['id_number', '430202199001011233']]) {
    await visitor.page.locator(`#${field}`).focus();
    await keyboard.type(text);
  }
  await keyboard.press('Enter');
  await visitor.sees('.stage', '已预约');
  await visitor.tabsTo('取消预约');
  await keyboard.press('Enter');
  await visitor.tabsTo('确定取消');
  await keyboard.press('Enter');
  await visitor.sees('.stage', '已取消');
});

journey('an appointment is moved, put into a calendar and cancelled', FRIDAY, async (hall) => {
  const { page, token, code } = await booked(hall, SLOT);
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens(page);
  await visitor.sees('.code', code);
  await visitor.page.locator('summary').filter({ hasText: '改到别的时间' }).click();
  await visitor.page.locator('.slots button').filter({ hasText: '11:30' }).first().click();
  await visitor.sees('h1', '11:30');
  await visitor.sees('.said', '11:10 起可以签到');

  const calendar = async () => (await fetch(`${hall.server.origin}${page}/appointment.ics`)).text();
  const before = await calendar();
  assert.match(before, /DTSTART;TZID=Asia\/Shanghai:20261128T113000/);
  assert.match(before, /SEQUENCE:1\b/);
  assert.doesNotMatch(before.replaceAll(/\r\n /g, '').replace(/URL:.*/, ''), new RegExp(token));

  await visitor.page.locator('summary').filter({ hasText: '取消预约' }).click();
  await visitor.presses('确定取消');
  await visitor.sees('.stage', '已取消');
  const after = await calendar();
  assert.match(after, /STATUS:CANCELLED/);
  assert.equal(/UID:.*/.exec(after)[0], /UID:.*/.exec(before)[0]);
});

journey('a full time can be waited for, and taken when it comes free', FRIDAY, async (hall) => {
  const first = await booked(hall, SLOT, person('甲', resident(1)));
  for (const each of [2, 3, 4]) await booked(hall, SLOT, person('甲', resident(each)));
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens('/zhuzhou/book?service=licence&date=2026-11-28');
  await visitor.page.locator('.times a').filter({ hasText: '10:00' }).click();
  await fills(visitor, person());
  await visitor.presses('加入候补');
  await visitor.sees('.stage', '候补中');
  await visitor.sees('.wish', '您排在候补第一位');
  await hall.server.post(`/appointments/${first.token}/cancel`, {});
  await visitor.page.reload();
  await visitor.sees('.wish', '有位置了');
  await visitor.presses('就要这个时间');
  await visitor.sees('.stage', '已预约');
  await visitor.sees('h1', '10:00');
});

journey('a place is held for ten minutes; after that the form still works', FRIDAY, async (hall) => {
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  const free = async () => {
    const answer = await fetch(`${hall.server.origin}/api/v1/halls/zhuzhou/slots?service=licence&from=2026-11-28&to=2026-11-28`);
    return (await answer.json()).slots.find(({ id }) => id === SLOT).free;
  };
  const chooses = async (time) => {
    await visitor.opens('/zhuzhou/book?service=licence&date=2026-11-28');
    await visitor.page.locator('.times button').filter({ hasText: time }).click();
    await visitor.sees('.held', '已为您保留到 10:10');
  };
  await chooses('10:00');
  assert.equal(await free(), 3);
  await chooses('10:30'); // another choice of the same browser gives the first one back
  assert.equal(await free(), 4);
  await chooses('10:00');
  await hall.clock('10:11:00', FRIDAY.date);
  assert.equal(await free(), 4);
  await visitor.page.reload();
  await visitor.sees('.alert', '保留时间已过');
  await fills(visitor, person());
  await visitor.presses('就约这个时间');
  await visitor.sees('.stage', '已预约');
});

// Somebody else was quicker while the form was filled, and the hold had ended.
journey('a time that is gone leads to others, with the form as it was', FRIDAY, async (hall) => {
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens(`/zhuzhou/book?service=licence&slot=${SLOT}`);
  await fills(visitor, person());
  for (const each of [1, 2, 3, 4]) await booked(hall, SLOT, person('甲', resident(each)));
  await visitor.presses('就约这个时间');
  await visitor.sees('.alert', '约满');
  assert.equal(await visitor.page.inputValue('#name'), '王芳');
  await visitor.page.fill('#id_number', person().id_number);
  await visitor.presses(/^改约 .*10:30/);
  await visitor.sees('.stage', '已预约');
  await visitor.sees('h1', '10:30');
});

journey('a service that needs no booking says where to go', FRIDAY, async (hall) => {
  const visitor = await hall.visitor({ ...PHONE, javaScriptEnabled: false });
  await visitor.opens('/zhuzhou/book?service=fine');
  await visitor.sees('.said', '不用预约');
  await visitor.sees('.choices', '交管12123');
  await visitor.page.getByRole('link', { name: '手机取号' }).click();
  await visitor.presses(/^取号/);
  await visitor.sees('h1.number', 'A001');
});

journey('pages of booking have no barrier in either language', FRIDAY, async (hall) => {
  const mine = await booked(hall, SLOT);
  const done = await booked(hall, SLOT, person('乙', resident(8)));
  await hall.server.post(`/appointments/${done.token}/cancel`, {});
  const visitor = await hall.visitor(PHONE);
  const pages = [
    '/zhuzhou/book?',
    '/zhuzhou/book?service=licence',
    '/zhuzhou/book?service=fine',
    '/zhuzhou/book?service=licence&date=2026-11-28',
    `/zhuzhou/book?service=licence&slot=${SLOT}`,
    `${mine.page}?`,
    `${done.page}?`,
    '/zhuzhou/take?',
    '/zhuzhou/take?service=fine',
  ];
  for (const lang of Object.keys(LANGUAGES)) {
    for (const address of pages) {
      await visitor.opens(`${address}&lang=${lang}`);
      for (const closed of await visitor.page.locator('summary').all()) await closed.click();
      await isAccessible(visitor, `${address} in ${lang}`);
      await fitsAPhone(visitor, `${address} in ${lang}`);
      assert.equal(await visitor.page.getAttribute('html', 'lang'), lang);
      if (lang === 'en') assert.doesNotMatch((await visitor.text('body')).replaceAll('中文', ''), HAN, address);
    }
  }
});
