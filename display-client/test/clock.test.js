// The hall's time on a television whose own clock is wrong.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const Clock = require('../clock.js');

const told = (time) => `2026-11-23T${time}+08:00`;
const offset = Clock.offsetOf(told('09:00:00'));
const at = (time) => Date.parse(told(time));

test('the clock goes on while the server is silent', () => {
  const clock = Clock.heard(null, told('09:12:00'), 100);
  assert.strictEqual(Clock.time(Clock.now(clock, 100 + 59), offset), '09:12');
  assert.strictEqual(Clock.time(Clock.now(clock, 100 + 185), offset), '09:15');
});

test('a clock that is set is followed, and its pace believed only when told twice', () => {
  let clock = Clock.heard(null, told('09:00:00'), 0);
  clock = Clock.heard(clock, told('09:05:00'), 5);
  assert.strictEqual(clock.pace, 1);
  clock = Clock.heard(clock, told('09:10:00'), 10);
  assert.strictEqual(clock.pace, 60);
  clock = Clock.heard(clock, told('09:10:00'), 15);
  clock = Clock.heard(clock, told('09:10:00'), 20);
  assert.strictEqual(clock.pace, 0);
});

test('the offset is the hall’s, whatever moment it is', () => {
  assert.strictEqual(offset, 8 * 3600000);
  assert.strictEqual(Clock.offsetOf('2026-11-23T09:00:00-03:30'), -3.5 * 3600000);
  assert.strictEqual(Clock.offsetOf('2026-11-23T09:00:00Z'), 0);
});

test('the picture goes round in a minute, eight pixels from its place', () => {
  const places = Array.from({ length: 60 }, (_, second) => Clock.orbit(second));
  assert.deepStrictEqual(Clock.orbit(0), Clock.orbit(60));
  for (const [x, y] of places) assert.ok(Math.abs(Math.hypot(x, y) - 8) <= 1, `${x} ${y}`);
  for (const side of [[8, 0], [0, 8], [-8, 0]]) assert.ok(places.some((place) => place[0] === side[0] && place[1] === side[1]), side.join());
});

test('a page belongs to another day from four in the morning', () => {
  const page = (moment) => Clock.pageDay(Date.parse(moment), offset);
  assert.strictEqual(page('2026-11-24T03:59:59+08:00'), page(told('12:00:00')));
  assert.notStrictEqual(page('2026-11-24T04:00:00+08:00'), page(told('12:00:00')));
});

test('the sound is tested once, at 08:40', () => {
  assert.strictEqual(Clock.testDay(at('08:39:59'), offset), null);
  assert.strictEqual(Clock.testDay(at('08:40:00'), offset), '2026-11-23');
  assert.strictEqual(Clock.testDay(at('08:41:00'), offset), null);
});

test('night is from eight in the evening to seven', () => {
  assert.deepStrictEqual([6, 7, 12, 19, 20].map(Clock.isNight), [true, false, false, false, true]);
});
