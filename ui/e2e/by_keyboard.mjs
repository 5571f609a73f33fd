// Pages as they are used without a mouse: one that a pointer touches fails.
import { openPage } from './guarded_page.mjs';

const stopsMax = 200;

export async function openByKeyboard(browser, url, path, settings = {}) {
  const view = await openPage(browser, url, settings);
  await view.page.addInitScript(() => {
    for (const type of ['pointerdown', 'mousedown', 'touchstart'])
      addEventListener(type, () => window.reportViolation(`a flow by keyboard used a ${type}`), true);
  });
  await view.open(path);
  return { ...view, page: view.page };
}

// Tab until the element has the focus; it must be one that Tab reaches.
export async function tabTo(page, element) {
  await element.waitFor();
  const wanted = await element.elementHandle();
  for (let i = 0; i < stopsMax; i += 1) {
    if (await wanted.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${element}`);
}

export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key);
}
