// The board's line to the hall. A television's browser does not notice a frozen server or a pulled cable, so silence is
// noticed here: the server beats every 5 s, after 12 s without a message the picture is marked as old, after 30 s the board
// asks by plain HTTP besides, after 5 min the picture is taken down. Every open brings a whole view, so coming back needs
// no catching up.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68).

var Connection = (function () {
  'use strict';

  var RETRY_SECONDS = [1, 2, 4, 8, 15];
  var JITTER = 0.2; // all screens of a hall lose the server together and must not return together
  var STALE_SECONDS = 12; // two beats may be late
  var POLL_AFTER_SECONDS = 30;
  var POLL_EVERY_SECONDS = 5;
  var AWAY_SECONDS = 5 * 60;
  var LOOK_EVERY_MS = 250; // silence is noticed so late at most
  var ANSWER_WITHIN_SECONDS = 10; // a frozen server accepts a connection and says nothing

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

  // Whether to ask by HTTP: the line has been silent for so long, and the last question was long enough ago.
  function asksAfter(silent, sinceAsked) {
    return silent >= POLL_AFTER_SECONDS && sinceAsked >= POLL_EVERY_SECONDS;
  }

  // Where things are: `?server=` names another host, `?hall=` another hall than the path's.
  function address(location) {
    var query = new URLSearchParams(location.search);
    var hall = query.get('hall') || location.pathname.split('/')[1];
    var server = (query.get('server') || location.protocol + '//' + location.host).replace(/\/$/, '');
    var path = '/halls/' + encodeURIComponent(hall);
    return {
      server: server,
      hall: hall,
      socket: server.replace(/^http/, 'ws') + '/ws' + path + '/board',
      board: server + '/api/v1' + path + '/board',
      report: server + '/api/v1' + path + '/devices/board',
      voice: server + '/voice/' + encodeURIComponent(hall) + '/manifest.json',
      release: server + '/healthz',
    };
  }

  function seconds() {
    return performance.now() / 1000;
  }

  // Calls `onFrame(frame)` for each message and each polled view, and `onHealth(health)` whenever it has looked.
  function open(where, onFrame, onHealth) {
    var socket = null;
    var tries = 0;
    var heard = seconds(); // the last message of the socket
    var seen = seconds(); // the last message, or answer to a poll
    var asked = 0;
    var since = 0; // when this socket was asked for
    var later = null;

    function connect() {
      later = null;
      since = seconds();
      var mine = new WebSocket(where.socket);
      socket = mine;
      mine.onmessage = function (message) {
        if (mine !== socket) return;
        heard = seen = seconds();
        tries = 0;
        onFrame(JSON.parse(message.data));
      };
      mine.onclose = function () {
        if (mine === socket) again();
      };
    }

    // The old socket is not waited for: closing one whose server is frozen takes the browser minutes.
    function again() {
      var old = socket;
      socket = null;
      if (old) old.close();
      if (later === null) later = setTimeout(connect, retryAfter(tries, Math.random()) * 1000);
      tries += 1;
    }

    function poll() {
      asked = seconds();
      Http.get(where.board, true, function (answer) {
        if (answer.status !== 200 && answer.status !== 304) return;
        seen = seconds();
        if (answer.body) onFrame({ version: Number(answer.header('paihao-version')), at: answer.body.now, view: answer.body });
      });
    }

    function watch() {
      var moment = seconds();
      var isDumb = moment - Math.max(heard, since) >= (socket && socket.readyState === 1 ? STALE_SECONDS : ANSWER_WITHIN_SECONDS);
      if (socket && isDumb) again();
      if (asksAfter(moment - heard, moment - asked)) poll();
      onHealth(healthAfter(moment - seen));
    }

    connect();
    setInterval(watch, LOOK_EVERY_MS);
  }

  return { retryAfter: retryAfter, healthAfter: healthAfter, asksAfter: asksAfter, address: address, open: open };
})();

// Small questions to the server, each with a deadline.
var Http = (function () {
  'use strict';

  var WITHIN_MS = 4000;
  var tags = {};

  function request(method, url, type, done) {
    var asked = new XMLHttpRequest();
    asked.open(method, url);
    asked.timeout = WITHIN_MS;
    asked.responseType = type;
    asked.onloadend = function () {
      done(asked);
    };
    return asked;
  }

  // JSON, asked for by its tag if `isTagged`: `{status, body, header}`, with no body where nothing has changed and 0 for
  // the status where nobody answered.
  function get(url, isTagged, done) {
    var asked = request('GET', url, 'json', function () {
      if (isTagged && asked.status === 200) tags[url] = asked.getResponseHeader('ETag');
      else if (asked.status !== 304) delete tags[url];
      var header = function (name) {
        return asked.getResponseHeader(name);
      };
      done({ status: asked.status, body: asked.status === 200 ? asked.response : null, header: header });
    });
    if (isTagged && tags[url]) asked.setRequestHeader('If-None-Match', tags[url]);
    asked.send();
  }

  function getBytes(url, done) {
    var asked = request('GET', url, 'arraybuffer', function () {
      done(asked.status === 200 ? asked.response : null);
    });
    asked.send();
  }

  // No answer is waited for: the next report says it all again.
  function post(url, body) {
    var asked = request('POST', url, 'text', function () {});
    asked.setRequestHeader('Content-Type', 'application/json');
    asked.setRequestHeader('Idempotency-Key', randomKey());
    asked.send(JSON.stringify(body));
  }

  // `crypto.randomUUID` needs a secure origin, this does not.
  function randomKey() {
    return Array.prototype.map
      .call(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
        return (byte + 256).toString(16).slice(1);
      })
      .join('');
  }

  return { get: get, getBytes: getBytes, post: post };
})();

if (typeof module !== 'undefined') module.exports = Connection;
