// What a program can find that would keep somebody from using a page: failures of WCAG A and AA, keys too small for a
// thumb, a page wider than the screen.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const RULES = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
const PALE = { type: 'rule', values: ['color-contrast-enhanced'] }; // below 7:1
const AXE = fileURLToPath(new URL('../node_modules/axe-core/axe.min.js', import.meta.url)); // a third of what the package gives itself
const THUMB = 60; // CSS pixels

// What a program can find wrong with the page as it stands, a line for each place. It stays in the page, and only the lines
// come out of it: both cost more than looking.
async function violations(page, runOnly) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(await readFile(AXE, 'utf8'));
  return page.evaluate(async (runOnly) => {
    const results = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
    const places = ({ id, nodes }) => nodes.map((node) => `${id}: ${node.target} ${node.failureSummary.split('\n')[1] || ''}`);
    return results.violations.flatMap(places);
  }, runOnly);
}

// Lines whose contrast is below 7:1.
export const paleLines = (page) => violations(page, PALE);

export async function isAccessible(who, where) {
  await who.page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
  assert.deepEqual(await violations(who.page, RULES), [], where);
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
