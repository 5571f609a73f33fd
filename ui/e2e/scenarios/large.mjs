import assert from 'node:assert/strict';
import { checkAccessibility, openPage, selectedRow, takePicture, themes } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';

const count = 20_000;
const needle = 'only span 12345 says windmill';

async function manySpans({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, count, (span, i) =>
    i === 12_345 ? { ...span, attributes: { ...span.attributes, 'input.value': needle } } : span,
  );
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await view.open(`/traces/${traceId}`);
    await page.getByText('20,000 spans').waitFor();
    await selectedRow(page, /^long run/);
    assert.ok(asked.some((path) => path.endsWith(`/${traceId}/columns`)));
    // The overview's lowest pixels mark where errors are, and are not cut off.
    const marked = await page.locator('canvas[data-part="overview"]').evaluate((canvas) => {
      const { data } = canvas.getContext('2d').getImageData(0, canvas.height - 2, canvas.width, 1);
      const pixels = Array.from({ length: canvas.width }, (_, x) => data.slice(4 * x, 4 * x + 3).join());
      return {
        red: pixels.includes('201,42,42') || pixels.includes('255,107,99'),
        inside: canvas.getBoundingClientRect().bottom <= canvas.parentElement.getBoundingClientRect().bottom,
      };
    });
    assert.deepEqual(marked, { red: true, inside: true });
    await checkAccessibility(page, `a large trace, ${theme}`);
    await takePicture(page, `trace-large-${theme}`);

    await page.keyboard.press('End');
    await selectedRow(page, /^step 19999 /);
    const pooled = await page.getByRole('treeitem').count();
    assert.ok(pooled < 60, `the DOM holds ${pooled} rows`);
    await page.keyboard.press('Home');
    await page.keyboard.press('e');
    await selectedRow(page, /^step 996 /);
    await page.waitForURL(`**span=${idOf(996)}`);

    // What the span says comes when it is selected.
    const panel = page.getByRole('complementary', { name: 'Selected span' });
    await panel.getByRole('heading', { level: 2, name: 'step 996' }).waitFor();
    await panel.getByRole('tab', { name: /^Attributes/ }).click();
    await panel.getByText('step.number').waitFor();
    await panel.getByText('996', { exact: true }).waitFor();

    // Row 10,000 is at its place after a jump of the scrollbar: 24 px a row.
    await page.getByRole('tree').evaluate((tree) => {
      tree.scrollTop = 10_000 * 24;
    });
    await page.getByRole('treeitem', { name: /^step 10000 / }).waitFor();
    await takePicture(page, `trace-large-middle-${theme}`);

    // The server finds what only one span says.
    await page.keyboard.press('/');
    await page.keyboard.type('WINDMILL');
    await page.getByRole('toolbar', { name: 'Trace' }).getByText('1', { exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await selectedRow(page, /^step 12345 /);
    await panel.getByText(needle).first().waitFor();

    for (const name of ['Transcript', 'Log']) {
      await page.getByRole('group', { name: 'View' }).getByRole('button', { name }).click();
      await page.getByRole('heading', { name: `Too large for a ${name.toLowerCase()}` }).waitFor();
    }
    await checkAccessibility(page, `a trace too large for a log, ${theme}`);
    await takePicture(page, `trace-too-large-${theme}`);
    await view.close();
  }
}

async function spanThatFails({ browser, url }) {
  const { traceId } = await sendLongTrace(url, 5001);
  const view = await openPage(browser, url, { expected: /503/ });
  const { page } = view;
  let broken = true;
  await page.route(/\/spans\/[0-9a-f]{16}$/, (route) =>
    broken
      ? route.fulfill({ status: 503, body: '{"error":{"code":"unavailable","message":"busy"}}' })
      : route.continue(),
  );
  await view.open(`/traces/${traceId}`);
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await panel.getByRole('alert').getByText('busy').waitFor();
  await panel.getByRole('heading', { level: 2, name: 'long run' }).waitFor();
  broken = false;
  await panel.getByRole('button', { name: 'Try again' }).click();
  await panel.getByRole('tab', { name: /^Attributes/ }).waitFor();
  await view.close();
}

export const large = {
  '20,000 spans in one trace': manySpans,
  'a span of a large trace that cannot be loaded': spanThatFails,
};
