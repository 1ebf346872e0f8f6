// The line on paper: when the hall is out of reach for long, officers call the numbers by voice.

import { timeOf } from './clock.js';
import { byId, make } from './dom.js';

export function drawPaper(view, { say, local, time }) {
  const paper = byId('paper');
  const stamp = `${time} ${view.line.length}`;
  if (paper.dataset.of === stamp) return;
  paper.dataset.of = stamp;
  const named = (id) => local((view.all_services.find((each) => each.id === id) || { name: id }).name);
  const cells = (each) => [each.number, named(each.service), timeOf(each.taken_at)].map((text) => make('td', '', text));
  paper.querySelector('h2').textContent = `${local(view.name)} · ${say('console-window', { window: view.window })}`;
  paper.querySelector('p').textContent = say('console-paper', { time, n: view.line.length });
  paper.querySelector('tbody').replaceChildren(...view.line.map((each) => make('tr', '', '', cells(each))));
}
