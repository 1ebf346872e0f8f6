// Writes a picture of every page, in every phase of a day and both languages, into the ignored folder `screenshots/`:
// what a person looks at before a release, since no assertion sees that something is ugly or cut off.
// `npm run screenshots --prefix tests/browser`

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Screens, openBrowser } from './support/browser.mjs';
import { at, startDemo } from './support/server.mjs';
import { until } from './support/people.mjs';

const FOLDER = fileURLToPath(new URL('../../screenshots/', import.meta.url));
const SIZES = {
  kiosk: { width: 1080, height: 1920 },
  'kiosk-landscape': { width: 1920, height: 1080 },
  console: { width: 1366, height: 768 },
  board: { width: 1920, height: 1080 },
  'board-portrait': { width: 1080, height: 1920 },
  led: { width: 384, height: 128 },
  phone: { width: 390, height: 844 },
  office: { width: 1366, height: 900 },
};
const LANGUAGES = ['zh', 'en'];

// What happens up to each moment of the day; its pictures are taken then.
const DAY = [
  { phase: '1-closed', time: '08:45:00', happens: nothing },
  { phase: '2-early-open', time: '08:52:00', happens: firstNumbers },
  { phase: '3-open', time: '09:40:00', happens: rush },
  { phase: '4-paused', time: '09:45:00', happens: pause },
  { phase: '5-near-closing', time: '11:40:00', happens: goOn },
  { phase: '6-serving-out', time: '12:03:00', happens: nothing },
  { phase: '7-between', time: '12:40:00', happens: serveAll },
  { phase: '8-done', time: '17:05:00', happens: nothing },
];

const SERVICES = ['fine', 'licence', 'vehicle', 'mark', 'registration', 'exam', 'other'];

async function nothing() {}

async function firstNumbers({ server, tickets }) {
  await server.clock('08:50:00');
  tickets.waiting = await server.take('fine');
  tickets.first = await server.take('fine', { class: 'elderly' });
  await server.take('registration');
}

// A morning's crowd: every stage a ticket can be in, and windows in every state.
async function rush(day) {
  const { server, tickets } = day;
  const windows = await Promise.all([1, 2, 3, 4, 6, 7].map((window) => server.officer(window)));
  const [one, two, three, four, six, seven] = windows;
  day.windows = windows;
  const take = async (service, more) => (await server.take(service, more)).token;
  await server.clock('09:00:00');
  for (const service of [...SERVICES, 'fine', 'fine', 'licence']) await take(service);
  await six('call-next');
  await six('start');
  await server.clock('09:10:00');
  await six('finish');
  tickets.served = tickets.first;
  tickets.cancelled = await server.take('mark');
  await server.post(`/tickets/${tickets.cancelled.token}/cancel`, {});
  tickets.missed = await server.take('other');
  await seven('call', { number: tickets.missed.number, reason: '咨询' });
  await server.clock('09:12:00');
  await seven('missed');
  tickets.parked = await server.take('vehicle');
  await seven('call', { number: tickets.parked.number, reason: '先办' });
  await seven('start');
  await seven('park', { note: '车主身份证复印件' });
  await server.clock('09:36:00');
  tickets.serving = await server.take('exam', { needs: ['wheelchair'], party: 2 });
  await three('call', { number: tickets.serving.number, reason: '轮椅' });
  await three('start');
  await server.clock('09:39:30');
  for (let more = 0; more < 24; more += 1) await take(SERVICES[(more * 5) % 7], more % 6 === 0 ? { class: 'elderly' } : {});
  tickets.waiting = await server.take('fine');
  await one('call-next');
  await two('pause', { reason: '用餐' });
  await four('call-next');
  await seven('call-next');
  tickets.called = await server.take('registration');
  await six('call', { number: tickets.called.number, reason: '预约' });
  const manager = await server.bearer('manager');
  const notices = [{ text: { zh: '三号窗口十点起办理考试预约', en: 'Window 3 books driving tests from ten' }, until: at('11:30:00') }];
  await server.post('/halls/zhuzhou/notices', { notices }, manager);
}

async function pause({ server }) {
  await server.post('/halls/zhuzhou/pause', { reason: '网络检修' }, await server.bearer('manager'));
}

async function goOn({ server }) {
  await server.post('/halls/zhuzhou/resume', {}, await server.bearer('manager'));
}

// Everybody who has a number is served.
async function serveAll({ server, windows, tickets }) {
  await windows[1]('resume-window');
  await server.post(`/tickets/${tickets.parked.token}/cancel`, {});
  for (const act of windows) {
    while ((await act('finish-and-call-next')).ticket) continue;
  }
  await server.clock('12:40:00'); // the missed may still come back for a while
}

