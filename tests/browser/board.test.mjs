// The wall as a waiting room has it: thirty calls at once, a call that is taken back, zones, lost lines, a voice, every
// phase of a day, and browsers as old and as poor as televisions are.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isAccessible, paleLines } from './support/barriers.mjs';
import { journey } from './support/journey.mjs';
import { passes, standsStill, until } from './support/people.mjs';
import { folder, startDemo } from './support/server.mjs';
import { cuttable, diaryOf, happens, hasVoice, isAnnounced, keepsDiary, numbersOf, turnsSoundOn } from './support/wall.mjs';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const FIRST_LOAD_MOST = 120_000; // bytes
const MANY = 30;
const TICK = 150; // milliseconds between two looks of the page

// The sample hall with thirty windows, each for everything.
async function thirtyWindows(t) {
  const sample = await readFile(path.join(REPOSITORY, 'plans/zhuzhou.toml'), 'utf8');
  const windows = Array.from({ length: MANY }, (_, index) => `[[windows]]\nnumber = ${index + 1}\neverything = true\nzone = "${'AB'[index % 2]}"\n`);
  const [before, after] = [sample.indexOf('[[windows]]'), sample.indexOf('[[appointments]]')];
  const plan = path.join(await folder(t), 'thirty.toml');
  await writeFile(plan, sample.slice(0, before) + windows.join('\n') + sample.slice(after));
  return plan;
}

// How long each number had the panel, in milliseconds; the last one still has it.
function panelTimes(panels) {
  const times = new Map();
  panels.forEach(({ number, at }, index) => {
    const next = panels[index + 1];
    times.set(number, Math.max(times.get(number) || 0, next ? next.at - at : Infinity));
  });
  return times;
}

const manyWindows = async (t) => startDemo({ time: '09:30:00', plan: await thirtyWindows(t) });

journey('thirty calls at once: each has the panel for four seconds, and each is spoken once, in order', { start: manyWindows }, async (hall) => {
  const { server } = hall;
  const { page } = await hall.board();
  await standsStill(page);
  await keepsDiary(page);
  await hasVoice(page);
  const clip = page.waitForResponse(/please\.wav/);
  await page.goto('/zhuzhou/board');
  await turnsSoundOn({ page });
  await clip;

  const officers = await Promise.all(Array.from({ length: MANY }, (_, index) => server.officer(index + 1)));
  for (let taken = 0; taken < MANY; taken += 1) await server.take('fine');
  const answers = await Promise.all(officers.map((act) => act('call-next')));
  const called = answers.map((answer) => answer.ticket.number).sort();
  assert.equal(new Set(called).size, MANY);

  // every number stands on a page of rows long before its turn
  const seen = new Set();
  await happens(page, 'every number stands in a row', async () => {
    for (const number of await page.locator('#rows .number').allInnerTexts()) seen.add(number);
    return seen.size === MANY;
  });
  assert.ok((await numbersOf(page, 'end')).length < MANY / 2, 'the rows turn too slowly');
  await happens(page, 'all were announced', async () => (await numbersOf(page, 'end')).length === MANY);

  const begins = await diaryOf(page, 'begin');
  const versions = begins.map((begin) => begin.version);
  assert.deepEqual(begins.map((begin) => begin.number).sort(), called, 'each once');
  assert.deepEqual(versions, versions.slice().sort((a, b) => a - b), 'in the order of the calls');
  const spoken = await diaryOf(page, 'speak');
  // whoever was called last is read out twice, since nobody waits for the loudspeaker any more
  assert.deepEqual(spoken.map((entry) => entry.version).slice(0, MANY), versions, 'each is spoken, in order');
  assert.ok(spoken.length <= MANY + 1, `${spoken.length} readings`);
  const times = panelTimes(await diaryOf(page, 'panel'));
  for (const number of called) assert.ok(times.get(number) >= 4000 - TICK, `${number} had the panel for ${times.get(number)} ms`);
});

journey('a call that is taken back within three seconds is never spoken', { time: '09:30:00' }, async (hall) => {
  const board = await hall.board();
  await standsStill(board.page);
  await keepsDiary(board.page);
  await hasVoice(board.page);
  await board.opens();
  await turnsSoundOn(board);
  const act = await hall.server.officer(1);
  await hall.server.take('fine');
  await act('call-next');
  await board.calls('A001', 1);
  await passes(board.page, 2.8);
  await act('undo');
  await until('the call was silenced', async () => (await numbersOf(board.page, 'hush')).includes('A001'));
  await board.seesNot('#rows > li');
  await passes(board.page, 10);
  assert.deepEqual(await numbersOf(board.page, 'begin'), ['A001']);
  assert.deepEqual(await numbersOf(board.page, 'speak'), []);
  await act('call-next');
  await board.calls('A001', 1);
  await happens(board.page, 'the second call is spoken', async () => (await diaryOf(board.page, 'speak')).length > 0);
  const begins = await diaryOf(board.page, 'begin');
  const [voice] = await diaryOf(board.page, 'speak');
  assert.deepEqual([begins.length, voice.version], [2, begins[1].version]);
  assert.ok(voice.at - begins[1].at >= 3000 - TICK, 'the voice waits for a second thought');
});

