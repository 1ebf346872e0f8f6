// Every state of a ticket's page and of what stands around it: usable by everybody, in both languages, on the smallest
// phone, with text twice as large. And what the family may see.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { until } from './support/people.mjs';
import { fitsAPhone, isAccessible } from './support/barriers.mjs';

const HAN = /\p{Script=Han}/u;
const ROW = 48; // CSS pixels

// One ticket in each state, in a hall that is at work.
async function everyState(server, clock) {
  const [six, three, four] = [await server.officer(6), await server.officer(3), await server.officer(4)];
  const tickets = {};
  const called = async (name, service, act) => {
    tickets[name] = await server.take(service);
    await act('call', { number: tickets[name].number, reason: '到了' });
  };
  await called('served', 'fine', six);
  await six('finish');
  await called('rated', 'fine', six);
  await six('finish');
  await server.post(`/tickets/${tickets.rated.token}/rating`, { stars: 4 });
  await called('reported', 'fine', six);
  await six('finish');
  await server.post(`/tickets/${tickets.reported.token}/report`, { text: '少一张表,窗口也没有' });
  await called('missing', 'fine', six);
  await six('finish', { outcome: 'documents_missing' });
  tickets.cancelled = await server.take('mark');
  await server.post(`/tickets/${tickets.cancelled.token}/cancel`, {});
  await called('missed', 'other', six);
  await clock('09:01:00');
  await six('missed');
  await called('parked', 'exam', three);
  await three('start');
  await three('park');
  await called('serving', 'licence', three);
  await three('start');
  tickets.near = await server.take('vehicle');
  for (let others = 0; others < 3; others += 1) tickets.waiting = await server.take('vehicle');
  tickets.deferred = await server.take('vehicle');
  await server.post(`/tickets/${tickets.deferred.token}/defer`, {});
  await called('called', 'registration', six);
  await four('pause', { reason: '设备' });
  return tickets;
}

const STEPS = {
  waiting: ['defer', 'cancel', 'change', 'family'],
  called: ['coming', 'away'],
  served: ['rating?stars=1', 'report'],
};

// Rows and ticks take a finger; keys are measured by `fitsAPhone`.
async function rowsAreHigh(who, where) {
  const low = await who.page.evaluate((least) => {
    const rows = [...document.querySelectorAll('.rows a, .checks label, .tick, summary')];
    return rows.filter((row) => row.offsetHeight > 0 && row.offsetHeight < least).map((row) => row.innerText);
  }, ROW);
  assert.deepEqual(low, [], where);
}

// Twice the text, and nothing is cut off or runs out of the page.
async function holdsLargeText(who, where) {
  await who.page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
  const lost = await who.page.evaluate(() => {
    const over = document.documentElement.scrollWidth - window.innerWidth;
    const cut = [...document.querySelectorAll('main *, footer, header')].filter((each) => {
      const { overflowX, clipPath } = getComputedStyle(each);
      return overflowX === 'hidden' && clipPath === 'none' && each.tagName !== 'PROGRESS' && each.scrollWidth > each.clientWidth + 1;
    });
    return [over > 0 ? `${over} px wider` : '', ...cut.map((each) => each.outerHTML.slice(0, 80))].filter(Boolean);
  });
  assert.deepEqual(lost, [], `${where} at 200 %`);
}

for (const [width, height] of [[390, 844], [320, 568]]) {
  journey(`every state of a ticket can be used by everybody at ${width} px`, { time: '09:00:00' }, async (hall) => {
    const tickets = await everyState(hall.server, (time) => hall.clock(time));
    const phone = await hall.phone({ viewport: { width, height } });
    const looks = async (address, where) => {
      for (const language of ['zh', 'en']) {
        await phone.page.goto(`${address}${address.includes('?') ? '&' : '?'}lang=${language}`);
        await phone.page.locator('main h1').first().waitFor();
        if (language === 'en') {
          const words = (await phone.text('body')).replaceAll('中文', '').replaceAll('少一张表,窗口也没有', '');
          assert.doesNotMatch(words, HAN, `${where} in English`);
        }
        await isAccessible(phone, `${where}, ${language}`);
        await fitsAPhone(phone, `${where}, ${language}`);
        await rowsAreHigh(phone, `${where}, ${language}`);
        if (width === 320) await holdsLargeText(phone, `${where}, ${language}`);
      }
    };
    for (const [state, { page }] of Object.entries(tickets)) {
      await looks(page, state);
      for (const step of STEPS[state] || []) await looks(`${page}/${step}`, `${state}: ${step}`);
    }
    await looks('/zhuzhou/word', 'a word without a ticket');
  });
}

