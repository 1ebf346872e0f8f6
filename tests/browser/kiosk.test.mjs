// The machine by the door: priority, a hasty second tap, the other language, and a citizen who uses keys instead of glass.

import assert from 'node:assert/strict';
import { journey } from './support/journey.mjs';

journey('priority is two taps more than a number', { time: '09:00:00' }, async (hall) => {
  const [kiosk, officer] = await Promise.all([hall.kiosk(), hall.officer()]);
  await kiosk.opens();
  await kiosk.presses('优先');
  await kiosk.presses('老年人');
  await kiosk.sees('#chosen', '已选优先:老年人');
  await kiosk.taps('驾驶证业务');
  await kiosk.shows('F001');
  await kiosk.goesBack();
  await kiosk.seesNot('#chosen');
  await officer.opensWindow(6);
  await officer.sees('#next', /F001.*老年人/s);
});

journey('the same tile tapped again offers the same number', { time: '09:00:00' }, async (hall) => {
  const [kiosk, manager] = await Promise.all([hall.kiosk(), hall.manager()]);
  await Promise.all([kiosk.opens(), manager.opens('overview')]);
  await kiosk.page.locator('.tile').filter({ hasText: '检验标志' }).dblclick();
  await kiosk.shows('W001');
  await kiosk.goesBack();
  await kiosk.taps('检验标志');
  await kiosk.sees('#sheet', '您刚取过 W001');
  await kiosk.presses('再看这个号');
  await kiosk.shows('W001');
  await manager.sees('[data-sum="issued"]', '1');

  // somebody else may want one all the same
  await kiosk.goesBack();
  await kiosk.taps('检验标志');
  await kiosk.presses('再取一个新号');
  await kiosk.shows('W002');
  await manager.sees('[data-sum="issued"]', '2');
});

journey('one key turns the kiosk to English and back', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk();
  await kiosk.opens();
  await kiosk.presses('English');
  await kiosk.sees('#sentence', 'What do you need today?');
  await kiosk.sees('.tile', 'Traffic fines');
  await kiosk.taps('Traffic fines');
  await kiosk.shows('A001');
  const onGlass = (await kiosk.text('body')).replace('中文', '');
  assert.doesNotMatch(onGlass, /\p{Script=Han}/u);
  await kiosk.goesBack();
  await kiosk.sees('#sentence', '您要办什么?');
});

journey('a number can be taken with keys alone', { time: '09:00:00' }, async (hall) => {
  const kiosk = await hall.kiosk({ hasTouch: false });
  await kiosk.opens();
  await kiosk.tabsTo('考试预约');
  await kiosk.page.keyboard.press('Enter');
  await kiosk.shows('C001');
  await kiosk.tabsTo('好的');
  await kiosk.page.keyboard.press('Enter');
  await kiosk.page.locator('#tiles').waitFor();
  await kiosk.tabsTo('优先');
  await kiosk.page.keyboard.press('Space');
  await kiosk.tabsTo('孕妇');
  await kiosk.page.keyboard.press('Space');
  await kiosk.tabsTo('综合咨询');
  await kiosk.page.keyboard.press('Space');
  await kiosk.shows('H001');
});

// A word too long for its tile is seen in a picture only, and by nobody who looks at one language.
journey('every word fits its tile, on both glasses, in both languages and all sizes', { time: '09:00:00' }, async (hall) => {
  for (let taken = 0; taken < 12; taken += 1) await hall.server.take(['exam', 'registration'][taken % 2]);
  for (const viewport of [{ width: 1080, height: 1920 }, { width: 1920, height: 1080 }]) {
    const kiosk = await hall.kiosk({ viewport });
    await kiosk.opens('/zhuzhou/kiosk');
    for (const language of ['en', 'zh']) {
      await kiosk.page.locator('#language').click();
      for (const mode of ['large', 'low', null]) {
        if (mode) await kiosk.page.locator(`#${mode}`).click();
        assert.deepEqual(await misfits(kiosk.page), [], `${viewport.width} wide, ${language}, ${mode || 'as it is'}`);
        if (mode) await kiosk.page.locator(`#${mode}`).click();
      }
    }
  }
});

// Tiles and keys whose words run over their edge, or where the lamp lies on the name.
function misfits(page) {
  return page.evaluate(() => {
    const runsOver = (box) => box.scrollHeight > box.clientHeight + 1 || box.scrollWidth > box.clientWidth + 1;
    const isCovered = (tile) => {
      const [name, , lamp] = tile.children;
      return lamp.offsetHeight > 0 && lamp.getBoundingClientRect().bottom > name.getBoundingClientRect().top + 1;
    };
    const tiles = [...document.querySelectorAll('.tile')].filter((tile) => runsOver(tile) || isCovered(tile));
    const keys = [...document.querySelectorAll('nav button')].filter(runsOver);
    return [...tiles, ...keys].map((box) => box.innerText);
  });
}
