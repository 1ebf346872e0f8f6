// `journey(name, options, body)`: one test with a server and screens of its own, and the check at its end that no page did
// anything wrong on the way.

import test, { after } from 'node:test';
import { Screens, openBrowser } from './browser.mjs';
import { Board, Kiosk, Manager, Officer, Phone, Visitor } from './people.mjs';
import { startDemo } from './server.mjs';

const LONGEST_MS = 600_000; // on a machine that is busy with something else
// A board that nobody enrolled asks for a voice and tells of its sound, and lives with a refusal.
const BOARD_ASKS = /status of 40[134].*\/(voice\/|devices\/board)/;

let opened; // once for all journeys of a file: it takes a second on an idle machine
after(async () => (await opened)?.close());

function browser() {
  opened ||= openBrowser();
  return opened;
}

// `options`: what `startDemo` takes, or `start`, a function of the test that answers a server.
export function journey(name, options, body) {
  test(name, { timeout: LONGEST_MS }, async (context) => {
    const t = lastFirst(context);
    const screens = new Screens(await browser());
    t.after(() => screens.close());
    const hall = new Hall(await (options.start ? options.start(t) : startDemo(options)), screens);
    t.after(() => hall.server.stop());
    try {
      await body(hall, t);
      hall.screens.check();
    } catch (error) {
      await hall.screens.photograph(name);
      throw error;
    }
  });
}

// What a test has begun ends in reverse, a server before the folder it writes into, and all of it whatever else fails.
export function lastFirst(context) {
  const ends = [];
  context.after(async () => {
    const failures = [];
    for (const end of ends.reverse()) await (async () => end())().catch((error) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  });
  return { after: (end) => ends.push(end), test: context.test.bind(context), diagnostic: context.diagnostic.bind(context) };
}

// The hall of one test: its server, its clock, and who comes into it.
class Hall {
  constructor(server, screens) {
    this.server = server;
    this.screens = screens;
  }

  clock(time, date) {
    return this.server.clock(time, date);
  }

  // From this time on the clock runs as clocks do.
  clockRuns(time) {
    return this.server.clock(time, undefined, 1);
  }

  async enter(Who, name, options) {
    return new Who(await this.screens.open(name, this.server.origin, options), this);
  }

  kiosk = (options) => this.enter(Kiosk, 'kiosk', { viewport: { width: 1080, height: 1920 }, ...options });
  officer = (name = 'officer', options) => this.enter(Officer, name, { viewport: { width: 1366, height: 768 }, ...options });
  board = (options) => {
    this.screens.tolerates(BOARD_ASKS);
    return this.enter(Board, 'board', { viewport: { width: 1920, height: 1080 }, ...options });
  };
  phone = (options) => this.enter(Phone, 'phone', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, ...options });
  manager = (options) => this.enter(Manager, 'manager', { viewport: { width: 1366, height: 900 }, ...options });
  visitor = (options) => this.enter(Visitor, 'visitor', { viewport: { width: 1366, height: 900 }, ...options });
}
