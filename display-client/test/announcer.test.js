// Who is announced when, and that nobody is lost.

'use strict';

const test = require('node:test');
const assert = require('node:assert');
const Announcer = require('../announcer.js');

const START = Date.parse('2026-11-23T09:00:00+08:00');
const moment = (seconds) => new Date(START + seconds * 1000).toISOString();
const call = (version, at, more = {}) => ({ version, number: `A${version}`, window: 1, times: 1, at: moment(at), ...more });

// A board in a room whose clock the test moves; what it did is recorded with its time.
class Room {
  constructor({ reading = 4, epoch = null, done = [] } = {}) {
    this.state = Announcer.start(epoch, done);
    this.reading = reading;
    this.seconds = 0;
    this.did = [];
  }

  take({ state, acts }) {
    this.state = state;
    for (const act of acts) this.did.push({ at: this.seconds, kind: act.kind, version: act.call.version, isSilent: act.isSilent, call: act.call });
  }

  hears(calls, { at = this.seconds, version = 1000, epoch = 'one' } = {}) {
    this.take(Announcer.hear(this.state, { epoch, version, at: moment(at), calls }, this.seconds));
    this.step();
  }

  step() {
    this.take(Announcer.step(this.state, this.seconds, () => this.reading));
  }

  until(seconds) {
    while (this.seconds < seconds - 1e-9) {
      this.seconds = Math.round((this.seconds + 0.1) * 10) / 10;
      this.step();
    }
  }

  of(kind) {
    return this.did.filter((each) => each.kind === kind);
  }

  versions(kind) {
    return this.of(kind).map((each) => each.version);
  }
}

test('the panel comes with the chime, the voice three seconds after the call, a second time after a pause', () => {
  const room = new Room();
  room.hears([call(1, 0)]);
  room.until(20);
  assert.deepStrictEqual(
    room.did.map(({ at, kind }) => `${at} ${kind}`),
    ['0 begin', '3 speak', '7.4 speak', '11.8 end'],
  );
});

test('a call that waited is spoken one second after its chime', () => {
  const room = new Room();
  room.hears([call(1, 0), call(2, 0)]);
  room.until(30);
  const [, second] = room.of('begin');
  assert.ok(Math.abs(room.of('speak')[1].at - second.at - 1) < 0.11);
});

test('the second reading is dropped while another call waits, for a recall, and where it takes too long', () => {
  const readings = (room, calls) => {
    room.hears(calls);
    room.until(40);
    return room.versions('speak');
  };
  assert.deepStrictEqual(readings(new Room(), [call(1, 0), call(2, 0)]), [1, 2, 2]);
  assert.deepStrictEqual(readings(new Room(), [call(1, 0, { times: 2 })]), [1]);
  assert.deepStrictEqual(readings(new Room({ reading: 4.8 }), [call(1, 0)]), [1]);
});

test('thirty calls at once are each announced once, in order, none over ten seconds', () => {
  const room = new Room();
  room.until(3);
  const calls = Array.from({ length: 30 }, (_, index) => call(index + 1, 0));
  room.hears(calls.slice().reverse());
  room.until(300);
  const inOrder = calls.map((each) => each.version);
  assert.deepStrictEqual(room.versions('begin'), inOrder);
  assert.deepStrictEqual([...new Set(room.versions('speak'))], inOrder);
  room.of('begin').forEach((begin, index) => {
    const took = room.of('end')[index].at - begin.at;
    assert.ok(took >= 4 && took <= 10, `${begin.version}: ${took} s`);
  });
});

test('a call undone within three seconds is never spoken, and leaves the queue', () => {
  const room = new Room();
  room.hears([call(1, 0), call(2, 0)]);
  room.until(2.9);
  room.hears([]);
  room.until(40);
  assert.deepStrictEqual(room.versions('speak'), []);
  assert.deepStrictEqual(room.versions('hush'), [1]);
  assert.deepStrictEqual(room.versions('begin'), [1]);
});

test('an undone call is cut off in the middle of its sentence', () => {
  const room = new Room();
  room.hears([call(1, 0)]);
  room.until(5);
  room.hears([]);
  room.until(20);
  assert.deepStrictEqual(room.of('hush').map(({ at }) => at), [5]);
  assert.strictEqual(room.of('speak').length, 1);
});

test('a ticket that is served before its turn is announced all the same', () => {
  const room = new Room({ reading: 5 });
  const calls = Array.from({ length: 12 }, (_, index) => call(index + 1, 0));
  room.hears(calls);
  room.until(61);
  room.hears([]);
  room.until(120);
  assert.deepStrictEqual(room.versions('begin'), calls.map((each) => each.version));
});

