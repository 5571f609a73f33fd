// What one does with the rows of a trace: ask for some, select several, measure, read them as a table, save them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { demoTraces } from '../demo.mjs';
import { checkAccessibility, checkThemes, openPage, readRows, takePicture } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

// talk-1065's first turn: search_manual fails, fails, answers.
const retried = (traces) => traces.find((trace) => trace.common['session.id'] === 'talk-1065');

async function opened(subject, search = '', settings = {}) {
  const trace = retried(await demoTraces(subject.url));
  const view = await openPage(subject.browser, subject.url, settings);
  await view.open(`/p/lamps/traces/${trace.traceId}${search}`);
  await view.page.getByRole('tab').first().waitFor();
  return { ...view, trace };
}

const toolbar = (page) => page.getByRole('toolbar', { name: 'Trace' });
const names = async (page) => (await readRows(page)).map(({ heard }) => heard.split(' ')[0]);
const listed = (page, count) =>
  page.waitForFunction((n) => document.querySelectorAll('[role="treeitem"]:not([hidden])').length === n, count);

const selected = (page, count) =>
  page.waitForFunction((n) => document.querySelectorAll('[role="treeitem"][aria-selected="true"]').length === n, count);

// By kind, by a query, and by both; the address holds it.
async function ask(subject) {
  const { page, reload, close } = await opened(subject, '');
  const kinds = toolbar(page).getByRole('group', { name: 'Kinds' });
  await kinds.getByRole('button', { name: 'tool, 3 spans' }).click();
  await toolbar(page).getByRole('status').getByText('3', { exact: true }).waitFor();
  assert.equal((await names(page)).length, 11);
  await checkThemes(page, 'spans that are not looked for', 'trace-kinds');
  await toolbar(page).getByRole('button', { name: 'Only these' }).click();
  await listed(page, 4);
  const search = ['tool.search_manual', 'tool.search_manual', 'tool.search_manual'];
  assert.deepEqual(await names(page), ['support_agent.run', ...search]);
  const box = page.getByRole('searchbox', { name: 'Find in this trace' });
  await box.fill('status:error duration>1s');
  await toolbar(page).getByRole('status').getByText('2', { exact: true }).waitFor();
  await listed(page, 3);
  await page.waitForURL(/find=status%3Aerror\+duration%3E1s/);
  await reload();
  await listed(page, 3);
  await kinds.getByRole('button', { name: 'tool, 3 spans', pressed: true }).waitFor();
  await box.press('Enter');
  await toolbar(page).getByRole('status').getByText('1 of 2', { exact: true }).waitFor();
  await close();
}

async function mistaken(subject) {
  const { page, close } = await opened(subject, '', { expected: /400/ });
  await page.getByRole('searchbox', { name: 'Find in this trace' }).fill('kind:llm duration>soon');
  await toolbar(page)
    .getByRole('status')
    .getByText(/^not searched: .*soon/)
    .waitFor();
  assert.equal((await names(page)).length, 11);
  await close();
}

// Several rows at once: 29, 38 and 94 ms of a retrieval of 176 ms, and the call of 705 ms after it.
async function range(subject) {
  const { page, close } = await opened(subject);
  const sums = page.getByRole('region', { name: 'Waterfall' }).getByRole('status');
  const row = (name) => page.getByRole('treeitem', { name });
  await row(/^embed question/).click();
  await row(/^rerank/).click({ modifiers: ['Shift'] });
  await sums.getByText('3 spans').waitFor();
  assert.equal((await sums.innerText()).replaceAll(/\s+/g, ' '), '3 spans ran 161ms <$0.0001');
  await selected(page, 3);
  await checkAccessibility(page, 'several rows');
  await page.keyboard.press('J');
  await sums.getByText('4 spans').waitFor();
  assert.equal((await sums.innerText()).replaceAll(/\s+/g, ' '), '4 spans ran 866ms 1,137 tokens $0.000200');
  await page.keyboard.press('Shift+ArrowUp');
  await sums.getByText('3 spans').waitFor();
  await page.keyboard.press('Escape');
  await sums.waitFor({ state: 'detached' });
  await selected(page, 1);
  // Folded, the retrieval stands for what is in it: its row tells the cost, and counts for all.
  await row(/^retrieve context/)
    .locator('[data-twisty]')
    .click();
  await row(/^retrieve context.*\+3.*<\$0\.0001/).waitFor();
  await row(/^guard\.input/).click();
  await row(/^retrieve context/).click({ modifiers: ['Shift'] });
  await sums.getByText('5 spans').waitFor();
  await close();
}

