// The kiosk while the server is away: it goes on giving numbers of its own, on paper, over a loading of the page, and the
// hall gets every one of them afterwards, in order and once.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { installed } from './support/browser.mjs';
import { journey } from './support/journey.mjs';
import { passes, stopsClock, until } from './support/people.mjs';
import { BINARY, folder, startDemo } from './support/server.mjs';

const AWAY = /ERR_CONNECTION|ERR_FAILED|ERR_EMPTY|ERR_ABORTED|WebSocket connection|ERR_NETWORK|ERR_TIMED_OUT/;
const SERVICES = ['违法处理', '驾驶证业务', '行驶证业务', '检验标志', '考试预约', '综合咨询'];
const PRINTER = path.join(path.dirname(BINARY), 'examples/virtual_printer');

let store;

async function keptHall(t, more = {}) {
  store = `sqlite:${path.join(await folder(t), 'hall.db')}`;
  return startDemo({ time: '09:00:00', store, ...more });
}

async function comesBack(hall, more = {}) {
  const { port } = hall.server;
  hall.server = await startDemo({ time: '09:02:00', store, port, ...more });
}

// What the kiosk's database holds.
function kept(page, of) {
  return page.evaluate(
    (of) =>
      new Promise((resolve, reject) => {
        const request = indexedDB.open('paihao-kiosk-zhuzhou');
        request.onerror = () => reject(request.error);
        request.onsuccess = () => {
          if (![...request.result.objectStoreNames].includes(of)) return resolve([]);
          request.result.transaction(of).objectStore(of).getAll().onsuccess = ({ target }) => {
            request.result.close();
            resolve(target.result);
          };
        };
      }),
    of,
  );
}

// The kiosk is ready to be left alone.
async function isProvided(kiosk) {
  await until('numbers are lent', async () => (await kept(kiosk.page, 'blocks')).length > 0);
}

// A number, and back to the tiles.
async function takes(kiosk, service) {
  await kiosk.taps(service);
  const another = kiosk.page.getByRole('button', { name: '另取一个号' });
  const taken = kiosk.page.locator('#sheet .number');
  await taken.or(another).waitFor();
  if (await another.isVisible()) await another.click();
  await taken.waitFor();
  const number = await taken.innerText();
  await kiosk.goesBack();
  return number;
}

const isReported = (kiosk) => until('every number is reported', async () => (await kept(kiosk.page, 'tickets')).length === 0);

// What happened in the hall, from the first event on, by `paihao export`.
async function logged(t) {
  const file = path.join(await folder(t), 'hall.log');
  await promisify(execFile)(BINARY, ['export', '--store', store, '--hall', 'zhuzhou', file]);
  const commits = (await readFile(file, 'utf8')).trim().split('\n').map((line) => JSON.parse(line).records || []);
  return commits.flat().flatMap(({ events }) => events);
}

// The numbers that were taken, in this order.
const numbersIn = (events) => events.filter(({ event }) => event === 'ticket_taken').map(({ number }) => number);

async function holds() {
  const { stdout } = await promisify(execFile)(BINARY, ['verify', '--store', store]);
  return stdout;
}

// A port that is free now.
async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// A printer that draws what it is sent; `papers` are the texts and codes of what came out.
async function virtualPrinter(t) {
  if (!existsSync(PRINTER)) throw new Error(`no printer at ${PRINTER}: build it with \`cargo build --example virtual_printer\``);
  const child = spawn(PRINTER, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const printer = { papers: [], address: null, be: (faults) => child.stdin.write(`${JSON.stringify(faults)}\n`) };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line);
    if (said.listening) printer.address = said.listening;
    else printer.papers.push(said);
  });
  await until('the printer listens', () => printer.address);
  return printer;
}

async function agentFor(t, printer, port, origin) {
  const child = spawn(BINARY, ['agent', '--printer', printer.address, '--listen', `127.0.0.1:${port}`, '--allow-origin', origin]);
  t.after(() => child.kill());
  await until('the agent answers', () => fetch(`http://127.0.0.1:${port}/printer`).then((response) => response.ok, () => false));
}

