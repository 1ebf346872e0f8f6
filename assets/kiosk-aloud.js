// Reading aloud for people who cannot read the glass: the key that has the focus, the number that was given. The hall's
// own clips say numbers best; a browser with voices says the rest; a kiosk with neither does not offer it.

import { read } from './api.js';

// the clips of digits, as the hall's voice names them
const DIGITS = {
  zh: ['ling', 'yao', 'er', 'san', 'si', 'wu', 'liu', 'qi', 'ba', 'jiu'],
  en: ['en-zero', 'en-one', 'en-two', 'en-three', 'en-four', 'en-five', 'en-six', 'en-seven', 'en-eight', 'en-nine'],
};
const LANGUAGES = { zh: 'zh-CN', en: 'en-GB' };

// `onReady()` when there is something to speak with.
export function reader(hall, { language, onReady }) {
  let on = false;
  let audio = null;
  let clips = {};
  const synthesis = window.speechSynthesis;
  const voices = () => (synthesis ? synthesis.getVoices() : []);
  const voice = () => voices().find(({ lang }) => lang.replace('_', '-').startsWith(LANGUAGES[language()].slice(0, 2)));

  if (synthesis) synthesis.addEventListener('voiceschanged', () => voices().length > 0 && onReady());
  if (voices().length > 0) onReady();

  async function loadClips() {
    const { ok, answer } = await read(`/voice/${hall}/manifest.json`);
    if (!ok || answer.rung === 'chime') return;
    clips = answer.clips;
    if (Object.keys(clips).length > 0) onReady();
  }
  loadClips();

  function clipsOf(number) {
    const begin = language() === 'en' ? 'en-' : '';
    const idOf = (letter) => (/\d/.test(letter) ? DIGITS[language()][Number(letter)] : begin + letter.toLowerCase());
    const known = [...number].map((letter) => clips[idOf(letter)]);
    return known.every(Boolean) ? known : [];
  }

  // One after the other; a clip that cannot be played is left out, for the number is on the glass as well.
  async function play(list) {
    for (const { url } of list) {
      const own = (audio = new Audio(url));
      await new Promise((resolve) => {
        for (const end of ['ended', 'error', 'pause']) own.addEventListener(end, resolve);
        own.play().catch(resolve);
      });
      if (audio !== own) return;
    }
  }

  function stop() {
    if (synthesis) synthesis.cancel();
    if (audio) audio.pause();
    audio = null;
  }

  function say(text) {
    if (!on || !text) return;
    stop();
    const known = voice();
    if (!known) return;
    const speech = new SpeechSynthesisUtterance(text);
    Object.assign(speech, { voice: known, lang: LANGUAGES[language()], rate: 0.9 });
    synthesis.speak(speech);
  }

  // The hall's own clips say a number best; what goes with it needs a voice.
  function sayNumber(number, text) {
    if (!on) return;
    const list = clipsOf(number);
    if (list.length === 0) return say(text);
    stop();
    play(list);
  }

  document.addEventListener('focusin', ({ target }) => {
    if (target.matches('button')) say(target.getAttribute('aria-label') || target.innerText.replaceAll('\n', ','));
  });

  return {
    say,
    sayNumber,
    stop,
    turn(state) {
      on = state;
      if (!on) stop();
    },
  };
}
