// Calendar files as other people's programs read them: ical.js, the parser of Thunderbird. The booking files are those
// that the Rust tests write, so both ends agree on one form; the feed comes from a running hall.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { installed } from './support/browser.mjs';
import { startDemo } from './support/server.mjs';

const { default: ICAL } = await installed('ical.js');
const GOLDEN = fileURLToPath(new URL('../golden/calendars/', import.meta.url));
// A calendar is read where its reader lives.
const READERS = ['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Chatham'];
const SHANGHAI = 'booking-shanghai.ics';
const BERLIN = 'booking-clocks-go-back.ics';

const golden = (name) => readFile(GOLDEN + name, 'utf8');

// A file's zone and events; the zone is the file's own and no other.
function read(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  const zones = calendar.getAllSubcomponents('vtimezone').map((zone) => new ICAL.Timezone(zone));
  const events = calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
  return { calendar, zones, events };
}

const instant = (time) => time.toJSDate().toISOString();

// The wall clock in a zone according to the system's own zone data: `2026-11-28 02:00`.
function wallClock(iso, timeZone) {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  return parts.format(new Date(iso));
}

// Whether the clock shows this time twice that day.
function isRepeated(iso, timeZone) {
  const shifted = (hours) => wallClock(new Date(Date.parse(iso) + hours * 3_600_000).toISOString(), timeZone);
  return shifted(0) === shifted(1) || shifted(0) === shifted(-1);
}

// Does this once for a reader in each zone.
async function everywhere(check) {
  const home = process.env.TZ;
  for (const zone of READERS) {
    process.env.TZ = zone;
    await check(zone);
  }
  if (home === undefined) delete process.env.TZ;
  else process.env.TZ = home;
}

test('a booking begins and ends at the same moment wherever its file is read', async () => {
  const expected = {
    'booking-shanghai.ics': ['2026-11-28T01:00:00.000Z', '2026-11-28T01:15:00.000Z'],
    'booking-cancelled.ics': ['2026-11-28T01:00:00.000Z', '2026-11-28T01:15:00.000Z'],
    'booking-clocks-go-back.ics': ['2026-10-24T07:00:00.000Z', '2026-10-26T08:15:00.000Z'],
    'booking-repeated-hour.ics': ['2026-10-25T01:15:00.000Z', '2026-10-25T08:15:00.000Z'],
  };
  await everywhere(async (reader) => {
    for (const [file, [starts, ends]] of Object.entries(expected)) {
      const { events } = read(await golden(file));
      assert.equal(events.length, 1);
      assert.deepEqual([instant(events[0].startDate), instant(events[0].endDate)], [starts, ends], `${file} in ${reader}`);
    }
  });
});

test('the zone in a file agrees with the zone data of the system', async () => {
  const [shanghai] = read(await golden(SHANGHAI)).zones;
  const [berlin] = read(await golden(BERLIN)).zones;
  assert.deepEqual([shanghai.tzid, berlin.tzid], ['Asia/Shanghai', 'Europe/Berlin']);
  for (let day = 0; day < 365; day += 1) {
    for (const hour of [0, 1, 2, 12]) {
      const iso = new Date(Date.UTC(2026, 0, 1 + day, hour, 30)).toISOString();
      for (const zone of [shanghai, berlin]) {
        const local = wallClock(iso, zone.tzid);
        if (isRepeated(iso, zone.tzid)) continue;
        const at = ICAL.Time.fromDateTimeString(`${local.replace(' ', 'T')}:00`);
        at.zone = zone;
        assert.equal(instant(at), iso, `${local} in ${zone.tzid}`);
      }
    }
  }
});

test('a booking says what, where, with what and when to be reminded', async () => {
  const { calendar, events } = read(await golden(SHANGHAI));
  const [event] = events;
  assert.equal(calendar.getFirstPropertyValue('method'), 'PUBLISH');
  assert.equal(event.summary, '交警业务大厅:违法处理; 3号窗口, 请提前20分钟签到');
  assert.equal(event.location, '市民中心二楼, 天元区\\长江北路1号');
  assert.deepEqual(event.description.split('\n'), [
    '请带:驾驶证、行驶证、居民身份证',
    '编号 K7QX-2210;签到从 08:40 开始,晚到请先到导办台,我们会帮您安排后面的时段',
  ]);
  assert.equal(
    event.component.getFirstPropertyValue('url'),
    'https://hall.example/b/k7Qx9yTt2hYzvQmB0a1c3d?lang=zh&from=calendar-entry-of-the-citizen',
  );
  assert.equal(event.component.getFirstPropertyValue('status'), 'CONFIRMED');
  const alarm = event.component.getFirstSubcomponent('valarm');
  assert.equal(alarm.getFirstPropertyValue('trigger').toSeconds(), -90 * 60);
});

