// The tiles: which there are and in what order, and one key for each with its name and how long it takes now. A key stays
// while its texts change, so that a tap never hits one that has just been replaced.

import { timeOf } from './clock.js';
import { byId } from './dom.js';
import { fit } from './kiosk-fit.js';
import { whenOf } from './when.js';
import { minutes } from './words.js';

const PLACES = 10; // five rows of two
const SERVICES_MOST = 9;
const MOST_USED = 8; // of more services than that, these are on the first page
const QUIET_MINUTES = 10;
const BUSY_MINUTES = 30;

// What stands on the first page: services, and the tiles that are no service, by kind.
export function arranged(view, isBookedOnly) {
  const services = view.services.map((service) => ({ kind: 'service', service }));
  const booked = view.services.some(({ bookable }) => bookable) ? [{ kind: 'booked' }] : [];
  const unsure = { kind: 'unsure' };
  if (isBookedOnly) return [...booked, ...services.slice(0, SERVICES_MOST - 1), unsure];
  if (services.length > SERVICES_MOST) {
    const shown = new Set(mostUsed(view.services));
    return [...services.filter(({ service }) => shown.has(service)), { kind: 'all' }, ...(booked.length > 0 ? booked : [unsure])];
  }
  const left = PLACES - services.length - booked.length;
  const everything = services.length > 1 && left > 1 ? [{ kind: 'everything' }] : [];
  return [...everything, ...services, ...booked, ...(left > 0 ? [unsure] : [])];
}

function mostUsed(services) {
  return [...services].sort((a, b) => b.taken - a.taken).slice(0, MOST_USED);
}

// Those that more than nine services leave for the second page.
export function others(view) {
  const shown = new Set(view.services.length > SERVICES_MOST ? mostUsed(view.services) : view.services);
  return view.services.filter((service) => !shown.has(service));
}

export function drawTiles(box, entries, context) {
  entries.forEach((entry, index) => {
    const tile = box.children[index] || box.appendChild(newTile());
    fill(tile, entry, context);
  });
  while (box.children.length > entries.length) box.lastElementChild.remove();
  for (const tile of box.children) {
    fit(tile);
    giveWay(tile);
  }
}

// The lamp leaves its corner to a long name.
function giveWay(tile) {
  const [name, , lamp] = tile.children;
  if (lamp.offsetHeight === 0) return;
  const text = document.createRange();
  text.selectNodeContents(name);
  const [of, at] = [text.getBoundingClientRect(), lamp.getBoundingClientRect()];
  if (of.right > at.left && of.top < at.bottom) lamp.textContent = '';
}

function newTile() {
  return byId('tile').content.firstElementChild.cloneNode(true);
}

function fill(tile, { kind, service }, context) {
  const [name, wait, lamp] = tile.children;
  tile.className = `tile of-${kind}`;
  // a shut tile is still a key: the answer says when and where else
  tile.onclick = () => context.tap(kind, service);
  lamp.textContent = '';
  if (kind !== 'service') {
    name.textContent = context.say('kiosk-tile-' + kind);
    wait.textContent = context.say('kiosk-hint-' + kind, { n: context.view.services.length });
    return;
  }
  name.textContent = context.local(service.name);
  wait.textContent = waitText(service, context);
  const level = service.open ? lampOf(service) : '';
  lamp.textContent = level && context.say('kiosk-lamp-' + level);
  lamp.className = `lamp ${level}`;
  tile.classList.toggle('shut', !service.open);
}

export function waitText(service, { say, local, view, isBookedOnly, free }) {
  const next = isBookedOnly && free[service.id];
  if (next) return say('kiosk-next-free', { time: whenOf(next, view.now) });
  if (isBookedOnly && service.bookable && free[service.id] === null) return say('kiosk-full');
  if (service.suspended) return say('kiosk-suspended', { reason: service.suspended });
  if (!service.open) return opensText(service, { say, view });
  if (service.redirect === 'full') return say('kiosk-full');
  const unknown = service.wait_unknown && local(service.wait_unknown.text);
  if (unknown) return service.waiting === 0 ? unknown : `${say('kiosk-waiting-only', { n: service.waiting })} · ${unknown}`;
  if (service.waiting === 0) return say('kiosk-nobody');
  return say('kiosk-waiting', { n: service.waiting, low: minutes(service.wait.low), high: minutes(service.wait.high) });
}

// Between two sessions the tile also says when work goes on: people who wait want to know that.
function opensText(service, { say, view }) {
  if (!service.opens_at) return say('kiosk-shut');
  const numbers = say('kiosk-opens', { time: whenOf(service.opens_at, view.now) });
  if (service.phase !== 'between' || !service.serves_at) return numbers;
  return `${numbers}${say('kiosk-serves', { time: timeOf(service.serves_at) })}`;
}

// None where nobody knows: people are not sent where nobody serves them.
function lampOf(service) {
  if (!service.wait) return '';
  const high = minutes(service.wait.high);
  if (high <= QUIET_MINUTES) return 'free';
  return high <= BUSY_MINUTES ? 'some' : 'busy';
}

// Services without a line now, while others have one: where to go first.
export function quietOnes(view) {
  const open = view.services.filter((service) => service.open);
  const isQuiet = ({ wait }) => wait && minutes(wait.high) <= QUIET_MINUTES;
  const quiet = open.filter(isQuiet);
  return quiet.length < open.length ? quiet : [];
}
