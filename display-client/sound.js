// The board's loudspeaker: a chime made here, and a sentence put together from clips that the hall recorded. There is no
// speech engine: where a clip is missing, the chime alone sounds and the panel says where to look.
//
// Plain ES2017 without modules: this must run in a television from 2018 (Chromium 68).

var Sound = (function () {
  'use strict';

  var CHIME = [
    { pitch: 659.25, from: 0, until: 0.55 }, // E5
    { pitch: 523.25, from: 0.35, until: 0.9 }, // C5
  ];
  var CHIME_LOUDNESS = 0.5;
  var SOON = 0.03; // the audio clock needs a moment to begin in time
  var TEST_LOUDNESS = 0.2;

  // The ids of a call's clips that cannot be played; all of them without a voice.
  function missing(clips, manifest) {
    return clips.filter(function (id) {
      return !manifest || manifest.rung === 'chime' || !manifest.clips[id];
    });
  }

  // When each clip of a reading begins, from the durations in seconds, and when the reading is over.
  function timetable(durations, gap) {
    var at = 0;
    var starts = durations.map(function (duration) {
      var start = at;
      at += duration + gap;
      return start;
    });
    return { starts: starts, length: durations.length === 0 ? 0 : at - gap };
  }

  // A loudspeaker; `changed` is called whenever its state may have. `isMuted` for a board that shall be silent.
  function speaker(server, isMuted, changed) {
    var Context = window.AudioContext || window.webkitAudioContext;
    var context = Context && !isMuted ? new Context() : null;
    var manifest = null;
    var buffers = {};
    var playing = [];
    var loads = 0;
    if (context) context.onstatechange = changed;

    function state() {
      if (isMuted) return 'muted';
      if (!context || context.state === 'closed') return 'none';
      return context.state === 'running' ? 'running' : 'suspended';
    }

    function play(node, gain, from, until) {
      node.connect(gain);
      gain.connect(context.destination);
      node.start(from);
      if (until) node.stop(until);
      playing.push(node);
      node.onended = function () {
        gain.disconnect();
        playing = playing.filter(function (each) {
          return each !== node;
        });
      };
    }

    // Two falling tones that fade like a struck bar.
    function chime(loudness) {
      if (state() !== 'running') return;
      var start = context.currentTime + SOON;
      CHIME.forEach(function (tone) {
        var node = context.createOscillator();
        var gain = context.createGain();
        node.frequency.value = tone.pitch;
        gain.gain.setValueAtTime(0.0001, start + tone.from);
        gain.gain.exponentialRampToValueAtTime(CHIME_LOUDNESS * loudness, start + tone.from + 0.02);
        gain.gain.exponentialRampToValueAtTime(0.0001, start + tone.until);
        play(node, gain, start + tone.from, start + tone.until);
      });
    }

    function say(clips, loudness, after) {
      if (state() !== 'running') return;
      var sounds = clips.map(bufferOf);
      var table = timetable(sounds.map(durationOf), gap());
      var start = context.currentTime + SOON + after;
      sounds.forEach(function (sound, index) {
        var node = context.createBufferSource();
        var gain = context.createGain();
        node.buffer = sound;
        gain.gain.value = loudness;
        play(node, gain, start + table.starts[index]);
      });
    }

    function gap() {
      return (manifest.gap_ms || 0) / 1000;
    }

    function bufferOf(id) {
      return buffers[manifest.clips[id].url];
    }

    function durationOf(buffer) {
      return buffer.duration;
    }

    // How long one reading takes; 0 if it cannot be spoken.
    function readingOf(clips) {
      if (state() !== 'running' || clips.length === 0 || missing(clips, manifest).length > 0) return 0;
      var sounds = clips.map(bufferOf);
      return sounds.every(Boolean) ? timetable(sounds.map(durationOf), gap()).length : 0;
    }

    function hush() {
      playing.slice().forEach(function (node) {
        node.stop();
      });
    }

    // Another pack takes the place of the old one; its clips are fetched one after the other, so that a television
    // with little memory is not asked for sixty at once. A clip that does not come is asked for with the next reading
    // of the manifest.
    function take(fresh) {
      manifest = fresh;
      loads += 1;
      if (manifest && context) load(Object.keys(manifest.clips), loads);
      changed();
    }

    function load(ids, turn) {
      if (ids.length === 0 || turn !== loads) return;
      var url = manifest.clips[ids[0]].url;
      var next = function () {
        load(ids.slice(1), turn);
      };
      if (buffers[url]) {
        next();
        return;
      }
      Http.getBytes(server + url, function (bytes) {
        if (!bytes) next();
        else decode(bytes, url, next);
      });
    }

    // The form with callbacks: the one with a promise is younger than some televisions.
    function decode(bytes, url, next) {
      context.decodeAudioData(
        bytes,
        function (buffer) {
          buffers[url] = buffer;
          next();
        },
        next,
      );
    }

    function allow() {
      if (context) context.resume().then(changed);
    }

    // The morning's test: chime and one clip, so softly that only the staff hears it.
    function test(loudness) {
      chime(loudness);
      var ready = manifest ? Object.keys(manifest.clips).filter(bufferOf) : [];
      if (ready.length > 0) say(ready.slice(0, 1), loudness, 1);
    }

    return {
      state: state,
      chime: chime,
      say: say,
      readingOf: readingOf,
      hush: hush,
      take: take,
      again: function () {
        take(manifest);
      },
      allow: allow,
      test: test,
      voiceLevel: function () {
        return manifest ? manifest.rung : 'chime';
      },
      label: function () {
        return manifest ? manifest.label : null;
      },
    };
  }

  return { missing: missing, timetable: timetable, speaker: speaker, TEST_LOUDNESS: TEST_LOUDNESS };
})();

if (typeof module !== 'undefined') module.exports = Sound;