journey('without a pack the board chimes and says where to look', { time: '09:30:00' }, async (hall) => {
  const board = await hall.board();
  await keepsDiary(board.page);
  await board.page.route('**/voice/**', (route) => route.fulfill({ status: 404 }));
  await board.opens();
  await turnsSoundOn(board);
  const act = await hall.server.officer(1);
  await hall.server.take('fine');
  await act('call-next');
  await board.sees('#panel-english', '请看屏幕');
  await board.sees('#panel-english', 'Window 1');
  assert.deepEqual(await numbersOf(board.page, ['begin', 'speak']), ['A001']);
  assert.match(await board.page.locator('#mirror').textContent(), /A.*窗口/);
});

journey('a recall takes the panel again and pulses', { time: '09:30:00' }, async (hall) => {
  const board = await hall.board();
  await standsStill(board.page);
  await keepsDiary(board.page);
  await board.opens();
  const [one, two] = [await hall.server.officer(1), await hall.server.officer(2)];
  await hall.server.take('fine');
  await hall.server.take('fine');
  await one('call-next');
  await two('call-next');
  await board.callsFirst('A002');
  await happens(board.page, 'both were announced', async () => (await numbersOf(board.page, 'end')).length === 2);
  await hall.clock('09:30:30');
  await board.page.evaluate(() => document.getElementById('panel').classList.remove('pulse'));
  await one('recall');
  await happens(board.page, 'it is announced again', async () => (await numbersOf(board.page, 'begin')).length === 3);
  await board.callsFirst('A001');
  await board.sees('#panel-number', 'A001');
  await board.page.locator('#panel.pulse').waitFor();
  assert.deepEqual(await numbersOf(board.page, 'begin'), ['A001', 'A002', 'A001']);
});

journey('each zone has a board that shows and announces its own calls only', { time: '09:30:00' }, async (hall) => {
  const boards = {};
  for (const zone of ['A', 'B']) {
    boards[zone] = await hall.enter(Wall, `board ${zone}`, { viewport: { width: 1920, height: 1080 } });
    await standsStill(boards[zone].page);
    await keepsDiary(boards[zone].page);
    await boards[zone].page.goto(`/zhuzhou/board?zone=${zone}`);
  }
  await boards.B.sees('#zone', /B ?区/);
  const [one, three] = [await hall.server.officer(1), await hall.server.officer(3)];
  await hall.server.take('fine');
  await hall.server.take('licence');
  await one('call-next');
  await three('call-next');
  await boards.A.sees('#rows > li', 'A001');
  await boards.B.sees('#rows > li', 'F001');
  for (const [zone, number] of [['A', 'A001'], ['B', 'F001']]) {
    await isAnnounced(boards[zone].page, number);
    assert.deepEqual(await numbersOf(boards[zone].page, 'begin'), [number]);
    assert.equal(await boards[zone].page.locator('#rows > li').count(), 1);
  }
});

// A board with a query of its own.
class Wall {
  constructor(page, hall) {
    this.page = page;
    this.hall = hall;
    hall.screens.tolerates(/devices\/board|\/voice\//);
  }

  async sees(selector, text) {
    await this.page.locator(selector).filter({ hasText: text, visible: true }).first().waitFor();
  }
}

journey('a board that was cut off for an hour shows what it missed and does not speak it', { time: '09:30:00', speed: 1 }, async (hall) => {
  hall.screens.tolerates(/ERR_FAILED/);
  const board = await hall.board();
  await board.page.clock.install();
  await keepsDiary(board.page);
  const line = await cuttable(board.page);
  await board.opens();
  const [one, two] = [await hall.server.officer(1), await hall.server.officer(2)];
  for (let taken = 0; taken < 3; taken += 1) await hall.server.take('fine');
  await one('call-next');
  await board.calls('A001', 1);
  await until('it was announced', async () => (await numbersOf(board.page, 'end')).includes('A001'));

  line.isCut = true;
  await two('call-next');
  await hall.clockRuns('10:30:00');
  await board.page.clock.fastForward('01:00:00');
  await board.sees('#away', '请听现场人工叫号');
  line.isCut = false;
  await board.page.clock.fastForward('00:20');
  await board.seesNot('#away');
  await board.seesNot('#stale');
  await board.calls('A002', 2);
  await board.sees('#clock', '10:30');
  await one('finish-and-call-next');
  await until('the new call is announced', async () => (await diaryOf(board.page, 'begin')).some(({ number, isSilent }) => number === 'A003' && !isSilent));
  const loud = (await diaryOf(board.page, 'begin')).filter((begin) => !begin.isSilent).map((begin) => begin.number);
  assert.deepEqual(loud, ['A001', 'A003']);
});

journey('a board whose socket is blocked follows the hall by HTTP', { time: '09:30:00', speed: 1 }, async (hall) => {
  const board = await hall.board();
  await keepsDiary(board.page);
  let blocked = false;
  await board.page.clock.install();
  await board.page.routeWebSocket(/\/ws\//, (socket) => {
    if (blocked) return;
    const server = socket.connectToServer();
    server.onMessage((message) => !blocked && socket.send(message));
  });
  await board.opens();
  const act = await hall.server.officer(1);
  await hall.server.take('fine');
  blocked = true;
  await act('call-next');
  await board.page.clock.fastForward('00:31');
  await board.calls('A001', 1);
  await board.seesNot('#stale');
  const versions = board.page.waitForResponse((response) => /\/board$/.test(response.url()) && response.status() === 304);
  await board.page.clock.fastForward('00:06');
  await versions;
  await board.page.clock.fastForward('00:06');
  await board.seesNot('#stale');
});

