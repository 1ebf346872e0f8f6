// The guide answers while one types. Without this script the form asks the server as ever.

import { byId, make } from './dom.js';
import { inLanguage, sayer } from './words.js';

const PAUSE_MS = 200; // after the last key; a faster typist asks once
const { lang, hall, words, kiosk } = document.body.dataset;
const isKiosk = kiosk !== undefined;
const say = sayer(JSON.parse(words)[lang]);
const field = byId('question');

let timer = null;
let asked = field.value.trim(); // what the page shows the answer of
let waiting = null;

function line(found) {
  const link = make('a', '', '', [
    make('strong', '', inLanguage(found.title, lang)),
    make('span', '', inLanguage(found.excerpt, lang)),
  ]);
  link.href = `/${hall}/guide/${found.id}${isKiosk ? '?kiosk=1' : ''}`;
  return make('li', '', '', [link]);
}

function nothing(answer) {
  const parts = [];
  if (answer.elsewhere) parts.push(make('p', '', '', [make('strong', '', inLanguage(answer.elsewhere, lang))]));
  const { hotline } = byId('found').dataset;
  const people = hotline ? say('guide-js-ask-people-hotline', { number: hotline }) : say('guide-js-ask-people');
  parts.push(make('p', '', people));
  if (answer.nearest.length > 0) parts.push(make('h2', '', say('guide-js-nearest')));
  return make('div', 'nothing', '', parts);
}

function show(answer) {
  const found = byId('found');
  found.replaceChildren();
  const { results, nearest } = answer;
  byId('count').textContent = results.length > 0 ? say('guide-js-count', { count: results.length }) : say('guide-js-nothing');
  if (results.length === 0) found.append(nothing(answer));
  const lines = results.length > 0 ? results : nearest;
  if (lines.length > 0) found.append(make('ul', 'found', '', lines.map(line)));
  byId('frequent').hidden = results.length > 0;
}

function clear() {
  byId('found').replaceChildren();
  byId('count').textContent = '';
  byId('frequent').hidden = false;
}

async function ask() {
  const question = field.value.trim();
  if (question === asked) return;
  if (waiting) waiting.abort();
  asked = question;
  if (question === '') return clear();
  waiting = new AbortController();
  try {
    const address = `/api/v1/halls/${hall}/guide?typing=1&q=${encodeURIComponent(question)}`;
    const response = await fetch(address, { signal: waiting.signal });
    if (response.ok) show(await response.json());
  } catch {
    // typed on, or no connection: the button still asks
  }
}

field.addEventListener('input', (event) => {
  if (event.isComposing) return; // half a syllable in an input method is no question
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
});
field.addEventListener('compositionend', () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS);
});
