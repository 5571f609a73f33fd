// Lists by query, time and facets. Forty traces of the last hour: ten of one model, thirty of another, four that failed.
import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

export const path = '/p/lists/traces';

function traceOf(i) {
  const traceId = freshId(32);
  const [root, call, tool] = [freshId(16), freshId(16), freshId(16)];
  const startNs = nowNs() - BigInt(i * 75 + 30) * 1_000_000_000n;
  const ns = (ms) => startNs + BigInt(ms) * 1_000_000n;
  const base = { traceId, startNs };
  const spans = [
    {
      ...base,
      spanId: root,
      name: `ask ${i}`,
      endNs: ns(1000 + i * 10),
      attributes: { 'openinference.span.kind': 'AGENT', 'user.id': `user-${i % 3}` },
    },
    {
      ...base,
      spanId: call,
      parentId: root,
      name: 'chat',
      endNs: ns(500),
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': i % 4 === 0 ? 'claude sonnet' : 'gpt-4o',
        'llm.token_count.prompt': 100n + BigInt(i),
        'llm.token_count.completion': 10n,
      },
    },
  ];
  if (i % 10 === 0) {
    const attributes = { 'openinference.span.kind': 'TOOL', 'tool.name': 'search_docs' };
    const status = { code: 2, message: 'deadline exceeded' };
    spans.push({ ...base, spanId: tool, parentId: root, name: 'search', endNs: ns(700), attributes, status });
  }
  return spans;
}

let sent = null;
const send = (url) => {
  const resource = { 'service.name': 'lists', 'openinference.project.name': 'lists' };
  sent ??= postSpans(url, Array.from({ length: 40 }, (_, i) => traceOf(i)).flat(), resource);
  return sent;
};

const bar = (page) => page.getByRole('combobox', { name: /^Query for/ });
const asked = (page) => new URL(page.url()).searchParams.get('q');
export const total = (page, text) => page.locator('search').getByText(text, { exact: true }).waitFor();
const facet = (page, name) => page.getByRole('region', { name: 'Facets' }).getByRole('checkbox', { name });

export async function opened({ browser, url }, search = '', settings = {}) {
  await send(url);
  const view = await openPage(browser, url, settings);
  await view.open(`${path}${search}`);
  return { ...view, page: view.page };
}

async function completion(subject) {
  const view = await opened(subject, '', { expected: /400/ });
  const { page } = view;
  await total(page, '40 traces, 4 with errors');
  await page.keyboard.press('/');
  await page.getByRole('option', { name: /^status.message/ }).waitFor();
  await checkThemes(page, 'fields to choose from');
  await page.keyboard.type('mo');
  await page.getByRole('option', { name: /^model/ }).waitFor();
  await page.keyboard.press('Tab');
  await page.getByRole('option', { name: 'claude sonnet 10' }).waitFor();
  assert.equal(await bar(page).inputValue(), 'model:');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  const active = await bar(page).getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`#${active}`).innerText(), 'claude sonnet\n10');
  assert.equal(await bar(page).getAttribute('aria-expanded'), 'true');
  await checkThemes(page, 'values to choose from', 'lists-completion');
  await page.keyboard.press('Enter');
  await total(page, '10 traces, 2 with errors');
  assert.equal(await bar(page).inputValue(), 'model:"claude sonnet" ');
  assert.equal(asked(page), 'model:"claude sonnet"');

  // Enter is for the text that Tab makes, also while its suggestion is on its way.
  await page.getByRole('button', { name: 'Clear the query' }).click();
  await total(page, '40 traces, 4 with errors');
  await page.route(/\/suggest\?.*gpt/, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await route.continue();
  });
  await page.keyboard.type('model:');
  await page.getByRole('option', { name: 'gpt-4o 30' }).waitFor();
  await page.keyboard.type('gpt');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await total(page, '30 traces, 2 with errors');
  assert.equal(asked(page), 'model:gpt-4o');

  // Nothing typed, nothing taken: Tab leaves the field.
  await page.getByRole('button', { name: 'Clear the query' }).click();
  await total(page, '40 traces, 4 with errors');
  await bar(page).press('Tab');
  assert.equal(await bar(page).evaluate((field) => field === document.activeElement), false);
  await view.close();
}

