// Two runs of an agent: the second one has another prompt and temperature, searches twice, fails, and has no guard.
import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, openPage, takePicture } from '../guarded_page.mjs';
import { freshId, postSpans } from '../otlp.mjs';

const hostile = '<img src=x onerror="window.pwned=1">';
const startNs = 1_795_386_329_000_000_000n;
const at = (ms) => startNs + BigInt(ms) * 1_000_000n;

const history = Array.from({ length: 5 }, (_, i) => ({
  role: i % 2 ? 'assistant' : 'user',
  content: `turn ${i} of both`,
}));

function runOf(second) {
  const traceId = freshId(32);
  const root = freshId(16);
  const span = (name, kind, from, to, more = {}) => ({
    traceId,
    spanId: freshId(16),
    parentId: root,
    name,
    startNs: at(from),
    endNs: at(to),
    attributes: { 'openinference.span.kind': kind, ...more },
  });
  const chat = span('chat', 'LLM', 10, second ? 1510 : 1010, {
    'llm.model_name': second ? 'gpt-4.1' : 'gpt-4o',
    'llm.provider': 'openai',
    'llm.invocation_parameters': JSON.stringify({ temperature: second ? 0.7 : 0.2, top_p: 1 }),
    'llm.input_messages': JSON.stringify([
      { role: 'system', content: `You are a ${second ? 'careful' : 'helpful'} agent. ${hostile}` },
      ...history,
    ]),
    'llm.output_messages': JSON.stringify([
      { role: 'assistant', content: second ? 'Ask support.' : 'Rotate the key.' },
    ]),
    'llm.token_count.prompt': second ? 1200n : 1000n,
    'llm.token_count.completion': 100n,
    'llm.token_count.total': second ? 1300n : 1100n,
  });
  const search = (from) => span('search', 'TOOL', from, from + 100, { 'input.value': '{"q":"key"}' });
  const spans = [
    {
      ...span('support.run', 'AGENT', 0, second ? 2000 : 1500),
      spanId: root,
      parentId: undefined,
      status: second ? { code: 2, message: 'out of luck' } : undefined,
    },
    chat,
    search(1520),
  ];
  if (second) spans.push(search(1700));
  else spans.push(span(`guard ${hostile}`, 'GUARDRAIL', 1700, 1710));
  return { traceId, spans, chat: chat.spanId, search: spans[2].spanId };
}

let sent = null;
async function runs(url) {
  sent ??= (async () => {
    const [good, bad] = [runOf(false), runOf(true)];
    const resource = { 'service.name': 'compare', 'openinference.project.name': 'compare' };
    await postSpans(url, [...good.spans, ...bad.spans], resource);
    return { good, bad };
  })();
  return sent;
}

const rowsOf = (page) =>
  page
    .getByRole('grid', { name: 'Spans of both traces' })
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') })
    .evaluateAll((rows) =>
      rows
        .toSorted((one, other) => one.ariaRowIndex - other.ariaRowIndex)
        .map((row) =>
          [...row.querySelectorAll('[role=gridcell]')]
            .filter((_, index) => index !== 2)
            .map((cell) => {
              const shown = cell.cloneNode(true);
              for (const hidden of shown.querySelectorAll('[aria-hidden]')) hidden.remove();
              return shown.textContent;
            }),
        ),
    );

