// One answer: on a kiosk with a printer, its checklist on paper.

import { post } from './api.js';
import { byId } from './dom.js';
import { sayer } from './words.js';

const { lang, hall, words: dictionary } = document.body.dataset;
const say = sayer(JSON.parse(dictionary)[lang]);
const button = byId('print-here');

function tell(words, good) {
  const message = byId('message');
  message.textContent = words;
  message.classList.toggle('bad', !good);
  message.hidden = false;
}

if (button) {
  button.hidden = false;
  button.addEventListener('click', async () => {
    button.disabled = true;
    tell(say('guide-js-printing'), true);
    const { title, lines, url } = button.dataset;
    const list = { title: JSON.parse(title), lines: JSON.parse(lines), url };
    const { ok } = await post(`/api/v1/halls/${hall}/checklists`, list);
    tell(ok ? say('guide-js-printed') : say('guide-js-no-printer'), ok);
    button.disabled = false;
  });
}
