// What the board says aloud, and when it stays silent.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const Speech = require('../speech.js');

const call = (version, at) => ({ version, at: `2026-11-23T09:00:${at}+08:00` });

test('a number is spelled sign by sign', () => {
  assert.strictEqual(Speech.spell('请A012号,到3号窗口'), '请A 零 幺 二号,到3号窗口');
});

test('each announcement is said once, oldest first', () => {
  const calls = [call(12, '08'), call(11, '05')];
  const versions = (said) => Speech.due(calls, said, '2026-11-23T09:00:10+08:00').map((each) => each.version);
  assert.deepStrictEqual(versions([]), [11, 12]);
  assert.deepStrictEqual(versions([11]), [12]);
});

test('nothing older than 20 s is said', () => {
  const due = Speech.due([call(11, '05'), call(12, '39')], [], '2026-11-23T09:00:40+08:00');
  assert.deepStrictEqual(due.map((each) => each.version), [12]);
});
