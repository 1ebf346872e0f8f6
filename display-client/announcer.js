// Which call is announced when: one channel, first called first announced. A pure reducer: `hear` takes a picture of the
// hall, `step` the passing of time; both answer the next state and what is to be done about it. Nothing here sounds or
// draws.
//
// A call waits here until it has had the panel for its four seconds, even if its ticket is served meanwhile; it leaves
// unannounced only if an officer took it back. A recall of a ticket that still waits takes over its place.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68). Times are in seconds.

var Announcer = (function () {
  'use strict';

  var PANEL = 4; // each call has the panel at least so long
  var LEAD = 1; // the voice begins so long after the chime
  var UNDO = 3; // and no earlier than this after the call: what is taken back at once is never spoken
  var PAUSE = 0.4; // between two readings
  var CYCLE = 10; // chime and readings together are no longer, or one loudspeaker cannot keep up
  var OLDEST = 20; // older when the board first hears of it: shown, not spoken
  var STAYS = 60; // the server shows a call at least so long, so one that goes earlier was taken back
  var MOST = 1000; // versions to remember: a day of a large hall, since an undone recall brings its call back

  // `done` are the versions that were announced before the page was loaded, `epoch` the history they belong to.
  function start(epoch, done) {
    return { epoch: epoch, done: (done || []).slice(-MOST), queue: [], parted: [], now: null, isFirst: true };
  }

  // A picture came: `frame` is `{epoch, version, at, calls}`; a polled one names no epoch.
  function hear(state, frame, seconds) {
    var anotherHistory = frame.epoch && state.epoch && frame.epoch !== state.epoch;
    var before = anotherHistory ? start(frame.epoch, []) : state;
    var next = Object.assign({}, before, { epoch: frame.epoch || before.epoch, isFirst: false });
    var acts = [];
    if (state.now && (anotherHistory || isTakenBack(state.now.call, frame, true))) {
      next.now = null;
      acts.push({ kind: 'hush', call: state.now.call });
    }
    settleQueue(next, frame, seconds);
    takeUp(next, frame, seconds, before.isFirst);
    return { state: next, acts: acts };
  }

  // What becomes of those who wait: still there, recalled, taken back, or served in the meantime.
  function settleQueue(next, frame, seconds) {
    var queue = [];
    next.queue.forEach(function (item) {
      var newer = newest(frame, item.call);
      if (newer && newer.version !== item.call.version) next.parted = remember(next.parted, item.call.version);
      if (newer) queue.push(newer.version === item.call.version ? item : itemOf(newer, frame, seconds, false));
      else if (!isTakenBack(item.call, frame, false)) queue.push(item);
    });
    next.queue = queue;
  }

  // The call itself or a later one of the same ticket, as the picture shows it.
  function newest(frame, call) {
    return frame.calls.filter(function (each) {
      return each.number === call.number && each.version >= call.version;
    })[0];
  }

  // Gone from the picture before its time. An older picture, from a server that lags, says nothing about it. While a
  // call is being announced, its recall to the same window does not interrupt it.
  function isTakenBack(call, frame, isAnnounced) {
    var newer = newest(frame, call);
    if (newer && newer.version === call.version) return false;
    if (newer) return isAnnounced && newer.window !== call.window;
    return call.version <= frame.version && ageOf(call, frame) < STAYS;
  }

  // Calls that are new to this board, oldest first. What was over before the board was switched on had its turn.
  function takeUp(next, frame, seconds, isFirst) {
    var known = function (call) {
      var isIt = function (item) {
        return item.call.version === call.version;
      };
      return next.done.indexOf(call.version) >= 0 || next.queue.some(isIt) || (next.now && isIt(next.now));
    };
    inOrder(frame.calls).forEach(function (call) {
      if (known(call)) return;
      var isSilent = ageOf(call, frame) > OLDEST && next.parted.indexOf(call.version) < 0;
      if (isSilent && isFirst) next.done = remember(next.done, call.version);
      else next.queue = next.queue.concat(itemOf(call, frame, seconds, isSilent));
    });
  }

  function inOrder(calls) {
    return calls.slice().sort(function (a, b) {
      return a.version - b.version;
    });
  }

  function itemOf(call, frame, seconds, isSilent) {
    return { call: call, madeAt: seconds - ageOf(call, frame), isSilent: isSilent };
  }

  function ageOf(call, frame) {
    return Math.max(0, (Date.parse(frame.at) - Date.parse(call.at)) / 1000);
  }

  function remember(versions, version) {
    return versions.concat(version).slice(-MOST);
  }

  // Time has passed. `readingOf(call)` is how long one reading of it takes, 0 if it cannot be spoken.
  // Acts: `begin` (panel and, unless silent, the chime), `speak`, `end`.
  function step(state, seconds, readingOf) {
    var next = Object.assign({}, state);
    var acts = [];
    if (next.now) next.now = goOn(next, seconds, acts);
    if (!next.now && next.queue.length > 0) next.now = begin(next, seconds, readingOf, acts);
    return { state: next, acts: acts };
  }

  function begin(next, seconds, readingOf, acts) {
    var item = next.queue.filter(isSpeakable)[0] || next.queue[0];
    next.queue = next.queue.filter(function (each) {
      return each !== item;
    });
    var reading = item.isSilent ? 0 : readingOf(item.call);
    if (reading === 0) next.done = remember(next.done, item.call.version);
    var now = {
      call: item.call,
      madeAt: item.madeAt,
      isSilent: item.isSilent,
      isWordless: reading === 0 && !item.isSilent,
      since: seconds,
      reading: reading,
      readings: 0,
      voiceAt: reading === 0 ? null : Math.max(seconds + LEAD, item.madeAt + UNDO),
    };
    acts.push({ kind: 'begin', call: now.call, isSilent: now.isSilent });
    return now;
  }

  function isSpeakable(item) {
    return !item.isSilent;
  }

  // The announcement that is running, a moment later; null when it is over.
  function goOn(next, seconds, acts) {
    var now = next.now;
    if (now.voiceAt !== null && seconds >= now.voiceAt && (now.readings === 0 || wantsAnother(next))) {
      if (now.readings === 0) next.done = remember(next.done, now.call.version);
      acts.push({ kind: 'speak', call: now.call, age: seconds - now.madeAt });
      return Object.assign({}, now, { readings: now.readings + 1, voiceAt: seconds + now.reading + PAUSE });
    }
    var hasVoice = now.voiceAt !== null && (now.readings === 0 || seconds < now.voiceAt);
    if (hasVoice || seconds < now.since + PANEL) return now;
    acts.push({ kind: 'end', call: now.call });
    return null;
  }

  // A second reading, unless somebody else waits for his first, or it is itself a repetition, or it takes too long.
  function wantsAnother(next) {
    var now = next.now;
    if (now.readings !== 1 || now.call.times > 1 || next.queue.some(isSpeakable)) return false;
    return LEAD + 2 * now.reading + PAUSE <= CYCLE;
  }

  // What the panel shows: the call that is announced, else the newest there is.
  function panel(state, calls) {
    if (state.now) return state.now.call;
    return inOrder(calls).pop() || null;
  }

  function isIdle(state) {
    return state.now === null && state.queue.length === 0;
  }

  return { start: start, hear: hear, step: step, panel: panel, isIdle: isIdle };
})();

if (typeof module !== 'undefined') module.exports = Announcer;
