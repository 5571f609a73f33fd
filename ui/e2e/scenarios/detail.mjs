// What a span's panel explains, on the demo's traces: the third turn of a talk, whose prompt repeats the turns before.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoTraces } from '../demo.mjs';
import { checkAccessibility, checkThemes, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const panelOf = (page) => page.getByRole('tabpanel');

async function opened(subject, pick, settings = {}) {
  const traces = await demoTraces(subject.url);
  const { traceId, spanId, hash = '' } = pick(traces);
  const view = await openPage(subject.browser, subject.url, settings);
  await view.open(`/p/lamps/traces/${traceId}?span=${spanId}${hash}`);
  return { ...view, page: view.page, panel: panelOf(view.page) };
}

const spansOf = (traces, session) =>
  traces.filter((trace) => trace.common['session.id'] === session).map((trace) => trace.spans);
const named = (spans, name) => spans.filter((span) => span.name === name);

// The last turn of talk-1042: "Is Ember in stock?", answered after a tool.
const lastCall = (traces) => named(spansOf(traces, 'talk-1042').at(-1), 'chat gpt-4o').at(-1);

async function delta(subject) {
  const { page, panel, close } = await opened(subject, lastCall);
  await panel.getByText('1,060 read from the cache').waitFor();
  await panel.getByText('system, 161 characters, unchanged').waitFor();
  await panel.getByRole('article').getByText('Yes, 14 pieces.').waitFor();
  assert.deepEqual(await panel.locator('article:visible > header > span:first-child').allInnerTexts(), [
    'assistant',
    'assistant',
  ]);
  await checkThemes(page, 'what a call adds', 'detail-delta');
  await panel.getByRole('button', { name: 'Show 9 earlier messages' }).click();
  await panel.getByText('Do you ship to Norway?').waitFor();
  await panel.locator('strong', { hasText: 'Ember' }).waitFor();
  await panel.getByRole('group', { name: 'How messages are shown' }).getByRole('button', { name: 'Plain' }).click();
  await panel.getByText('**Ember**, with 2,200 kelvin.').waitFor();
  await panel.getByRole('group', { name: 'How messages are shown' }).getByRole('button', { name: 'JSON' }).click();
  await page.locator('.cm-content').getByText('"input_messages"').first().waitFor();
  await close();
}

async function permalink(subject) {
  const { page, panel, close } = await opened(subject, (traces) => ({ ...lastCall(traces), hash: '#m2' }));
  const asked = panel.locator('article#m2');
  await asked.getByText('Do you ship to Norway?').waitFor();
  await asked.getByRole('button', { name: 'Copy a link to this message' }).click();
  await asked.getByRole('status').getByText('copied').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
  await close();
}

async function cost(subject) {
  const { page, panel, close } = await opened(subject, lastCall);
  await page.getByRole('button', { name: '$0.00320' }).click();
  await page.waitForURL(/tab=cost/);
  const cells = (name) => panel.getByRole('row', { name }).getByRole('cell').allInnerTexts();
  await panel.getByRole('row', { name: /^Total \$0/ }).waitFor();
  assert.deepEqual(await cells(/^Prompt, read from the cache/), ['1,060', '1.25', '$0.001325']);
  assert.deepEqual(await cells(/^Prompt, not cached/), ['649', '2.5', '$0.0016225']);
  assert.deepEqual(await cells(/^Completion 25 10/), ['25', '10', '$0.00025']);
  assert.deepEqual(await cells(/^Total \$0/), ['$0.0031975']);
  await panel.getByText('openai/gpt-4o').waitFor();
  await checkThemes(page, 'cost of a call', 'detail-cost');
  await page.getByRole('tab', { name: 'Parameters' }).click();
  await panel.getByText('temperature').waitFor();
  await checkThemes(page, 'parameters');
  await close();
}

// A prompt over the threshold of the rates: 199,002 x 2.5 + 1,000 x 0.25 + 1,000 x 15 millionths of a dollar.
async function longPrompt({ browser, url }) {
  const [traceId, spanId] = [freshId(32), freshId(16)];
  const startNs = nowNs() - 120_000_000_000n;
  const attributes = {
    'openinference.span.kind': 'LLM',
    'llm.provider': 'google',
    'llm.model_name': 'gemini-2.5-pro',
    'llm.token_count.prompt': 200_002n,
    'llm.token_count.prompt_details.cache_read': 1000n,
    'llm.token_count.completion': 1000n,
  };
  await postSpans(url, [{ traceId, spanId, name: 'long', startNs, endNs: startNs + 1_000_000n, attributes }]);
  const { page, open, close } = await openPage(browser, url);
  await open(`/p/default/traces/${traceId}?span=${spanId}&tab=cost`);
  const panel = panelOf(page);
  const cells = (name) => panel.getByRole('row', { name }).getByRole('cell').allInnerTexts();
  await panel.getByRole('row', { name: /^Total \$0/ }).waitFor();
  assert.deepEqual(await cells(/^Prompt, read from the cache/), ['1,000', '0.25', '$0.00025']);
  assert.deepEqual(await cells(/^Prompt, not cached/), ['199,002', '2.5', '$0.497505']);
  assert.deepEqual(await cells(/^Completion 1,000 15/), ['1,000', '15', '$0.015']);
  assert.deepEqual(await cells(/^Total \$0/), ['$0.512755']);
  const facts = await panel.locator('dl').first().locator('div').allInnerTexts();
  assert.deepEqual(
    facts.map((text) => text.split('\n').filter(Boolean)),
    [
      ['Price', 'google/gemini-2.5-pro, no date'],
      ['Source', 'genai-prices 0.2.3'],
      ['Rates', 'of prompts over 200,000 tokens, for the whole request'],
      ['Saved by the cache', '$0.00225'],
    ],
  );
  await takePicture(page, 'detail-cost-tier');
  await close();
}

// A name that is a template is shown as what it says, and tokens that a library counted are marked.
async function titled({ browser, url }) {
  const [traceId, spanId] = [freshId(32), freshId(16)];
  const startNs = nowNs() - 1_000_000_000n;
  const name = 'Completion with {request_data[model]!r}';
  const attributes = {
    'logfire.msg': "Completion with 'gpt-4o'",
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.request.is_stream': true,
    'gen_ai.sdk.version': '1.35',
    'gen_ai.usage.input_tokens': 341n,
    'gen_ai.usage.output_tokens': 22n,
  };
  const resource = { 'openinference.project.name': 'titled' };
  await postSpans(url, [{ traceId, spanId, name, startNs, endNs: startNs + 1_000_000n, attributes }], resource);
  const { page, open, close } = await openPage(browser, url);
  for (const of of ['traces', 'spans']) {
    await open(`/p/titled/traces?of=${of}&t=all`);
    const row = page.getByRole('row', { name: /Completion with 'gpt-4o'/ });
    await row.getByText('~341 → 22').waitFor();
    await row.getByTitle(name).waitFor();
  }
  await open(`/p/titled/traces/${traceId}?span=${spanId}`);
  await page.getByRole('heading', { level: 1, name: "Completion with 'gpt-4o'" }).waitFor();
  await page.getByRole('heading', { level: 2, name: "Completion with 'gpt-4o'" }).waitFor();
  await page.getByRole('treeitem', { name: /Completion with 'gpt-4o'/ }).waitFor();
  await page.getByTitle('total 363, estimated by a library').waitFor();
  await takePicture(page, 'detail-titled');
  await close();
}

async function documents(subject) {
  const rerank = (traces) => named(spansOf(traces, 'talk-1042').at(-1), 'rerank')[0];
  const { page, panel, close } = await opened(subject, rerank);
  await panel.getByText('left out').waitFor();
  const ranks = await panel.locator('ol > li > div:first-child').allInnerTexts();
  assert.deepEqual(
    ranks.map((text) => text.split('\n').filter(Boolean)),
    [
      ['#1', '0.97', '↑ from #2', 'was 0.7'],
      ['#2', '0.76', '↓ from #1', 'was 0.81'],
      ['#3', '0.55', '↑ from #4', 'was 0.54'],
      ['left out', '0.63', 'was #3'],
    ],
  );
  await checkThemes(page, 'documents after a rerank', 'detail-rerank');
  await close();
}

// What the question asked for is marked, and a document that an answer names says so.
async function usedDocuments({ browser, url }) {
  const traceId = freshId(32);
  const startNs = nowNs() - 120_000_000_000n;
  const span = (name, attributes, parentId) => ({
    traceId,
    spanId: freshId(16),
    parentId,
    name,
    startNs,
    endNs: startNs + 1_000_000n,
    attributes,
  });
  const root = span('answer', { 'openinference.span.kind': 'AGENT' });
  const document = (index, id, content) => ({
    [`retrieval.documents.${index}.document.id`]: id,
    [`retrieval.documents.${index}.document.content`]: content,
  });
  const search = span(
    'search',
    {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'ship to Norway',
      ...document(0, 'kb-090', 'We ship to Norway from 89 euro.'),
      ...document(1, 'kb-301', 'Hold the dimmer for ten seconds.'),
    },
    root.spanId,
  );
  const chat = span(
    'chat',
    {
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'user',
      'llm.input_messages.0.message.content': 'Do you ship to Norway?',
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': 'Yes, see [kb-090].',
    },
    root.spanId,
  );
  await postSpans(url, [root, search, chat], { 'service.name': 'cited' });
  const view = await openPage(browser, url);
  await view.open(`/p/default/traces/${traceId}?span=${search.spanId}&tab=documents`);
  const rows = panelOf(view.page).locator('ol > li');
  await rows.filter({ hasText: 'kb-090' }).getByText('named in an answer').waitFor();
  assert.equal(await rows.filter({ hasText: 'kb-301' }).getByText('named in an answer').count(), 0);
  assert.deepEqual(await rows.first().locator('mark').allInnerTexts(), ['ship', 'Norway']);
  await takePicture(view.page, 'detail-named-documents');
  await view.close();
}

async function attributes(subject) {
  const search = (traces) => named(spansOf(traces, 'talk-1042')[0], 'qdrant.search')[0];
  const { page, close } = await opened(subject, search);
  await page.getByRole('tab', { name: /^Attributes/ }).click();
  await page.getByRole('link', { name: 'List spans with this db.system' }).click();
  await page.waitForURL(/\/p\/lamps\/traces\?q=attributes\.db\.system%3Aqdrant&of=spans$/);
  await page.locator('search').getByText('71 spans', { exact: true }).waitFor();
  await close();
}

async function logs(subject) {
  const failed = (traces) => traces.flatMap((trace) => trace.spans).find((span) => span.events);
  const { page, panel, close } = await opened(subject, failed);
  await page.getByRole('tab', { name: /^Logs/ }).click();
  await panel.getByText('did not answer, trying again').waitFor();
  await panel.getByText('support-2').waitFor();
  await checkAccessibility(page, 'logs of a span');
  await close();
}

// A key rates the span; the rating is an annotation that lists can ask for, and it can be changed.
async function rating(subject) {
  const search = (traces) => named(spansOf(traces, 'talk-1057')[0], 'qdrant.search')[0];
  const { page, close } = await opened(subject, search);
  const group = page.getByRole('group', { name: 'Rate this span' });
  await group.waitFor();
  await page.keyboard.press('r');
  await page.keyboard.press('2');
  await group.getByRole('button', { name: '2', pressed: true }).waitFor();
  await page.getByRole('tab', { name: /^Evaluations/ }).click();
  await panelOf(page).getByRole('heading', { name: 'rating' }).waitFor();
  await group.getByRole('button', { name: '4' }).click();
  await group.getByRole('button', { name: '4', pressed: true }).waitFor();
  await panelOf(page).locator('strong').filter({ hasText: /^4$/ }).waitFor();
  await checkAccessibility(page, 'a rated span');
  await takePicture(page, 'detail-rated');
  await page.goto(`${subject.url}/p/lamps/traces?of=spans&q=score.rating%3E3`);
  await page.getByRole('row', { name: /qdrant\.search/ }).waitFor();
  await close();
}

// The file opens from disk, without a server, shows what the trace said, and runs nothing.
async function exported(subject) {
  const { page, close } = await opened(subject, lastCall);
  const menu = page.getByRole('group', { name: 'Save this trace as a file' });
  await menu.getByRole('button', { name: 'Export' }).click();
  await checkAccessibility(page, 'the ways to export');
  await takePicture(page, 'trace-export');
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    menu.getByRole('button', { name: /^HTML/ }).click(),
  ]);
  const path = join(mkdtempSync(join(tmpdir(), 'nightjar-export-')), 'trace.html');
  await file.saveAs(path);
  for (const theme of themes) {
    const context = await subject.browser.newContext({ colorScheme: theme, offline: true });
    const offline = await context.newPage();
    const faults = [];
    offline.on('console', (message) => faults.push(message.text()));
    await offline.goto(`file://${path}`);
    await offline.getByRole('heading', { level: 1, name: 'support_agent.run' }).waitFor();
    await offline.locator('summary').filter({ hasText: 'chat gpt-4o' }).last().click();
    await offline.locator('details[open]').getByText('Yes, 14 pieces.').first().waitFor();
    await checkAccessibility(offline, `the exported file, ${theme}`);
    await takePicture(offline, `trace-exported-${theme}`);
    assert.deepEqual(faults, []);
    await context.close();
  }
  await menu.getByRole('button', { name: 'Export' }).click();
  const [otlp] = await Promise.all([
    page.waitForEvent('download'),
    menu.getByRole('link', { name: /^OTLP\/JSON/ }).click(),
  ]);
  const sent = JSON.parse(readFileSync(await otlp.path(), 'utf8'));
  assert.equal(sent.resourceSpans[0].scopeSpans[0].spans[0].traceId, file.suggestedFilename().slice(6, 38));
  await close();
}

export const detail = {
  'a call shows what it adds to the one before': delta,
  'a link leads to a message': permalink,
  'a cost explains itself': cost,
  'the cost of a long prompt says by which rates': longPrompt,
  'a template is shown as what it says': titled,
  'documents tell their rank before and after': documents,
  'a document that an answer names says so': usedDocuments,
  'an attribute leads to the spans that have it': attributes,
  'a span shows its log records': logs,
  'a key rates a span': rating,
  'a trace is saved as one file': exported,
};
