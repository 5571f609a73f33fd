import assert from 'node:assert/strict';
import { openPage, readRows, takePicture } from '../guarded_page.mjs';
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
  await page.getByRole('treeitem', { name: /first step.*parent not in this trace/ }).waitFor();
  const root = { ...span(traceId, 'whole run', 1000), spanId: child.parentId };
  await postSpans(url, [root, span(traceId, 'second step', 500, child.parentId)], resource);
  await page.getByRole('treeitem', { name: /second step/ }).waitFor();
  assert.deepEqual(
    (await readRows(page)).map(({ level, heard }) => [level, heard.split(' chain')[0]]),
    [
      [1, 'whole run'],
      [2, 'first step'],
      [2, 'second step'],
    ],
  );
  await view.close();
}

export const growth = {
  'new traces wait behind a pill and older ones load': newTraces,
  'a trace that grows is shown as it grows': growingTrace,
};