async function mistakes(subject) {
  for (const theme of themes) {
    const view = await opened(subject, '', { theme, expected: /400/ });
    const { page } = view;
    await total(page, '40 traces, 4 with errors');
    await page.keyboard.press('/');
    await page.keyboard.type('"größe" kind:lmm duration>3 ');
    await page.keyboard.press('Escape');
    await page.getByText('"3" needs a unit: 3s, 3ms, 3m').waitFor();
    const underlined = await page.$$eval('search [aria-hidden] > span[class]', (marks) =>
      marks.map((mark) => [mark.textContent, getComputedStyle(mark).textDecorationStyle]),
    );
    assert.deepEqual(underlined, [
      ['lmm', 'wavy'],
      ['3', 'wavy'],
    ]);
    assert.equal(await bar(page).getAttribute('aria-invalid'), 'true');
    await page.keyboard.press('Enter');
    // The list stays as it was asked last.
    await page.getByRole('row', { name: /ask 0/ }).waitFor();
    assert.equal(asked(page), null);
    await checkAccessibility(page, `mistakes, ${theme}`);
    await takePicture(page, `lists-mistakes-${theme}`);
    await view.close();
  }
  const view = await opened(subject, '?q=duration%3E3', { expected: /400/ });
  await view.page.getByRole('status').getByText('"3" needs a unit').waitFor();
  await view.page.getByRole('heading', { name: 'The query has a mistake' }).waitFor();
  await view.page.getByText('Not counted').waitFor({ state: 'detached' });
  await view.close();
}

async function facets(subject) {
  const view = await opened(subject);
  const { page } = view;
  await facet(page, /^claude sonnet 10$/).check();
  await total(page, '10 traces, 2 with errors');
  assert.equal(asked(page), 'model:"claude sonnet"');
  // The other values of the field are still there to choose.
  await facet(page, /^gpt-4o 30$/).check();
  await total(page, '40 traces, 4 with errors');
  assert.equal(asked(page), 'model:("claude sonnet" or gpt-4o)');
  await facet(page, /^claude sonnet/).uncheck();
  await total(page, '30 traces, 2 with errors');
  assert.equal(asked(page), 'model:gpt-4o');
  await page.goBack();
  await total(page, '40 traces, 4 with errors');
  assert.equal(await bar(page).inputValue(), 'model:("claude sonnet" or gpt-4o)');
  await page.getByRole('button', { name: 'Tool' }).click();
  await facet(page, /search_docs/).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Tool' }).click();
  await facet(page, /search_docs/).waitFor();
  await view.close();
}

async function brush(subject) {
  const view = await opened(subject, '?t=1h');
  const { page } = view;
  await total(page, '40 traces, 4 with errors');
  const plot = page.getByRole('slider', { name: /traces over time/ });
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 20);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.97, box.y + 20, { steps: 4 });
  await page.locator('strong', { hasText: /traces?/ }).waitFor();
  await page.mouse.up();
  await page.waitForURL(/t=\d{4}-\d\d-\d\dT[\d%A.]+Z\.\.\d{4}/);
  await page.getByRole('row', { name: /ask 39/ }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /ask 3/ }).waitFor();
  await page.goBack();
  await page.getByRole('button', { name: 'Last hour' }).waitFor();

  await plot.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Home');
  await page.waitForFunction(() =>
    /40 traces, 4 with errors$/.test(document.querySelector('[role=slider]')?.getAttribute('aria-valuetext') ?? ''),
  );
  await page.keyboard.press('Enter');
  await page.waitForURL(/t=\d{4}-\d\d-\d\dT/);
  await total(page, '40 traces, 4 with errors');
  await view.close();
}

async function spans(subject) {
  const view = await opened(subject);
  const { page } = view;
  await page.getByRole('group', { name: 'List' }).getByRole('button', { name: 'Spans' }).click();
  await total(page, '84 spans, 4 with errors');
  const head = page.getByRole('columnheader', { name: 'Duration' });
  await head.getByRole('button').click();
  await page.waitForURL(`**${path}?of=spans&sort=-duration`);
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  await page.locator('[aria-rowindex="2"]').getByText('ask 39').waitFor();
  const grid = page.getByRole('grid', { name: 'Spans' });
  await grid.evaluate((list) => list.scrollTo({ top: list.scrollHeight }));
  await head.getByRole('button').press('Enter');
  await page.waitForURL(`**${path}?of=spans&sort=duration`);
  assert.equal(await grid.evaluate((list) => list.scrollTop), 0);
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  // Rows of the question before are pale until the new ones are there.
  await page.locator('[role=grid][aria-busy=false]').waitFor();
  await checkAccessibility(page, 'spans');
  await takePicture(page, 'lists-spans');
  await facet(page, /^error 4$/).check();
  await total(page, '4 spans, 4 with errors');
  await page
    .getByRole('row', { name: /search/ })
    .first()
    .click();
  await page.getByRole('treeitem', { name: /search tool/, selected: true }).waitFor();
  assert.match(page.url(), /span=e2e/);
  await page.keyboard.press('Escape');
  await page.waitForURL(`**${path}?of=spans&q=status%3Aerror&sort=duration`);
  await page.getByRole('row', { name: /search/, selected: true }).waitFor();
  await view.close();
}