journey('forty numbers without the server, on paper, are in the log afterwards in their order', { start: (t) => paperHall(t) }, async (hall, t) => {
  hall.screens.tolerates(AWAY);
  hall.screens.tolerates(/asks another server: http:\/\/127\.0\.0\.1:\d+\/(slips|printer)/);
  const { printer, agentPort } = paper;
  await agentFor(t, printer, agentPort, hall.server.origin);
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  await isProvided(kiosk);
  await until('the page is kept', () => kiosk.page.evaluate(async () => Boolean(await caches.match('/zhuzhou/kiosk'))));
  const first = await takes(kiosk, '违法处理');
  assert.equal(first, 'A001');
  await until('its slip', () => printer.papers.length === 1);

  await hall.server.kill();
  const given = [];
  // a few at a time: whoever stands at a kiosk waits for the paper, and a printer needs its second for each
  const printed = (count) => until(`${count} slips`, () => printer.papers.length >= count);
  const goOn = async (from, to) => {
    for (let count = from; count < to; count += 1) {
      given.push(await takes(kiosk, SERVICES[count % SERVICES.length]));
      if (count % 8 === 7) await printed(count - 6);
    }
  };
  await goOn(0, 20);
  await kiosk.page.reload();
  await kiosk.page.locator('.tile').first().waitFor();
  await goOn(20, 40);
  assert.equal(new Set(given).size, 40, given.join(' '));
  await printed(41);
  assert.equal(printer.papers.length, 41);
  const texts = printer.papers.slice(1).map(({ lines }) => JSON.stringify(lines));
  for (const number of given) assert.equal(texts.filter((text) => text.includes(number)).length, 1, `slips of ${number}`);
  assert.ok(texts.every((text) => text.includes('备用号')), 'a slip does not say what it is');

  await comesBack(hall, paper.more);
  await isReported(kiosk);
  await hall.server.stop();
  assert.deepEqual(numbersIn(await logged(t)), [first, ...given]);
  assert.match(await holds(), /zhuzhou/);
  // what a phone read off the paper is the ticket's page
  const codes = printer.papers.slice(1).map(({ code }) => code);
  assert.equal(new Set(codes).size, 40);
  await comesBack(hall, paper.more);
  for (const code of [codes[0], codes[39]]) assert.equal((await fetch(code)).status, 200, code);
});

let paper;

async function paperHall(t) {
  const [printer, agentPort] = [await virtualPrinter(t), await freePort()];
  paper = { printer, agentPort, more: { args: ['--printer-agent', `http://127.0.0.1:${agentPort}`] } };
  return keptHall(t, paper.more);
}

journey('a number whose answer was lost is not given twice', { start: keptHall }, async (hall, t) => {
  hall.screens.tolerates(AWAY);
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  await isProvided(kiosk);
  await kiosk.page.route('**/tickets', async (route) => {
    await route.fetch();
    await hall.server.kill();
    return route.abort();
  }, { times: 1 });
  await kiosk.taps('检验标志');
  await kiosk.sees('#sheet', '备用号,同样有效');
  const number = await kiosk.text('#sheet .number');
  assert.notEqual(number, 'W001');
  const code = await scannedFrom(kiosk.page);
  await kiosk.goesBack();

  await comesBack(hall);
  await isReported(kiosk);
  const ticket = await (await fetch(`${hall.server.origin}/api/v1${new URL(code).pathname.replace('/t/', '/tickets/')}`)).json();
  assert.equal(ticket.number, number);
  assert.equal(ticket.ahead, 0, 'somebody stands before who does not exist');
  await hall.server.stop();
  const events = await logged(t);
  assert.deepEqual(numbersIn(events), ['W001', number]);
  assert.equal(events.filter(({ event }) => event === 'ticket_cancelled').length, 1);
  await comesBack(hall);
});

// The address in the code that the page drew, read as a phone's camera would.
async function scannedFrom(page) {
  const side = 300;
  const dark = await page.locator('#sheet svg.code').evaluate(async (svg, side) => {
    const image = new Image(side, side);
    const copy = svg.cloneNode(true);
    copy.setAttribute('width', side);
    copy.setAttribute('height', side);
    image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side });
    const paper = canvas.getContext('2d');
    paper.drawImage(image, 0, 0, side, side);
    return Array.from(paper.getImageData(0, 0, side, side).data.filter((_, at) => at % 4 === 0), (red) => (red < 128 ? 1 : 0));
  }, side);
  const { default: jsQR } = await installed('jsqr');
  const colours = dark.flatMap((on) => (on ? [0, 0, 0, 255] : [255, 255, 255, 255]));
  const found = jsQR(Uint8ClampedArray.from(colours), side, side);
  assert.ok(found, 'the code on the glass cannot be read');
  return found.data;
}

