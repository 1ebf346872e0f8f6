// Keeps the kiosk's page and its files, so that it can be loaded again while the server is away. The server's are always
// tried first; there is one only where the browser has a secure context.

const KEPT = 'kiosk-page-1';
const PATIENCE_MS = 3000;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

// The page tells what it is made of.
addEventListener('message', (event) => {
  if (event.data && event.data.keep) event.waitUntil(keep(event.data.keep));
});

async function keep(addresses) {
  const cache = await caches.open(KEPT);
  await cache.addAll(addresses);
}

addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  const isPart = event.request.mode === 'navigate' || pathname.startsWith('/assets/') || pathname.startsWith('/voice/');
  if (event.request.method === 'GET' && isPart) event.respondWith(fresh(event.request));
});

async function fresh(request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const response = await fetch(request, { signal: stop.signal });
    if (response.status < 500) return response;
    return (await kept(request)) || response;
  } catch (error) {
    const response = await kept(request);
    if (!response) throw error;
    return response;
  } finally {
    clearTimeout(timer);
  }
}

// The page in another language is the same page.
const kept = (request) => caches.match(request, { ignoreSearch: request.mode === 'navigate' });