async function link(subject) {
  const search = '?of=spans&q=model%3A%22claude+sonnet%22+-user%3Auser-1&t=24h&sort=cost';
  const view = await opened(subject, search);
  const { page } = view;
  for (const visit of ['first', 'after a reload']) {
    await total(page, '7 spans'); // of 0, 4, 8 … 36, without 4, 16 and 28
    assert.equal(await bar(page).inputValue(), 'model:"claude sonnet" -user:user-1', visit);
    await page.getByRole('button', { name: 'Last 24 hours' }).waitFor();
    await page.getByRole('button', { name: 'Spans', pressed: true }).waitFor();
    const head = page.getByRole('columnheader', { name: 'Cost' });
    assert.equal(await head.getAttribute('aria-sort'), 'ascending', visit);
    assert.equal(page.url(), `${subject.url}${path}${search}`, visit);
    await view.reload();
  }
  await view.close();
}

async function keyboard(subject) {
  const view = await opened(subject, '', { expected: /400/ });
  const { page } = view;
  await page.getByRole('row', { name: /ask 0/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('status:error');
  await page.keyboard.press('Enter');
  await page.getByRole('row', { name: /ask 1 / }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /ask 20/ }).waitFor(); // the half-typed query had none
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.getByRole('row', { name: /ask 10/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'ask 10' }).waitFor();
  await page.keyboard.press(']');
  await page.getByRole('heading', { level: 1, name: 'ask 20' }).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL(`**${path}?q=status%3Aerror`);
  await page.getByRole('row', { name: /ask 20/, selected: true }).waitFor();
  await page.keyboard.press('T');
  await page.getByRole('button', { name: 'All time', pressed: true }).waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${path}?q=status%3Aerror&t=30d`);

  // What was asked before is offered, and the card tells how to ask.
  await page.keyboard.press('/');
  await bar(page).fill('');
  await page.getByRole('option', { name: 'status:error asked before' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('first_token>800ms').waitFor();
  await checkAccessibility(page, 'how to write a query');
  await page.keyboard.press('Escape');
  await view.close();
}

async function chips(subject) {
  const view = await opened(subject, '?of=spans&q=kind%3Atool+status%3Aerror+name%3Asearch');
  const { page } = view;
  const conditions = page.getByRole('list', { name: 'Conditions' });
  await total(page, '4 spans, 4 with errors');
  assert.deepEqual(await conditions.getByRole('listitem').allInnerTexts(), [
    'kind:tool',
    'status:error',
    'name:search',
  ]);
  await conditions.getByRole('button', { name: 'status:error', exact: true }).click();
  const marked = await bar(page).evaluate((field) => field.value.slice(field.selectionStart, field.selectionEnd));
  assert.equal(marked, 'status:error');
  await page.keyboard.press('Escape');
  const left = 'status:error name:search';
  const answered = page.waitForResponse((response) => {
    const { pathname, searchParams } = new URL(response.url());
    return pathname.endsWith('/spans') && searchParams.get('q') === left;
  });
  await conditions.getByRole('button', { name: 'Remove kind:tool' }).press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === left);
  await answered;
  await page.locator('#result-list[aria-busy="false"]').waitFor();
  await checkAccessibility(page, 'conditions one by one');
  await takePicture(page, 'lists-chips');
  await conditions.getByRole('button', { name: 'Remove status:error' }).click();
  await conditions.getByRole('button', { name: 'Remove name:search' }).click();
  await total(page, '84 spans, 4 with errors');
  assert.equal(asked(page), null);
  await view.close();
}

async function nothing(subject) {
  const view = await opened(subject, '?q=status%3Aerror+model%3Anone&t=24h', { expected: /503/ });
  const { page } = view;
  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  await page.getByRole('button', { name: 'Without model:none: 4 traces' }).waitFor();
  await checkThemes(page, 'nothing matches', 'lists-nothing');
  await page.getByRole('button', { name: 'Without model:none: 4 traces' }).click();
  await total(page, '4 traces, 4 with errors');

  const refuse = (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } });
  for (const part of ['facets', 'histogram']) await page.route(`**/lists/${part}?*`, refuse);
  await view.open(path);
  await page.getByText('Not counted over time: the engine is starting again').waitFor();
  await page.getByText('Not counted: the engine is starting again').waitFor();
  await page.getByRole('row', { name: /ask 0/ }).waitFor();
  await checkThemes(page, 'not counted', 'lists-not-counted');
  await view.close();
}

// The words of a query are shown where they are, in the row and beside the list.
async function found({ browser, url }) {
  const traceId = freshId(32);
  const [root, call] = [freshId(16), freshId(16)];
  const at = { traceId, startNs: nowNs() - 2_000_000_000n, endNs: nowNs() - 1_000_000_000n };
  const asking = { 'openinference.span.kind': 'AGENT', 'input.value': 'Where did I put the zirconium ring?' };
  const answering = {
    'openinference.span.kind': 'LLM',
    'llm.output_messages': JSON.stringify([{ role: 'assistant', content: 'Your Zirconium ring is in drawer 7.' }]),
  };
  await postSpans(
    url,
    [
      { ...at, spanId: root, name: 'ask', attributes: asking },
      { ...at, spanId: call, parentId: root, name: 'chat', attributes: answering },
    ],
    { 'service.name': 'found', 'openinference.project.name': 'found' },
  );
  const view = await openPage(browser, url, { expected: /400/ });
  const { page } = view;
  await view.open('/p/found/traces?q=zirconium');
  const row = page.getByRole('row', { name: /^\d.* ask/ });
  await page.getByRole('columnheader', { name: 'Found in' }).waitFor();
  const cell = row.getByRole('gridcell').filter({ has: page.locator('mark') });
  assert.equal(await cell.innerText(), 'Your Zirconium ring is in drawer 7.\noutput message 1, assistant');
  assert.equal(await cell.locator('mark').innerText(), 'Zirconium');
  await page.keyboard.press('j');
  await page.keyboard.press('p');
  const places = page.getByRole('complementary', { name: 'Peek' }).getByRole('list', { name: 'Found in' });
  await places.getByRole('link', { name: 'ask' }).waitFor();
  assert.deepEqual(await places.getByRole('listitem').allInnerTexts(), [
    'output message 1, assistant in chat\n\nYour Zirconium ring is in drawer 7.',
    'input in ask\n\nWhere did I put the zirconium ring?',
  ]);
  // A call that recorded its answer alone is one of the talk.
  await page.getByRole('list', { name: 'Transcript' }).getByText('drawer 7').waitFor();
  await checkThemes(page, 'words where they are', 'lists-found');
  await places.getByRole('link', { name: 'chat' }).click();
  await page.waitForURL(`**/traces/${traceId}?span=${call}`);
  // By how well they show the words, and back.
  await view.open('/p/found/traces?q=zirconium');
  const head = page.getByRole('columnheader', { name: 'Found in' });
  await head.getByRole('button').press('Enter');
  await page.waitForURL('**/p/found/traces?q=zirconium&sort=relevance');
  await page.locator('[role=columnheader][aria-sort=descending]', { hasText: 'Found in' }).waitFor();
  await page.locator('#result-list[aria-busy="false"]').waitFor();
  await cell.waitFor();
  await head.getByRole('button').press('Enter');
  await page.waitForURL('**/p/found/traces?q=zirconium');
  // Without words all are equals, and the column says what was asked.
  await view.open('/p/found/traces?q=kind:agent&sort=relevance');
  await row.waitFor();
  await page.getByRole('columnheader', { name: 'Input' }).waitFor();
  await view.close();
}

async function still(subject) {
  for (const width of [1440, 1024, 390]) {
    for (const list of ['', '?of=spans']) {
      const view = await opened(subject, list, { width });
      const { page } = view;
      await page.getByRole('row').nth(3).waitFor();
      await page.getByRole('slider').waitFor();
      const { shift, over } = await page.evaluate(
        () =>
          new Promise((resolve) => {
            const observer = new PerformanceObserver((found) => {
              const grid = document.querySelector('[role=grid]');
              const shift = found.getEntries().reduce((sum, entry) => sum + entry.value, 0);
              resolve({ shift, over: grid.scrollWidth - grid.clientWidth });
            });
            observer.observe({ type: 'layout-shift', buffered: true });
            setTimeout(() => {
              const grid = document.querySelector('[role=grid]');
              resolve({ shift: 0, over: grid.scrollWidth - grid.clientWidth });
            }, 500);
          }),
      );
      assert.ok(shift < 0.02, `nothing moves while it loads, ${width} px: ${shift}`);
      assert.equal(over, 0, `no column is cut off, ${width} px ${list}`);
      await takePicture(page, `lists-${width}${list && '-spans'}`);
      await view.close();
    }
  }
}

export const lists = {
  'a query is completed as it is typed': completion,
  'mistakes of a query are marked at their place': mistakes,
  'facets write the query': facets,
  'the histogram chooses a time': brush,
  'spans have a list of their own': spans,
  'the conditions of a query are taken out one by one': chips,
  'a link restores its list': link,
  'a list by keyboard alone': keyboard,
  'words are shown where they were found': found,
  'a list without rows says why': nothing,
  'a list holds still in three widths': still,
};
