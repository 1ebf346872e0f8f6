// Runs every Rust test program that cargo has built, two at a time: `cargo test` runs one after the other, and while one
// waits for a server or a store, the machine is idle. Says what failed, with everything that program wrote.

import { execFileSync, spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const AT_ONCE = 2; // each uses all processors when it has work
const LONG = ['properties', 'api', 'storm']; // begun first, so that none of them is left alone at the end
const MESSAGES_MOST = 1 << 28; // bytes of what cargo says about what it has built
const THREADS = 3 * availableParallelism(); // most tests wait for a server most of the time

// As cargo names them: `{name, executable, folder}`, the long ones first.
function programs() {
  const said = execFileSync('cargo', ['test', '--workspace', '--no-run', '--quiet', '--message-format=json'], { maxBuffer: MESSAGES_MOST, stdio: ['ignore', 'pipe', 'inherit'] });
  const built = said.toString().split('\n').filter(Boolean).map((line) => JSON.parse(line));
  const tests = built.filter(({ reason, profile, executable }) => reason === 'compiler-artifact' && profile.test && executable);
  const named = tests.map(({ target, executable, manifest_path }) => ({ name: `${target.name} (${target.kind})`, executable, folder: path.dirname(manifest_path) }));
  return named.sort((a, b) => isLong(b) - isLong(a));
}

const isLong = ({ name }) => Number(LONG.some((long) => name.startsWith(long)));

// As cargo runs one: in its package's folder, which it is told.
function run({ name, executable, folder }) {
  const begun = performance.now();
  const child = spawn(executable, ['--quiet', `--test-threads=${THREADS}`], { cwd: folder, env: { ...process.env, CARGO_MANIFEST_DIR: folder } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const results = /^test result: .*$/m.exec(said);
      const seconds = Math.round((performance.now() - begun) / 1000);
      console.log(`${code === 0 ? '' : said}${String(seconds).padStart(6)}  ${name}: ${results ? results[0].slice(13) : `ended with ${code}`}`);
      resolve(code === 0);
    });
  });
}

const waiting = programs();
let isGood = waiting.length > 0;
async function work() {
  for (let next = waiting.shift(); next; next = waiting.shift()) isGood = (await run(next)) && isGood;
}
await Promise.all(Array.from({ length: AT_ONCE }, work));
process.exitCode = isGood ? 0 : 1;
