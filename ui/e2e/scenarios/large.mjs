import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkAccessibility, checkThemes, openPage, selectedRow, takePicture, themes } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';

const count = 20_000;
const needle = 'only span 12345 says windmill';

// What step 3 finds, and what step 5 answers.
const found = {
  'retrieval.documents.0.document.id': 'kb-090',
  'retrieval.documents.0.document.content': 'We ship to Norway.',
  'retrieval.documents.1.document.id': 'kb-301',
  'retrieval.documents.1.document.content': 'Hold the dimmer.',
};
const answer = {
  'llm.output_messages.0.message.role': 'assistant',
  'llm.output_messages.0.message.content': 'Yes, see [kb-090].',
};

// A record in the middle of a span.
async function postLogOf(url, traceId, spanId) {
  const { start_unix_ns: start } = await (
    await fetch(`${url}/api/v1/projects/default/traces/${traceId}/spans/${spanId}`)
  ).json();
  const record = {
    timeUnixNano: String(BigInt(start) + 5_000_000n),
    severityNumber: 9,
    severityText: 'INFO',
    body: { stringValue: 'a line of step 7' },
    traceId,
    spanId,
  };
  const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'long-job' } }] };
  const body = JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/v1/logs`, { method: 'POST', headers, body });
  assert.equal(answer.status, 200);
}

async function manySpans({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, count, (span, i) => {
    if (i === 3) return { ...span, attributes: { ...span.attributes, ...found } };
    if (i === 5) return { ...span, attributes: { ...span.attributes, ...answer } };
    if (i === 12_345) return { ...span, attributes: { ...span.attributes, 'input.value': needle } };
    return i === 6 ? { ...span, events: [{ timeNs: span.startNs + 5_000_000n, name: 'half a step later' }] } : span;
  });
  await postLogOf(url, traceId, idOf(7));
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
    if (theme === 'light') await walk(page, idOf);
    await view.close();
  }
}

// What one does in it.
async function walk(page, idOf) {
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
  await takePicture(page, 'trace-large-middle');

  // The server finds what only one span says.
  await page.keyboard.press('/');
  await page.keyboard.type('WINDMILL');
  await page.getByRole('toolbar', { name: 'Trace' }).getByText('1', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await selectedRow(page, /^step 12345 /);
  await panel.getByText(needle).first().waitFor();
  await askServer(page, panel);

  await transcriptAndLog(page, panel);
}

// Of what a query finds the first 2,000 are marked, and it says so; which documents an answer names is asked for.
async function askServer(page, panel) {
  const box = page.getByRole('searchbox', { name: 'Find in this trace' });
  await box.fill('kind:llm');
  const status = page.getByRole('toolbar', { name: 'Trace' }).getByRole('status').first();
  await status.getByText('the first 2,000', { exact: true }).waitFor();
  await box.press('Escape');
  await page.keyboard.press('Home');
  // Steps 5, 10 and so on are calls; the first is the one after the root.
  await page.keyboard.press('n');
  await selectedRow(page, /^step 5 /);
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  await selectedRow(page, /^step 3 /);
  await panel.getByRole('tab', { name: /^Documents/ }).click();
  await panel.getByRole('button', { name: 'Look which an answer names' }).click();
  const documents = panel.getByRole('tabpanel').locator('ol > li');
  await documents.filter({ hasText: 'kb-090' }).getByText('named in an answer').waitFor();
  assert.equal(await documents.filter({ hasText: 'kb-301' }).getByText('named in an answer').count(), 0);
}

async function transcriptAndLog(page, panel) {
  const views = page.getByRole('group', { name: 'View' });
  // 3,800 calls of models and 20 failures, of which 4 are calls; those on screen are read.
  await views.getByRole('button', { name: 'Transcript' }).click();
  const transcript = page.getByRole('region', { name: 'Transcript' });
  await transcript.getByText('3,816 calls of models and failures').waitFor();
  await transcript.evaluate((box) => {
    box.scrollTop = 0;
  });
  await transcript.getByRole('button', { name: 'step 5', exact: true }).waitFor();
  await transcript.evaluate((box) => {
    box.scrollTop = box.scrollHeight;
  });
  await transcript.getByRole('button', { name: 'step 19995', exact: true }).click();
  await panel.getByRole('heading', { level: 2, name: 'step 19995' }).waitFor();
  assert.ok((await transcript.getByRole('listitem').count()) < 40);
  await checkThemes(page, 'a large transcript', 'trace-large-transcript');

  await views.getByRole('button', { name: 'Log' }).click();
  const log = page.getByRole('region', { name: 'Log' });
  await log.getByText('step 19995', { exact: true }).waitFor();
  await log.evaluate((box) => {
    box.scrollTop = 0;
  });
  await log.getByText('long run', { exact: true }).waitFor();
  await log.getByText('half a step later').first().waitFor();
  await log.getByText('INFO a line of step 7').waitFor();
  const lines = await log.getByRole('listitem').allInnerTexts();
  const at = (text) => lines.findIndex((line) => line.includes(text));
  assert.ok(
    at('step 6') < at('half a step later') && at('half a step later') < at('INFO a line'),
    lines.slice(0, 14).join(),
  );
  assert.ok(at('INFO a line') < at('step 8'), lines.slice(0, 14).join());
  await checkThemes(page, 'a large log', 'trace-large-log');
  await views.getByRole('button', { name: 'Graph' }).click();
  await page.getByText('Its spans have 16,000 different names').waitFor();
}

async function wasteOfMany({ browser, url }) {
  const { traceId } = await sendLongTrace(url, 6000, (span, i) =>
    i % 5 === 1 && i < 30
      ? { ...span, name: 'look', attributes: { ...span.attributes, 'input.value': `q${i % 10}` } }
      : span,
  );
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}`);
  const toolbar = page.getByRole('toolbar', { name: 'Trace' });
  await toolbar.getByRole('button', { name: 'Look for waste' }).click();
  // Steps 1, 11 and 21 ask q1, steps 6, 16 and 26 ask q6.
  await toolbar.getByRole('button', { name: '4 repeated tool calls' }).click();
  await page.getByRole('complementary', { name: 'Selected span' }).getByText('q1', { exact: true }).waitFor();
  await view.close();
}

