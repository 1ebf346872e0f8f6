// What citizens left in writing, on the manager's overview: the most pressing first, each with a line to answer in. A line
// that is being written in is left alone while the view changes.

import { post } from './api.js';
import { byId, key, make } from './dom.js';

export function drawWords(words, { say, path, tell }) {
  const list = byId('words');
  byId('words-none').hidden = words.length > 0;
  const open = new Set(words.map(({ id }) => String(id)));
  for (const line of [...list.children]) if (!open.has(line.dataset.left)) line.remove();
  for (const word of words) {
    if (!list.querySelector(`[data-left="${word.id}"]`)) list.append(line(word, { say, path, tell }));
  }
}

function line(word, { say, path, tell }) {
  const answer = make('textarea');
  Object.assign(answer, { rows: 2, maxLength: 500, ariaLabel: say('words-left-answer', { n: word.id }) });
  const send = key(say('words-left-send'), '', async () => {
    send.disabled = true;
    tell(await post(`${path}/${word.id}/answer`, { text: answer.value }));
    send.disabled = false;
  });
  const due = say('words-left-due', { time: word.due.slice(5).replace('-', '/') });
  const item = make('li', '', '', [make('strong', '', due), make('p', '', word.text), answer, send]);
  item.dataset.left = word.id;
  return item;
}
