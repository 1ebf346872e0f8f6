// The alarm of the phone page: one tap allows it, it rings until somebody touches the screen or a minute has passed, and
// it survives what else is pressed on the page.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';
import { passes, stopsClock, until } from './support/people.mjs';

// Counts what a phone would do: tones, and patterns of its motor.
function listens(page, { vibrates = true } = {}) {
  return page.addInitScript((vibrates) => {
    window.tones = 0;
    window.buzzes = [];
    const create = AudioContext.prototype.createOscillator;
    AudioContext.prototype.createOscillator = function createOscillator() {
      window.tones += 1;
      return create.call(this);
    };
    const vibrate = vibrates ? (pattern) => window.buzzes.push([pattern].flat()) : undefined;
    Object.defineProperty(Navigator.prototype, 'vibrate', { value: vibrate, configurable: true });
  }, vibrates);
}

const heard = (phone) => phone.page.evaluate(() => ({ tones: window.tones, buzzes: window.buzzes.length }));
const rings = (phone) => phone.page.evaluate(() => document.body.classList.contains('ringing'));

journey('one tap on the page, and the phone rings until it is touched', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  await listens(phone.page);
  const officer = await hall.server.officer(6);
  for (let others = 0; others < 3; others += 1) await hall.server.take('other');
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  await phone.sees('#alarm', '叫到我时响铃和震动');
  await phone.presses('叫到我时响铃和震动');
  await phone.sees('#alarm', '到时会响铃和震动');
  assert.deepEqual(await heard(phone), { tones: 2, buzzes: 1 }, 'the tap is heard at once');

  // a step and a form in between cost nobody the alarm
  await phone.page.getByRole('link', { name: '我要晚一点' }).click();
  await phone.presses('让 2 位先办');
  await phone.sees('#why', '再叫2位');

  await officer('call-next');
  await officer('finish-and-call-next');
  await phone.sees('.soon', '快到了');
  const near = await heard(phone);
  assert.equal(near.tones, 2, 'no sound before the call');
  assert.equal(near.buzzes, 2, 'a short buzz when it is near');

  await officer('finish');
  await officer('call', { number: mine.number, reason: '到了' });
  await phone.sees('.go', '请到 6 号窗口');
  await until('it rings', () => rings(phone));
  await until('it rings again', async () => (await heard(phone)).tones >= 6);
  await phone.page.locator('h1.number').tap();
  await until('a touch silences it', async () => !(await rings(phone)));

  await hall.clock('09:00:20');
  await officer('recall');
  await until('a second call rings as well', () => rings(phone));
  await phone.page.getByRole('link', { name: '我来了' }).click();
  await phone.sees('#sheet', '请直接到 6 号窗口');
  assert.equal(await rings(phone), false);
});

journey('it rings for a minute if nobody touches it, and flashes where nothing vibrates', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone();
  await listens(phone.page, { vibrates: false });
  await phone.page.clock.install();
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  await phone.presses('叫到我时响铃和震动');
  await phone.sees('#alarm', '响铃和闪屏');
  await stopsClock(phone.page);
  await officer('call-next');
  await until('it rings', () => rings(phone));
  const flash = await phone.page.evaluate(() => {
    const { animationName, animationDuration, animationIterationCount } = getComputedStyle(document.body);
    return [animationName, parseFloat(animationDuration), animationIterationCount];
  });
  assert.deepEqual(flash, ['ring', 1, 'infinite'], 'once a second, so not more than twice');
  await passes(phone.page, 58);
  assert.equal(await rings(phone), true);
  await passes(phone.page, 5);
  assert.equal(await rings(phone), false);
});

journey('who asks for less motion gets an outline', { time: '09:00:00' }, async (hall) => {
  const phone = await hall.phone({ reducedMotion: 'reduce' });
  const officer = await hall.server.officer(6);
  const mine = await hall.server.take('other');
  await phone.opens(mine.page);
  await phone.sees('#alarm', '响铃');
  await officer('call-next');
  await until('it rings', () => rings(phone));
  const [animation, outline] = await phone.page.evaluate(() => {
    const style = getComputedStyle(document.body);
    return [style.animationName, style.outlineStyle];
  });
  assert.deepEqual([animation, outline], ['none', 'solid']);
});