test('the recall of a ticket that waits takes its place in the queue', () => {
  const room = new Room();
  const [first, second, third] = [call(1, 0), call(2, 0), call(3, 0)];
  room.hears([first, second, third]);
  room.until(5);
  const recalled = { ...second, version: 9, times: 2, at: moment(5) };
  room.hears([first, third, recalled]);
  room.until(60);
  assert.deepStrictEqual(room.versions('begin'), [1, 9, 3]);
});

test('the recall of a ticket that was announced is announced, without cutting off what runs', () => {
  const room = new Room();
  const first = call(1, 0);
  room.hears([first]);
  room.until(9);
  room.hears([{ ...first, version: 5, times: 2, at: moment(9) }]);
  room.until(60);
  assert.deepStrictEqual(room.versions('begin'), [1, 5]);
  assert.deepStrictEqual(room.versions('hush'), []);
});

test('a recall that is taken back leaves the call itself to be announced', () => {
  const room = new Room();
  const [first, second] = [call(1, 0), call(2, 0)];
  room.hears([first, second]);
  room.until(2);
  room.hears([first, { ...second, version: 7, times: 2, at: moment(2) }]);
  room.until(3);
  room.hears([first, second]);
  room.until(60);
  assert.deepStrictEqual(room.versions('begin'), [1, 2]);
});

test('what the board missed is shown after those it may still speak, and is not spoken', () => {
  const room = new Room();
  room.hears([]);
  room.until(60);
  room.hears([call(1, 30), call(2, 35), call(3, 55)]);
  room.until(120);
  assert.deepStrictEqual(room.versions('begin'), [3, 1, 2]);
  assert.deepStrictEqual([...new Set(room.versions('speak'))], [3]);
});

test('a board that is switched on announces only what is fresh', () => {
  const room = new Room();
  room.hears([call(1, -300), call(2, -5)]);
  room.until(30);
  assert.deepStrictEqual(room.versions('begin'), [2]);
});

test('what was announced before a reload is not announced again', () => {
  const room = new Room({ epoch: 'one', done: [1] });
  room.hears([call(1, -5), call(2, -4)]);
  room.until(30);
  assert.deepStrictEqual(room.versions('begin'), [2]);
});

test('what another history announced counts for nothing', () => {
  const room = new Room({ epoch: 'one', done: [1] });
  room.hears([call(1, -5)], { epoch: 'two' });
  room.until(30);
  assert.deepStrictEqual(room.versions('begin'), [1]);
});

test('an older picture takes nothing back', () => {
  const room = new Room();
  room.hears([call(1, 0), call(7, 0)], { version: 8 });
  room.hears([call(1, 0)], { version: 6 });
  room.until(40);
  assert.deepStrictEqual(room.versions('begin'), [1, 7]);
});

test('without clips a call has the panel and the chime, and no voice', () => {
  const room = new Room({ reading: 0 });
  room.hears([call(1, 0), call(2, 0)]);
  room.until(20);
  assert.deepStrictEqual(room.did.map(({ at, kind }) => `${at} ${kind}`), ['0 begin', '4 end', '4 begin', '8 end']);
});

test('the panel keeps the newest call when nobody waits', () => {
  const calls = [call(2, -100), call(1, -200)];
  const room = new Room();
  room.hears(calls);
  assert.strictEqual(Announcer.panel(room.state, calls).version, 2);
  assert.strictEqual(Announcer.panel(room.state, []), null);
});

// A hall that nobody invented: officers call, recall, undo and finish at random, the line breaks and comes back.

