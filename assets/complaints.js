// What citizens left in writing, on the manager's overview: the most pressing first, each with a field for the answer.
// A line in which somebody writes is left alone while the view changes.

import { post } from './api.js';
import { byId, key, make } from './dom.js';

export function drawComplaints(complaints, { say, path, tell }) {
  const list = byId('words');
  byId('words-none').hidden = complaints.length > 0;
  const open = new Set(complaints.map(({ id }) => String(id)));
  for (const line of [...list.children]) if (!open.has(line.dataset.left)) line.remove();
  for (const complaint of complaints) {
    if (!list.querySelector(`[data-left="${complaint.id}"]`)) list.append(line(complaint, { say, path, tell }));
  }
}

function line(complaint, { say, path, tell }) {
  const answer = make('textarea');
  Object.assign(answer, { rows: 2, maxLength: 500, ariaLabel: say('words-left-answer', { n: complaint.id }) });
  const send = key(say('words-left-send'), '', async () => {
    send.disabled = true;
    tell(await post(`${path}/${complaint.id}/answer`, { text: answer.value }));
    send.disabled = false;
  });
  const due = say('words-left-due', { time: complaint.due.slice(5).replace('-', '/') });
  const item = make('li', '', '', [make('strong', '', due), make('p', '', complaint.text), answer, send]);
  item.dataset.left = complaint.id;
  return item;
}
