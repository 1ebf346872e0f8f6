// The board against the frames that the server's own tests write: both ends read the same files.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const Board = require('../board.js');

const golden = (name) => JSON.parse(fs.readFileSync(path.join(__dirname, '../../tests/golden/frames', name), 'utf8'));
const copies = (call, count) => Array.from({ length: count }, (_, index) => Object.assign({}, call, { version: 100 + index }));

test('the panel shows the newest call, the rows all of them, newest first', () => {
  const frame = golden('board-busy.json');
  const newest = frame.view.calls[0];
  const picture = Board.shown(frame, newest.version, 0);
  assert.strictEqual(picture.mode, 'calling');
  assert.strictEqual(picture.panel.number, newest.number);
  assert.strictEqual(picture.panel.window, `到 ${newest.window} 号窗口`);
  assert.deepStrictEqual(picture.rows.map((row) => row.number), frame.view.calls.map((call) => call.number));
});

test('a window on a break is shown as paused, a closed one is not shown', () => {
  const picture = Board.shown(golden('board-busy.json'), null, 0);
  assert.deepStrictEqual(picture.windows.map((window) => window.state).filter((state) => state === '暂停'), ['暂停']);
  assert.ok(!picture.windows.some((window) => window.name.startsWith('4 号')));
});

test('the calls of a window on a break are marked', () => {
  const frame = golden('board-busy.json');
  frame.view.windows.forEach((window) => (window.state = 'paused'));
  const picture = Board.shown(frame, null, 0);
  assert.ok(picture.rows.every((row) => row.paused && row.window.includes('暂停')));
});

test('more than six calls make smaller rows, more than eight make pages: none is lost', () => {
  const frame = golden('board-rush.json');
  assert.strictEqual(frame.view.calls.length, 9);
  const first = Board.shown(frame, null, 0);
  const second = Board.shown(frame, null, 8);
  assert.ok(first.small);
  assert.deepStrictEqual([first.page, second.page], ['1/2', '2/2']);
  const numbers = first.rows.concat(second.rows).map((row) => row.number);
  assert.deepStrictEqual(numbers, frame.view.calls.map((call) => call.number));
});

test('between sessions the sentence fills the board', () => {
  const frame = golden('board-between.json');
  const picture = Board.shown(frame, null, 0);
  assert.strictEqual(picture.mode, 'resting');
  assert.strictEqual(picture.panel, null);
  assert.ok(picture.sentence.zh.includes('13:20'));
});

test('after the day the board is black', () => {
  const frame = golden('board-between.json');
  frame.view.phase = 'done';
  assert.strictEqual(Board.shown(frame, null, 0).mode, 'black');
});

test('waits are shown three at a time, every service in turn', () => {
  const frame = golden('board-busy.json');
  const names = new Set();
  for (let seconds = 0; seconds < 48; seconds += 12) {
    const { waiting } = Board.shown(frame, null, seconds);
    assert.ok(waiting.length <= 3);
    waiting.forEach((each) => names.add(each.name));
  }
  assert.strictEqual(names.size, frame.view.waiting.length);
});

test('thirty calls at once each have the panel for at least four seconds', () => {
  const call = golden('board-busy.json').view.calls[0];
  const calls = copies(call, 30).reverse();
  let panel = Board.firstPanel([], 0);
  const shownFor = new Map();
  for (let seconds = 0; seconds < 200; seconds += 0.5) {
    panel = Board.nextPanel(panel, calls, seconds);
    shownFor.set(panel.version, (shownFor.get(panel.version) || 0) + 0.5);
  }
  assert.strictEqual(shownFor.size, 30);
  for (const [version, seconds] of shownFor) assert.ok(seconds >= 4, `${version}: ${seconds}`);
});

test('a recall takes the panel again', () => {
  const call = golden('board-busy.json').view.calls[0];
  const before = Board.firstPanel([call], 0);
  const recalled = Object.assign({}, call, { version: call.version + 5, times: 2 });
  assert.strictEqual(Board.nextPanel(before, [recalled], 10).version, recalled.version);
});

test('a board that is switched on shows the newest call at once', () => {
  const { calls } = golden('board-rush.json').view;
  const panel = Board.firstPanel(calls, 0);
  assert.strictEqual(Board.nextPanel(panel, calls, 60).version, calls[0].version);
});