journey('two pages of one kiosk never give one number', { start: keptHall }, async (hall) => {
  hall.screens.tolerates(AWAY);
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  await isProvided(kiosk);
  const second = Object.assign(Object.create(Object.getPrototypeOf(kiosk)), kiosk, { page: await kiosk.page.context().newPage() });
  await second.page.goto('/zhuzhou/kiosk');
  await second.page.locator('.tile').first().waitFor();
  await hall.server.kill();
  const given = [];
  for (let count = 0; count < 8; count += 1) {
    given.push(...(await Promise.all([takes(kiosk, SERVICES[count % 2]), takes(second, SERVICES[count % 2])])));
  }
  assert.equal(new Set(given).size, 16, given.join(' '));
  await comesBack(hall);
  await isReported(kiosk);
  const bearer = await hall.server.bearer('manager');
  const day = await fetch(`${hall.server.origin}/api/v1/halls/zhuzhou/days/2026-11-23`, { headers: { Authorization: `Bearer ${bearer}` } });
  assert.equal((await day.json()).total.issued, 16);
});

journey('a server that hangs costs one tap three seconds, and a long absence leads to the desk', { start: keptHall }, async (hall) => {
  hall.screens.tolerates(AWAY);
  const kiosk = await hall.kiosk();
  await kiosk.page.clock.install();
  await kiosk.opens();
  await isProvided(kiosk);
  await stopsClock(kiosk.page);
  await hall.server.freeze();
  try {
    await kiosk.taps('考试预约');
    await passes(kiosk.page, 2.9);
    assert.doesNotMatch(await kiosk.text('#sheet'), /备用号/);
    await passes(kiosk.page, 0.2);
    await kiosk.sees('#sheet', '备用号,同样有效');
    await kiosk.goesBack();
    // the next citizen does not wait
    await kiosk.taps('综合咨询');
    await kiosk.sees('#sheet', '备用号,同样有效');
    await kiosk.goesBack();

    await kiosk.page.clock.fastForward(5 * 60_000 + 1000);
    await kiosk.taps('检验标志');
    await passes(kiosk.page, 3.1);
    await kiosk.sees('#sheet', '请到导办台取号');
    await kiosk.goesBack();
  } finally {
    hall.server.thaw();
    await kiosk.page.clock.resume();
  }
  await isReported(kiosk);
});

// The seconds that sheets have counted down from, as each began and went on.
async function countdowns(page) {
  await page.evaluate(() => {
    window.counts = [];
    const look = () => {
      const count = document.querySelector('#sheet .count');
      if (count && count.textContent) window.counts.push(count.textContent);
    };
    new MutationObserver(look).observe(document.getElementById('sheet'), { childList: true, subtree: true, characterData: true });
  });
  return () => page.evaluate(() => window.counts);
}

journey('out of paper the number stays on the glass, with a code to take along', { start: (t) => paperHall(t) }, async (hall, t) => {
  hall.screens.tolerates(/asks another server: http:\/\/127\.0\.0\.1:\d+\/(slips|printer)/);
  const { printer, agentPort } = paper;
  await agentFor(t, printer, agentPort, hall.server.origin);
  const kiosk = await hall.kiosk({ reducedMotion: 'reduce' });
  await kiosk.page.clock.install();
  await kiosk.opens();
  const counted = await countdowns(kiosk.page);
  await kiosk.taps('驾驶证业务');
  await kiosk.shows('F001');
  await stopsClock(kiosk.page);
  assert.match((await counted())[0], /^8 /);
  await until('its slip', () => printer.papers.length === 1);
  await kiosk.presses('再打一张');
  await until('its second slip', () => printer.papers.length === 2);
  assert.match(JSON.stringify(printer.papers[1].lines), /F001/);
  await kiosk.goesBack();
  await kiosk.page.clock.resume();

  printer.be({ paper_end: true });
  await kiosk.taps('检验标志');
  await kiosk.shows('W001');
  await kiosk.sees('#sheet', '请拍照,或扫码带走');
  assert.ok((await counted()).some((count) => /^20 /.test(count)), `${await counted()}`);
  await kiosk.goesBack();
  await kiosk.sees('#no-paper', '暂不打印');
  await kiosk.taps('考试预约');
  await kiosk.shows('C001');
  const { width } = await kiosk.page.locator('#sheet .code').boundingBox();
  assert.ok(width >= 380, `${width} px are less than 90 mm on a 21.5-inch panel`);
  await kiosk.goesBack();

  printer.be({});
  await kiosk.seesNot('#no-paper');
});
