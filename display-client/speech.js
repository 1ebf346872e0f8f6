// Says each announcement once. What is older than 20 s is not said: after a break in the line the room would hear calls
// that are long over. A television without a voice, or one that nobody allowed to sound, stays silent and still shows.

var Speech = (function () {
  'use strict';

  var OLDEST_SECONDS = 20;
  var REMEMBERED = 200; // announcements; a board shows far fewer at once

  var DIGITS = { 0: '零', 1: '幺', 2: '二', 3: '三', 4: '四', 5: '五', 6: '六', 7: '七', 8: '八', 9: '九' };

  // `A012` is read A 零 幺 二: a voice would otherwise say "twelve", and 一 is too close to 七.
  function spell(text) {
    return text.replace(/[A-Z]{1,3}\d{3,4}/g, function (number) {
      return number
        .split('')
        .map(function (sign) {
          return DIGITS[sign] || sign;
        })
        .join(' ');
    });
  }

  // The announcements of a frame that are to be said now, oldest first.
  // `said` is the list of versions said before; `at` the frame's time.
  function due(calls, said, at) {
    return calls
      .filter(function (call) {
        var age = (Date.parse(at) - Date.parse(call.at)) / 1000;
        return said.indexOf(call.version) < 0 && age <= OLDEST_SECONDS;
      })
      .sort(function (a, b) {
        return a.version - b.version;
      });
  }

  // A speaker: `hear(frame)` says what is due, `allow()` follows somebody's tap.
  function speaker() {
    var said = [];
    var allowed = false;

    function voice() {
      var voices = window.speechSynthesis ? speechSynthesis.getVoices() : [];
      return voices.filter(function (each) {
        return /^zh/i.test(each.lang);
      })[0];
    }

    function say(text) {
      var utterance = new SpeechSynthesisUtterance(spell(text));
      utterance.voice = voice();
      utterance.lang = 'zh-CN';
      utterance.rate = 0.9;
      speechSynthesis.speak(utterance);
    }

    function hear(frame) {
      var calls = due(frame.view.calls, said, frame.at);
      if (allowed && voice()) {
        calls.forEach(function (call) {
          say(call.speak.zh);
        });
      }
      var versions = frame.view.calls.map(function (call) {
        return call.version;
      });
      said = said.concat(versions).slice(-REMEMBERED);
    }

    return {
      hear: hear,
      allow: function () {
        allowed = true;
      },
      canSpeak: function () {
        return Boolean(voice());
      },
    };
  }

  return { spell: spell, due: due, speaker: speaker };
})();

if (typeof module !== 'undefined') module.exports = Speech;
