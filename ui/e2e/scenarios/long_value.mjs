// Values that are longer than what a page should hold: shown by ranges.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const bytes = 30 * 2 ** 20;

// Thirty mebibytes of numbered lines, the last of which says something else.
function numbered() {
  const line = (i) => `line ${String(i).padStart(9, '0')} of a value as long as nobody reads it, ü\n`;
  const perLine = Buffer.byteLength(line(0));
  const last = 'the end says windmill';
  const lines = Math.floor((bytes - last.length) / perLine);
  return Array.from({ length: lines }, (_, i) => line(i)).join('') + last.padStart(bytes - lines * perLine);
}

// A trace of one span that says it.
export async function sendLongValue(url) {
  const traceId = freshId(32);
  const spanId = freshId(16);
  const endNs = nowNs() - 600_000_000_000n;
  const text = numbered();
  const attributes = { 'openinference.span.kind': 'TOOL', 'input.value': text, note: 'short' };
  await postSpans(url, [{ traceId, spanId, name: 'long', startNs: endNs - 1_000_000n, endNs, attributes }], {
    'openinference.project.name': 'long',
  });
  return { traceId, text };
}

async function longValue({ browser, url }) {
  const { traceId, text } = await sendLongValue(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    let received = 0;
    page.on('response', async (response) => {
      if (response.url().includes('/api/')) received += (await response.body().catch(() => '')).length;
    });
    await view.open(`/p/long/traces/${traceId}?tab=io`);
    const panel = page.getByRole('complementary', { name: 'Selected span' });
    await panel.getByRole('button', { name: 'Show more of 30.0 MiB' }).click();
    const box = panel.getByRole('region', { name: 'Long value' });
    await box.getByText('line 000000000').waitFor();
    await panel.getByText('The first 64.0 KiB of 30.0 MiB').waitFor();
    await panel.getByRole('button', { name: 'Show 64.0 KiB more' }).click();
    await panel.getByText('The first 128 KiB of 30.0 MiB').waitFor();
    await checkAccessibility(page, `a long value, ${theme}`);
    await takePicture(page, `long-value-${theme}`);

    await panel.getByRole('searchbox', { name: 'Find in this value' }).fill('WINDMILL');
    await page.keyboard.press('Enter');
    await box.locator('mark').getByText('windmill').waitFor();
    await panel.getByText('at 30.0 MiB').waitFor();
    await takePicture(page, `long-value-found-${theme}`);
    await box.evaluate((element) => {
      element.scrollTop = 0;
    });
    await box.getByText('line 000000000').waitFor();
    await panel.getByRole('searchbox', { name: 'Find in this value' }).fill('nothing says this');
    await page.keyboard.press('Enter');
    await panel.getByText('not in this value').waitFor();
    assert.ok((await box.innerText()).length < 400_000, 'only what is on screen is in the page');
    assert.ok(received < 3 * 2 ** 20, `${received} bytes were received`);

    await panel.getByRole('tab', { name: 'JSON' }).click();
    await panel.getByText('3 long texts cut here').click();
    await panel.getByText('/attributes/input.value').waitFor();
    await checkAccessibility(page, `JSON with cut texts, ${theme}`);
    await takePicture(page, `long-value-json-${theme}`);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      panel.getByRole('link', { name: 'Download' }).first().click(),
    ]);
    assert.equal(readFileSync(await file.path(), 'utf8') === text, true);
    await view.close();
  }
}

async function rangesThatFail({ browser, url }) {
  const { traceId } = await sendLongValue(url);
  const view = await openPage(browser, url, { expected: /503/ });
  const { page } = view;
  let broken = true;
  await page.route(/\/content\?/, (route) =>
    broken
      ? route.fulfill({ status: 503, body: '{"error":{"code":"unavailable","message":"busy"}}' })
      : route.continue(),
  );
  await view.open(`/p/long/traces/${traceId}?tab=io`);
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await panel.getByRole('button', { name: 'Show more of 30.0 MiB' }).click();
  await panel.getByRole('alert').getByText('busy').waitFor();
  await takePicture(page, 'long-value-failed');
  broken = false;
  await panel.getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await panel.getByRole('region', { name: 'Long value' }).getByText('line 000000000').waitFor();
  await view.close();
}

export const longValueScenarios = {
  'a value of 30 MiB is shown by ranges': longValue,
  'a range that cannot be loaded': rangesThatFail,
};
