import assert from 'node:assert/strict';
import { openPage, readRows, selectedRow, takePicture } from '../guarded_page.mjs';
import { rows, spanIds, traceId } from '../seed.mjs';

const tracePath = `/p/default/traces/${traceId}`;
const rowPx = 24;

async function mouse({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(tracePath);
  const tree = page.getByRole('tree', { name: 'Spans' });
  await tree.getByRole('treeitem').nth(6).waitFor();
  const box = await tree.boundingBox();
  const lane = await tree.locator('canvas').boundingBox();
  const middleOf = (row) => box.y + row * rowPx + rowPx / 2;
  const zoomed = page.getByRole('button', { name: /Whole trace/ });

  // A click on a bar, which is on a canvas, selects its row.
  await page.mouse.click(lane.x + 40, middleOf(1));
  await selectedRow(page, rows[1].heard);

  await page.mouse.move(lane.x + 50, middleOf(4));
  await page.mouse.down();
  await page.mouse.move(lane.x + 150, middleOf(4), { steps: 5 });
  await page.mouse.up();
  await zoomed.waitFor();
  await selectedRow(page, rows[1].heard);
  await zoomed.click();
  await zoomed.waitFor({ state: 'detached' });

  await page.mouse.dblclick(box.x + 80, middleOf(2));
  await zoomed.waitFor();
  // With Shift the wheel moves along the time, and does not zoom.
  const range = page.locator('[data-part="range"]');
  const shown = await range.innerText();
  await page.mouse.move(lane.x + 100, middleOf(2));
  await page.keyboard.down('Shift');
  await page.mouse.wheel(0, 120);
  await page.keyboard.up('Shift');
  await page.waitForFunction(([part, before]) => part.textContent !== before, [await range.elementHandle(), shown]);
  await zoomed.waitFor();
  await page.keyboard.down('Control');
  for (let turn = 0; turn < 12; turn += 1) await page.mouse.wheel(0, 400);
  await page.keyboard.up('Control');
  await zoomed.waitFor({ state: 'detached' });

  const overview = await page.locator('canvas[data-part="overview"]').boundingBox();
  await page.mouse.move(overview.x + 200, overview.y + 10);
  await page.mouse.down();
  await page.mouse.move(overview.x + 400, overview.y + 10, { steps: 5 });
  await page.mouse.up();
  await zoomed.waitFor();
  await page.mouse.click(overview.x + 10, overview.y + 10);
  await zoomed.waitFor({ state: 'detached' });

  // The twisty of tool.search_docs folds its one child.
  await tree
    .getByRole('treeitem', { name: /search_docs/ })
    .locator('[data-twisty]')
    .click();
  await page.locator('[role="treeitem"][aria-expanded="false"]').waitFor();
  assert.equal((await readRows(page)).length, rows.length - 1);
  // A link to the span inside unfolds it again.
  await page.evaluate((span) => history.pushState(null, '', `?span=${span}`), spanIds.retrieval);
  await page.goBack();
  await page.goForward();
  await selectedRow(page, rows[3].heard);

  await resize(view);
  await view.close();
}

async function resize(view) {
  const { page } = view;
  const splitter = page.getByRole('separator', { name: 'Width of the detail panel' });
  const before = Number(await splitter.getAttribute('aria-valuenow'));
  const edge = await splitter.boundingBox();
  await page.mouse.move(edge.x + 4, edge.y + 300);
  await page.mouse.down();
  await page.mouse.move(edge.x + 4 - 100, edge.y + 300, { steps: 4 });
  await page.mouse.up();
  await splitter.press('ArrowLeft');
  assert.equal(Number(await splitter.getAttribute('aria-valuenow')), before + 116);
  await view.reload();
  await splitter.waitFor();
  assert.equal(Number(await splitter.getAttribute('aria-valuenow')), before + 116);
}

async function narrow({ browser, url }) {
  for (const width of [1100, 700, 360]) {
    const view = await openPage(browser, url, { width });
    await view.open(`${tracePath}?span=${spanIds.firstChat}`);
    await view.page.getByRole('tabpanel').getByText('You are a careful assistant.').waitFor();
    const wider = await view.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wider, false, `no sideways scroll at ${width} px`);
    // Where there is no room for both side by side, a row has its bar below its name.
    const row = await view.page.getByRole('treeitem', { selected: true }).boundingBox();
    const bars = await view.page.locator('canvas[data-part="bars"]').boundingBox();
    assert.deepEqual([row.height, bars.x > row.x], width <= 720 ? [38, false] : [24, true]);
    await takePicture(view.page, `trace-${width}`);
    await view.close();
  }
}

export const pointer = {
  'the mouse selects, zooms, folds, resizes': mouse,
  'the trace page in three widths': narrow,
};
