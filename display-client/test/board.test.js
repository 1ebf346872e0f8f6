// The board against the frames that the server's own tests write: both ends read the same files.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const Board = require('../board.js');
const Words = require('../words.js');

const golden = (name) => JSON.parse(fs.readFileSync(path.join(__dirname, '../../tests/golden/frames', name), 'utf8'));
const copies = (call, count, more = () => ({})) =>
  Array.from({ length: count }, (_, index) => Object.assign({}, call, { version: 100 + index, number: `A${100 + index}` }, more(index)));

// What stands on a board in the morning, unless `more` says another moment.
const shown = (frame, more = {}) =>
  Board.shown(frame, {
    panel: frame.view.calls[0] || null,
    isAnnouncing: false,
    isWordless: false,
    seconds: 0,
    isNight: false,
    words: Words.zh,
    otherWords: Words.en,
    language: 'zh',
    layout: 'landscape',
    zone: null,
    ...more,
  });
const numbers = (picture) => picture.rows.map((row) => row.number);

test('the panel shows the newest call, the rows all of them, newest first', () => {
  const frame = golden('board-busy.json');
  const newest = frame.view.calls[0];
  const picture = shown(frame);
  assert.strictEqual(picture.mode, 'calling');
  assert.strictEqual(picture.panel.number, newest.number);
  assert.strictEqual(picture.panel.window, `到 ${newest.window} 号窗口`);
  assert.deepStrictEqual(numbers(picture), frame.view.calls.map((call) => call.number));
});

test('the call that is announced stands in the first row, the others below it newest first', () => {
  const frame = golden('board-busy.json');
  frame.view.calls = copies(frame.view.calls[0], 4).reverse();
  const panel = frame.view.calls[2];
  assert.deepStrictEqual(numbers(shown(frame, { panel })), ['A101', 'A103', 'A102', 'A100']);
});

test('the panel speaks English below the Chinese, or the other way round', () => {
  const frame = golden('board-busy.json');
  const { window } = frame.view.calls[0];
  assert.strictEqual(shown(frame).panel.second, `Window ${window}`);
  const english = shown(frame, { language: 'en', words: Words.en, otherWords: Words.zh });
  assert.strictEqual(english.panel.window, `Window ${window}`);
  assert.strictEqual(english.panel.second, `到 ${window} 号窗口`);
  assert.strictEqual(english.hall, frame.view.name.en);
  assert.deepStrictEqual(english.sentence, { first: frame.view.sentence.en, second: frame.view.sentence.zh });
});

test('a call that the board cannot speak says where to look', () => {
  assert.strictEqual(shown(golden('board-busy.json'), { isWordless: true }).panel.second, '请看屏幕');
});

test('a window on a break is shown as paused, a closed one is not shown', () => {
  const picture = shown(golden('board-busy.json'));
  assert.deepStrictEqual(picture.windows.map((window) => window.state).filter((state) => state === '暂停'), ['暂停']);
  assert.ok(!picture.windows.some((window) => window.name.startsWith('4 号')));
});

test('of many windows only those on a break are listed', () => {
  const frame = golden('board-busy.json');
  frame.view.windows = Array.from({ length: 30 }, (_, index) => ({ window: index + 1, label: null, state: index % 10 === 4 ? 'paused' : 'open', number: null }));
  assert.deepStrictEqual(shown(frame).windows.map((window) => window.name), ['5 号', '15 号', '25 号']);
});

test('the calls of a window on a break are marked, and of one that has closed', () => {
  for (const state of ['paused', 'closed']) {
    const frame = golden('board-busy.json');
    frame.view.windows.forEach((window) => (window.state = state));
    const { rows } = shown(frame);
    assert.ok(rows.every((row) => row.isPaused && row.state === '暂停'));
  }
});

test('more than six calls make smaller rows, more than eight make pages: none is lost', () => {
  const frame = golden('board-rush.json');
  assert.strictEqual(frame.view.calls.length, 9);
  const first = shown(frame);
  const second = shown(frame, { seconds: 8 });
  assert.ok(first.isSmall);
  assert.deepStrictEqual([first.page, second.page], ['1/2', '2/2']);
  assert.deepStrictEqual(numbers(first).concat(numbers(second)), frame.view.calls.map((call) => call.number));
});

const zones = [
  { id: 'A', name: { zh: 'A 区', en: 'Zone A' } },
  { id: 'B', name: { zh: 'B 区', en: 'Zone B' }, floor: { zh: '二楼', en: 'Floor 2' } },
];

