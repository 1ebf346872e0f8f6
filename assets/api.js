// Asks the hall to do something, once. Each wish has a key of its own, kept until there is an answer: sent again after
// a lost answer, it cannot happen twice.

const RETRY_SECONDS = [0.5, 1, 2, 4];
const PATIENCE_SECONDS = 5; // for one attempt
const KEPT_MS = 60_000; // after that the person who wished it has gone

// The wish that got no answer: made again, it goes out under its first key.
let unanswered = null;

// Plain http on a hall's own network has no crypto.randomUUID.
export function freshKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Answers `{ok, status, answer}`; status 0 when the hall could not be reached.
export async function post(path, body = {}) {
  const wish = `${path} ${JSON.stringify(body)}`;
  const key = unanswered && unanswered.wish === wish && performance.now() < unanswered.until ? unanswered.key : freshKey();
  let result = await attempt(path, body, key);
  for (const seconds of RETRY_SECONDS) {
    if (isAnswered(result)) break;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    result = await attempt(path, body, key);
  }
  unanswered = isAnswered(result) ? null : { wish, key, until: performance.now() + KEPT_MS };
  return result;
}

export const isAnswered = ({ status }) => status !== 0 && status !== 503;

// A plain read, for when the live connection is down.
export async function read(path) {
  return send(path, { headers: { 'Accept-Language': document.documentElement.lang } });
}

// One try under a key of the caller's, for whoever has another way when there is no answer.
export function attempt(path, body, key, seconds = PATIENCE_SECONDS) {
  const headers = {
    'Content-Type': 'application/json',
    'Idempotency-Key': key,
    'Accept-Language': document.documentElement.lang,
  };
  return send(path, { method: 'POST', headers, body: JSON.stringify(body) }, seconds);
}

async function send(path, request, seconds = PATIENCE_SECONDS) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), seconds * 1000);
  try {
    const response = await fetch(path, { ...request, signal: abort.signal });
    const answer = await response.json().catch(() => ({}));
    return { ok: response.ok, status: response.status, answer };
  } catch {
    return { ok: false, status: 0, answer: {} };
  } finally {
    clearTimeout(timer);
  }
}