// With Shift a drag tells a time, and does not zoom; what a row is below is tinted.
async function measure(subject) {
  const { page, close } = await opened(subject);
  await page.getByRole('treeitem', { name: /^guard\.input/ }).click();
  await page.getByRole('treeitem', { name: /^rerank/ }).hover();
  const tints = () =>
    page.$$eval('[role="treeitem"]:not([hidden])', (rows) =>
      rows
        .filter((row) => getComputedStyle(row).backgroundImage !== 'none')
        .map((row) => row.querySelector('[title]').title),
    );
  assert.deepEqual((await tints()).toSorted(), ['retrieve context', 'support_agent.run']);
  const lane = await page.locator('canvas[data-part="bars"]').boundingBox();
  // How much is painted below the rows, left of the drag and in it, once that is drawn. Read once: reading slows a canvas.
  const painted = () =>
    page.locator('canvas[data-part="bars"]').evaluate(async (canvas) => {
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      const { data } = canvas.getContext('2d').getImageData(0, canvas.height - 10, canvas.width, 1);
      return [20, 110].map((px) => data[4 * Math.round(px * devicePixelRatio) + 3] > 0);
    });
  await page.keyboard.down('Shift');
  await page.mouse.move(lane.x + 60, lane.y + 60);
  await page.mouse.down();
  await page.mouse.move(lane.x + 160, lane.y + 60, { steps: 4 });
  assert.deepEqual(await painted(), [false, true]);
  await takePicture(page, 'trace-measure');
  await page.mouse.up();
  await page.keyboard.up('Shift');
  assert.equal(await page.getByRole('button', { name: /Whole trace/ }).count(), 0);
  await close();
}

async function table(subject) {
  const { page, close } = await opened(subject, '?view=table');
  const region = page.getByRole('region', { name: 'Table' });
  await region.getByText('Spans 1 to 11 of 11').waitFor();
  const failed = region.getByRole('row', { name: /^tool\.search_manual/ }).first();
  assert.equal(
    (await failed.innerText()).replaceAll(/\s+/g, ' '),
    'tool.search_manual 2 TOOL error +913ms 2.00s 2.00s - -',
  );
  await checkThemes(page, 'spans as a table', 'trace-table');
  await region.getByRole('button', { name: 'rerank' }).click();
  await page.getByRole('heading', { level: 2, name: 'rerank' }).waitFor();
  await toolbar(page).getByRole('group', { name: 'Kinds' }).getByRole('button', { name: /^llm/ }).click();
  await region.getByText('Spans 1 to 2 of 2 that are looked for, of 11 spans in all').waitFor();
  await close();
}

async function save(subject) {
  const { page, trace, close } = await opened(subject);
  const menu = page.getByRole('group', { name: 'Save this trace as a file' });
  const saved = async (name) => {
    await menu.getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), menu.getByRole('button', { name }).click()]);
    return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
  };
  const markdown = await saved(/^Markdown/);
  assert.equal(markdown.name, `trace-${trace.traceId}.md`);
  assert.match(markdown.text, /^# support\\_agent\.run\n/);
  assert.match(markdown.text, /\n {2}tool\.search_manual {2}tool {2}2\.00s {2}ERROR\n/);
  assert.match(markdown.text, /```text\nhttpx\.ReadTimeout: no answer from orders\.internal after 2\.0 s\n```/);
  const perfetto = await saved(/^Perfetto/);
  assert.equal(perfetto.name, `trace-${trace.traceId}.perfetto.json`);
  const events = JSON.parse(perfetto.text).traceEvents.filter(({ ph }) => ph === 'X');
  assert.equal(events.length, 11);
  assert.deepEqual(
    events.filter(({ args }) => args.status).map(({ name, cat, dur }) => [name, cat, dur]),
    [
      ['tool.search_manual', 'tool', 2_004_000],
      ['tool.search_manual', 'tool', 2_004_000],
    ],
  );
  await close();
}

