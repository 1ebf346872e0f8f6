// A QR code made in the page, for a number that was given while the server was away: byte mode, error correction M,
// versions 2 to 6 (ISO/IEC 18004), which is 106 bytes: enough for the address of a ticket. The mask is always the first:
// any mask may be read.

const SVG = 'http://www.w3.org/2000/svg';
// by version: codewords of error correction in a block, blocks, codewords of data in a block, place of the alignment mark
const VERSIONS = { 2: [16, 1, 28, 18], 3: [26, 1, 44, 22], 4: [18, 2, 32, 26], 5: [24, 2, 43, 30], 6: [16, 4, 27, 34] };
const FORMAT = 0b101010000010010; // level M, mask 0
const QUIET = 4; // modules of white around

// The picture of a text; nothing if it is too long.
export function codeOf(text) {
  const modules = modulesOf(text);
  if (!modules) return null;
  const size = modules.length + 2 * QUIET;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`);
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.setAttribute('aria-hidden', 'true');
  const paper = document.createElementNS(SVG, 'rect');
  for (const [name, value] of Object.entries({ width: size, height: size, fill: '#fff' })) paper.setAttribute(name, value);
  const ink = document.createElementNS(SVG, 'path');
  const dark = modules.flatMap((row, y) => row.map((on, x) => (on ? `M${x + QUIET} ${y + QUIET}h1v1h-1z` : '')));
  ink.setAttribute('d', dark.join(''));
  svg.append(paper, ink);
  return svg;
}

// Rows of dark and light.
export function modulesOf(text) {
  const bytes = [...new TextEncoder().encode(text)];
  const version = Object.keys(VERSIONS).map(Number).find((each) => bytes.length + 2 <= VERSIONS[each][1] * VERSIONS[each][2]);
  if (!version) return null;
  const { grid, taken } = frame(version);
  fill(grid, taken, codewords(bytes, version));
  return grid;
}

function codewords(bytes, version) {
  const [corrections, blocks, length] = VERSIONS[version];
  const bits = [];
  const push = (value, count) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1);
  };
  push(0b0100, 4);
  push(bytes.length, 8);
  for (const byte of bytes) push(byte, 8);
  push(0, 4);
  while (bits.length % 8 !== 0) bits.push(0);
  const data = [];
  for (let at = 0; at < bits.length; at += 8) data.push(parseInt(bits.slice(at, at + 8).join(''), 2));
  for (let pad = 0xec; data.length < blocks * length; pad ^= 0xec ^ 0x11) data.push(pad);
  const parts = Array.from({ length: blocks }, (_, block) => data.slice(block * length, (block + 1) * length));
  const checks = parts.map((part) => remainder(part, corrections));
  const woven = (rows) => rows[0].flatMap((_, at) => rows.map((row) => row[at]));
  return [...woven(parts), ...woven(checks)];
}

// Reed and Solomon's code over the field of 256 with the polynomial 0x11d.
function times(a, b) {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    product ^= ((b >> bit) & 1) * a;
  }
  return product;
}

function remainder(data, degree) {
  let generator = [1];
  for (let root = 1, step = 0; step < degree; step += 1, root = times(root, 2)) {
    const next = [...generator, 0];
    generator.forEach((factor, at) => (next[at + 1] ^= times(factor, root)));
    generator = next;
  }
  const rest = Array(degree).fill(0);
  for (const byte of data) {
    const lead = byte ^ rest.shift();
    rest.push(0);
    for (let at = 0; at < degree; at += 1) rest[at] ^= times(generator[at + 1], lead);
  }
  return rest;
}

// Everything but the data: finders, timing, alignment, format.
function frame(version) {
  const size = 17 + 4 * version;
  const square = () => Array.from({ length: size }, () => Array(size).fill(false));
  const [grid, taken] = [square(), square()];
  const set = (x, y, dark) => {
    if (x < 0 || y < 0 || x >= size || y >= size) return;
    grid[y][x] = dark;
    taken[y][x] = true;
  };
  for (let at = 0; at < size; at += 1) {
    set(at, 6, at % 2 === 0);
    set(6, at, at % 2 === 0);
  }
  for (const [cx, cy] of [[3, 3], [size - 4, 3], [3, size - 4]]) ringed(set, cx, cy, 4, [2, 4]);
  const mark = VERSIONS[version][3];
  ringed(set, mark, mark, 2, [1]);
  for (let bit = 0; bit < 15; bit += 1) {
    const dark = ((FORMAT >> bit) & 1) === 1;
    const [x, y] = bit < 6 ? [8, bit] : bit < 8 ? [8, bit + 1] : bit < 9 ? [7, 8] : [14 - bit, 8];
    set(x, y, dark);
    if (bit < 8) set(size - 1 - bit, 8, dark);
    else set(8, size - 15 + bit, dark);
  }
  set(8, size - 8, true);
  return { grid, taken };
}

// Squares around a centre out to `reach`, light at these distances.
function ringed(set, cx, cy, reach, light) {
  for (let dy = -reach; dy <= reach; dy += 1) {
    for (let dx = -reach; dx <= reach; dx += 1) set(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
  }
}

// The data in pairs of columns from the right, up and down in turn, the timing column left out.
function fill(grid, taken, words) {
  const size = grid.length;
  let at = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const up = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const y = up ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (taken[y][x]) continue;
        const bit = at < words.length * 8 ? (words[at >> 3] >> (7 - (at & 7))) & 1 : 0;
        grid[y][x] = (bit === 1) !== ((x + y) % 2 === 0);
        at += 1;
      }
    }
  }
}