async function exportOfMany({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, 6000, (span, i) =>
    i === 5999 ? { ...span, attributes: { ...span.attributes, 'input.value': 'the last one <says>' } } : span,
  );
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}`);
  await page.getByText('6,000 spans').waitFor();
  const menu = page.getByRole('group', { name: 'Save this trace as a file' });
  await menu.getByRole('button', { name: 'Export' }).click();
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    menu.getByRole('button', { name: /^HTML/ }).click(),
  ]);
  const html = readFileSync(await file.path(), 'utf8');
  assert.equal(html.match(/<details id="s-/g).length, 6000);
  const order = [...html.matchAll(/<details id="s-([0-9a-f]{16})"/g)].map(([, id]) => id);
  assert.deepEqual([order[0], order[1], order[2], order[101]], [idOf(0), idOf(1), idOf(2), idOf(101)]);
  assert.ok(html.includes('the last one &lt;says&gt;') && html.endsWith('</html>'));
  await view.close();
}

async function spanThatFails({ browser, url }) {
  const { traceId } = await sendLongTrace(url, 5001);
  const view = await openPage(browser, url, { expected: /503/ });
  const { page } = view;
  let broken = true;
  await page.route(/\/spans\/[0-9a-f]{16}\?/, (route) =>
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
  'what was in vain in a large trace, when it is wanted': wasteOfMany,
  'a large trace as one file': exportOfMany,
  'a span of a large trace that cannot be loaded': spanThatFails,
};
