// Loads the page again now and then, but not while somebody types or has opened something.

const EVERY_MS = 20_000;

const opened = () => document.querySelectorAll('details[open]').length;
const atFirst = opened();
let touched = false;

document.addEventListener('input', () => (touched = true));
setInterval(() => {
  const isIdle = !touched && opened() === atFirst && !document.activeElement.matches('input, select, textarea');
  if (isIdle && document.visibilityState === 'visible' && navigator.onLine) location.reload();
}, EVERY_MS);
