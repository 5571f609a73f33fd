// Calls of models as a list of their own: twelve calls of two models, two that failed, and as many tools, which are none.
import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const path = '/p/calls/traces';

function turnOf(i) {
  const traceId = freshId(32);
  const root = freshId(16);
  const startNs = nowNs() - BigInt(i * 60 + 30) * 1_000_000_000n;
  const ns = (ms) => startNs + BigInt(ms) * 1_000_000n;
  const failed = i % 6 === 5;
  const span = (name, more) => ({ traceId, spanId: freshId(16), parentId: root, name, startNs, ...more });
  return [
    span(`ask ${i}`, {
      spanId: root,
      parentId: undefined,
      endNs: ns(1000),
      attributes: { 'openinference.span.kind': 'AGENT', 'user.id': `caller-${i % 2}` },
    }),
    span('chat', {
      endNs: ns(400 + i * 10),
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': i % 3 === 0 ? 'claude-3-5-sonnet-20241022' : 'gpt-4o',
        'llm.provider': i % 3 === 0 ? 'anthropic' : 'openai',
        'llm.finish_reason': i % 4 === 0 ? 'length' : 'stop',
        'llm.token_count.prompt': 1000n + BigInt(i),
        'llm.token_count.completion': 40n,
        'llm.token_count.prompt_details.cache_read': BigInt(i * 50),
        'gen_ai.response.time_to_first_chunk': 0.25,
        'llm.input_messages': JSON.stringify([{ role: 'user', content: `question ${i}` }]),
        'llm.output_messages': JSON.stringify([{ role: 'assistant', content: `answer ${i}` }]),
        'input.value': `question ${i}`,
        'output.value': `answer ${i}`,
      },
      status: failed ? { code: 2, message: 'overloaded' } : undefined,
    }),
    span('lookup', { endNs: ns(100), attributes: { 'openinference.span.kind': 'TOOL', 'tool.name': 'lookup' } }),
  ];
}

let sent = null;
const send = (url) => {
  const resource = { 'service.name': 'calls', 'openinference.project.name': 'calls' };
  sent ??= postSpans(url, Array.from({ length: 12 }, (_, i) => turnOf(i)).flat(), resource);
  return sent;
};

const bar = (page) => page.getByRole('combobox', { name: 'Query for calls' });
const total = (page, text) => page.locator('search').getByText(text, { exact: true }).waitFor();
const facets = (page) => page.getByRole('region', { name: 'Facets' });
const grid = (page) => page.getByRole('grid', { name: 'LLM calls' });

async function opened({ browser, url }, search = '', settings = {}) {
  await send(url);
  const view = await openPage(browser, url, settings);
  await view.open(`${path}${search}`);
  return { ...view, page: view.page };
}

const usualHeads = [
  'Start, CET',
  'Name',
  'Model',
  'Provider',
  'Tokens in',
  'Cached',
  'Tokens out',
  'Cost',
  'Duration',
  'First token',
  'Finish',
  'Prompt',
  'Answer',
];

async function columns(subject) {
  const view = await opened(subject, '?of=calls', { width: 1700 });
  const { page } = view;
  await page.getByRole('group', { name: 'List' }).getByRole('button', { name: 'LLM calls', pressed: true }).waitFor();
  await total(page, '12 calls, 2 with errors');
  await page.getByRole('heading', { level: 1, name: 'LLM calls' }).waitFor();
  await grid(page)
    .getByRole('row', { name: /question 3/ })
    .waitFor();
  assert.deepEqual(await grid(page).getByRole('columnheader').allInnerTexts(), usualHeads);
  const cells = await grid(page)
    .getByRole('row', { name: /question 3/ })
    .getByRole('gridcell')
    .allInnerTexts();
  // 1,003 in, of them 150 cached, 40 out, at 3, 0.30 and 15 dollars a million: 0.002559 + 0.000045 + 0.0006.
  assert.deepEqual(cells.slice(1), [
    'chat\ncalls',
    'claude-3-5-sonnet-20241022',
    'anthropic',
    '1,003',
    '150',
    '40',
    '$0.00320',
    '430ms',
    '250ms',
    'stop',
    'question 3',
    'answer 3',
  ]);
  await grid(page)
    .getByRole('row', { name: /question 5/ })
    .getByText('error', { exact: true })
    .waitFor();
  await checkThemes(page, 'calls', 'calls');
  await view.close();
}

async function queryAndFacets(subject) {
  const view = await opened(subject, '?of=calls', { expected: /400/ });
  const { page } = view;
  await total(page, '12 calls, 2 with errors');
  assert.deepEqual(await facets(page).getByRole('heading').allInnerTexts(), [
    'Model',
    'Provider',
    'Status',
    'Finish reason',
    'Service',
    'Agent',
    'Prompt',
    'Name',
    'User',
  ]);
  await facets(page)
    .getByRole('checkbox', { name: /^anthropic 4$/ })
    .check();
  await total(page, '4 calls');
  await facets(page)
    .getByRole('checkbox', { name: /^openai 8$/ })
    .check();
  await total(page, '12 calls, 2 with errors');

  // Alternatives stay alternatives of calls: the tools of the same name as nothing do not come in.
  await bar(page).fill('model:gpt-4o or name:lookup');
  await bar(page).press('Enter');
  await total(page, '8 calls, 2 with errors');
  await page.getByRole('slider', { name: /^calls over time/ }).waitFor();
  await bar(page).fill('fin');
  await page.getByRole('option', { name: /^finish_reason/ }).waitFor();
  await bar(page).press('Tab');
  await page.getByRole('option', { name: 'length 3' }).waitFor();
  await bar(page).press('ArrowDown');
  await bar(page).press('ArrowDown');
  await bar(page).press('Enter');
  await total(page, '3 calls');
  assert.equal(await bar(page).inputValue(), 'finish_reason:length ');

  // A bracket that would end those around the query is a mistake here as everywhere.
  await bar(page).fill('duration>1ms) or (kind:tool');
  await bar(page).press('Enter');
  await page.locator('#query-mistakes').getByText(/./).waitFor();
  await view.open(`${path}?of=calls&q=${encodeURIComponent('duration>1ms) or (kind:tool')}`);
  await page.getByRole('heading', { name: 'The query has a mistake' }).waitFor();

  await view.close();
}

