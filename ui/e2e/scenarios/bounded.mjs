// What is large opens quickly everywhere: beside a list, and compared. What is not loaded is told.
import assert from 'node:assert/strict';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const count = 20_000;

let sent = null;
const traces = (url) => {
  const one = (change) => sendLongTrace(url, count, change);
  sent ??= one((span) => span).then(async (first) => [
    first,
    // Another run: span 5 failed, 7 has another name, and what 9 says is different.
    await one((span, i) => {
      if (i === 5) return { ...span, status: { code: 2, message: 'failed' } };
      if (i === 7) return { ...span, name: 'another step' };
      if (i === 9) return { ...span, attributes: { ...span.attributes, 'input.value': 'only here' } };
      return span;
    }),
  ]);
  return sent;
};

// The answers that hold spans with all they say, of whole traces.
function wholeTraces(page) {
  const found = [];
  page.on('response', async (response) => {
    const { pathname } = new URL(response.url());
    if (!/\/traces\/[0-9a-f]{32}$/.test(pathname) || !response.ok()) return;
    const { spans } = await response.json();
    if (spans !== null) found.push(spans.length);
  });
  return found;
}

async function peek({ browser, url }) {
  const [first] = await traces(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    const whole = wholeTraces(page);
    await view.open(`/p/default/traces?q=trace:${first.traceId}&peek=${first.traceId}`);
    const panel = page.getByRole('complementary', { name: 'Peek' });
    await panel.getByText('20,000 spans', { exact: false }).first().waitFor();
    const rows = panel.getByRole('list', { name: 'Calls and failures' });
    await rows.getByRole('link', { name: 'step 5', exact: true }).waitFor();
    assert.equal(await rows.getByRole('listitem').count(), 50);
    await panel.getByText(/^The first 50 calls and failures of 20,000 spans, .*the rest is not loaded/).waitFor();
    await checkAccessibility(page, `a look at a large trace, ${theme}`);
    await takePicture(page, `peek-large-${theme}`);
    await rows.getByRole('link', { name: 'step 5', exact: true }).click();
    await page.waitForURL(`**/traces/${first.traceId}?span=${first.idOf(5)}`);
    assert.deepEqual(whole, []);
    await view.close();
  }
}

// Three spans, each with 60,000 messages: short ones, that nothing cuts.
async function peekOfMuch({ browser, url }) {
  const traceId = freshId(32);
  const ids = [freshId(16), freshId(16), freshId(16)];
  const messages = Array.from({ length: 60_000 }, (_, i) => ({
    role: 'user',
    content: `a message of a long talk, ${i}`,
  }));
  const startNs = nowNs() - 3_000_000_000n;
  const spans = ids.map((spanId, i) => ({
    traceId,
    spanId,
    ...(i === 0 ? {} : { parentId: ids[0] }),
    name: `talk ${i}`,
    startNs: startNs + BigInt(i),
    endNs: startNs + 1_000_000_000n,
    attributes: {
      'openinference.span.kind': 'LLM',
      'input.value': `question ${i}`,
      'llm.input_messages': JSON.stringify(messages),
    },
  }));
  await postSpans(url, spans, { 'service.name': 'much' });
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces?q=trace:${traceId}&peek=${traceId}`);
  const panel = page.getByRole('complementary', { name: 'Peek' });
  const rows = panel.getByRole('list', { name: 'Calls and failures' });
  await rows.getByRole('link', { name: 'talk 2', exact: true }).waitFor();
  assert.equal(await rows.getByRole('listitem').count(), 3);
  await panel.getByText('question 0').waitFor();
  await panel.getByText(/^All 3 calls and failures of 3 spans, with the beginnings of their texts/).waitFor();
  await takePicture(page, 'peek-much');
  await view.close();
}

async function compared({ browser, url }) {
  const [first, second] = await traces(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    const whole = wholeTraces(page);
    const address = `/p/default/compare?a=${first.traceId}&b=${second.traceId}`;
    await view.open(address);
    // "step 7" and "another step" have no name in common, and the others each have one of their own.
    await page.getByText('1 span changed, 1 added, 1 removed', { exact: true }).waitFor();
    await page.getByText(/^20,000 spans are too many for their texts to be loaded/).waitFor();
    const detail = page.getByRole('complementary', { name: 'Selected span' });
    await detail.getByRole('heading', { level: 2, name: 'step 5', exact: true }).waitFor();
    await detail.getByRole('region', { name: 'Failure' }).getByText('failed').waitFor();
    await checkAccessibility(page, `large traces compared, ${theme}`);
    await takePicture(page, `compare-large-${theme}`);
    const grid = page.getByRole('grid', { name: 'Spans of both traces' });
    assert.ok((await grid.getByRole('row').count()) < 80);
    // What a span says is compared once it is selected.
    await view.open(`${address}&span=${first.idOf(9)}`);
    await detail.getByRole('heading', { level: 2, name: 'step 9', exact: true }).waitFor();
    await detail.getByRole('region', { name: 'Input' }).getByText('only here').waitFor();
    // What is the same below the last turn is folded into it.
    await page.keyboard.press('End');
    await detail.getByRole('heading', { level: 2, name: 'step 19900', exact: true }).waitFor();
    await grid.getByRole('button', { name: '99 spans below are the same' }).last().waitFor();
    await page.keyboard.press('l');
    await page.keyboard.press('End');
    await detail.getByRole('heading', { level: 2, name: 'step 19999', exact: true }).waitFor();
    assert.deepEqual(whole, []);
    await view.close();
  }
}

async function tooLarge({ browser, url }) {
  const [first, second] = await traces(url);
  const view = await openPage(browser, url, { expected: /503/ });
  const { page } = view;
  // As if the second had half a million spans and one.
  const huge = new RegExp(`/traces/${second.traceId}\\?`);
  await page.route(huge, async (route) => {
    const response = await route.fetch();
    const { trace, spans } = await response.json();
    await route.fulfill({ response, json: { trace: { ...trace, span_count: 500_001 }, spans } });
  });
  await view.open(`/p/default/compare?a=${first.traceId}&b=${second.traceId}`);
  await page.getByRole('heading', { name: 'Too large to be compared' }).waitFor();
  await page.getByText('long run has 500,001 spans; traces of up to 500,000 are compared.').waitFor();
  await page.unroute(huge);
  await checkAccessibility(page, 'too large to be compared');
  await takePicture(page, 'compare-too-large');

  // A span that cannot be loaded can be asked for again.
  let broken = true;
  await page.route(/\/spans\/[0-9a-f]{16}(\?|$)/, (route) =>
    broken
      ? route.fulfill({
          status: 503,
          json: { error: { code: 'unavailable', message: 'the engine is starting again' } },
        })
      : route.continue(),
  );
  await view.open(`/p/default/compare?a=${first.traceId}&b=${second.traceId}`);
  const detail = page.getByRole('complementary', { name: 'Selected span' });
  await detail.getByRole('alert').getByText('the engine is starting again').waitFor();
  broken = false;
  await detail.getByRole('button', { name: 'Try again' }).click();
  await detail.getByRole('alert').waitFor({ state: 'detached' });
  await view.close();
}

export const bounded = {
  'a look at 20,000 spans beside the list reads a part of them': peek,
  'a look at three spans that say much reads a part of them': peekOfMuch,
  'two traces of 20,000 spans are compared by their structure': compared,
  'a trace that is too large to be compared, a span that cannot be loaded': tooLarge,
};