async function flow(subject) {
  const { good, bad } = await runs(subject.url);
  const view = await openPage(subject.browser, subject.url);
  const { page } = view;
  await view.open(`/p/compare/traces/${good.traceId}`);
  await page.getByRole('link', { name: 'Compare with…' }).click();
  await page.getByRole('heading', { name: 'Compare support.run with…' }).waitFor();
  const recent = page.getByRole('table', { name: 'Recent traces of the same name' });
  await recent.getByRole('button', { name: `support.run ${bad.traceId}` }).waitFor();
  assert.equal(await recent.getByRole('row').count(), 2); // the head and the other run
  const paste = page.getByRole('textbox', { name: 'Trace B: id, traceparent or link' });
  await paste.fill('abc');
  await page.getByText('Not a trace id: those have 32 hex digits.').waitFor();
  await paste.fill(good.traceId);
  await page.getByText('That is the same trace.').waitFor();
  await checkAccessibility(page, 'choosing a trace to compare');
  await takePicture(page, 'compare-pick');
  await paste.fill(`${subject.url}/p/compare/traces/${bad.traceId}?span=0123456789abcdef`);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/p/compare/compare?a=${good.traceId}&b=${bad.traceId}`);

  await page.getByText('2 spans changed, 1 added, 1 removed').waitFor();
  assert.deepEqual(await rowsOf(page), [
    ['changed: Asupport.runerror', 'status', '+500ms', '-', '-'],
    ['changed: Lchat', 'model, parameters, prompt, answer, tokens, cost', '+500ms', '+200', '−$0.000300'],
    ['the same: Tsearch', '', '=', '-', '-'],
    [`only in A: Gguard ${hostile}`, 'only in A', '10.0ms', '-', '-'],
    ['only in B: Tsearch', 'only in B', '100ms', '-', '-'],
  ]);
  const totals = page.getByRole('table', { name: 'Totals of both traces' });
  const deltas = totals.getByRole('row', { name: /^B − A/ }).getByRole('cell');
  assert.deepEqual((await deltas.allInnerTexts()).slice(2), ['+290ms', '=', '+1', '+200', '=', '−$0.000300']);
  await view.close();
}

async function differences(subject) {
  const { good, bad } = await runs(subject.url);
  const view = await openPage(subject.browser, subject.url);
  const { page } = view;
  const address = `/p/compare/compare?a=${good.traceId}&b=${bad.traceId}`;
  await view.open(address);
  const detail = page.getByRole('complementary', { name: 'Selected span' });
  await detail.getByRole('heading', { name: 'support.run' }).waitFor();
  await detail.getByText('out of luck').waitFor();
  // By keyboard alone: the next difference, then along the spans, then only what differs.
  await page.keyboard.press('n');
  await page.waitForURL(`**${address}&span=${good.chat}`);
  const prompt = detail.getByRole('region', { name: 'Prompt' });
  assert.equal(await prompt.locator('del').innerText(), 'helpful');
  assert.equal(await prompt.locator('ins').innerText(), 'careful');
  await prompt.getByText(hostile).waitFor();
  await prompt.getByText('1 message of 6 differ').waitFor();
  await prompt.getByRole('button', { name: '5 messages the same' }).click();
  await prompt.getByText('turn 4 of both').waitFor();
  const parameters = detail.getByRole('table', { name: 'Parameters of both' });
  assert.deepEqual(
    (await parameters.getByRole('row').allInnerTexts()).map((row) => row.split(/\s+/)),
    [
      ['Name', 'A', 'B'],
      ['model', 'gpt-4o', 'gpt-4.1'],
      ['temperature', '0.2', '0.7'],
      ['provider', 'openai'],
      ['top_p', '1'],
    ],
  );
  await checkThemes(page, 'compare', 'compare');
  await page.keyboard.press('j');
  await page.getByRole('row', { name: /^the same:.*search/, selected: true }).waitFor();
  await page.keyboard.press('f');
  await page.getByRole('row', { name: /^the same:/ }).waitFor({ state: 'detached' });
  assert.deepEqual(
    await page.evaluate(() => ({
      ran: window.pwned ?? null,
      images: document.querySelectorAll('img:not([src="/favicon.svg"])').length,
    })),
    { ran: null, images: 0 },
  );
  await page.keyboard.press('x');
  await page.waitForURL(`**/p/compare/compare?a=${bad.traceId}&b=${good.traceId}`);
  await page.getByText('2 spans changed, 1 added, 1 removed').waitFor();
  // The link restores what was seen.
  await view.open(`${address}&span=${good.chat}`);
  await page.getByRole('row', { name: /^changed:.*chat/, selected: true }).waitFor();
  await view.close();
}

async function itself(subject) {
  const { good } = await runs(subject.url);
  const view = await openPage(subject.browser, subject.url, { expected: /404|503/ });
  const { page } = view;
  await view.open(`/p/compare/compare?a=${good.traceId}&b=${good.traceId}`);
  await page.getByText('0 spans changed, 0 added, 0 removed').waitFor();
  await page.getByRole('button', { name: 'Differences' }).click();
  await page.getByText('The two do not differ but in time.').waitFor();
  await checkAccessibility(page, 'compare, no difference');

  const unknown = 'ffffffffffffffffffffffffffffff01';
  await view.open(`/p/compare/compare?a=${good.traceId}&b=${unknown}`);
  await page.getByRole('heading', { name: 'One of the traces is unknown' }).waitFor();
  await page.getByText(unknown).waitFor();
  await checkAccessibility(page, 'compare, unknown');

  const refuse = (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } });
  await page.route(`**/api/v1/traces/${good.traceId}?*`, refuse);
  await view.open(`/p/compare/compare?a=${good.traceId}`);
  await page.getByRole('status').getByText('Loading the trace').waitFor();
  await page
    .getByRole('alert')
    .getByText(/the engine is starting again/)
    .waitFor();
  await checkAccessibility(page, 'compare, failed');
  await page.unroute(`**/api/v1/traces/${good.traceId}?*`);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Compare support.run with…' }).waitFor();

  await view.open('/p/compare/compare?a=none');
  await page.getByRole('heading', { name: 'Compare two traces' }).waitFor();
  await page.getByRole('button', { name: `support.run ${good.traceId}` }).click();
  await page.waitForURL(`**/p/compare/compare?a=${good.traceId}`);
  await view.close();
}

async function widths(subject) {
  const { good, bad } = await runs(subject.url);
  for (const width of [1024, 390]) {
    const view = await openPage(subject.browser, subject.url, { width });
    const { page } = view;
    await view.open(`/p/compare/compare?a=${good.traceId}&b=${bad.traceId}&span=${good.chat}`);
    await page.getByRole('row', { name: /chat/, selected: true }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false);
    await takePicture(page, `compare-${width}`);
    await view.close();
  }
}

export const compare = {
  'compare: from a trace to the other run': flow,
  'compare: what differs, by keyboard, in both themes': differences,
  'compare: no difference, unknown traces, a server that cannot answer': itself,
  'compare in narrow windows': widths,
};
