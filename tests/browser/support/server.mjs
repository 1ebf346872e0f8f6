// A paihao of its own for each test, on a free port and a clock that stands still until the test moves it. What a person
// would read on the server's console (addresses, sign-in links, the setup token) is read from its output here.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
export const BINARY = process.env.PAIHAO_BIN || path.join(REPOSITORY, 'target/debug/paihao');
const START_WITHIN_MS = 120_000; // it takes a second; the machine may be busy
const STOP_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 10;

const SETUP_LINK = /(http\S+\/setup\?token=\S+)\n/;

export const MONDAY = '2026-11-23';
export const NUMBERS_OPEN = '08:50:00';

// A moment of the Monday on which all journeys happen, or of another day.
export const at = (time, date = MONDAY) => `${date}T${time}+08:00`;

// `store` and `port` let a second process take up where a first one was killed; `speed: 1` lets the clock run, `plan` is
// another hall's file, `args` whatever else is said on the command line.
export function startDemo({ time = '08:49:30', date = MONDAY, store, port = 0, speed = 0, plan, args = [] } = {}) {
  const kept = [...(store ? ['--store', store] : []), ...(plan ? ['--plan', plan] : [])];
  const clock = ['--clock', at(time, date), '--speed', String(speed)];
  return start(['demo', '--listen', `127.0.0.1:${port}`, ...clock, ...kept, ...args], /^ +stop with/m);
}

export function startService({ time = '08:49:30', store, port = 0 }) {
  const plan = path.join(REPOSITORY, 'plans/zhuzhou.toml');
  const clock = ['--demo-clock', '--clock', at(time), '--speed', '0'];
  return start(['serve', '--listen', `127.0.0.1:${port}`, '--store', store, '--plan', plan, ...clock], /^hall zhuzhou/m);
}

// A folder for a store, gone with the test.
export async function folder(t) {
  const made = await mkdtemp(path.join(tmpdir(), 'paihao-browser-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

// Whatever a test leaves running when it fails on its way to the hall would keep the file's program waiting for ever.
const running = new Set();
after(() => running.forEach((child) => child.kill('SIGKILL')));

async function start(args, isReady) {
  if (!existsSync(BINARY)) throw new Error(`no server at ${BINARY}: build it with \`cargo build\`, or name it in PAIHAO_BIN`);
  const child = spawn(BINARY, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child.once('exit', () => running.delete(child)));
  const server = new Server(child);
  await server.until(isReady);
  return server;
}

// The server closes a line that was idle for some seconds, which a busy machine may learn too late. Its key makes a request
// that is sent again one request.
async function asked(address, request) {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (!['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(error.cause?.code)) throw error;
    return fetch(address, request);
  }
}

class Server {
  constructor(child) {
    this.child = child;
    this.output = '';
    this.complaints = '';
    this.exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })));
    child.stdout.setEncoding('utf8').on('data', (text) => (this.output += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (this.complaints += text));
  }

  // Waits until the console has printed this.
  until(pattern) {
    return new Promise((resolve, reject) => {
      const fail = (why) => reject(new Error(`the server ${why}:\n${this.output}${this.complaints}`));
      const timer = setTimeout(() => fail(`has not printed ${pattern}`), START_WITHIN_MS);
      const look = () => {
        if (!pattern.test(this.output)) return;
        clearTimeout(timer);
        resolve();
      };
      this.child.stdout.on('data', look);
      this.exited.then(() => fail('has ended'));
      look();
    });
  }

  get origin() {
    return /http:\/\/[\d.]+:\d+/.exec(this.output)[0];
  }

  get port() {
    return Number(new URL(this.origin).port);
  }

  // The sign-in link that the console printed for a page of the model hall.
  link(page) {
    const model = this.output.slice(this.output.indexOf('交警业务大厅'));
    return new RegExp(`${page} +(http\\S+)`).exec(model)[1];
  }

  // It is printed behind the halls, perhaps in another piece.
  async setupLink() {
    await this.until(SETUP_LINK);
    return SETUP_LINK.exec(this.output)[1];
  }

  // Moves the hall's clock; what is due by then has happened when this returns.
  async clock(time, date = MONDAY, speed = 0) {
    await this.post('/demo/clock', { at: at(time, date), speed });
  }

  // What another program of the hall would ask; the answer, or an error with the refusal.
  async post(route, body, bearer) {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
    if (bearer) headers.Authorization = `Bearer ${bearer}`;
    const response = await asked(`${this.origin}/api/v1${route}`, { method: 'POST', headers, body: JSON.stringify(body) });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${route}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  // A bearer for programs, without a browser.
  async bearer(role) {
    return (await this.post('/demo/sign-in', { role })).bearer;
  }

  // An officer without a browser at an open window, where the console is not what the test is about: `act(action, body)`.
  async officer(window) {
    const bearer = await this.bearer('officer');
    const act = (action, body = {}) => this.post(`/halls/zhuzhou/windows/${window}/${action}`, body, bearer);
    await act('open');
    return act;
  }

  // Takes a number without a kiosk, where the kiosk is not what the test is about.
  take(service, more = {}) {
    return this.post('/halls/zhuzhou/tickets', { service, ...more });
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_WITHIN_MS);
    const { code } = await this.exited;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`the server did not stop in order:\n${this.complaints}`);
  }

  // As when a disk hangs or a machine swaps: connections stay, nobody answers. The signal reaches one thread first; on a
  // busy machine the others may still answer for a while.
  async freeze() {
    this.child.kill('SIGSTOP');
    while (!(await isFrozen(this.child.pid))) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }

  thaw() {
    this.child.kill('SIGCONT');
  }

  // As when the power goes.
  async kill() {
    this.child.kill('SIGKILL');
    await this.exited;
  }
}

// Whether every thread of this process has stopped.
async function isFrozen(process) {
  const tasks = await readdir(`/proc/${process}/task`);
  const stats = await Promise.all(tasks.map((task) => readFile(`/proc/${process}/task/${task}/stat`, 'utf8').catch(() => '')));
  return stats.every((stat) => stat.slice(stat.lastIndexOf(')') + 2).startsWith('T'));
}
