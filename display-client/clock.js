// The hall's time on a television whose own clock is wrong: the last moment that the server sent, and what has passed
// since. What the board does by that time stands here too. Moments are milliseconds; `seconds` count from any fixed start.

var Clock = (function () {
  'use strict';

  var ORBIT_SECONDS = 60; // once round; a picture that stands still burns in
  var ORBIT_PIXELS = 8;
  var NIGHT_FROM = 20; // hour from which a closed hall's board is black
  var NIGHT_UNTIL = 7;
  var RELOAD_HOUR = 4; // a page that lives for months grows; nobody looks at this hour
  var SELF_TEST = '08:40'; // ten minutes before the first number

  // The clock after the server sent `moment`; `clock` is null at first. A demo's clock may run faster or be set, so a
  // pace is believed when two moments in a row agree about it.
  function heard(clock, moment, seconds) {
    var at = Date.parse(moment);
    if (!clock) return { at: at, seconds: seconds, pace: 1, measured: 1 };
    var next = { at: at, seconds: seconds, pace: clock.pace, measured: clock.measured };
    var passed = seconds - clock.seconds;
    if (passed <= 3) return next;
    var fresh = (at - clock.at) / 1000 / passed;
    if (Math.abs(fresh - clock.measured) <= 0.1 * Math.max(1, clock.measured)) next.pace = Math.max(0, Math.round(fresh));
    next.measured = fresh;
    return next;
  }

  function now(clock, seconds) {
    return clock.at + (seconds - clock.seconds) * 1000 * clock.pace;
  }

  // How far the hall's local time is ahead of UTC, in milliseconds, from a moment as the hall writes it.
  function offsetOf(local) {
    var found = /([+-])(\d\d):(\d\d)$/.exec(local);
    if (!found) return 0;
    return (found[1] === '-' ? -1 : 1) * (Number(found[2]) * 60 + Number(found[3])) * 60000;
  }

  function local(at, offset) {
    return new Date(at + offset).toISOString();
  }

  // 09:12
  function time(at, offset) {
    return local(at, offset).slice(11, 16);
  }

  function hour(at, offset) {
    return Number(local(at, offset).slice(11, 13));
  }

  function isNight(hourOfDay) {
    return hourOfDay >= NIGHT_FROM || hourOfDay < NIGHT_UNTIL;
  }

  // The day a page belongs to, from four in the morning on: a page of another day loads itself anew.
  function pageDay(at, offset) {
    return local(at - RELOAD_HOUR * 3600000, offset).slice(0, 10);
  }

  // The date on which the sound is tested now, or null at any other minute.
  function testDay(at, offset) {
    var moment = local(at, offset);
    return moment.slice(11, 16) === SELF_TEST ? moment.slice(0, 10) : null;
  }

  // How far the whole picture is moved, in whole pixels: a circle a minute.
  function orbit(seconds) {
    var turn = ((seconds % ORBIT_SECONDS) / ORBIT_SECONDS) * 2 * Math.PI;
    return [Math.round(ORBIT_PIXELS * Math.cos(turn)), Math.round(ORBIT_PIXELS * Math.sin(turn))];
  }

  return {
    heard: heard,
    now: now,
    offsetOf: offsetOf,
    time: time,
    hour: hour,
    isNight: isNight,
    pageDay: pageDay,
    testDay: testDay,
    orbit: orbit,
  };
})();

if (typeof module !== 'undefined') module.exports = Clock;
