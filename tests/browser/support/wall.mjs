// What a wall board does, written down in its own page with the time: what it announced, what it heard, when it asked by
// HTTP, and when its strip and its curtain came and went. And a line to it that can be cut.

import { passes, until } from './people.mjs';

// To be called before the page is opened.
export async function keepsDiary(page) {
  await page.addInitScript(() => {
    window.diary = [];
    const write = (what, more) => window.diary.push({ what, at: Date.now(), ...more });
    document.addEventListener('announcer', ({ detail }) => write(detail.kind, detail));
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
      constructor(url) {
        super(url);
        this.addEventListener('message', () => write('heard'));
      }
    };
    const open = XMLHttpRequest.prototype.open;
    XMLHttpRequest.prototype.open = function (method, url, ...rest) {
      if (method === 'GET' && /\/halls\/[^/]+\/board$/.test(url)) write('polled');
      return open.call(this, method, url, ...rest);
    };
    document.addEventListener('DOMContentLoaded', () => {
      for (const id of ['stale', 'away']) {
        const element = document.getElementById(id);
        let was = element.hidden;
        new MutationObserver(() => {
          if (element.hidden !== was) write(element.hidden ? `${id} goes` : `${id} comes`);
          was = element.hidden;
        }).observe(element, { attributes: true });
      }
      const panel = document.getElementById('panel-number');
      new MutationObserver(() => write('panel', { number: panel.textContent })).observe(panel, { childList: true });
    });
  });
}

export const diaryOf = (page, what) =>
  page.evaluate((kinds) => window.diary.filter((entry) => kinds.includes(entry.what)), [].concat(what));

// The numbers that the board did this with, in order.
export const numbersOf = async (page, what) => (await diaryOf(page, what)).map((entry) => entry.number);

// The announcement of this number is over. Only for a board whose clock stands still: its seconds pass here.
export const isAnnounced = (page, number) => happens(page, `${number} is announced`, async () => (await numbersOf(page, 'end')).includes(number));

// The seconds of a board pass until this holds.
export const happens = (page, what, condition) =>
  until(what, async () => {
    await passes(page, 0.5);
    return condition();
  });

// A line that can be cut: while `isCut` is true nothing comes through, and nobody is told.
export async function cuttable(page) {
  const line = { isCut: false };
  await page.routeWebSocket(/\/ws\//, (socket) => {
    if (line.isCut) return;
    const server = socket.connectToServer();
    server.onMessage((message) => {
      if (!line.isCut) socket.send(message);
    });
  });
  await page.route(/\/halls\/[^/]+\/board$/, (route) => (line.isCut ? route.abort() : route.continue()));
  return line;
}

// A pack of one clip: half a second that begins every sentence, whatever the server's calls name.
export async function hasVoice(page) {
  const clip = { id: 'please', url: '/voice/please.wav' };
  const manifest = { rung: 'hall', label: null, gap_ms: 60, clips: { [clip.id]: { url: clip.url, ms: 500 } } };
  await page.route('**/voice/*/manifest.json', (route) => route.fulfill({ json: manifest, headers: { ETag: '"1"' } }));
  await page.route(`**${clip.url}`, (route) => route.fulfill({ body: wave(0.5), contentType: 'audio/wav' }));
  await page.routeWebSocket(/\/ws\//, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((message) => {
      const frame = JSON.parse(message);
      if (frame.view) frame.view.calls.forEach((call) => (call.clips = [clip.id]));
      socket.send(JSON.stringify(frame));
    });
  });
}

// A quiet tone as a WAV file.
function wave(seconds) {
  const rate = 8000;
  const samples = Math.round(rate * seconds);
  const bytes = Buffer.alloc(44 + samples * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + samples * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) bytes.writeInt16LE(Math.round(3000 * Math.sin(index / 3)), 44 + index * 2);
  return bytes;
}

// Somebody presses the card on a board that may not sound by itself.
export async function turnsSoundOn(board) {
  const card = board.page.locator('#sound');
  if (await card.isVisible()) await card.click();
  await board.page.locator('html[data-sound="running"]').waitFor();
}
