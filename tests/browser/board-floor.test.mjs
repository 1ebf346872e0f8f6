// What a television's browser of 2018 (Chromium 68) must be able to read: scripts of ES2017, no function and no style that
// is younger. And what no end-to-end test can prove, since its browser is launched to play everything: that sound starts
// in a plain Chromium with the flags that the board's README names.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installed } from './support/browser.mjs';
import { startDemo } from './support/server.mjs';

const FOLDER = fileURLToPath(new URL('../../display-client/', import.meta.url));
const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';

// Younger than Chromium 68, each with the first that has it.
const YOUNG_FUNCTIONS = [
  [/\.flat(Map)?\(/, 69],
  [/\.toggleAttribute\(/, 69],
  [/\bqueueMicrotask\b/, 71],
  [/\bglobalThis\b/, 71],
  [/\.matchAll\(/, 73],
  [/\bObject\.fromEntries\b/, 73],
  [/\bPromise\.(allSettled|any)\b/, 76],
  [/\.replaceAll\(/, 85],
  [/\.replaceChildren\(/, 86],
  [/\.at\(/, 92],
  [/\bstructuredClone\b/, 98],
  [/\brandomUUID\(/, 92],
  [/\b(wakeLock|serviceWorker|clipboard)\./, 84],
  [/\bspeechSynthesis\b/, 'never: no Debian Chromium has a voice'],
];
const YOUNG_STYLES = [
  [/(^|[\s;{])(row-|column-)?gap\s*:/, 84],
  [/(^|[\s;{])inset(-\w+)*\s*:/, 87],
  [/aspect-ratio\s*:/, 88],
  [/:is\(|:where\(/, 88],
  [/:has\(/, 105],
  [/\b(min|max|clamp)\(/, 79],
  [/\d(d|s|l)v[hw]\b/, 108],
  [/@layer|@container/, 99],
  [/:focus-visible/, 86],
  [/place-(items|content|self)\s*:/, 'only in grids at 59'],
  [/content-visibility/, 85],
];

async function files(ending) {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(ending));
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(path.join(FOLDER, name), 'utf8') })));
}

const withoutComments = (text) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

function younger(text, list) {
  const plain = withoutComments(text);
  return list.filter(([pattern]) => pattern.test(plain)).map(([pattern, since]) => `${pattern} (${since})`);
}

test('every script of the board is ES2017', async () => {
  const { parse } = await installed('acorn');
  const scripts = await files('.js');
  assert.ok(scripts.length >= 8);
  for (const { name, text } of scripts) {
    assert.doesNotThrow(() => parse(text, { ecmaVersion: 2017, sourceType: 'script' }), name);
    assert.deepEqual(younger(text, YOUNG_FUNCTIONS), [], name);
  }
  assert.throws(() => parse('a?.b', { ecmaVersion: 2017, sourceType: 'script' }));
});

test('the page asks for no module, and the style for nothing young', async () => {
  const [page] = await files('.html');
  assert.doesNotMatch(page.text, /type="module"/);
  for (const { name, text } of await files('.css')) assert.deepEqual(younger(text, YOUNG_STYLES), [], name);
  assert.equal(younger('a { gap: 1rem; inset: 0 }', YOUNG_STYLES).length, 2);
});

// The documented flags, as they stand in the README.
async function documentedFlags() {
  const readme = await readFile(path.join(FOLDER, 'README.md'), 'utf8');
  const block = /```text\nchromium ([\s\S]*?)```/.exec(readme)[1];
  return block.replaceAll('\\\n', ' ').split(/\s+/).filter((word) => word.startsWith('--'));
}

// The page's document after its first moments in a Chromium that nobody steers.
async function dumped(t, address, flags) {
  const profile = await mkdtemp(path.join(tmpdir(), 'paihao-wall-'));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  const kept = flags.filter((flag) => !/^--(user-data-dir|kiosk$)/.test(flag));
  const { stdout } = await promisify(execFile)(
    CHROMIUM,
    ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--virtual-time-budget=3000', '--dump-dom', `--user-data-dir=${profile}`, ...kept, address],
    { timeout: 240_000, maxBuffer: 1 << 24 },
  );
  return stdout;
}

test('a plain Chromium with the documented flags sounds, and without them it does not', { timeout: 600_000 }, async (t) => {
  const server = await startDemo({ time: '09:30:00' });
  t.after(() => server.stop());
  const flags = await documentedFlags();
  assert.ok(flags.includes('--autoplay-policy=no-user-gesture-required'), flags.join(' '));
  const address = `${server.origin}/zhuzhou/board`;
  assert.match(await dumped(t, address, flags), /<html[^>]*data-sound="running"/);
  const silent = flags.filter((flag) => !flag.startsWith('--autoplay-policy'));
  assert.match(await dumped(t, address, silent), /<html[^>]*data-sound="suspended"/);
});
