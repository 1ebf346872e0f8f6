// Who and what stands in a hall, with what each does and sees. A `sees` or `shows` waits for it; nothing here waits for
// time to pass.

import { PATIENCE_MS, installed } from './browser.mjs';

const LOOK_EVERY_MS = 50;
const LOADING_MS = 600_000; // more than lies between two words to a browser
const CODE_PIXELS = 240;
const DEAF_MS = 3000;
const TABS_MOST = 60; // more than any page has keys and links

// Waits until `condition()` holds; says `what` was waited for if it never does.
export async function until(what, condition, patience = PATIENCE_MS) {
  const limit = performance.now() + patience;
  let last;
  while (performance.now() < limit) {
    last = await condition();
    if (last) return last;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error(`waited in vain: ${what}`);
}

// The page's clock stands still from the next load on, and goes on only as far as `passes` lets it: what a page does at
// which second is then the same on a machine that is busy.
export async function standsStill(page) {
  const time = Date.now();
  await page.clock.install({ time });
  await page.clock.pauseAt(time + LOADING_MS);
}

// The same for a page that is there already and whose clock was installed before it was opened; `page.clock.resume` ends it.
export async function stopsClock(page) {
  const stops = async () => page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1);
  await stops().catch((error) => {
    if (!/to the past/.test(error.message)) throw error;
    return stops(); // the page was quicker, but stands now
  });
}

// So much time passes for a page whose clock stands still.
export const passes = (page, seconds) => page.clock.runFor(seconds * 1000);

class Person {
  constructor(page, hall) {
    this.page = page;
    this.hall = hall;
  }

  async sees(selector, text) {
    try {
      await this.page.locator(selector).filter({ hasText: text, visible: true }).first().waitFor();
    } catch {
      const there = await this.page.locator(selector).allInnerTexts();
      throw new Error(`${selector} does not show ${text}, but: ${there.join(' | ').slice(0, 600)}`);
    }
  }

  async seesNot(selector) {
    await this.page.locator(selector).filter({ visible: true }).first().waitFor({ state: 'detached' });
  }

  text(selector) {
    return this.page.locator(selector).first().innerText();
  }

  async presses(name) {
    await this.page.getByRole('button', { name, exact: typeof name === 'string' }).filter({ visible: true }).first().click();
  }

  // Presses Tab until the key or link with this text is marked; never passes it by and never leaves the page for good.
  async tabsTo(text) {
    const seen = [];
    for (let presses = 0; presses < TABS_MOST; presses += 1) {
      await this.page.keyboard.press('Tab');
      const { name, marked } = await this.page.evaluate(() => {
        const element = document.activeElement;
        const style = getComputedStyle(element);
        const name = element === document.body ? '' : element.innerText || '';
        return { name, marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 };
      });
      if (name.includes(text)) {
        if (!marked) throw new Error(`nothing marks ${text} when it has the focus`);
        return;
      }
      seen.push(name.split('\n')[0]);
    }
    throw new Error(`Tab does not lead to ${text}, but to: ${seen.join(' | ')}`);
  }
}

// The machine by the door: glass, no keyboard.
export class Kiosk extends Person {
  async opens(link = this.hall.server.link('kiosk')) {
    await this.page.goto(link);
    await this.page.locator('.tile').first().waitFor();
    return this;
  }

  async taps(service) {
    await this.page.locator('.tile').filter({ hasText: service }).click();
  }

  async shows(number) {
    await this.sees('#sheet .number', number);
    await this.page.locator('#sheet img.code').evaluate((image) => image.decode());
  }