journey('what was announced is not announced again after a reload, nor after a restart of the server', { start: keptHall }, async (hall) => {
  hall.screens.tolerates(/ERR_CONNECTION|ERR_FAILED|ERR_EMPTY|WebSocket connection/);
  const board = await hall.board();
  await keepsDiary(board.page);
  await board.opens();
  const act = await hall.server.officer(1);
  await hall.server.take('fine');
  await hall.server.take('fine');
  await act('call-next');
  await until('the call is announced', async () => (await numbersOf(board.page, 'end')).includes('A001'));
  await board.page.reload();
  await board.sees('#panel-number', 'A001');
  assert.deepEqual(await numbersOf(board.page, 'begin'), []);

  const { port } = hall.server;
  await hall.server.kill();
  await board.page.locator('#stale').waitFor();
  hall.server = await startDemo({ time: '09:30:05', store, port });
  await board.seesNot('#stale');
  await hall.server.post('/halls/zhuzhou/windows/1/finish-and-call-next', {}, await hall.server.bearer('officer'));
  await until('the next call is announced', async () => (await numbersOf(board.page, 'begin')).length > 0);
  assert.deepEqual(await numbersOf(board.page, 'begin'), ['A002']);
});

let store;

async function keptHall(t) {
  store = `sqlite:${path.join(await folder(t), 'hall.db')}`;
  return startDemo({ time: '09:30:00', store });
}

journey('in every phase of the day nothing is pale, and nobody is kept out', { time: '08:45:00' }, async (hall) => {
  const board = await hall.board({ reducedMotion: 'reduce' });
  await board.opens();
  const { server } = hall;
  const manager = await server.bearer('manager');
  const isGood = async (where, mode) => {
    await board.page.locator(`body.mode-${mode}`).waitFor();
    await isAccessible(board, where);
    assert.deepEqual(await paleLines(board.page), [], where);
  };
  const light = () => board.page.locator('body.light').waitFor();

  await isGood('before opening', 'resting');
  await hall.clock('08:52:00');
  await board.sees('#sentence-zh', '已开始取号');
  await isGood('early', 'calling');
  const [one, six] = [await server.officer(1), await server.officer(6)];
  for (const service of ['fine', 'fine', 'fine', 'registration']) await server.take(service);
  await hall.clock('09:40:00');
  await one('call-next');
  await six('call-next');
  await server.post('/halls/zhuzhou/notices', { notices: [{ text: { zh: '三号窗口十点起办理考试预约', en: 'Window 3 books tests from ten' } }] }, manager);
  await board.sees('#notice', '三号窗口');
  await isGood('open', 'calling');
  await server.post('/halls/zhuzhou/pause', { reason: '网络检修' }, manager);
  await board.sees('#idle-zh', '暂停叫号');
  await isGood('paused', 'paused');
  await server.post('/halls/zhuzhou/resume', {}, manager);
  await hall.clock('11:40:00');
  await light();
  await isGood('near closing', 'calling');
  await one('finish-and-call-next');
  await one('finish');
  await one('pause', { reason: '用餐' });
  await board.sees('#rows > li.paused', '暂停');
  await isGood('a window on a break', 'calling');
  await one('resume-window');
  await hall.clock('12:03:00');
  await board.sees('#sentence-zh', '都办完我们才下班');
  await isGood('serving out', 'calling');
  for (const act of [one, six]) while ((await act('finish-and-call-next')).ticket) continue;
  await hall.clock('12:40:00');
  await isGood('between', 'resting');
  await hall.clock('17:05:00');
  await isGood('done', 'black');
  await board.sees('#idle-zh', /08:50/);
});

