// The trace page at 320 px wide and at 200 % zoom (WCAG 2.2: 1.4.4, 1.4.10, 2.4.11, 2.5.8): nothing is cut off to the
// side, what is pressed is large enough, and what has the focus is seen.
import assert from 'node:assert/strict';
import { demoTraces } from '../demo.mjs';
import { checkThemes, openPage } from '../guarded_page.mjs';

// 1440 x 900 at 200 % has 720 x 450 CSS pixels.
const screens = [
  { name: '320', width: 320, height: 640 },
  { name: 'zoomed', width: 720, height: 450 },
];
const targetPx = 24;

// Boxes of the page that stand out to the side, unless something around them scrolls or cuts.
const tooWide = (page) =>
  page.evaluate(() => {
    const wide = [];
    if (document.documentElement.scrollWidth > innerWidth) wide.push(`page ${document.documentElement.scrollWidth}`);
    for (const element of document.querySelectorAll('main, main *')) {
      const { overflowX } = getComputedStyle(element);
      const scrolls = overflowX === 'auto' || overflowX === 'scroll';
      // A tab list scrolls by the keys that choose a tab.
      if (scrolls && element.scrollWidth > element.clientWidth + 1 && element.getAttribute('role') !== 'tablist')
        wide.push(`${element.tagName} ${element.className} ${element.scrollWidth} of ${element.clientWidth}`);
    }
    return wide;
  });

const tooSmall = (page, least) =>
  page.evaluate((px) => {
    const shown = [...document.querySelectorAll('main :is(button, a[href], input, select, summary, [role="tab"])')];
    return shown
      .filter((element) => element.checkVisibility() && !element.closest('p, dd, [aria-hidden="true"]'))
      .map((element) => ({ box: element.getBoundingClientRect(), text: element.ariaLabel || element.textContent }))
      .filter(({ box }) => box.width > 0 && (box.width < px - 0.5 || box.height < px - 0.5))
      .map(({ box, text }) => `${text}: ${box.width} x ${box.height}`);
  }, least);

// Presses Tab through the page; what has the focus and cannot be seen at any of its corners or its middle.
async function obscured(page) {
  const hidden = [];
  await page.evaluate(() => document.getElementById('main').focus());
  for (let press = 0; press < 60; press += 1) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body || !at.closest('main')) return 'out';
      const { left, right, top, bottom } = at.getBoundingClientRect();
      const points = [
        [(left + right) / 2, (top + bottom) / 2],
        [left + 2, top + 2],
        [right - 2, bottom - 2],
      ];
      const found = points.some(([x, y]) => {
        const there = document.elementFromPoint(x, y);
        return there !== null && (at.contains(there) || there.contains(at));
      });
      return found ? 'seen' : `${at.tagName} ${at.ariaLabel || at.textContent.slice(0, 40)}`;
    });
    if (seen === 'out') break;
    if (seen !== 'seen') hidden.push(seen);
  }
  return hidden;
}

async function reflow({ browser, url }) {
  const traces = await demoTraces(url);
  const { traceId } = traces.find((trace) => trace.common['session.id'] === 'talk-1065');
  const faults = [];
  for (const { name, ...size } of screens) {
    const view = await openPage(browser, url, size);
    const { page } = view;
    for (const [shown, ready] of [
      ['tree', (of) => of.getByRole('treeitem').first()],
      ['transcript', (of) => of.getByText('httpx.ReadTimeout').first()],
      ['log', (of) => of.getByText('did not answer').first()],
    ]) {
      await view.open(`/p/lamps/traces/${traceId}${shown === 'tree' ? '' : `?view=${shown}`}`);
      await ready(page).waitFor();
      await page.getByRole('tab').first().waitFor();
      const what = `${name}, ${shown}`;
      const found = {
        wide: await tooWide(page),
        small: await tooSmall(page, targetPx),
        obscured: await obscured(page),
      };
      for (const [kind, where] of Object.entries(found))
        for (const one of where) faults.push(`${what}: ${kind}: ${one}`);
      await checkThemes(page, what, `reflow-${name}-${shown}`);
    }
    await view.close();
  }
  assert.deepEqual(faults, []);
}

export const traceReflow = { 'a trace at 320 px and at 200 %': reflow };
