// What a program can find that would keep somebody from using a page: failures of WCAG A and AA, keys too small for a
// thumb, a page wider than the screen.

import assert from 'node:assert/strict';
import { installed } from './browser.mjs';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const THUMB = 60; // CSS pixels

// What a program can find wrong with the page as it stands, a line for each place.
async function violations(page) {
  const { default: axe } = await installed('axe-core');
  await page.evaluate(axe.source);
  const results = await page.evaluate((rules) => window.axe.run(document, { runOnly: { type: 'tag', values: rules } }), RULES);
  const places = ({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary.split('\n')[1] || ''}`);
  return results.violations.flatMap(places);
}

export async function isAccessible(who, where) {
  await who.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  assert.deepEqual(await violations(who.page), [], where);
}

// Every key that is not in the page's head takes a thumb, and nothing has to be scrolled sideways.
export async function fitsAPhone(who, where) {
  const small = await who.page.evaluate((least) => {
    const keys = [...document.querySelectorAll('main button, main .button, main .choices a')];
    return keys.filter((key) => key.offsetHeight > 0 && key.offsetHeight < least).map((key) => key.innerText);
  }, THUMB);
  assert.deepEqual(small, [], `${where}: too small for a thumb`);
  const over = await who.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${where}: ${over} px wider than the phone`);
}
