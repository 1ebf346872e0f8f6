// The board's line to the hall. A television's browser does not notice a frozen server or a pulled cable, so silence is
// noticed here: the server beats every 5 s, after 12 s without a word what is shown is called old, after 5 min it is
// taken down. Every open brings a whole view, so coming back needs no catching up.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68).

var Connection = (function () {
  'use strict';

  var RETRY_SECONDS = [1, 2, 4, 8, 15];
  var JITTER = 0.2; // all screens of a hall lose the server together and must not return together
  var STALE_SECONDS = 12;
  var AWAY_SECONDS = 5 * 60;

  // How long to wait before the try after `tries` failed ones; `random` is in [0, 1).
  function retryAfter(tries, random) {
    var seconds = RETRY_SECONDS[Math.min(tries, RETRY_SECONDS.length - 1)];
    return seconds * (1 + JITTER * (2 * random - 1));
  }

  // What silence of this length means: 'live', 'stale' or 'away'.
  function healthAfter(seconds) {
    if (seconds < STALE_SECONDS) return 'live';
    return seconds < AWAY_SECONDS ? 'stale' : 'away';
  }

  // Where the frames come from: `?server=` names another host, `?hall=` another hall than the path's.
  function address(location) {
    var query = new URLSearchParams(location.search);
    var hall = query.get('hall') || location.pathname.split('/')[1];
    var server = query.get('server') || location.protocol + '//' + location.host;
    return server.replace(/^http/, 'ws').replace(/\/$/, '') + '/ws/halls/' + encodeURIComponent(hall) + '/board';
  }

  // Calls `onFrame(frame)` for each message and `onHealth(health)` once a second.
  function open(url, onFrame, onHealth) {
    var socket = null;
    var tries = 0;
    var heard = performance.now();

    function connect() {
      socket = new WebSocket(url);
      socket.onmessage = function (message) {
        heard = performance.now();
        tries = 0;
        onFrame(JSON.parse(message.data));
      };
      socket.onclose = function () {
        setTimeout(connect, retryAfter(tries, Math.random()) * 1000);
        tries += 1;
      };
    }

    function watch() {
      var health = healthAfter((performance.now() - heard) / 1000);
      onHealth(health);
      if (health !== 'live' && socket.readyState === WebSocket.OPEN) socket.close();
    }

    connect();
    setInterval(watch, 1000);
  }

  return { retryAfter: retryAfter, healthAfter: healthAfter, address: address, open: open };
})();

if (typeof module !== 'undefined') module.exports = Connection;
