// Makes words fit their place, however long a manager's name for a service is: the letters get smaller in steps. They are
// measured, because the count of letters does not tell how wide they are.

const STEPS = 8; // as many as the style sheet has

// A box whose text has the size that `data-fit` says.
export function fit(box) {
  for (let step = 0; step < STEPS; step += 1) {
    box.dataset.fit = String(step);
    if (!runsOver(box)) return;
  }
}

const isOver = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;

// A title of more than two lines is no title, and a key shows all its words.
function runsOver(box) {
  if (isOver(box) || [...box.querySelectorAll('.keys button')].some(isOver)) return true;
  const title = box.querySelector('strong');
  if (!title || title.offsetHeight === 0) return false;
  return title.offsetHeight > 2.5 * parseFloat(getComputedStyle(title).lineHeight);
}