test('a cancelled booking is a later state of the same entry, and reminds nobody', async () => {
  const [booked] = read(await golden(SHANGHAI)).events;
  const [cancelled] = read(await golden('booking-cancelled.ics')).events;
  assert.equal(cancelled.uid, booked.uid);
  assert.ok(cancelled.sequence > booked.sequence);
  assert.equal(cancelled.component.getFirstPropertyValue('status'), 'CANCELLED');
  assert.equal(cancelled.component.getFirstSubcomponent('valarm'), null);
});

async function feed(server, language) {
  const answer = await fetch(`${server.origin}/zhuzhou/hours.ics?lang=${language}`);
  assert.equal(answer.headers.get('content-type'), 'text/calendar; charset=utf-8');
  const tag = answer.headers.get('etag');
  const again = await fetch(answer.url, { headers: { 'if-none-match': tag } });
  assert.equal(again.status, 304, 'who has it is told so');
  return { ...read(await answer.text()), tag };
}

// What a reader sees of one date in the hall's zone.
function on(date, { events }) {
  const told = events.map((event) => {
    if (event.startDate.isDate) return `${event.startDate} all day: ${event.summary}`;
    const [from, to] = [event.startDate, event.endDate].map((time) => wallClock(instant(time), 'Asia/Shanghai'));
    return `${from}–${to.slice(11)}: ${event.summary}`;
  });
  return told.filter((line) => line.startsWith(date)).map((line) => line.slice(11));
}

test('the opening hours are a feed that follows the special days of the plan', async (t) => {
  const server = await startDemo({ time: '10:00:00' });
  t.after(() => server.stop());
  const hours = await feed(server, 'en');
  const open = 'Traffic Police Service Hall: open';
  await everywhere((reader) => {
    assert.deepEqual(on('2026-11-23', hours), [`09:00–12:00: ${open}`, `13:30–17:00: ${open}`], reader);
    assert.deepEqual(on('2026-11-28', hours), ['09:00–12:00: Traffic Police Service Hall (booked visits only)'], reader);
  });
  assert.equal(new Set(hours.events.map((event) => event.uid)).size, hours.events.length);

  const plan = `${server.origin}/api/v1/halls/zhuzhou/plan`;
  const authorization = `Bearer ${await server.bearer('manager')}`;
  const adopted = await (await fetch(plan, { headers: { authorization } })).json();
  adopted.special_days = [
    { date: '2026-11-27', name: { zh: '停电', en: 'No power' } },
    { date: '2026-11-28', as: 'Fri' },
    { date: '2026-11-30', hours: ['10:00-11:00'] },
    { date: '2026-12-01', hours: { sessions: ['09:00-12:00'], appointments_only: true } },
  ];
  const headers = {
    authorization,
    'content-type': 'application/json',
    'if-match': '"1"',
    'idempotency-key': 'special-days-of-this-test',
  };
  const answer = await fetch(plan, { method: 'PUT', headers, body: JSON.stringify(adopted) });
  assert.equal(answer.status, 200, await answer.text());
  const changed = await feed(server, 'zh');
  assert.notEqual(changed.tag, hours.tag);
  assert.deepEqual(on('2026-11-27', changed), ['all day: 交警业务大厅 休息(停电)']);
  assert.deepEqual(on('2026-11-28', changed), ['09:00–12:00: 交警业务大厅 办公', '13:30–17:00: 交警业务大厅 办公']);
  assert.deepEqual(on('2026-11-30', changed), ['10:00–11:00: 交警业务大厅 办公']);
  assert.deepEqual(on('2026-12-01', changed), ['09:00–12:00: 交警业务大厅 预约专场']);
});
