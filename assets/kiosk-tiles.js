// One tile per service: its name, how long it takes now, or from when there are numbers. Tiles are kept while their
// texts change, so that a tap never hits a tile that has just been replaced.

import { byId } from './dom.js';
import { minutes } from './words.js';

const QUIET_MINUTES = 10;
const BUSY_MINUTES = 30;

export function drawTiles(view, context) {
  const tiles = byId('tiles');
  view.services.forEach((service, index) => {
    const tile = tiles.children[index] || tiles.appendChild(newTile());
    fill(tile, service, view.now, context);
  });
  while (tiles.children.length > view.services.length) tiles.lastElementChild.remove();
}

function newTile() {
  return byId('tile').content.firstElementChild.cloneNode(true);
}

function fill(tile, service, now, { say, local, tap, free }) {
  const [name, wait, lamp] = tile.children;
  name.textContent = local(service.name);
  const next = free[service.id];
  wait.textContent = next ? say('kiosk-next-free', { time: whenText(next, now) }) : waitText(service, now, say);
  const level = service.open ? lampOf(service) : '';
  lamp.textContent = level && say('kiosk-lamp-' + level);
  lamp.className = `lamp ${level}`;
  tile.classList.toggle('shut', !service.open);
  // a shut tile is still a key: the refusal says when and where else
  tile.onclick = () => tap(service);
}

function waitText(service, now, say) {
  if (service.suspended) return say('kiosk-suspended', { reason: service.suspended });
  if (!service.open) return service.opens_at ? say('kiosk-opens', { time: whenText(service.opens_at, now) }) : say('kiosk-shut');
  if (service.waiting === 0) return say('kiosk-nobody');
  if (!service.wait) return say('kiosk-waiting-only', { n: service.waiting });
  return say('kiosk-waiting', { n: service.waiting, low: minutes(service.wait.low), high: minutes(service.wait.high) });
}

// 08:50, or 11-24 08:50 if that is not today
function whenText(at, now) {
  return at.slice(0, 10) === now.slice(0, 10) ? at.slice(11, 16) : at.slice(5, 16).replace('T', ' ');
}

function lampOf(service) {
  const high = service.wait ? minutes(service.wait.high) : 0;
  if (high <= QUIET_MINUTES) return 'free';
  return high <= BUSY_MINUTES ? 'some' : 'busy';
}
