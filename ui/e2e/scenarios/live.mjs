// Spans as they arrive: while the demo agent runs, and as many as a page can hold.
import assert from 'node:assert/strict';
import { checkThemes, openPage, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';
import { runDemoAgent } from '../stack.mjs';

const path = '/p/live/live';
const resource = { 'service.name': 'live', 'openinference.project.name': 'live' };

function span(name, { kind = 'LLM', failed = false } = {}) {
  const startNs = nowNs() - 1_000_000n;
  const attributes = { 'openinference.span.kind': kind };
  const status = failed ? { code: 2, message: 'deadline exceeded' } : undefined;
  return { traceId: freshId(32), spanId: freshId(16), name, startNs, endNs: startNs + 1_000_000n, attributes, status };
}
const send = (url, ...spans) => postSpans(url, spans, resource);

const list = (page) => page.getByRole('grid', { name: 'Spans' });
const row = (page, name) => list(page).getByRole('row', { name });
const state = (page, word) => page.locator('search').getByRole('status').getByText(word, { exact: true }).waitFor();
const held = (page, text) => page.getByRole('button', { name: text, exact: true });
// Of the newest first; the first row has the columns' names.
const names = async (page) =>
  (await list(page).getByRole('row').allInnerTexts()).slice(1).map((text) => text.split('\n'));

// Whoever follows when the agent begins sees each of its spans once, and nothing of other services.
async function demoAgent({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/p/default/live?q=service%3Alive-agent');
  await state(page, 'Following');
  await page.getByRole('heading', { name: 'Waiting for the next span' }).waitFor();
  await postSpans(url, [span('another service')], { 'service.name': 'not-the-agent' });
  const traceId = await runDemoAgent(url, 'live-agent');
  await row(page, /agent\.run/).waitFor();
  const answer = await (await fetch(`${url}/api/v1/traces/${traceId}`)).json();
  const sent = answer.spans.map(({ name }) => name).sort();
  assert.ok(sent.length > 3);
  await page.locator('search').getByText(`${sent.length} spans`, { exact: true }).waitFor();
  const shown = await list(page).getByRole('row').locator('a').allInnerTexts();
  assert.deepEqual(shown.toSorted(), sent);
  await takePicture(page, 'live-agent');

  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/traces/${traceId}?span=*`);
  // What arrives while another page is looked at is there on the way back.
  await runDemoAgent(url, 'live-agent');
  await page.goBack();
  await page
    .locator('search')
    .getByText(`${2 * sent.length} spans`, { exact: true })
    .waitFor();
  await view.close();
}

async function pauseAndFollow({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`${path}?q=kind%3Allm`);
  await state(page, 'Following');
  await checkThemes(page, 'live, empty', 'live-empty');
  await send(url, span('first'), span('a tool', { kind: 'TOOL' }), span('second', { failed: true }));
  await row(page, /second/).waitFor();
  await row(page, /second.*Error/).waitFor();
  await page.locator('search').getByText('2 spans', { exact: true }).waitFor();
  await checkThemes(page, 'live, full', 'live-full');

  await page.keyboard.press('L');
  await state(page, 'Paused');
  await send(url, span('while paused'));
  await held(page, '1 new').waitFor();
  assert.equal(await row(page, /while paused/).count(), 0);
  await checkThemes(page, 'live, paused', 'live-paused');
  await page.keyboard.press('L');
  await row(page, /while paused/).waitFor();
  await state(page, 'Following');

  // Another query follows other spans, from now on.
  await page.getByRole('button', { name: 'Remove kind:llm' }).click();
  await page.getByRole('heading', { name: 'Waiting for the next span' }).waitFor();
  await state(page, 'Following');
  await send(url, span('any tool', { kind: 'TOOL' }));
  await row(page, /any tool/).waitFor();
  await page.getByRole('button', { name: 'Clear', exact: true }).click();
  await page.getByRole('heading', { name: 'Waiting for the next span' }).waitFor();
  await view.close();
}

async function bounded({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(path);
  await state(page, 'Following');
  await send(url, ...Array.from({ length: 700 }, (_, i) => span(`of many ${i}`)));
  await page.locator('search').getByText('500 spans, the newest 500', { exact: true }).waitFor();
  await row(page, /of many 699/).waitFor();
  assert.equal(await list(page).getAttribute('aria-rowcount'), '501');
  // Who reads further down is not disturbed.
  await list(page).evaluate((grid) => grid.scrollTo({ top: 3600 }));
  await state(page, 'Paused');
  const before = await names(page);
  await send(url, span('one more'));
  await held(page, '1 new').waitFor();
  assert.deepEqual(await names(page), before);
  await held(page, '1 new').click();
  await row(page, /one more/).waitFor();
  assert.equal(await list(page).evaluate((grid) => grid.scrollTop), 0);
  await view.close();
}

async function lost({ browser, url }) {
  const view = await openPage(browser, url, { expected: /503|400/ });
  const { page } = view;
  await page.route('**/api/v1/stream?*', (route) => route.fulfill({ status: 503, json: {} }));
  await view.open(path);
  await page.getByRole('heading', { name: 'The spans cannot be followed' }).waitFor();
  await checkThemes(page, 'live, no answer', 'live-lost');
  await page.unroute('**/api/v1/stream?*');
  await state(page, 'Following');
  await view.open(`${path}?q=duration%3E3`);
  await page.getByRole('heading', { name: 'The query has a mistake' }).waitFor();
  await page.getByRole('status').getByText('"3" needs a unit').waitFor();
  await checkThemes(page, 'live, a mistake');
  await view.close();
  const phone = await openPage(browser, url, { width: 390, height: 844 });
  await phone.open(path);
  await state(phone.page, 'Following');
  await send(url, span('on a phone'));
  await row(phone.page, /on a phone/).waitFor();
  const wider = await phone.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wider, false);
  await takePicture(phone.page, 'live-390');
  await phone.close();
}

export const live = {
  'live: spans appear while the demo agent runs': demoAgent,
  'live: pause, follow, another query': pauseAndFollow,
  'live: a page holds the newest 500 and does not move under the eye': bounded,
  'live: no answer, a mistake, a phone': lost,
};