journey('each state says what to do', { time: '09:00:00' }, async (hall) => {
  const tickets = await everyState(hall.server, (time) => hall.clock(time));
  const phone = await hall.phone();
  const said = {
    waiting: ['#reason', '个窗口在办,每人约'],
    near: ['.soon', '快到了,请到 B区'],
    deferred: ['#why', '再叫2位后可叫到您'],
    called: ['.go', '请到 6 号窗口'],
    missed: ['.said', '叫过您了。回来后点一下,再叫 3 位后叫您'],
    parked: ['.said', '回到 3 号窗口优先办理'],
    serving: ['.said', '3 号窗口正在为您办理'],
    served: ['legend', '请您评价这次服务'],
    rated: ['.said', '谢谢您的评价'],
    reported: ['.word', '已收到,11月30日(周一)前答复'],
    missing: ['.voucher', '前有效,再来时优先办理'],
    cancelled: ['.said', '号码已失效'],
  };
  await hall.server.officer(5);
  for (const [state, [selector, words]] of Object.entries(said)) {
    await phone.opens(tickets[state].page);
    await phone.sees(selector, words);
  }
  // the yellow and the green are the whole page's
  const ground = async (state) => {
    await phone.opens(tickets[state].page);
    return phone.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  };
  assert.equal(await ground('near'), 'rgb(255, 212, 0)');
  assert.equal(await ground('called'), 'rgb(0, 92, 49)');
  await phone.opens(tickets.cancelled.page);
  const links = await phone.page.locator('.pair a').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  assert.deepEqual(links, ['/zhuzhou/take?service=mark', '/zhuzhou/book?service=mark']);
});

// What the hall says of itself is one sentence, the server's, whatever the ticket's state.
journey('the page says the hall\'s own sentence in every phase', { time: '08:51:00' }, async (hall) => {
  const phone = await hall.phone();
  const mine = await hall.server.take('registration');
  const seen = new Set();
  const says = async (language) => {
    const { phase, sentence } = await (await fetch(`${hall.server.origin}/api/v1/halls/zhuzhou`)).json();
    seen.add(phase);
    await phone.opens(`${mine.page}?lang=${language}`);
    assert.equal(await phone.text('#sentence'), sentence[language], phase);
  };
  for (const time of ['08:51:00', '09:30:00', '11:45:00', '12:10:00']) {
    await hall.clock(time);
    for (const language of ['zh', 'en']) await says(language);
  }
  await hall.server.post(`/tickets/${mine.token}/cancel`, {});
  for (const time of ['12:40:00', '13:40:00', '16:45:00', '17:10:00']) {
    await hall.clock(time);
    for (const language of ['zh', 'en']) await says(language);
  }
  await hall.clock('07:00:00', '2026-11-24');
  await says('zh');
  const missing = ['closed', 'early_open', 'open', 'near_closing', 'serving_out', 'between', 'done'].filter((phase) => !seen.has(phase));
  assert.deepEqual(missing, []);
});

journey('who has a number near closing is told that it counts, and by when', { time: '16:20:00' }, async (hall) => {
  const phone = await hall.phone();
  await hall.server.officer(6);
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  assert.equal(await phone.text('#promise'), '');
  await hall.clock('16:40:00');
  await phone.sees('#promise', /已取号,一定办完。预计 1[67]:\d\d 前/);
});

journey('the family sees where one is in line, and can do nothing', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  const officer = await hall.server.officer(6);
  await hall.server.take('other');
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  await phone.page.getByRole('link', { name: '给家人看' }).click();
  await phone.sees('#sheet', '只能看,不能操作');
  const address = await phone.page.getByRole('link', { name: '打开家人看的页面' }).getAttribute('href');
  assert.ok(!address.includes(mine.token));
  await phone.page.locator('img.code').evaluate((image) => image.decode());

  const daughter = await hall.phone();
  await daughter.opens(address);
  await daughter.sees('#ahead', '前面还有 1 人');
  await isAccessible(daughter, 'family');
  const html = await daughter.page.content();
  assert.ok(!html.includes(mine.token), 'the ticket\'s key is nowhere on the page');
  assert.equal(await daughter.page.locator('form, button').count(), 0);
  assert.ok(await daughter.page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.number')).fontSize)) > 72);
  await officer('call', { number: mine.number, reason: '到了' });
  await daughter.sees('.go', '请到 6 号窗口');
  await until('the whole page is the call', () => daughter.page.evaluate(() => document.body.matches('.family.stage-called')));
  await daughter.page.goto(`${address}?lang=en`);
  await daughter.sees('.go', 'Please go to window 6');
  await isAccessible(daughter, 'family in English');

  await hall.clock('09:01:00');
  await officer('missed');
  await daughter.page.goto(`${address}?lang=zh`);
  await daughter.sees('.said', '本人回来后可重新排队');

  hall.screens.expects(/status of 404/);
  const changed = await daughter.page.goto(`${address.slice(0, -3)}AAA`);
  assert.equal(changed.status(), 404);
});

journey('who was turned away leaves word, and reads the answer where he left it', { time: '12:30:00' }, async (hall) => {
  const phone = await hall.phone({ javaScriptEnabled: false });
  await phone.page.goto('/zhuzhou');
  await phone.page.getByRole('link', { name: '办不成事' }).click();
  await phone.page.selectOption('select[name=service]', 'registration');
  await phone.page.fill('textarea', '来了两次都没号');
  await phone.presses('交给大厅');
  await phone.sees('.word', '已收到,11月30日(周一)前答复');
  await phone.sees('.word', '还有 7 天');
  await phone.sees('.word', '来了两次都没号');
  const manager = await hall.server.bearer('manager');
  await hall.server.post('/halls/zhuzhou/words/0/answer', { text: '周四上午给您留了号' }, manager);
  await phone.page.reload();
  await phone.sees('.word', '周四上午给您留了号');
});
