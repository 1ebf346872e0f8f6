// How the board's line behaves when nobody answers.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const Connection = require('../connection.js');

test('tries come after 1, 2, 4, 8, 15 s and stay at 15, give or take a fifth', () => {
  const middle = [0, 1, 2, 3, 4, 9].map((tries) => Connection.retryAfter(tries, 0.5));
  assert.deepStrictEqual(middle, [1, 2, 4, 8, 15, 15]);
  assert.ok(Connection.retryAfter(0, 0) >= 0.8 - 1e-9 && Connection.retryAfter(0, 0.999) <= 1.2);
});

test('silence is noticed after 12 s, and after 5 min the picture is taken down', () => {
  const health = [0, 11, 12, 299, 300].map(Connection.healthAfter);
  assert.deepStrictEqual(health, ['live', 'live', 'stale', 'stale', 'away']);
});

test('after half a minute the board asks by HTTP, every five seconds', () => {
  assert.deepStrictEqual([[29, 99], [30, 99], [31, 1], [35, 5], [900, 5]].map(([silent, asked]) => Connection.asksAfter(silent, asked)), [
    false,
    true,
    false,
    true,
    true,
  ]);
});

test('the address follows the page, unless the query names another', () => {
  const page = (search) => ({ protocol: 'https:', host: 'hall.example', pathname: '/zhuzhou/board', search });
  assert.strictEqual(Connection.address(page('')).socket, 'wss://hall.example/ws/halls/zhuzhou/board');
  assert.strictEqual(Connection.address(page('')).board, 'https://hall.example/api/v1/halls/zhuzhou/board');
  const other = Connection.address(page('?server=http://10.0.0.5:8080/&hall=lusong'));
  assert.strictEqual(other.socket, 'ws://10.0.0.5:8080/ws/halls/lusong/board');
  assert.strictEqual(other.voice, 'http://10.0.0.5:8080/voice/lusong/manifest.json');
});