test('in a hall of zones the pages are those of the zones, and hold every call', () => {
  const frame = golden('board-busy.json');
  frame.view.zones = zones;
  const zoneOf = (index) => ({ zone: [null, 'A', 'B'][index % 3] });
  frame.view.calls = copies(frame.view.calls[0], 30, zoneOf).reverse();
  const pages = Array.from({ length: 6 }, (_, turn) => shown(frame, { seconds: turn * 8 }));
  assert.deepStrictEqual(pages.map((picture) => picture.page), ['A 区 1/6', 'A 区 2/6', 'B 区 3/6', 'B 区 4/6', '5/6', '6/6']);
  assert.strictEqual(new Set(pages.flatMap(numbers)).size, 30);
});

test('the board of a zone has that zone only, and a zone that is not there hides nothing', () => {
  const { view } = golden('board-busy.json');
  view.zones = zones;
  view.calls = copies(view.calls[0], 4, (index) => ({ zone: index < 3 ? 'A' : 'B' }));
  view.windows.forEach((window) => (window.zone = 'A'));
  const part = Board.part(view, 'B', null);
  assert.deepStrictEqual([part.calls.length, part.windows.length], [1, 0]);
  assert.strictEqual(Board.part(view, 'X', null).calls.length, 4);
  assert.strictEqual(shown({ at: view.now, view: part }, { zone: 'B' }).zone, 'B 区 二楼');
});

test('the sign above a window shows that window only, and its break', () => {
  const { view } = golden('board-busy.json');
  assert.deepStrictEqual(Board.part(view, null, 3).calls.map((call) => call.window), [3]);
  assert.strictEqual(shown({ at: view.now, view: Board.part(view, null, 2) }, { layout: 'led' }).led, '暂停');
  assert.strictEqual(shown({ at: view.now, view: Board.part(view, null, 3) }, { layout: 'led' }).led, '');
});

test('between sessions the sentence fills the board', () => {
  const picture = shown(golden('board-between.json'));
  assert.strictEqual(picture.mode, 'resting');
  assert.strictEqual(picture.panel, null);
  assert.ok(picture.sentence.first.includes('13:20'));
});

test('each phase has its picture', () => {
  const frame = golden('board-between.json');
  const mode = (phase, more) => {
    frame.view.phase = phase;
    return shown(frame, more).mode;
  };
  assert.strictEqual(mode('closed'), 'resting');
  assert.strictEqual(mode('closed', { isNight: true }), 'black');
  assert.strictEqual(mode('early_open'), 'calling');
  assert.strictEqual(mode('open'), 'calling');
  assert.strictEqual(mode('near_closing'), 'calling');
  assert.strictEqual(mode('serving_out'), 'calling');
  assert.strictEqual(mode('done'), 'black');
});

test('near closing the picture is light', () => {
  const frame = golden('board-busy.json');
  const isLight = (phase) => {
    frame.view.phase = phase;
    return shown(frame).isLight;
  };
  assert.deepStrictEqual(['open', 'near_closing', 'serving_out'].map(isLight), [false, true, true]);
});

test('a hall that is paused says so on the whole board, but for an announcement that has begun', () => {
  const frame = golden('board-busy.json');
  frame.view.calling_paused = '网络检修';
  assert.strictEqual(shown(frame).mode, 'paused');
  assert.strictEqual(shown(frame).rows.length, 2);
  assert.strictEqual(shown(frame, { isAnnouncing: true }).mode, 'calling');
});

test('waits are shown three at a time, every service in turn', () => {
  const frame = golden('board-busy.json');
  const names = new Set();
  for (let seconds = 0; seconds < 48; seconds += 12) {
    const { waiting } = shown(frame, { seconds });
    assert.ok(waiting.length <= 3);
    waiting.forEach((each) => names.add(each.name));
  }
  assert.strictEqual(names.size, frame.view.waiting.length);
});

test('notices are lines of at most 24 hanzi that take turns, cut after punctuation', () => {
  const text = '三号窗口十点起办理考试预约,请提前准备好身份证和学习驾驶证明,下午不办';
  const lines = Board.linesOf(text, 24);
  assert.ok(lines.every((line) => line.length <= 24), lines.join('|'));
  assert.strictEqual(lines.join(''), text);
  assert.strictEqual(lines[0], '三号窗口十点起办理考试预约,');
  assert.ok(Board.linesOf('字'.repeat(60), 24).every((line) => line.length <= 24));
  const frame = golden('board-busy.json');
  frame.view.notices = [{ zh: '一', en: 'one' }, { zh: '二', en: 'two' }];
  assert.deepStrictEqual([0, 11, 12, 24].map((seconds) => shown(frame, { seconds }).notice), ['一', '一', '二', '一']);
});

test('both languages have the same words', () => {
  assert.deepStrictEqual(Object.keys(Words.en), Object.keys(Words.zh));
  assert.deepStrictEqual(Object.keys(Words.en.voiceLevel), Object.keys(Words.zh.voiceLevel));
});
