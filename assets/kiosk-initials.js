// The first letters of a name as people type them: 社保卡 is SBK. The browser sorts hanzi by their sound, so the letter
// of one is found by where it would stand; those with two readings have both.

// the first hanzi of each letter in the order of sounds; no hanzi begins with I, U or V
const FIRST = { A: '阿', B: '八', C: '嚓', D: '哒', E: '妸', F: '发', G: '旮', H: '哈', J: '讥', K: '咔', L: '垃', M: '妈', N: '拿', O: '噢', P: '妑', Q: '七', R: '呥', S: '仨', T: '他', W: '屲', X: '夕', Y: '丫', Z: '帀' };
const TWO_READINGS = { 重: 'ZC', 行: 'XH', 长: 'CZ', 调: 'DT', 传: 'CZ', 会: 'HK', 车: 'CJ', 单: 'DS', 还: 'HX', 参: 'CS', 乐: 'LY', 曾: 'CZ', 朝: 'CZ' };
const MOST = 8; // readings of one name

const collator = new Intl.Collator('zh-Hans-CN-u-co-pinyin');

function readings(letter) {
  if (/[A-Za-z0-9]/.test(letter)) return letter.toUpperCase();
  if (letter in TWO_READINGS) return TWO_READINGS[letter];
  if (!/\p{Script=Han}/u.test(letter)) return '';
  const begun = Object.entries(FIRST).filter(([, first]) => collator.compare(letter, first) >= 0);
  return begun.length > 0 ? begun[begun.length - 1][0] : 'A';
}

// Everything that people may type for a name's initials, of its Chinese and of its English.
export function initials(name) {
  let initials = [''];
  for (const letter of name.zh) {
    const of = [...readings(letter)];
    if (of.length > 0) initials = initials.flatMap((begun) => of.map((each) => begun + each)).slice(0, MOST);
  }
  const english = (name.en || '').split(/[^A-Za-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase());
  return [...initials, english.join('')];
}