class Album {
  constructor(screens, server) {
    this.screens = screens;
    this.server = server;
    this.pages = new Map();
  }

  // One page for each size and language, kept from picture to picture; it comes with every session there is.
  async page(size, language) {
    const name = `${size} ${language}`;
    if (!this.pages.has(name)) {
      const page = await this.screens.open(name, this.server.origin, { viewport: SIZES[size], reducedMotion: 'reduce' });
      for (const role of ['kiosk', 'officer', 'usher', 'manager']) await page.goto(`/sign-in?role=${role}&next=/?lang=${language}`);
      this.pages.set(name, page);
    }
    return this.pages.get(name);
  }

  async take(name, size, language, address, prepare = nothing, fullPage = size === 'phone' || size === 'office') {
    const page = await this.page(size, language);
    await page.goto(address);
    await page.evaluate(() => document.fonts.ready);
    await until(`${name} is up`, () => page.evaluate(() => !document.body.classList.contains('is-loading')));
    await prepare(page);
    await page.screenshot({ path: path.join(FOLDER, `${name}-${language}.png`), fullPage });
  }

  async phase(phase, tickets) {
    for (const language of LANGUAGES) {
      const take = (name, ...rest) => this.take(`${phase}-${name}`, rest[0], language, ...rest.slice(1));
      await take('kiosk', 'kiosk', '/zhuzhou/kiosk');
      await take('kiosk-landscape', 'kiosk-landscape', '/zhuzhou/kiosk');
      await take('console', 'console', '/zhuzhou/window?window=6');
      await take('overview', 'office', '/zhuzhou/overview');
      await take('stats', 'office', '/zhuzhou/stats');
      await take('index', 'office', '/');
      await take('hall', 'phone', '/zhuzhou');
      for (const [stage, ticket] of Object.entries(tickets)) await take(`ticket-${stage}`, 'phone', `/t/${ticket.token}`);
    }
    for (const language of LANGUAGES) {
      await this.take(`${phase}-board`, 'board', language, `/zhuzhou/board?lang=${language}`);
      await this.take(`${phase}-board-portrait`, 'board-portrait', language, `/zhuzhou/board?lang=${language}`);
      await this.take(`${phase}-board-zone`, 'board', language, `/zhuzhou/board?zone=B&lang=${language}`);
    }
    await this.take(`${phase}-board-led`, 'led', 'zh', '/zhuzhou/board?layout=led');
  }

  // What opens by a tap, and pages that look the same all day.
  async once() {
    const tap = (selector) => async (page) => {
      await page.locator(selector).first().click();
      await page.locator('#sheet:not([hidden])').waitFor();
    };
    const number = async (page) => {
      await page.locator('.tile.of-service').first().click();
      await page.locator('#sheet .number').waitFor();
      await page.locator('#sheet img').evaluate((image) => image.decode());
    };
    const press = (key) => (page) => page.keyboard.press(key);
    for (const language of LANGUAGES) {
      for (const size of ['kiosk', 'kiosk-landscape']) {
        await this.take(`0-${size}-number`, size, language, '/zhuzhou/kiosk', number);
        await this.take(`0-${size}-priority`, size, language, '/zhuzhou/kiosk', (page) => page.click('#priority'));
        await this.take(`0-${size}-several`, size, language, '/zhuzhou/kiosk', tap('.tile.of-everything'));
        await this.take(`0-${size}-documents`, size, language, '/zhuzhou/kiosk', tap('.tile.of-service:nth-child(6)'));
        await this.take(`0-${size}-guide`, size, language, '/zhuzhou/guide?kiosk=1');
        await this.take(`0-${size}-help`, size, language, '/zhuzhou/kiosk', tap('#help'));
        await this.take(`0-${size}-large`, size, language, '/zhuzhou/kiosk', (page) => page.click('#large'));
        await this.take(`0-${size}-low`, size, language, '/zhuzhou/kiosk', (page) => page.click('#low'));
      }
      for (const window of [1, 2, 3, 5, 7]) {
        await this.take(`0-console-${window}`, 'console', language, `/zhuzhou/window?window=${window}`);
      }
      await this.take('0-console-transfer', 'console', language, '/zhuzhou/window?window=6', press('F6'));
      await this.take('0-console-pause', 'console', language, '/zhuzhou/window?window=6', press('F9'));
      await this.take('0-console-park', 'console', language, '/zhuzhou/window?window=3', press('F7'));
      await this.take('0-guide', 'phone', language, '/zhuzhou/guide');
      await this.take('0-guide-found', 'phone', language, '/zhuzhou/guide?q=jsz%20diule');
      await this.take('0-guide-nothing', 'phone', language, '/zhuzhou/guide?q=%E6%8A%A4%E7%85%A7');
      await this.take('0-guide-misses', 'office', language, '/zhuzhou/guide/misses');
      await this.take('0-word', 'phone', language, '/zhuzhou/word');
      const signOff = (page) => page.getByRole('button', { name: /下班签退|Sign off/ }).click();
      await this.take('0-console-sign-off', 'console', language, '/zhuzhou/window?window=6', signOff);
      await this.take('0-chooser', 'office', language, '/zhuzhou/window');
      await this.take('0-accounts', 'office', language, '/zhuzhou/accounts');
      await this.take('0-status', 'office', language, '/status');
      await this.take('0-setup', 'office', language, '/setup');
      await this.take('0-sign-in', 'office', language, '/sign-in');
      await this.take('0-not-found', 'office', language, '/nowhere');
    }
  }
}