// In a window of middle width the detail comes when a span is chosen, and goes with Escape.
async function drawer(subject) {
  const trace = retried(await demoTraces(subject.url));
  const { page, open, close } = await openPage(subject.browser, subject.url, { width: 1100 });
  await open(`/p/lamps/traces/${trace.traceId}`);
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await page.getByRole('treeitem', { name: /^rerank/ }).waitFor();
  assert.equal(await panel.getByRole('tab').count(), 0);
  const lane = await page.locator('canvas[data-part="bars"]').boundingBox();
  assert.ok(lane.width > 640, `the bars have ${lane.width} px`);
  // A label over a figure: one line of them.
  const figures = await page.getByRole('main').locator('header dl').first().boundingBox();
  assert.ok(figures.height < 48, `the figures are ${figures.height} px high`);
  await checkThemes(page, 'a closed drawer');
  await page.getByRole('treeitem', { name: /^rerank/ }).click();
  await panel.getByRole('heading', { level: 2, name: 'rerank' }).waitFor();
  await checkThemes(page, 'an open drawer', 'trace-drawer');
  await page.keyboard.press('Escape');
  await panel.getByRole('tab').first().waitFor({ state: 'detached' });
  await page.keyboard.press('Enter');
  await panel.getByRole('heading', { level: 2, name: 'rerank' }).waitFor();
  await panel.getByRole('button', { name: 'Close the detail' }).click();
  await panel.getByRole('button', { name: 'Open the detail' }).waitFor();
  await close();
}

// Of a large trace a row on which the pointer rests is read before the click; its place in the list is told.
async function ahead({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, 5001);
  const view = await openPage(browser, url);
  const { page } = view;
  // From here on: after the click the pointer may rest on that row already.
  const path = `/spans/${idOf(5)}`;
  const asked = [];
  page.on('request', (request) => request.url().includes(path) && asked.push(request.url()));
  const answer = page.waitForResponse((response) => response.url().includes(path));
  await view.open(`/p/default/traces?q=trace:${traceId}`);
  await page.getByRole('row', { name: /long run/ }).click();
  await page.getByText('1 of 1', { exact: true }).waitFor();
  await page.getByRole('heading', { level: 2, name: 'long run' }).waitFor();
  await page.mouse.move(0, 0);
  await page.getByRole('treeitem', { name: /^step 5 / }).hover();
  await (await answer).finished();
  await page.getByRole('treeitem', { name: /^step 5 / }).click();
  await page.getByRole('heading', { level: 2, name: 'step 5' }).waitFor();
  await page.getByRole('tab', { name: /^Attributes/ }).waitFor();
  assert.equal(asked.length, 1);
  await view.close();
}

// Two runs whose inputs are alike for 70,000 bytes and more.
async function longTexts({ browser, url }) {
  const startNs = nowNs() - 600_000_000_000n;
  const run = (end) => {
    const text = `${'a line that both have\n'.repeat(4000)}${end}`;
    const attributes = { 'openinference.span.kind': 'TOOL', 'input.value': text };
    return {
      traceId: freshId(32),
      spanId: freshId(16),
      name: 'look',
      startNs,
      endNs: startNs + 1_000_000n,
      attributes,
    };
  };
  const [a, b] = [run('the end of A'), run('the end of B, which is longer')];
  await postSpans(url, [a, b], { 'openinference.project.name': 'compare-long' });
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/compare-long/compare?a=${a.traceId}&b=${b.traceId}`);
  await page.getByText('1 span changed, 0 added, 0 removed').waitFor();
  const texts = page.getByRole('region', { name: 'Long texts' });
  const input = texts.getByRole('article').filter({ hasText: 'input/value' });
  await input.getByRole('button', { name: 'Compare the rest' }).click();
  await input.getByText('They differ within 64.0 KiB from 64.0 KiB on.').waitFor();
  assert.equal((await input.locator('ins').allInnerTexts()).join(''), 'B, which is longer');
  await input.getByRole('button', { name: 'Read all 85.9 KiB of A' }).click();
  await input.getByRole('region', { name: 'Long value' }).getByText('a line that both have').first().waitFor();
  await checkAccessibility(page, 'long texts compared');
  await takePicture(page, 'compare-long-texts');
  await view.close();
}

export const traceTools = {
  'spans of a trace are asked for by kind and by query': ask,
  'a query in a trace that cannot be read says so': mistaken,
  'several rows are summed up': range,
  'a drag with Shift measures': measure,
  'spans as a table': table,
  'a trace is saved for a bug report and for Perfetto': save,
  'the detail is a drawer in a window of middle width': drawer,
  'a span is read before it is clicked': ahead,
  'long texts are compared to their ends': longTexts,
};
