// The board at work: what comes in from the line goes to the announcer and onto the screen, and what falls due is done.
// Query: `zone=B`, `window=3`, `layout=led`, `lang=en`, `staff=1`, `sound=off`, `server=`, `hall=`.

(function () {
  'use strict';

  var STEP_MS = 100; // the voice is at most so late
  var DRAW_SECONDS = 0.5;
  var REPORT_SECONDS = 30;
  var MANIFEST_SECONDS = 5 * 60;
  var RELEASE_SECONDS = 5 * 60;
  var RELOAD_WITHIN_SECONDS = 60; // all boards of a hall find the new release at the same time

  var query = new URLSearchParams(location.search);
  var where = Connection.address(location);
  var zone = query.get('zone');
  var sign = Number(query.get('window')) || null;
  var language = query.get('lang') === 'en' ? 'en' : 'zh';
  var words = Words[language];
  var otherWords = Words[language === 'en' ? 'zh' : 'en'];
  var isStaff = query.get('staff') === '1';

  var frame = null;
  var clock = null;
  var offset = 0;
  var health = 'live';
  var announcer = recall();
  var speaker = Sound.speaker(where.server, isMuted(), soundChanged);
  var drawnAt = -Infinity;
  var spokenAge = null; // of the last announcement that was spoken, in seconds after its call
  var testedOn = null;
  var testedAt = '';
  var release = null;
  var pageDay = null;
  var reloadAt = null;

  // A small sign speaks only on request: the board beside it does.
  function isMuted() {
    return query.get('sound') === 'off' || (query.get('layout') === 'led' && query.get('sound') !== 'on');
  }

  function seconds() {
    return performance.now() / 1000;
  }

  function now() {
    return Clock.now(clock, seconds());
  }

  function hear(message) {
    if (!message.view && !frame) return;
    clock = Clock.heard(clock, message.beat || message.at, seconds());
    if (message.view) see(message);
    draw();
  }

  function see(message) {
    var isFirst = frame === null;
    var view = Board.part(message.view, zone, sign);
    frame = { at: message.at, version: message.version, view: view };
    offset = Clock.offsetOf(view.now);
    var heard = { epoch: message.epoch, version: message.version, at: message.at, calls: view.calls };
    carryOut(Announcer.hear(announcer, heard, seconds()));
    if (isFirst) step();
  }

  function step() {
    if (!frame) return;
    carryOut(Announcer.step(announcer, seconds(), readingOf));
    if (seconds() - drawnAt >= DRAW_SECONDS) draw();
  }

  function readingOf(call) {
    return speaker.readingOf(call.clips || []);
  }

  function carryOut(outcome) {
    announcer = outcome.state;
    outcome.acts.forEach(act);
    if (outcome.acts.length > 0) {
      keep();
      draw();
    }
  }

  function act(what) {
    if (what.kind === 'begin') {
      if (!what.isSilent) speaker.chime(1);
      Screen.announce(what.call.version);
      Screen.mirror(what.call.speak[language]);
    }
    if (what.kind === 'speak') {
      speaker.say(what.call.clips, 1, 0);
      if (announcer.now.readings === 1) spokenAge = what.age;
    }
    if (what.kind === 'hush') speaker.hush();
    tell(what);
    report();
  }

  // For tests and tools: nobody can ask the loudspeaker of a wall what it said.
  function tell(what) {
    var detail = { kind: what.kind, version: what.call.version, number: what.call.number, isSilent: Boolean(what.isSilent) };
    document.dispatchEvent(new CustomEvent('announcer', { detail: detail }));
  }

  // What was announced is remembered across a reload, where the browser lets a page remember.
  function memory() {
    return ['paihao-announced', where.hall, zone || '', sign || ''].join(' ');
  }

  function recall() {
    try {
      var stored = JSON.parse(localStorage.getItem(memory()));
      return Announcer.start(stored.epoch, stored.done);
    } catch (error) {
      return Announcer.start(null, []);
    }
  }

  function keep() {
    try {
      localStorage.setItem(memory(), JSON.stringify({ epoch: announcer.epoch, done: announcer.done }));
    } catch (error) {
      return; // a board that cannot remember may repeat itself after a reload
    }
  }

  function draw() {
    if (!frame) return;
    drawnAt = seconds();
    var layout = layoutOf();
    var picture = Board.shown(
      { at: new Date(now()).toISOString(), view: frame.view },
      {
        panel: Announcer.panel(announcer, frame.view.calls),
        isAnnouncing: announcer.now !== null,
        isWordless: announcer.now !== null && announcer.now.isWordless && speaker.state() === 'running',
        seconds: seconds(),
        isNight: Clock.isNight(Clock.hour(now(), offset)),
        words: words,
        otherWords: otherWords,
        language: language,
        layout: layout,
        zone: zone,
      },
    );
    var wasLoading = document.body.classList.contains('is-loading');
    Screen.put(picture, layout, Clock.hour(now(), offset) >= 12);
    Screen.write(Screen.byId('clock'), Clock.time(now(), offset));
    Screen.write(Screen.byId('led-idle'), picture.led || Clock.time(now(), offset));
    Screen.moveBy(layout === 'led' ? [0, 0] : Clock.orbit(seconds()));
    if (wasLoading || shape(picture, layout)) Screen.fitAll();
  }

  // Lines that were not on the screen have no width: they are fitted when the picture takes another shape.
  var lastShape = '';
  function shape(picture, layout) {
    var fresh = [picture.mode, layout, Boolean(picture.panel), picture.isSmall].join(' ');
    var isOther = fresh !== lastShape;
    lastShape = fresh;
    return isOther;
  }

  function layoutOf() {
    if (query.get('layout') === 'led') return 'led';
    return window.innerHeight > window.innerWidth ? 'portrait' : 'landscape';
  }

  // The sound, as the staff sees it and the server learns of it.

  var reported = ''; // the state of the sound in the last report

  function soundChanged() {
    if (speaker) putSound();
    report();
  }

  function putSound() {
    var state = speaker.state();
    var isOn = state === 'running';
    var said = { running: words.soundOn, suspended: words.soundOff, muted: words.soundMuted, none: words.soundNone }[state];
    var label = speaker.label();
    var level = words.voiceLevel[speaker.voiceLevel()];
    var more = [
      level,
      label && label[language] !== level ? label[language] : '',
      spokenAge === null ? '' : words.spokenAge(Math.round(spokenAge)),
      testedAt && words.tested(testedAt),
    ];
    Screen.putSound(state === 'suspended', isStaff ? { isOn: isOn, sound: (isOn ? '♪ ' : '✕ ') + said, more: more } : null);
    document.documentElement.dataset.sound = state;
  }

  // Every half minute, and when it has changed.
  function report() {
    if (!frame) return;
    if (soundState() !== reported) tellServer();
  }

  function soundState() {
    return [speaker.state(), speaker.voiceLevel(), spokenAge].join(' ');
  }

  function tellServer() {
    if (!frame) return;
    reported = soundState();
    var age = spokenAge === null ? null : Math.round(spokenAge * 1000);
    Http.post(where.report, {
      device_time: new Date().toISOString(),
      sound: speaker.state(),
      rung: speaker.voiceLevel(),
      version: frame.version,
      spoken_age_ms: age,
      page: { width: window.innerWidth, height: window.innerHeight, zone: zone, release: release },
    });
  }

  function testSound(loudness) {
    speaker.test(loudness);
    testedAt = Clock.time(now(), offset);
    putSound();
    tellServer();
  }

  function readManifest() {
    Http.get(where.voice, true, function (answer) {
      if (answer.status === 200) speaker.take(answer.body);
      else if (answer.status === 304) speaker.again();
      else if (answer.status === 404) speaker.take(null);
    });
  }

  // What is due by the hall's clock.

  function look() {
    putSound();
    if (!frame) return;
    var day = Clock.pageDay(now(), offset);
    pageDay = pageDay || day;
    if (day !== pageDay) wantReload();
    testAtItsTime();
    if (reloadAt !== null && seconds() >= reloadAt && isQuiet()) location.reload();
  }

  function testAtItsTime() {
    var date = Clock.testDay(now(), offset);
    if (!date || date === testedOn || !Announcer.isIdle(announcer)) return;
    testedOn = date;
    testSound(Sound.TEST_LOUDNESS);
  }

  function wantReload() {
    if (reloadAt === null) reloadAt = seconds() + Math.random() * RELOAD_WITHIN_SECONDS;
  }

  // No call is live, and the server is there to load from.
  function isQuiet() {
    return health === 'live' && frame.view.calls.length === 0 && Announcer.isIdle(announcer);
  }

  // Another release of the server brings another board.
  function readRelease() {
    Http.get(where.release, false, function (answer) {
      if (!answer.body) return;
      if (release && answer.body.version !== release) {
        readManifest();
        wantReload();
      }
      release = answer.body.version;
    });
  }

  document.documentElement.lang = language === 'en' ? 'en' : 'zh-CN';
  document.title = words.title;
  Screen.write(Screen.byId('away-first'), words.away);
  Screen.write(Screen.byId('away-second'), otherWords.away);
  Screen.write(Screen.byId('away-led'), words.awayLed);
  Screen.write(Screen.byId('sound'), words.turnOn);
  Screen.write(Screen.byId('test'), words.test);
  Screen.byId('sound').addEventListener('click', speaker.allow);
  Screen.byId('test').addEventListener('click', function () {
    if (frame) testSound(1);
  });
  window.addEventListener('resize', function () {
    draw();
    Screen.fitAll();
  });
  Connection.open(where, hear, function (fresh) {
    health = fresh;
    Screen.putHealth(fresh, words, clock ? Clock.time(clock.at, offset) : '--:--');
  });
  readManifest();
  readRelease();
  setInterval(step, STEP_MS);
  setInterval(look, 1000);
  setInterval(tellServer, REPORT_SECONDS * 1000);
  setInterval(readManifest, MANIFEST_SECONDS * 1000);
  setInterval(readRelease, RELEASE_SECONDS * 1000);
  look();
})();
