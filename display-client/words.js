// What the board says of itself, in Chinese and in English; whatever the hall says comes from the server in both.

var Words = (function () {
  'use strict';

  var zh = {
    title: '叫号屏',
    toWindow: function (window) {
      return '到 ' + window + ' 号窗口';
    },
    row: function (window) {
      return window + ' 号';
    },
    paused: '暂停',
    free: '空闲',
    noWait: '不用等',
    wait: function (count) {
      return '等 ' + count + ' 人';
    },
    minutes: function (low, high) {
      return low + '–' + high + ' 分';
    },
    lookHere: '请看屏幕',
    stale: function (time) {
      return '连接中断,正在恢复 · 显示 ' + time + ' 的情况';
    },
    away: '叫号屏暂不可用,请听现场人工叫号',
    awayLed: '请听人工叫号',
    turnOn: '按一下开启声音',
    soundOff: '声音未开启',
    soundOn: '声音正常',
    soundMuted: '本屏不出声',
    soundNone: '本机没有声音',
    test: '试音',
    tested: function (time) {
      return '试音 ' + time;
    },
    voiceLevel: { hall: '本厅录音', shipped: '自带录音', synthetic: '合成音', chime: '只有提示音' },
    spokenAge: function (seconds) {
      return '叫号后 ' + seconds + ' 秒播报';
    },
  };

  var en = {
    title: 'Wall board',
    toWindow: function (window) {
      return 'Window ' + window;
    },
    row: function (window) {
      return 'No. ' + window;
    },
    paused: 'paused',
    free: 'free',
    noWait: 'no wait',
    wait: function (count) {
      return count + ' waiting';
    },
    minutes: function (low, high) {
      return low + '–' + high + ' min';
    },
    lookHere: 'Please look here',
    stale: function (time) {
      return 'Connection lost, coming back · as of ' + time;
    },
    away: 'The board is not available. Please listen to the staff.',
    awayLed: 'Listen to staff',
    turnOn: 'Press to turn sound on',
    soundOff: 'Sound is off',
    soundOn: 'Sound is on',
    soundMuted: 'Silent board',
    soundNone: 'No sound here',
    test: 'Test sound',
    tested: function (time) {
      return 'tested ' + time;
    },
    voiceLevel: { hall: "the hall's voice", shipped: 'supplied voice', synthetic: 'synthetic voice', chime: 'chime only' },
    spokenAge: function (seconds) {
      return 'spoken ' + seconds + ' s after the call';
    },
  };

  return { zh: zh, en: en };
})();

if (typeof module !== 'undefined') module.exports = Words;