async function orderPeekAndViews(subject) {
  const view = await opened(subject, '?of=calls&q=user:caller-1', { width: 1700 });
  const { page } = view;
  await total(page, '6 calls, 2 with errors');
  await grid(page).getByRole('columnheader', { name: 'Cached' }).getByRole('button').click();
  await page.waitForURL((address) => address.searchParams.get('sort') === '-tokens.cache_read');
  await page.locator('[aria-rowindex="2"]').getByText('question 11').waitFor();
  await grid(page).focus();
  await page.keyboard.press('j');
  await page.keyboard.press('p');
  const peek = page.getByRole('complementary', { name: 'Peek' });
  await peek.getByText('question 11').first().waitFor();
  await checkAccessibility(page, 'calls, a look at one');
  await takePicture(page, 'calls-peek');
  await page.keyboard.press('j');
  await peek.getByText('question 9').first().waitFor();
  await page.keyboard.press('p');

  const choice = page.getByRole('group', { name: 'Columns of this list' });
  await choice.getByRole('button', { name: 'Columns' }).click();
  await choice.getByRole('checkbox', { name: 'Answer' }).uncheck();
  await choice.getByRole('checkbox', { name: 'Trace id' }).check();
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'Trace id' }).waitFor();
  const views = page.getByRole('group', { name: 'Saved views' });
  await views.getByRole('button', { name: 'Views' }).click();
  await views.getByRole('textbox').fill('calls of one user');
  await views.getByRole('button', { name: 'Save', exact: true }).click();
  await page.keyboard.press('Escape');
  const address = page.url();
  await view.open(path);
  await total(page, '12 traces, 2 with errors');
  await page.getByRole('combobox', { name: /Paste a trace id/ }).fill('calls of one');
  await page.getByRole('option', { name: /^calls of one user/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(address);
  await total(page, '6 calls, 2 with errors');

  // From a call to its span, and along the calls from trace to trace.
  await grid(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await page.getByRole('treeitem', { name: /^chat llm/, selected: true }).waitFor();
  await page.getByRole('heading', { level: 1, name: 'ask 11' }).waitFor();
  await page.keyboard.press(']');
  await page.getByRole('heading', { level: 1, name: 'ask 9' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(address);
  await view.close();
}

async function keysAndNone(subject) {
  const view = await opened(subject);
  const { page } = view;
  await total(page, '12 traces, 2 with errors');
  for (const [name, count] of [
    ['Spans', '36 spans, 2 with errors'],
    ['LLM calls', '12 calls, 2 with errors'],
    ['Traces', '12 traces, 2 with errors'],
  ]) {
    await page.keyboard.press('v');
    await page.getByRole('group', { name: 'List' }).getByRole('button', { name, pressed: true }).waitFor();
    await total(page, count);
  }
  const startNs = nowNs() - 1_000_000_000n;
  await postSpans(
    subject.url,
    [{ traceId: freshId(32), spanId: freshId(16), name: 'job', startNs, endNs: startNs + 1n }],
    {
      'service.name': 'plain',
      'openinference.project.name': 'plain',
    },
  );
  for (const theme of themes) {
    const plain = await openPage(subject.browser, subject.url, { theme });
    await plain.open('/p/plain/traces?of=calls');
    await plain.page.getByRole('heading', { name: 'No LLM calls in project plain' }).waitFor();
    await checkAccessibility(plain.page, `no calls, ${theme}`);
    await takePicture(plain.page, `calls-none-${theme}`);
    await plain.page.getByRole('link', { name: 'Show all spans' }).click();
    await plain.page.getByRole('row', { name: /job/ }).waitFor();
    await plain.close();
  }
  await view.close();
}

async function widths(subject) {
  for (const width of [1440, 1024, 390, 320]) {
    const view = await opened(subject, '?of=calls', { width });
    const { page } = view;
    await grid(page).getByRole('row', { name: /chat/ }).first().waitFor();
    const over = await grid(page).evaluate((list) => list.scrollWidth - list.clientWidth);
    assert.equal(over, 0, `no column is cut off, ${width} px`);
    await takePicture(page, `calls-${width}`);
    await view.close();
  }
}

export const calls = {
  'calls of models have a list with columns of their own': columns,
  'calls by query, completion and facets': queryAndFacets,
  'calls in their order, beside the list, in columns and views': orderPeekAndViews,
  'the lists by one key, and a project without calls': keysAndNone,
  'a list of calls in four widths': widths,
};