function randomly(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

class Hall {
  constructor(random) {
    this.random = random;
    this.version = 0;
    this.taken = 0;
    this.tickets = [];
    this.rush = random() < 0.5 ? 0.5 : 0.1; // calls a second at most; more than one loudspeaker can keep up with
  }

  chance(perSecond) {
    return this.random() < perSecond / 10;
  }

  // A tenth of a second at the windows.
  tick(now) {
    if (this.chance(this.rush * this.random())) this.calls(now);
    for (const ticket of this.tickets) {
      const newest = ticket.calls[ticket.calls.length - 1];
      const age = now - newest.at;
      if (age <= 10 && this.chance(0.01)) this.undoes(ticket, now);
      else if (age >= 8 && !ticket.isServed && this.chance(0.01)) this.recalls(ticket, now);
      else if (age >= 3 && !ticket.isServed && this.chance(0.03)) this.serves(ticket);
    }
  }

  calls(now) {
    this.version += 1;
    this.taken += 1;
    const number = `A${String(this.taken).padStart(3, '0')}`;
    this.tickets.push({ number, window: 1 + Math.floor(this.random() * 30), calls: [{ version: this.version, at: now, times: 1 }], undone: new Map(), isServed: false });
  }

  recalls(ticket, now) {
    this.version += 1;
    ticket.calls.push({ version: this.version, at: now, times: ticket.calls.length + 1 });
  }

  undoes(ticket, now) {
    this.version += 1;
    ticket.undone.set(ticket.calls.pop().version, now);
    if (ticket.calls.length === 0) this.tickets.splice(this.tickets.indexOf(ticket), 1);
  }

  serves(ticket) {
    this.version += 1;
    ticket.isServed = true;
  }

  // What the server's board view shows (crates/hall/src/view/board.rs).
  view(now) {
    const shown = [];
    for (const { number, window, calls, isServed } of this.tickets) {
      const newest = calls[calls.length - 1];
      if (!isServed || now < newest.at + 60) shown.push({ number, window, ...newest, madeAt: newest.at, at: moment(newest.at) });
    }
    return shown.sort((a, b) => b.version - a.version);
  }
}

// Lives through twenty minutes, and on until everybody was announced; what the board was shown, and when it could first
// be.
function live(seed) {
  const random = randomly(seed);
  const hall = new Hall(random);
  const room = new Room({ reading: 1 + random() * 4 });
  const everyTicket = new Set();
  const shown = new Map();
  let isCut = false;
  let known = '';
  room.hears([], { version: 0 }); // switched on before the first call
  for (let tenth = 0; tenth < 12000 || (isCut || !Announcer.isIdle(room.state)); tenth += 1) {
    const now = tenth / 10;
    if (tenth < 12000) hall.tick(now);
    hall.tickets.forEach((ticket) => everyTicket.add(ticket));
    if (isCut ? hall.chance(0.05) : hall.chance(0.002)) isCut = !isCut;
    room.until(now);
    const view = hall.view(now);
    const versions = view.map((each) => each.version).join();
    if (isCut || versions === known) continue;
    known = versions;
    for (const each of view) if (!shown.has(each.version)) shown.set(each.version, { ...each, heardAt: now, isLate: now - each.madeAt > 20 });
    room.hears(view, { version: hall.version });
  }
  return { room, shown, everyTicket };
}

test('in random halls no call is lost, none is announced twice, and the order is that of the calls', () => {
  let announced = 0;
  let undone = 0;
  for (let seed = 1; seed <= 40; seed += 1) {
    const { room, shown, everyTicket } = live(seed);
    const begins = new Map();
    const ends = new Map(room.of('end').map((each) => [each.version, each.at]));
    const hushed = new Set(room.versions('hush'));
    for (const begin of room.of('begin')) {
      assert.ok(!begins.has(begin.version), `seed ${seed}: ${begin.version} announced twice`);
      begins.set(begin.version, begin);
    }
    assert.ok(Announcer.isIdle(room.state), `seed ${seed}: some still wait`);
    const ofTicket = new Map([...everyTicket].map((ticket) => [ticket.number, ticket]));
    for (const [version, each] of shown) {
      const ticket = ofTicket.get(each.number);
      const begin = begins.get(version);
      const isUndone = ticket.undone.has(version);
      const isRecalled = [...shown.values()].some((other) => other.number === each.number && other.version > version);
      if (isUndone) undone += 1;
      // never lost: unless it was taken back, or recalled while it waited
      if (!isUndone && !isRecalled) assert.ok(begin, `seed ${seed}: ${each.number} (${version}) was lost`);
      if (!begin) continue;
      announced += 1;
      if (!hushed.has(version)) assert.ok(ends.get(version) - begin.at >= 4 - 1e-6, `seed ${seed}: ${version} had the panel too short`);
      assert.ok(!(begin.isSilent && !each.isLate), `seed ${seed}: ${version} was not spoken`);
    }
    // in order, but for those who were recalled or taken back on the way
    const plain = room.of('begin').filter((begin) => !begin.isSilent && begin.call.times === 1 && ofTicket.get(begin.call.number).undone.size === 0);
    const versions = plain.map((begin) => begin.version);
    assert.deepStrictEqual(versions, versions.slice().sort((a, b) => a - b), `seed ${seed}: out of order`);
    for (const speak of room.of('speak')) {
      const { madeAt } = shown.get(speak.version);
      assert.ok(speak.at - madeAt >= 3 - 1e-6, `seed ${seed}: ${speak.version} spoken after ${speak.at - madeAt} s`);
      assert.ok(!begins.get(speak.version).isSilent);
    }
  }
  assert.ok(announced > 4000 && undone > 100, `${announced} announced, ${undone} undone: too little to prove anything`);
});
