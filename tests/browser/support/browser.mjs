// One Chromium for all tests of a file and a context of its own for each person or screen in them. Whatever a page does
// wrong by itself is kept and fails the test at its end: an error, a message on the console, a breach of the content
// security policy, a request to another server.

import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

// The same engine without windows around it needs a third of the time for a new screen.
const CHROMIUMS = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'];
const EXECUTABLE = process.env.CHROMIUM || CHROMIUMS.find(existsSync) || CHROMIUMS[0];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
export const PATIENCE_MS = 60_000; // for one condition; the usual one is there within milliseconds, if the machine is not busy
const FAILURES = fileURLToPath(new URL('../../../screenshots/failures/', import.meta.url));

async function chromium() {
  if (!existsSync(EXECUTABLE)) {
    throw new Error(`no Chromium at ${EXECUTABLE}: install it (Debian: apt-get install chromium-headless-shell), or name it in CHROMIUM`);
  }
  return (await installed('playwright-core')).chromium;
}

// A package of these tests, or a word on how to get it.
export async function installed(name) {
  try {
    return await import(name);
  } catch (error) {
    throw new Error(`${error.message}\n${name} is missing: run \`npm ci --prefix tests/browser\``);
  }
}

export async function openBrowser() {
  const type = await chromium();
  return type.launch({ executablePath: EXECUTABLE, headless: true, args: FLAGS });
}

// The screens of one test: contexts share nothing but the program.
export class Screens {
  constructor(browser) {
    this.browser = browser;
    this.contexts = new Map();
    this.troubles = [];
    this.expected = [];
    this.tolerated = [];
  }

  // A page for this person or screen, kept to one server.
  async open(name, origin, options = {}) {
    const context = await this.browser.newContext({ locale: 'zh-CN', baseURL: origin, ...options });
    context.setDefaultTimeout(PATIENCE_MS);
    this.contexts.set(this.contexts.has(name) ? `${name} ${this.contexts.size}` : name, context);
    const note = (what) => this.troubles.push(`[${name}] ${what}`);
    context.on('request', (request) => {
      const url = new URL(request.url());
      const isOwn = url.origin === origin || url.protocol === 'data:' || url.protocol === 'blob:';
      if (!isOwn) note(`asks another server: ${url}`);
    });
    context.on('weberror', (error) => note(`error: ${error.error().stack || error.error()}`));
    context.on('console', (message) => {
      if (message.type() === 'error') note(`console: ${message.text()} ${message.location().url}`);
    });
    if (options.javaScriptEnabled !== false) await watchPolicy(context, note);
    const page = await context.newPage();
    page.on('websocket', (socket) => {
      if (new URL(socket.url()).host !== new URL(origin).host) note(`connects elsewhere: ${socket.url()}`);
    });
    return page;
  }

  // A refusal that belongs to the journey: Chromium writes every 4xx on the console. It must happen.
  expects(pattern) {
    this.expected.push(pattern);
  }

  // What may happen while the server is away.
  tolerates(pattern) {
    this.tolerated.push(pattern);
  }

  // Fails with everything that went wrong and with expected refusals that did not happen.
  check() {
    const missing = this.expected.filter((pattern) => !this.troubles.some((trouble) => pattern.test(trouble)));
    const allowed = [...this.expected, ...this.tolerated];
    const left = this.troubles.filter((trouble) => !allowed.some((pattern) => pattern.test(trouble)));
    const lines = [...left, ...missing.map((pattern) => `expected, but did not happen: ${pattern}`)];
    if (lines.length > 0) throw new Error(`the pages were not clean:\n  ${lines.join('\n  ')}`);
  }

  // What everybody saw when a test failed.
  async photograph(title) {
    await mkdir(FAILURES, { recursive: true });
    for (const [name, context] of this.contexts) {
      for (const page of context.pages()) {
        const file = `${title} · ${name}.png`.replaceAll('/', ' ');
        await page.screenshot({ path: path.join(FAILURES, file) }).catch(() => {});
      }
    }
  }

  async close() {
    await Promise.all([...this.contexts.values()].map((context) => context.close()));
  }
}

async function watchPolicy(context, note) {
  await context.exposeBinding('noteViolation', (_, what) => note(`content security policy: ${what}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.noteViolation(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}
