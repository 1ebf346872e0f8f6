// Asks the hall to do something, once. Each request has a key of its own until there is an answer: sent again after a
// lost answer, it cannot happen twice.

const RETRY_SECONDS = [0.5, 1, 2, 4];
const PATIENCE_SECONDS = 5; // for one attempt
export const KIOSK_PATIENCE_SECONDS = 3; // a citizen stands before the glass; the kiosk's own numbers come after that
const UNANSWERED_MS = 60_000; // after that the person who asked has gone

// Plain http on a hall's own network has no crypto.randomUUID.
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// A request that got no answer goes out under its first key when it is made again.
export function requestKeys() {
  let unanswered = null; // {request, key, until}
  const isSame = (request) => unanswered && unanswered.request === request && performance.now() < unanswered.until;
  const forget = () => (unanswered = null);
  return {
    of: (request) => (isSame(request) ? unanswered.key : freshKey()),
    settle(request, key, result) {
      forget();
      if (!isAnswered(result)) unanswered = { request, key, until: performance.now() + UNANSWERED_MS };
    },
    forget,
  };
}

const keys = requestKeys();

// Answers `{ok, status, answer}`; status 0 when the hall could not be reached.
export async function post(path, body = {}) {
  const request = `${path} ${JSON.stringify(body)}`;
  const key = keys.of(request);
  let result = await attempt(path, body, key);
  for (const seconds of RETRY_SECONDS) {
    if (isAnswered(result)) break;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    result = await attempt(path, body, key);
  }
  keys.settle(request, key, result);
  return result;
}

export const isAnswered = ({ status }) => status !== 0 && status !== 503;

// A plain read, for when the live connection is down.
export async function read(path) {
  return send(path, { headers: { 'Accept-Language': document.documentElement.lang } });
}

// One try under a key of the caller's, who knows what to do when there is no answer.
export function attempt(path, body, key, seconds = PATIENCE_SECONDS) {
  const headers = {
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
    'Accept-Language': document.documentElement.lang,
  };
  return send(path, { method: 'POST', headers, body: JSON.stringify(body) }, seconds);
}

// One try of what is not made again, for as long as a citizen waits before a kiosk.
export const askOnce = (path, body = {}) => attempt(path, body, freshKey(), KIOSK_PATIENCE_SECONDS);

async function send(path, request, seconds = PATIENCE_SECONDS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), seconds * 1000);
  try {
    const response = await fetch(path, { ...request, signal: abort.signal });
    const answer = await response.json().catch((error) => {
      if (abort.signal.aborted) throw error; // only half of it came in time
      return {};
    });
    return { ok: response.ok, status: response.status, answer };
  } catch {
    return { ok: false, status: 0, answer: {} };
  } finally {
    clearTimeout(timer);
  }
}

// Why the hall did not do it, as it says itself; `failed` where it could not be reached, `unknown` where it cannot tell
// whether it did.
export function refusalText({ status, answer }, say, failed = 'live-failed', unknown = 'live-unknown') {
  if (status === 0) return say(failed);
  if (status === 503) return say(unknown);
  return answer.detail || answer.title || say(failed);
}
