// Windows as small as those of people who enlarge everything: 1280 px at 400 % and at 200 %. Nothing is lost sideways, what
// has the focus is seen, and what is to be hit is large enough.
import assert from 'node:assert/strict';
import { checkAccessibility, openPage, takePicture } from '../guarded_page.mjs';
import { loaded, pagesOf } from './gate.mjs';

const windows = [
  [320, 256],
  [640, 400],
];
const stopsMax = 150;

// What has the focus, and whether any part of it is on screen and on top.
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const [x0, x1] = [Math.max(0, left), Math.min(innerWidth, right)];
    const [y0, y1] = [Math.max(0, top), Math.min(innerHeight, bottom)];
    const places = [0.5, 0.1, 0.9].flatMap((x) => [0.5, 0.1, 0.9].map((y) => [x0 + (x1 - x0) * x, y0 + (y1 - y0) * y]));
    const isSeen = places.some(([x, y]) => {
      const there = x1 > x0 && y1 > y0 ? document.elementFromPoint(x, y) : null;
      return there !== null && (element.contains(there) || element.parentElement?.contains(there));
    });
    if (!element.dataset.stop) element.dataset.stop = String(document.querySelectorAll('[data-stop]').length + 1);
    return {
      stop: element.dataset.stop,
      isSeen,
      html: element.outerHTML.slice(0, 160),
      box: [left, top, right, bottom],
    };
  });

async function unseenStops(page) {
  const unseen = [];
  const visited = new Set();
  for (let i = 0; i < stopsMax; i += 1) {
    await page.keyboard.press('Tab');
    const at = await focused(page);
    if (!at || visited.has(at.stop)) break;
    visited.add(at.stop);
    if (!at.isSeen) unseen.push(`${at.html} at ${at.box.map(Math.round)}`);
  }
  assert.ok(visited.size > 3, 'the page has stops');
  return unseen;
}

// Elements that reach over the window, unless they scroll by themselves or are in something that does.
const tooWide = (page) =>
  page.evaluate(() => {
    const found = [];
    for (const element of document.querySelectorAll('body, main, main *')) {
      const { overflowX } = getComputedStyle(element);
      if (element.scrollWidth > element.clientWidth + 1 && ['visible', 'auto'].includes(overflowX)) {
        const box = element.getBoundingClientRect();
        if (box.width > 0 && box.left + element.scrollWidth > innerWidth + 1 && !element.closest('[data-sideways]'))
          found.push(`${element.tagName} ${element.className}`);
      }
    }
    return document.documentElement.scrollWidth > innerWidth ? ['the page scrolls sideways', ...found] : [];
  });

async function small({ browser, url }) {
  const pages = (await pagesOf(url)).filter(([path]) => !/\/traces\/[0-9a-f]{32}/.test(path));
  for (const [width, height] of windows) {
    const view = await openPage(browser, url, { width, height });
    const { page } = view;
    const found = [];
    for (const [path, ready] of pages) {
      const what = `${path}, ${width} × ${height}`;
      await view.open(path);
      await loaded(page, ready).catch((cause) => Promise.reject(new Error(what, { cause })));
      found.push(...(await tooWide(page)).map((fault) => `${what}: ${fault}`));
      await checkAccessibility(page, what);
      await takePicture(page, `small-${width}-${pages.findIndex(([other]) => other === path)}`);
      found.push(...(await unseenStops(page)).map((fault) => `${what}: not seen: ${fault}`));
    }
    assert.deepEqual(found, []);
    await view.close();
  }
}

// Lists keep room for rows however little there is, and show them in full when one scrolls to them.
async function roomForRows({ browser, url }) {
  await pagesOf(url);
  const view = await openPage(browser, url, { width: 320, height: 256 });
  const { page } = view;
  for (const of of ['', '?of=spans', '?of=calls']) {
    await view.open(`/p/lamps/traces${of}`);
    const list = page.getByRole('grid');
    await list.getByRole('row').nth(2).waitFor();
    assert.ok((await list.boundingBox()).height >= 200);
    const name = list.getByRole('row').nth(1).getByRole('link');
    await name.scrollIntoViewIfNeeded();
    assert.ok((await name.boundingBox()).width >= 40);
  }
  await view.close();
}

export const reflow = {
  'every page holds at 200 % and 400 %, and the focus is seen': small,
  'a list keeps room for its rows at 400 %': roomForRows,
};
