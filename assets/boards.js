// The state of the boards changes without an event in the hall, so the server does not push it. This part of the page is
// fetched again every few seconds.

const EVERY_MS = 20_000;

async function refresh() {
  if (document.visibilityState !== 'visible') return;
  const answer = await fetch(location.href).catch(() => null); // the next round comes
  if (!answer || !answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const section of document.querySelectorAll('.boards')) {
    const newer = fresh.getElementById(section.id);
    if (newer) section.replaceWith(newer);
  }
}

setInterval(refresh, EVERY_MS);
