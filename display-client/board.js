// What stands on the wall: pure functions from a picture of the hall to the words and rows on the screen. The page can
// be thrown away and drawn again from any frame, so a reload or a lost line never loses a call.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68).

var Board = (function () {
  'use strict';

  var ROWS = 6; // 104 px each on 1080 lines
  var MANY_ROWS = 8; // more calls than six: smaller rows; a board on end has eight large ones
  var PAGE_SECONDS = 8; // more than eight: pages
  var FRESH_SECONDS = 6; // a call pulses only so long after it was made
  var WINDOWS_SHOWN = 8; // with more windows, only those on a break are listed
  var WAITS_SHOWN = 3;
  var WAITS_SECONDS = 12;
  var NOTICE_LETTERS = { zh: 24, en: 48 }; // of a line; a hanzi is as wide as two Latin letters
  var NOTICE_SECONDS = 12;

  // The part of the hall that this board stands in: `?zone=` and, for the sign above one window, `?window=`. A zone that
  // the hall does not have is not followed: such a board would never show a call.
  function part(view, zone, window) {
    var zones = view.zones || [];
    var hasZone = zones.some(function (each) {
      return each.id === zone;
    });
    var isHere = function (each) {
      return (!hasZone || each.zone === zone) && (!window || each.window === window);
    };
    return Object.assign({}, view, { calls: view.calls.filter(isHere), windows: view.windows.filter(isHere) });
  }

  // Everything on the screen. `frame` is `{at, view}` with the view of this part; `moment` is
  // `{panel: a call or null, isAnnouncing, isWordless, seconds since the start, isNight, words, language, layout, zone}`.
  function shown(frame, moment) {
    var view = frame.view;
    var words = moment.words;
    var calls = rowOrder(view.calls, moment.panel);
    var pages = pagesOf(calls, view.zones || [], rowsOf(moment.layout));
    var turn = Math.floor(moment.seconds / PAGE_SECONDS) % pages.length;
    var page = pages[turn];
    var mode = modeOf(view, moment);
    return {
      mode: mode,
      isLight: mode === 'calling' && isClosing(view.phase),
      hall: inWords(view.name, moment.language),
      zone: zoneName(view, moment.zone, moment.language),
      sentence: inBoth(view.sentence, moment.language),
      panel: moment.panel && mode === 'calling' ? panelOf(moment.panel, moment) : null,
      isSmall: moment.layout !== 'portrait' && calls.length > ROWS,
      rows: page.calls.map(function (call) {
        return rowOf(call, view, frame.at, words);
      }),
      page: pages.length > 1 ? (inWords(page.name, moment.language) + ' ' + (turn + 1) + '/' + pages.length).trim() : '',
      windows: windowsOf(view.windows, moment),
      waiting: slice(view.waiting, WAITS_SHOWN, Math.floor(moment.seconds / WAITS_SECONDS)).map(function (waiting) {
        return waitOf(waiting, moment);
      }),
      notice: noticeOf(view.notices, moment),
      led: isPausedHere(view) ? words.paused : '',
    };
  }

  // 'calling' while somebody may be called, 'resting' before and between, 'paused' when the manager stopped the calling,
  // 'black' when the day is over and at night. An announcement that has begun is shown to its end.
  function modeOf(view, moment) {
    if (moment.isAnnouncing) return 'calling';
    if (view.calling_paused) return 'paused';
    if (view.calls.length > 0) return 'calling';
    if (view.phase === 'done' || (view.phase === 'closed' && moment.isNight)) return 'black';
    return view.phase === 'closed' || view.phase === 'between' ? 'resting' : 'calling';
  }

  // Near closing the picture is light where it was dark all day.
  function isClosing(phase) {
    return phase === 'near_closing' || phase === 'serving_out';
  }

  // What the panel announces stands in the first row, then the newest first.
  function rowOrder(calls, panel) {
    var newestFirst = calls.slice().sort(function (a, b) {
      return b.version - a.version;
    });
    var isFirst = function (call) {
      return Boolean(panel) && call.version === panel.version;
    };
    return newestFirst.filter(isFirst).concat(
      newestFirst.filter(function (call) {
        return !isFirst(call);
      }),
    );
  }

  function rowsOf(layout) {
    return layout === 'led' ? 1 : MANY_ROWS;
  }

  // One page if all fit, else pages of each zone in turn, so that people need to look at their own only.
  function pagesOf(calls, zones, size) {
    if (calls.length <= size) return [{ name: null, calls: calls }];
    var pages = [];
    var ids = zones.map(function (zone) {
      return zone.id;
    });
    var ofZone = function (zone) {
      var own = calls.filter(function (call) {
        return zone ? call.zone === zone.id : ids.indexOf(call.zone) < 0;
      });
      for (var start = 0; start < own.length; start += size) {
        pages.push({ name: zone ? zone.name : null, calls: own.slice(start, start + size) });
      }
    };
    zones.concat(null).forEach(ofZone);
    return pages;
  }

  function inWords(text, language) {
    return text ? text[language] || text.zh : '';
  }

  // The board's language first, the other below it.
  function inBoth(text, language) {
    return { first: inWords(text, language), second: inWords(text, language === 'en' ? 'zh' : 'en') };
  }

  function zoneName(view, id, language) {
    var zone = (view.zones || []).filter(function (each) {
      return each.id === id;
    })[0];
    if (!zone) return '';
    return inWords(zone.name, language) + (zone.floor ? ' ' + floorName(zone.floor, language) : '');
  }

  function floorName(floor, language) {
    return typeof floor === 'object' ? inWords(floor, language) : String(floor);
  }

  // For a small sign: calling has stopped, or the window it hangs over is on a break.
  function isPausedHere(view) {
    var isPaused = function (window) {
      return window.state === 'paused';
    };
    return Boolean(view.calling_paused) || (view.windows.length > 0 && view.windows.every(isPaused));
  }

  function panelOf(call, moment) {
    return {
      version: call.version,
      service: inWords(call.service_name, moment.language),
      number: call.number,
      window: moment.words.toWindow(call.window),
      shortWindow: String(call.window),
      second: moment.isWordless ? moment.words.lookHere : moment.otherWords.toWindow(call.window),
      spoken: inWords(call.speak, moment.language),
    };
  }

  function rowOf(call, view, at, words) {
    var window = view.windows.filter(function (each) {
      return each.window === call.window;
    })[0];
    var isPaused = Boolean(window) && window.state !== 'open';
    return {
      version: call.version,
      number: call.number,
      window: words.row(call.window),
      state: isPaused ? words.paused : '',
      isPaused: isPaused,
      isFresh: (Date.parse(at) - Date.parse(call.at)) / 1000 < FRESH_SECONDS,
    };
  }

  // Staffed windows; of many only those on a break, since the others' numbers stand in the rows.
  function windowsOf(windows, moment) {
    var staffed = windows.filter(function (window) {
      return window.state !== 'closed';
    });
    var paused = staffed.filter(function (window) {
      return window.state === 'paused';
    });
    var listed = staffed.length > WINDOWS_SHOWN ? paused.slice(0, WINDOWS_SHOWN) : staffed;
    return listed.map(function (window) {
      return windowOf(window, moment);
    });
  }

  function windowOf(window, moment) {
    var label = window.label ? ' ' + inWords(window.label, moment.language) : '';
    var isPaused = window.state === 'paused';
    return {
      name: moment.words.row(window.window) + label,
      state: isPaused ? moment.words.paused : window.number || moment.words.free,
      isPaused: isPaused,
    };
  }

  function waitOf(waiting, moment) {
    var wait = waiting.wait;
    var unknown = waiting.wait_unknown ? inWords(waiting.wait_unknown.text, moment.language) : '';
    var range = wait && wait.high > 0 ? moment.words.minutes(minutes(wait.low), minutes(wait.high)) : unknown;
    var count = waiting.count === 0 ? '' : moment.words.wait(waiting.count);
    var amount = [count, range].filter(Boolean).join(' · ') || moment.words.noWait;
    return { name: inWords(waiting.name, moment.language), amount: amount };
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

  // One line of what the manager wrote; several take turns, none runs across the screen.
  function noticeOf(notices, moment) {
    var lines = [];
    notices.forEach(function (notice) {
      linesOf(inWords(notice, moment.language), NOTICE_LETTERS[moment.language]).forEach(function (line) {
        lines.push(line);
      });
    });
    return slice(lines, 1, Math.floor(moment.seconds / NOTICE_SECONDS))[0] || '';
  }

  // Cut after punctuation or a space where one is near the end of the line.
  function linesOf(text, letters) {
    var lines = [];
    var rest = text.trim();
    while (rest.length > letters) {
      var cut = rest.slice(0, letters + 1).replace(/[^,。;、!?,;.! ]*$/, '').length;
      var length = cut > letters / 2 ? Math.min(cut, letters) : letters;
      lines.push(rest.slice(0, length).trim());
      rest = rest.slice(length).trim();
    }
    return rest ? lines.concat(rest) : lines;
  }

  return { shown: shown, part: part, linesOf: linesOf };
})();

if (typeof module !== 'undefined') module.exports = Board;
