// The wall board. `shown` is a pure function from a frame to what stands on the screen; `put` puts it there. The page
// can be thrown away and drawn again from any frame, so a reload or a lost line never loses a call.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68).

var Board = (function () {
  'use strict';

  var ROWS = 6; // 104 px each on 1080 lines
  var MANY_ROWS = 8; // more calls than six: smaller rows
  var PAGE_SECONDS = 8; // more than eight: pages
  var PANEL_SECONDS = 4; // each announcement has the panel at least so long
  var FRESH_SECONDS = 6; // a call pulses so long after it was made
  var WAITS_SHOWN = 3;
  var WAITS_SECONDS = 12;
  var ORBIT_SECONDS = 60; // a still picture burns in: it moves by 8 px once a minute
  var ORBIT = [[0, 0], [8, 0], [8, 8], [0, 8], [-8, 8], [-8, 0], [-8, -8], [0, -8], [8, -8]];

  // What is on the screen for this frame, `seconds` after the board was started.
  // `panelVersion` is the announcement that has the panel now.
  function shown(frame, panelVersion, seconds) {
    var view = frame.view;
    var panel = view.calls.filter(function (call) {
      return call.version === panelVersion;
    })[0];
    var size = view.calls.length > ROWS ? MANY_ROWS : ROWS;
    var pages = Math.max(1, Math.ceil(view.calls.length / size));
    var page = Math.floor(seconds / PAGE_SECONDS) % pages;
    return {
      mode: mode(view),
      hall: view.name.zh,
      sentence: view.sentence,
      panel: panel ? panelOf(panel) : null,
      small: size === MANY_ROWS,
      rows: view.calls.slice(page * size, page * size + size).map(function (call) {
        return rowOf(call, view, frame.at);
      }),
      page: pages > 1 ? page + 1 + '/' + pages : '',
      windows: view.windows.filter(isStaffed).map(windowOf),
      waiting: slice(view.waiting.map(waitOf), WAITS_SHOWN, Math.floor(seconds / WAITS_SECONDS)),
      notices: view.notices.map(function (notice) {
        return notice.zh;
      }),
    };
  }

  // 'calling' while somebody may be called, 'resting' before and between, 'black' when the day is over.
  function mode(view) {
    if (view.calls.length > 0) return 'calling';
    if (view.phase === 'done') return 'black';
    return view.phase === 'closed' || view.phase === 'between' ? 'resting' : 'calling';
  }

  function panelOf(call) {
    return {
      version: call.version,
      service: call.service_name.zh,
      number: call.number,
      window: '到 ' + call.window + ' 号窗口',
      english: 'Window ' + call.window,
    };
  }

  function rowOf(call, view, at) {
    var window = view.windows.filter(function (each) {
      return each.window === call.window;
    })[0];
    var paused = Boolean(window) && window.state === 'paused';
    return {
      version: call.version,
      number: call.number,
      window: call.window + ' 号' + (paused ? ' 暂停' : ''),
      paused: paused,
      fresh: (Date.parse(at) - Date.parse(call.at)) / 1000 < FRESH_SECONDS,
    };
  }

  function isStaffed(window) {
    return window.state !== 'closed';
  }

  function windowOf(window) {
    var label = window.label ? ' ' + window.label.zh : '';
    var state = window.state === 'paused' ? '暂停' : window.number || '空闲';
    return { name: window.window + ' 号' + label, state: state, paused: window.state === 'paused' };
  }

  function waitOf(waiting) {
    var wait = waiting.wait;
    var range = wait && wait.high > 0 ? ' · ' + minutes(wait.low) + '–' + minutes(wait.high) + ' 分' : '';
    return { name: waiting.name.zh, amount: waiting.count === 0 ? '不用等' : '等 ' + waiting.count + ' 人' + range };
  }

  function minutes(seconds) {
    return Math.ceil(seconds / 60);
  }

  // The `turn`th group of `size`, round and round.
  function slice(all, size, turn) {
    var groups = Math.max(1, Math.ceil(all.length / size));
    var start = (turn % groups) * size;
    return all.slice(start, start + size);
  }

  // Which announcement has the panel: calls that came together take turns of at least four seconds, oldest first; then
  // the newest stays. `panel` is `{version, since, seen}`, with `seen` the newest version that has had its turn.
  function nextPanel(panel, calls, seconds) {
    if (calls.length === 0) return { version: null, since: seconds, seen: panel.seen };
    var gone = calls.every(function (call) {
      return call.version !== panel.version;
    });
    if (!gone && seconds - panel.since < PANEL_SECONDS) return panel;
    var waiting = calls
      .map(function (call) {
        return call.version;
      })
      .filter(function (version) {
        return version > panel.seen;
      })
      .sort(function (a, b) {
        return a - b;
      });
    if (waiting.length > 0) return { version: waiting[0], since: seconds, seen: waiting[0] };
    return gone ? { version: calls[0].version, since: seconds, seen: panel.seen } : panel;
  }

  // The board's first panel: what was called before it was switched on has had its turn elsewhere.
  function firstPanel(calls, seconds) {
    if (calls.length === 0) return { version: null, since: seconds, seen: 0 };
    return { version: calls[0].version, since: seconds, seen: calls[0].version };
  }

  return {
    shown: shown,
    nextPanel: nextPanel,
    firstPanel: firstPanel,
    ORBIT: ORBIT,
    ORBIT_SECONDS: ORBIT_SECONDS,
  };
})();

