// How a sentence is put together from clips.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const Sound = require('../sound.js');

const manifest = { rung: 'shipped', gap_ms: 60, clips: { qing: { url: '/a', ms: 300 }, A: { url: '/b', ms: 400 } } };

test('clip follows clip with a gap between', () => {
  const { starts, length } = Sound.timetable([0.3, 0.4, 0.5], 0.06);
  assert.deepStrictEqual(starts.map((start) => Math.round(start * 1000)), [0, 360, 820]);
  assert.strictEqual(Math.round(length * 1000), 1320);
  assert.strictEqual(Sound.timetable([], 0.06).length, 0);
});

test('a sentence with a clip missing is not spoken at all, nor one without a pack', () => {
  assert.deepStrictEqual(Sound.missing(['qing', 'A'], manifest), []);
  assert.deepStrictEqual(Sound.missing(['qing', 'B'], manifest), ['B']);
  assert.deepStrictEqual(Sound.missing(['qing'], null), ['qing']);
  assert.deepStrictEqual(Sound.missing(['qing'], { ...manifest, rung: 'chime' }), ['qing']);
});
