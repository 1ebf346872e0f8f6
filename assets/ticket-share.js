// The keys that send the family's link: shown only where the browser can do it. The code and the link are there always.

// Brings the keys of this part of a page to life.
export function share(part) {
  const box = part.querySelector('.share');
  if (!box) return;
  const { url, copied } = box.dataset;
  const [send, copy] = [box.querySelector('.send'), box.querySelector('.copy')];
  send.hidden = !navigator.share;
  send.addEventListener('click', () => navigator.share({ url, title: document.title }).catch(() => {})); // he changed his mind
  copy.hidden = !navigator.clipboard;
  copy.addEventListener('click', async () => {
    await navigator.clipboard.writeText(url);
    copy.textContent = copied;
  });
}

share(document);