// Puts `shown` on the page: text is always text.
var Screen = (function () {
  'use strict';

  function byId(id) {
    return document.getElementById(id);
  }

  function put(picture) {
    document.body.className = 'mode-' + picture.mode + (picture.small ? ' small' : '') + (picture.panel ? '' : ' no-panel');
    write('hall', picture.hall);
    write('sentence-zh', picture.sentence.zh);
    write('sentence-en', picture.sentence.en);
    write('idle-zh', picture.sentence.zh);
    write('idle-en', picture.sentence.en);
    if (picture.panel) putPanel(picture.panel);
    list('rows', 'row', picture.rows, putRow);
    list('windows', 'window', picture.windows, putWindow);
    list('waiting', 'wait', picture.waiting, putWait);
    write('page', picture.page);
    write('notices', picture.notices.join('  ·  '));
  }

  function write(id, text) {
    var element = byId(id);
    if (element.textContent !== text) element.textContent = text;
  }

  function putPanel(panel) {
    write('panel-service', panel.service);
    write('panel-number', panel.number);
    write('panel-window', panel.window);
    write('panel-english', panel.english);
    pulse(byId('panel'), String(panel.version));
  }

  // Another announcement starts the pulse anew, the same one does not.
  function pulse(element, version) {
    if (element.dataset.version === version) return;
    element.dataset.version = version;
    element.classList.remove('pulse');
    void element.offsetWidth;
    element.classList.add('pulse');
  }

  function list(id, template, items, fill) {
    var parent = byId(id);
    while (parent.children.length > items.length) parent.removeChild(parent.lastElementChild);
    items.forEach(function (item, index) {
      var row = parent.children[index];
      if (!row) {
        row = byId(template).content.firstElementChild.cloneNode(true);
        parent.appendChild(row);
      }
      fill(row, item);
    });
  }

  function text(row, name, words) {
    row.querySelector('.' + name).textContent = words;
  }

  function putRow(row, item) {
    text(row, 'number', item.number);
    text(row, 'window', item.window);
    row.classList.toggle('paused', item.paused);
    if (item.fresh) pulse(row, String(item.version));
    else row.classList.remove('pulse');
  }

  function putWindow(row, item) {
    text(row, 'name', item.name);
    text(row, 'state', item.state);
    row.classList.toggle('paused', item.paused);
  }

  function putWait(row, item) {
    text(row, 'name', item.name);
    text(row, 'amount', item.amount);
  }

  // The strip names the moment of the last picture; after five minutes the picture is taken down.
  function putHealth(health, face) {
    byId('stale').hidden = health !== 'stale';
    byId('away').hidden = health !== 'away';
    write('stale', '连接中断,正在恢复 · 显示 ' + face + ' 的情况');
  }

  return { put: put, write: write, putHealth: putHealth, byId: byId };
})();

// Runs in a browser only; the tests use `Board` alone.
function runBoard() {
  'use strict';

  var frame = null;
  var panel = null;
  var heardAt = 0;
  var pace = 1;
  var measured = 1;
  var speaker = Speech.speaker();

  function seconds() {
    return performance.now() / 1000;
  }

  // The hall's time: the last one told and what has passed since. A demo's clock may run faster or be set, so a pace is
  // believed when two beats in a row tell the same.
  function hear(message) {
    var told = message.beat || message.at;
    if (frame) tellTime(told);
    if (message.view) {
      frame = { at: message.at, told: told, view: message.view };
      heardAt = seconds();
      panel = panel ? panel : Board.firstPanel(message.view.calls, seconds());
      speaker.hear(frame);
    }
    draw();
  }

  function tellTime(told) {
    var passed = seconds() - heardAt;
    var moved = (Date.parse(told) - Date.parse(frame.told)) / 1000;
    if (passed > 3) measure(moved / passed);
    frame.told = told;
    heardAt = seconds();
  }

  function measure(fresh) {
    if (Math.abs(fresh - measured) <= 0.1 * Math.max(1, measured)) pace = Math.max(0, Math.round(fresh));
    measured = fresh;
  }

  function now() {
    return Date.parse(frame.told) + (seconds() - heardAt) * 1000 * pace;
  }

  function clock() {
    var offset = /([+-])(\d\d):(\d\d)$/.exec(frame.told);
    var minutes = offset ? (offset[1] === '-' ? -1 : 1) * (Number(offset[2]) * 60 + Number(offset[3])) : 0;
    return new Date(now() + minutes * 60000).toISOString().slice(11, 16);
  }

  function draw() {
    if (!frame) return;
    panel = Board.nextPanel(panel, frame.view.calls, seconds());
    var picture = { at: new Date(now()).toISOString(), view: frame.view };
    Screen.put(Board.shown(picture, panel.version, seconds()));
    Screen.write('clock', clock());
    orbit();
  }

  function orbit() {
    var step = Board.ORBIT[Math.floor(seconds() / Board.ORBIT_SECONDS) % Board.ORBIT.length];
    Screen.byId('orbit').style.transform = 'translate(' + step[0] + 'px, ' + step[1] + 'px)';
  }

  function offerSound() {
    Screen.byId('sound').hidden = !speaker.canSpeak() || Screen.byId('sound').dataset.pressed === 'yes';
  }

  Screen.byId('sound').addEventListener('click', function () {
    speaker.allow();
    Screen.byId('sound').dataset.pressed = 'yes';
    offerSound();
  });
  Connection.open(Connection.address(location), hear, function (health) {
    Screen.putHealth(health, frame ? frame.told.slice(11, 16) : '--:--');
  });
  setInterval(draw, 500);
  setInterval(offerSound, 2000);
}

if (typeof module !== 'undefined') module.exports = Board;
else runBoard();
