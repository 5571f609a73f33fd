import assert from 'node:assert/strict';
import { openPage, selectedRow, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const count = 20_000;
const perRequest = 5000;
const fanOut = 100;
const kinds = ['LLM', 'TOOL', 'CHAIN', 'RETRIEVER', 'AGENT', 'EMBEDDING'];

// A root with 200 turns of 99 calls each; every 997th span failed.
function largeTrace() {
  const traceId = freshId(32);
  const id = (i) => `${freshPrefix}${i.toString(16).padStart(6, '0')}`;
  const freshPrefix = freshId(10);
  const start = nowNs() - 600_000_000_000n;
  return Array.from({ length: count }, (_, i) => {
    const turn = i - (i % fanOut);
    const parent = i === 0 ? null : i % fanOut === 0 ? 0 : turn;
    const startNs = start + BigInt(i) * 10_000_000n;
    const length = i === 0 ? count : i % fanOut === 0 ? fanOut : 1;
    return {
      traceId,
      spanId: id(i),
      parentId: parent === null ? undefined : id(parent),
      name: i === 0 ? 'long run' : `step ${i}`,
      startNs,
      endNs: startNs + BigInt(length) * 10_000_000n,
      attributes: { 'openinference.span.kind': kinds[i % kinds.length] },
      ...(i % 997 === 996 ? { status: { code: 2, message: 'failed' } } : {}),
    };
  });
}

async function manySpans({ browser, url }) {
  const spans = largeTrace();
  for (let from = 0; from < count; from += perRequest) {
    await postSpans(url, spans.slice(from, from + perRequest), { 'service.name': 'long-job' });
  }
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/traces/${spans[0].traceId}`);
  await page.getByText('20,000 spans').waitFor();
  await selectedRow(page, /^long run/);
  // The overview's lowest pixels mark where errors are, and are not cut off.
  const marked = await page.locator('canvas[data-part="overview"]').evaluate((canvas) => {
    const { data } = canvas.getContext('2d').getImageData(0, canvas.height - 2, canvas.width, 1);
    const red = Array.from({ length: canvas.width }, (_, x) => data.slice(4 * x, 4 * x + 3).join()).includes(
      '201,42,42',
    );
    return {
      red,
      inside: canvas.getBoundingClientRect().bottom <= canvas.parentElement.getBoundingClientRect().bottom,
    };
  });
  assert.deepEqual(marked, { red: true, inside: true });
  await takePicture(page, 'trace-large');

  await page.keyboard.press('End');
  await selectedRow(page, /^step 19999 /);
  const pooled = await page.getByRole('treeitem').count();
  assert.ok(pooled < 60, `the DOM holds ${pooled} rows`);
  await page.keyboard.press('Home');
  await page.keyboard.press('e');
  await selectedRow(page, /^step 996 /);
  await page.waitForURL(`**span=${spans[996].spanId}`);

  // Row 10,000 is at its place after a jump of the scrollbar: 24 px a row.
  await page.getByRole('tree').evaluate((tree) => {
    tree.scrollTop = 10_000 * 24;
  });
  await page.getByRole('treeitem', { name: /^step 10000 / }).waitFor();
  await takePicture(page, 'trace-large-middle');
  await view.close();
}

export const large = { '20,000 spans in one trace': manySpans };