journey('no number is cut off, on any board', { time: '09:30:00' }, async (hall) => {
  const act = await hall.server.officer(6);
  await hall.server.take('fine');
  await act('call-next');
  for (const [name, viewport, search] of [
    ['wall', { width: 1920, height: 1080 }, ''],
    ['English', { width: 1920, height: 1080 }, '?lang=en'],
    ['old screen', { width: 1024, height: 768 }, ''],
    ['on end', { width: 1080, height: 1920 }, ''],
    ['lamps', { width: 384, height: 128 }, '?layout=led'],
    ['small lamps', { width: 256, height: 64 }, '?layout=led'],
  ]) {
    const wall = await hall.enter(Wall, name, { viewport });
    // the longest there are: four digits, two of a window, a service of twenty hanzi
    await wall.page.routeWebSocket(/\/ws\//, (socket) => {
      socket.connectToServer().onMessage((message) => {
        socket.send(message.replace(/A001/g, 'AB1234').replace(/"window":6/g, '"window":66').replace(/违法处理/g, '道路交通安全违法行为处理以及非现场业务'));
      });
    });
    await wall.page.goto(`/zhuzhou/board${search}`);
    await wall.sees('#panel-number', 'AB1234');
    const cut = await wall.page.evaluate(() => {
      const lines = ['#panel-service', '#panel-number', '#panel-window', '#rows > li', '#hall', '#led'].map((each) => document.querySelector(each));
      const isCut = (line) => {
        const { left, right, width } = line.getBoundingClientRect();
        return width > 0 && (line.scrollWidth > line.clientWidth + 1 || left < -9 || right > window.innerWidth + 9);
      };
      return lines.filter(isCut).map((line) => `${line.id || line.className} ${line.textContent}`);
    });
    assert.deepEqual(cut, [], name);
  }
});

journey('a board that may not sound shows a card; the staff sees the state of its sound', { time: '08:39:50' }, async (hall) => {
  const staff = await hall.enter(Wall, 'staff', { viewport: { width: 1366, height: 768 } });
  const reports = [];
  staff.page.on('request', (request) => {
    if (/devices\/board$/.test(request.url())) reports.push(request.postDataJSON());
  });
  await hasVoice(staff.page);
  await staff.page.goto('/zhuzhou/board?staff=1');
  await staff.sees('#staff', /声音未开启|声音正常/);
  await turnsSoundOn(staff);
  await staff.sees('#staff', '声音正常');
  await staff.sees('#staff', '本厅录音');
  assert.equal(await staff.page.locator('#sound').isVisible(), false);
  await hall.clock('08:40:10');
  await staff.sees('#staff', '试音 08:40');
  await until('it is reported', async () => reports.some((report) => report.sound === 'running' && report.rung === 'hall'));
  for (const report of reports) assert.deepEqual(Object.keys(report).sort(), ['device_time', 'page', 'rung', 'sound', 'spoken_age_ms', 'version']);
  const room = await hall.board();
  await room.opens();
  assert.equal(await room.page.locator('#staff').isVisible(), false);
});

journey('a television without what is young in a browser shows and announces all the same', { time: '09:30:00' }, async (hall) => {
  const board = await hall.board();
  await standsStill(board.page);
  await keepsDiary(board.page);
  await board.page.addInitScript(() => {
    delete Crypto.prototype.randomUUID;
    for (const name of ['wakeLock', 'serviceWorker', 'locks', 'clipboard']) delete Navigator.prototype[name];
    for (const name of ['replaceChildren', 'append', 'toggleAttribute']) delete Element.prototype[name];
    for (const name of ['flat', 'flatMap', 'at']) delete Array.prototype[name];
    delete window.queueMicrotask;
    Object.defineProperty(window, 'localStorage', {
      get() {
        throw new Error('this television remembers nothing');
      },
    });
  });
  await board.opens();
  const act = await hall.server.officer(1);
  await hall.server.take('fine');
  await act('call-next');
  await board.calls('A001', 1);
  await board.sees('#panel-number', 'A001');
  await isAnnounced(board.page, 'A001');
});

journey('the first load fits through a thin line', { time: '09:30:00' }, async (hall) => {
  const board = await hall.board();
  let bytes = 0;
  const bodies = [];
  board.page.on('response', (response) => {
    if (/\/(board|display|assets)/.test(new URL(response.url()).pathname)) bodies.push(response.body().catch(() => Buffer.alloc(0)));
  });
  await board.opens();
  for (const body of await Promise.all(bodies)) bytes += body.length;
  assert.ok(bodies.length >= 10, `${bodies.length} files`);
  assert.ok(bytes <= FIRST_LOAD_MOST, `${bytes} bytes`);
});
