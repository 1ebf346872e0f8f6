// Follows one ticket over whatever the phone's connection allows: a WebSocket; when that is silent, asking every quarter
// of a minute, where "unchanged" costs next to nothing; and after five minutes of neither, saying so.

const RETRY_SECONDS = [1, 2, 4, 8, 15];
const JITTER = 0.2; // the phones of a hall must not all come back in the same moment
const STALE_SECONDS = 12; // the server beats every 5 s
const POLL_AFTER_SECONDS = 30;
const POLL_EVERY_SECONDS = 15;
const POLL_PATIENCE_MS = 10_000;
const LOST_SECONDS = 300;

// `onFrame({at, view?})` for each message, `onHealth('live' | 'stale' | 'lost')` when that changes and while it is stale.
export function follow(path, feed, onFrame, onHealth) {
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`;
  const now = () => performance.now() / 1000;
  let socket = null;
  let retry = 0;
  let tries = 0;
  let heard = now(); // over the socket
  let seen = now(); // or by asking
  let polled = 0;
  let tag = '';
  let health = 'live';

  function connect() {
    clearTimeout(retry);
    socket = new WebSocket(url);
    socket.opened = now();
    socket.onmessage = (message) => hear(JSON.parse(message.data));
    socket.onclose = again;
  }

  function hear(frame) {
    heard = seen = now();
    tries = 0;
    judge();
    onFrame({ at: frame.beat || frame.at, view: frame.view });
  }

  function again() {
    const seconds = RETRY_SECONDS[Math.min(tries, RETRY_SECONDS.length - 1)];
    tries += 1;
    retry = setTimeout(connect, seconds * 1000 * (1 + JITTER * (2 * Math.random() - 1)));
  }

  // A frozen server and a dead network say nothing, not even goodbye: nobody waits for that.
  function abandon() {
    Object.assign(socket, { onmessage: null, onclose: null });
    socket.close();
  }

  async function poll() {
    polled = now();
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), POLL_PATIENCE_MS);
    try {
      const headers = tag ? { 'If-None-Match': tag } : {};
      const response = await fetch(feed, { headers, cache: 'no-store', signal: abort.signal });
      if (response.ok || response.status === 304) {
        const view = response.ok ? await response.json() : undefined;
        tag = response.headers.get('etag') || '';
        seen = now();
        onFrame({ at: response.headers.get('paihao-now'), view });
        judge();
      }
    } catch {
      // the next one may get through
    } finally {
      clearTimeout(timer);
    }
  }

  function judge() {
    const next = now() - heard < STALE_SECONDS ? 'live' : now() - seen < LOST_SECONDS ? 'stale' : 'lost';
    if (next !== health || next === 'stale') onHealth(next);
    health = next;
  }

  function watch() {
    const silent = now() - heard;
    judge();
    if (silent < STALE_SECONDS) return;
    const isHanging = socket.readyState < WebSocket.CLOSING && now() - socket.opened >= STALE_SECONDS;
    if (isHanging) {
      abandon();
      again();
    }
    if (silent >= POLL_AFTER_SECONDS && now() - polled >= POLL_EVERY_SECONDS) poll();
  }

  // A phone that was in a pocket, or is back in the network, looks at once.
  function look() {
    if (document.hidden || now() - heard < STALE_SECONDS) return;
    abandon();
    tries = 0;
    connect();
    poll();
  }

  connect();
  setInterval(watch, 1000);
  document.addEventListener('visibilitychange', look);
  addEventListener('online', look);
}