// The edges of the day: booking on a Friday, the kiosk and the usher near closing and on the Saturday.
const BOOKED = { name: '王芳', phone: '13800001234', id_number: '430202199001011233' };
const HALL = '/zhuzhou';

async function edges(album, server) {
  await server.clock('10:00:00', '2026-11-27');
  const book = (slot, person) => server.post('/halls/zhuzhou/appointments', { service: 'licence', slot, person });
  const mine = await book('weekend-20261128T0900', BOOKED);
  const gone = await book('weekend-20261128T0930', { ...BOOKED, id_number: '430202199001015672' });
  await server.post(`/appointments/${gone.token}/cancel`, {});
  const opened = async (page) => {
    for (const closed of await page.locator('summary').all()) await closed.click();
  };
  const pages = {
    'book-service': `${HALL}/book`,
    'book-elsewhere': `${HALL}/book?service=fine`,
    'book-day': `${HALL}/book?service=licence`,
    'book-time': `${HALL}/book?service=licence&date=2026-11-28`,
    'book-confirm': `${HALL}/book?service=licence&slot=weekend-20261128T1000`,
    appointment: mine.page,
    'appointment-cancelled': gone.page,
    take: `${HALL}/take`,
    'day-list': `${HALL}/appointments?date=2026-11-28`,
  };
  const tap = (selector, shown) => async (page) => {
    await page.locator(selector).first().click();
    await page.locator(shown).waitFor();
  };
  for (const language of LANGUAGES) {
    for (const [name, address] of Object.entries(pages)) await album.take(`9-${name}`, 'phone', language, address, opened);
    await album.take('9-day-list-office', 'office', language, pages['day-list']);
  }
  await server.clock('16:31:00', '2026-11-27');
  for (const language of LANGUAGES) {
    await album.take('9-usher-near-closing', 'phone', language, `${HALL}/usher`);
    for (const size of ['kiosk', 'kiosk-landscape']) {
      await album.take(`9-${size}-redirect`, size, language, `${HALL}/kiosk`, tap('.tile.of-service', '#sheet .app'));
      await album.take(`9-${size}-check-in`, size, language, `${HALL}/kiosk`, tap('.of-booked', '#sheet .pad-keys'));
    }
  }
  await server.clock('08:50:00', '2026-11-28');
  for (const language of LANGUAGES) {
    await album.take('9-usher-weekend', 'phone', language, `${HALL}/usher`);
    await album.take('9-overview-weekend', 'office', language, `${HALL}/overview`);
    for (const size of ['kiosk', 'kiosk-landscape']) await album.take(`9-${size}-weekend`, size, language, `${HALL}/kiosk`);
  }
}

// A shut tile still answers.
async function refusal(album) {
  for (const language of LANGUAGES) {
    await album.take('1-closed-kiosk-refusal', 'kiosk', language, '/zhuzhou/kiosk', async (page) => {
      await page.locator('.tile.of-service').first().click();
      await page.locator('#sheet:not([hidden])').waitFor();
    });
  }
}

await rm(FOLDER, { recursive: true, force: true });
await mkdir(FOLDER, { recursive: true });
const server = await startDemo({ time: '08:45:00' });
const browser = await openBrowser();
const screens = new Screens(browser);
try {
  const album = new Album(screens, server);
  const day = { server, tickets: {} };
  for (const { phase, time, happens } of DAY) {
    await happens(day);
    await server.clock(time);
    await album.phase(phase, day.tickets);
    if (phase === '1-closed') await refusal(album);
    if (phase === '3-open') await album.once();
  }
  await edges(album, server);
  console.log(`pictures in ${FOLDER}`);
} finally {
  await browser.close();
  await server.stop();
}
