// Stores the kiosk's page and its files, so that the page can be loaded again while the server is away. The server is
// always asked first. Browsers have service workers only in a secure context.

const CACHE = 'kiosk-page-1';
const PATIENCE_MS = 3000;

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(clients.claim()));

// The page says which files it consists of.
addEventListener('message', (event) => {
  if (event.data && event.data.keep) event.waitUntil(keep(event.data.keep));
});

async function keep(addresses) {
  const cache = await caches.open(CACHE);
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
    return (await stored(request)) || response;
  } catch (error) {
    const response = await stored(request);
    if (!response) throw error;
    return response;
  } finally {
    clearTimeout(timer);
  }
}

// The page in another language is the same page.
const stored = (request) => caches.match(request, { ignoreSearch: request.mode === 'navigate' });
