import assert from 'node:assert/strict';
import { checkAccessibility, openPage, readRows, takePicture } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const resource = { 'service.name': 'shop', 'openinference.project.name': 'shop' };

function span(traceId, name, agoMs, parentId) {
  const startNs = nowNs() - BigInt(agoMs) * 1_000_000n;
  const attributes = { 'openinference.span.kind': 'CHAIN' };
  return { traceId, spanId: freshId(16), parentId, name, startNs, endNs: startNs + 1_000_000n, attributes };
}

async function newTraces({ browser, url }) {
  const total = 260;
  const old = Array.from({ length: total }, (_, i) => span(freshId(32), `order ${i}`, 600_000 + i * 1000));
  await postSpans(url, old, resource);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/p/shop/traces');
  const list = page.getByRole('grid', { name: 'Traces' });
  await page.getByRole('link', { name: 'order 0', exact: true }).waitFor();
  // Scrolling down loads page after page until the oldest is there.
  await list.evaluate(
    async (element, last) => {
      while (!element.textContent.includes(last)) {
        element.scrollTop = element.scrollHeight;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    `order ${total - 1}`,
  );
  const before = await list.evaluate((element) => element.scrollTop);

  await postSpans(url, [span(freshId(32), 'order just now', 100)], resource);
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.equal(await list.evaluate((element) => element.scrollTop), before);
  await takePicture(page, 'list-new-pill');
  await page.getByRole('button', { name: '1 new' }).click();
  await page.getByRole('row', { name: /order just now/ }).waitFor();
  assert.equal(await list.evaluate((element) => element.scrollTop), 0);
  await page.getByRole('button', { name: '1 new' }).waitFor({ state: 'detached' });

  await page.getByRole('row', { name: /order just now/ }).click();
  await page.getByRole('heading', { level: 1, name: 'order just now' }).waitFor();
  await page.keyboard.press(']');
  await page.getByRole('heading', { level: 1, name: 'order 0', exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('row', { name: /order 0/, selected: true }).waitFor();
  await view.close();
}

async function growingTrace({ browser, url }) {
  const traceId = freshId(32);
  const child = span(traceId, 'first step', 900, freshId(16));
  await postSpans(url, [child], resource);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/shop/traces/${traceId}`);
  const outline = async () =>
    (await readRows(page)).map(({ level, heard }) => [level, heard.split(/ chain| unknown/)[0]]);
  // What runs still is known by what it called.
  await page.getByRole('treeitem', { name: /^still running/ }).waitFor();
  assert.deepEqual(await outline(), [
    [1, 'still running'],
    [2, 'first step'],
  ]);
  await page.getByRole('heading', { name: 'This span has not arrived' }).waitFor();
  await page.getByRole('main').getByText('live', { exact: true }).waitFor();
  await checkAccessibility(page, 'a trace that grows');
  await takePicture(page, 'trace-growing');
  const root = { ...span(traceId, 'whole run', 1000), spanId: child.parentId };
  await postSpans(url, [root, span(traceId, 'second step', 500, child.parentId)], resource);
  await page.getByRole('treeitem', { name: /second step/ }).waitFor();
  assert.deepEqual(await outline(), [
    [1, 'whole run'],
    [2, 'first step'],
    [2, 'second step'],
  ]);
  // It has all that it names: what comes nevertheless is shown, but nothing is promised.
  await page.getByRole('main').getByText('live', { exact: true }).waitFor({ state: 'detached' });
  await postSpans(url, [span(traceId, 'late step', 400, child.parentId)], resource);
  await page.getByRole('treeitem', { name: /late step/ }).waitFor();
  await view.close();
}

// The server tells that spans came; the page does not ask again and again.
async function toldOfArrivals({ browser, url }) {
  const traceId = freshId(32);
  const root = span(traceId, 'told run', 1000, freshId(16));
  await postSpans(url, [root], resource);
  const view = await openPage(browser, url);
  const { page } = view;
  const streamed = page.waitForResponse((response) => response.url().includes('/api/v1/stream?'));
  const read = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname.endsWith(`/traces/${traceId}`)) read.push(request.url());
  });
  await page.clock.install();
  await view.open(`/p/shop/traces/${traceId}`);
  assert.equal((await streamed).status(), 200);
  await page.getByRole('treeitem', { name: /^told run/ }).waitFor();
  await page.getByTitle('Spans of it came lately; further ones are shown as they arrive').waitFor();
  // Further than a page that polls would wait.
  const before = read.length;
  await page.clock.fastForward(20_000);
  await page.getByTitle('Spans of it came lately').waitFor();
  assert.equal(read.length, before);
  await postSpans(url, [span(traceId, 'told step', 500, root.spanId)], resource);
  await page.getByRole('treeitem', { name: /^told step/ }).waitFor();
  await view.close();
}

// A bar that is open grows on the canvas; without motion it does so in steps of a second.
async function growingBar({ browser, url }) {
  const traceId = freshId(32);
  await postSpans(url, [span(traceId, 'only step', 3000, freshId(16))], resource);
  for (const reducedMotion of ['no-preference', 'reduce']) {
    const view = await openPage(browser, url);
    const { page } = view;
    await page.emulateMedia({ reducedMotion });
    await view.open(`/p/shop/traces/${traceId}`);
    await page.getByRole('treeitem', { name: /^still running/ }).waitFor();
    const picture = () => page.locator('canvas[data-part="bars"]').evaluate((canvas) => canvas.toDataURL());
    const before = await picture();
    await page.waitForFunction((was) => document.querySelector('canvas[data-part="bars"]').toDataURL() !== was, before);
    await view.close();
  }
}

const rowPx = 24;

// What comes in above the rows on screen moves neither them nor the selection.
async function readWhileGrowing({ browser, url }) {
  const traceId = freshId(32);
  const root = span(traceId, 'whole run', 40_000);
  root.endNs = root.startNs + 30_000_000_000n;
  const step = (name, i) => span(traceId, `${name} ${i}`, 30_000 - i * 10, root.spanId);
  const steps = Array.from({ length: 120 }, (_, i) => step('step', i));
  await postSpans(url, [root, ...steps], resource);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/shop/traces/${traceId}?span=${steps[60].spanId}`);
  const tree = page.getByRole('tree', { name: 'Spans' });
  await page.getByRole('treeitem', { name: /^step 60 / }).waitFor();
  await tree.evaluate(
    (element, top) => {
      element.scrollTop = top;
    },
    51 * rowPx + 7,
  );
  const heardAtTop = () =>
    tree.evaluate((element) => {
      const rows = [...element.querySelectorAll('[role="treeitem"]:not([hidden])')];
      const at = rows.find((row) => Number.parseInt(row.style.top, 10) === Math.floor(element.scrollTop / 24) * 24);
      return [at?.textContent.match(/step \d+/)?.[0], element.scrollTop % 24];
    });
  await page.getByRole('treeitem', { name: /^step 50 / }).waitFor();
  assert.deepEqual(await heardAtTop(), ['step 50', 7]);
  const early = Array.from({ length: 5 }, (_, i) => ({ ...step('early', i), startNs: root.startNs + BigInt(i) }));
  await postSpans(url, early, resource);
  await page.getByText('126 spans').waitFor();
  assert.deepEqual(await heardAtTop(), ['step 50', 7]);
  await page.getByRole('treeitem', { name: /^step 60 /, selected: true }).waitFor();
  assert.equal(new URL(page.url()).searchParams.get('span'), steps[60].spanId);
  await view.close();
}

// A trace that is read as columns grows as well.
async function largeGrowingTrace({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, 5001);
  const late = (name) => postSpans(url, [span(traceId, name, 100, idOf(0))], { 'service.name': 'long-job' });
  await late('came now');
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}`);
  await page.getByText('5,002 spans').waitFor();
  await late('came late');
  await page.getByText('5,003 spans').waitFor();
  await page.keyboard.press('End');
  await page.getByRole('treeitem', { name: /^came late/, selected: true }).waitFor();
  await view.close();
}

export const growth = {
  'new traces wait behind a pill and older ones load': newTraces,
  'a trace that grows is shown as it grows': growingTrace,
  'the server tells of spans that arrive': toldOfArrivals,
  'the bar of what still runs grows': growingBar,
  'what comes in above does not move what is read': readWhileGrowing,
  'a large trace that grows': largeGrowingTrace,
};
