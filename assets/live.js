// Follows one thing of the hall live. Every message is a whole view, so a lost connection needs no catching up: the
// next view is all there is to know. A browser does not notice a frozen server, so silence is noticed here.

const RETRY_SECONDS = [1, 2, 4, 8, 15];
const JITTER = 0.2; // the screens of a hall must not all come back in the same moment
const STALE_SECONDS = 12; // the server beats every 5 s

// `onFrame({at, view?})` for each message, `onHealth(isStale)` when that changes. Answers `silence()`: for how long
// nothing was heard, in milliseconds.
export function follow(path, onFrame, onHealth) {
  const url = `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}${path}`;
  let socket = null;
  let tries = 0;
  let heard = performance.now();
  let stale = false;

  function connect() {
    socket = new WebSocket(url);
    socket.onmessage = (message) => hear(JSON.parse(message.data));
    socket.onclose = again;
  }

  function hear(frame) {
    heard = performance.now();
    tries = 0;
    health(false);
    onFrame({ at: frame.beat || frame.at, view: frame.view });
  }

  function again() {
    const seconds = RETRY_SECONDS[Math.min(tries, RETRY_SECONDS.length - 1)];
    tries += 1;
    setTimeout(connect, seconds * 1000 * (1 + JITTER * (2 * Math.random() - 1)));
  }

  function health(isStale) {
    if (isStale !== stale) onHealth(isStale);
    stale = isStale;
  }

  function watch() {
    if (performance.now() - heard < STALE_SECONDS * 1000) return;
    health(true);
    if (socket.readyState === WebSocket.OPEN) socket.close();
  }

  connect();
  setInterval(watch, 1000);
  return { silence: () => performance.now() - heard };
}