  // The address behind the code on the glass, read as a phone's camera would.
  async scanned() {
    const code = this.page.locator('#sheet img.code');
    await code.evaluate((image) => image.decode());
    const pixels = await code.evaluate((image, size) => {
      const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size });
      const paper = canvas.getContext('2d');
      paper.fillStyle = 'white';
      paper.fillRect(0, 0, size, size);
      paper.drawImage(image, 10, 10, size - 20, size - 20);
      const { data } = paper.getImageData(0, 0, size, size);
      return Array.from({ length: size * size }, (_, pixel) => (data[pixel * 4] < 128 ? '#' : ' ')).join('');
    }, CODE_PIXELS);
    const colours = [...pixels].flatMap((pixel) => (pixel === '#' ? [0, 0, 0, 255] : [255, 255, 255, 255]));
    const { default: jsQR } = await installed('jsqr');
    const found = jsQR(Uint8ClampedArray.from(colours), CODE_PIXELS, CODE_PIXELS);
    if (!found) throw new Error('the code on the kiosk cannot be read');
    return found.data;
  }

  // A scanner types faster than anybody, also on a machine that is busy.
  async scans(text) {
    await stopsClock(this.page);
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
    await this.page.clock.resume();
  }

  async goesBack() {
    await this.presses(/^(好的|返回|Done|Back)$/);
    await this.page.locator('#tiles').waitFor();
  }

  // One tap and back: the number and its page.
  async takes(service) {
    await this.taps(service);
    const another = this.page.getByRole('button', { name: '另取一个号' });
    const ready = this.page.getByRole('button', { name: '带齐了,取号' });
    const taken = this.page.locator('#sheet .number');
    await taken.or(another).or(ready).waitFor();
    if (await ready.isVisible()) await ready.click();
    await taken.or(another).waitFor();
    if (await another.isVisible()) await another.click();
    await taken.waitFor();
    const number = await this.text('#sheet .number');
    const code = await this.page.locator('#sheet img.code').getAttribute('src');
    await this.goesBack();
    return { number, page: code.replace('/qr.svg', '') };
  }
}

// At a window, mostly with the keyboard.
export class Officer extends Person {
  async choosesWindow(window) {
    await this.page.goto(this.hall.server.link('console'));
    await this.page.getByRole('link', { name: new RegExp(`^${window} 号窗口`) }).click();
    await this.page.locator('#closed').waitFor();
    return this;
  }

  async opensWindow(window) {
    await this.choosesWindow(window);
    await this.presses('开窗');
    await this.page.locator('#current').waitFor();
    return this;
  }

  // While the hall answers a wish, a console is deaf. An officer takes longer than that from what he sees to the next key;
  // of a hall that does not answer he waits for nothing.
  async isHeard() {
    const hasWishes = () => Object.keys(localStorage).some((key) => key.startsWith('paihao-outbox-'));
    const isAnswered = async () => !(await this.page.evaluate(hasWishes));
    await until('the hall has answered', isAnswered, DEAF_MS).catch(() => {});
  }

  async key(key) {
    await this.isHeard();
    await this.page.keyboard.press(key);
  }

  async presses(name) {
    await this.isHeard();
    await super.presses(name);
  }

  async has(number, stage) {
    await this.sees('#number', number);
    if (stage) await this.sees('#stage', stage);
  }

  // F2 is deaf for a moment after F2, so that a hasty second press calls nobody; a person presses again.
  async pressesF2Until(number) {
    await until(`${number} at the window`, async () => {
      if ((await this.text('#number')) === number) return true;
      await this.key('F2');
      return false;
    });
  }
}

// On the wall.
export class Board extends Person {
  async opens() {
    await this.page.goto('/zhuzhou/board');
    await this.sees('#hall', '交警业务大厅');
    return this;
  }

  async calls(number, window) {
    await this.sees('#rows > li', new RegExp(`${number}.*${window} 号`, 's'));
  }

  // The newest call stands on top.
  async callsFirst(number) {
    await this.sees('#rows > li:first-child', number);
  }
}

// In a citizen's hand.
export class Phone extends Person {
  async opens(address) {
    await this.page.goto(address);
    await this.page.locator('h1.number').waitFor();
    return this;
  }

  // Presses a form's key; the status with which the server answered it.
  async sends(key) {
    const answered = this.page.waitForResponse((response) => response.request().method() === 'POST');
    await this.presses(new RegExp(`^${key}`));
    const status = (await answered).status();
    await this.page.locator('h1.number').waitFor();
    return status;
  }
}

export class Manager extends Person {
  // The printed link lets in once; the session then opens every page.
  async opens(page) {
    if (this.page.url() === 'about:blank') await this.page.goto(this.hall.server.link('overview'));
    await this.page.goto(`/zhuzhou/${page}`);
    return this;
  }
}

// Somebody with a browser and nothing else.
export class Visitor extends Person {
  async opens(path) {
    await this.page.goto(path);
    return this;
  }
}
