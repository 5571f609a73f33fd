// The ways to look at a trace: a talk whose tool failed twice before it answered, and lists with a look beside.
import assert from 'node:assert/strict';
import { demoTraces } from '../demo.mjs';
import { checkAccessibility, checkThemes, openPage, readRows, takePicture, themes } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

// talk-1065's first turn: search_manual fails, fails, answers.
const retried = (traces) => traces.find((trace) => trace.common['session.id'] === 'talk-1065');

async function opened(subject, search = '', settings = {}) {
  const trace = retried(await demoTraces(subject.url));
  const view = await openPage(subject.browser, subject.url, settings);
  await view.open(`/p/lamps/traces/${trace.traceId}${search}`);
  return { ...view, page: view.page, trace };
}

const toolbar = (page) => page.getByRole('toolbar', { name: 'Trace' });

// A node's click selects its longest span, the next click the one after.
async function graph(page) {
  const list = page.getByRole('list', { name: 'Graph' });
  const tool = list.getByRole('button', { name: /tool\.search_manual 3 spans, 4\.14s, 2 errors/ });
  await tool.click();
  await page.getByRole('heading', { level: 2, name: 'tool.search_manual' }).waitFor();
  await list.locator('[aria-current="true"]').filter({ hasText: 'tool.search_manual' }).waitFor();
  const first = page.url();
  await tool.click();
  await page.waitForURL((url) => url.href !== first && url.searchParams.has('span'));
}

async function views(subject) {
  const { page, close } = await opened(subject, '');
  await page.getByRole('treeitem', { name: /^support_agent\.run/ }).waitFor();
  for (const name of ['Transcript', 'Flame', 'Log', 'Graph']) {
    await page.keyboard.press('v');
    await toolbar(page).getByRole('button', { name, pressed: true }).waitFor();
    await page.waitForURL(new RegExp(`view=${name.toLowerCase()}`));
    if (name === 'Transcript') await page.getByText('httpx.ReadTimeout').nth(1).waitFor();
    if (name === 'Flame') await page.getByRole('button', { name: 'tool.search_manual × 3 4.14s' }).waitFor();
    if (name === 'Log') await page.getByRole('button', { name: 'tool.search_manual: no answer' }).first().waitFor();
    if (name === 'Graph') await graph(page);
    await checkThemes(page, name, `trace-${name.toLowerCase()}`);
  }
  await toolbar(page).getByRole('button', { name: 'Log' }).click();
  await page.getByRole('button', { name: 'tool.search_manual: no answer' }).first().click();
  await page.getByRole('heading', { level: 2, name: 'tool.search_manual' }).waitFor();
  await page.keyboard.press('v');
  await page.keyboard.press('v');
  await page.getByRole('treeitem', { name: /^tool\.search_manual/, selected: true }).waitFor();
  await close();
}

async function find(subject) {
  const { page, close, trace } = await opened(subject);
  await page.getByRole('treeitem', { name: /^support_agent\.run/ }).waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('ReadTimeout');
  await toolbar(page).getByText('2', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await toolbar(page).getByText('1 of 2', { exact: true }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await toolbar(page).getByText('2 of 2', { exact: true }).waitFor();
  const second = trace.spans.filter((span) => span.events)[1];
  await page.waitForURL(new RegExp(`span=${second.spanId}`));
  await page.waitForURL(/find=ReadTimeout/);
  await page.keyboard.press('n');
  await toolbar(page).getByText('1 of 2', { exact: true }).waitFor();
  await close();
}

async function path(subject) {
  const { page, close } = await opened(subject);
  const panel = page.getByRole('complementary', { name: 'Selected span' });
  await page.getByRole('treeitem', { name: /^support_agent\.run/ }).waitFor();
  await page.keyboard.press('C');
  await toolbar(page).getByRole('button', { name: 'Critical path', pressed: true }).waitFor();
  await page.keyboard.press('e');
  await panel.getByText('2.00s, 31 %').waitFor();
  await toolbar(page).getByRole('button', { name: '2 retries' }).click();
  await page.getByRole('treeitem', { name: /^tool\.search_manual/, selected: true }).waitFor();
  await close();
}

const rowPx = 24;

// A turn with eight searches in a row, one of which failed, and a chat.
async function sendSearches(url) {
  const traceId = freshId(32);
  const start = nowNs() - 120_000_000_000n;
  const span = (name, atMs, lengthMs, more = {}) => {
    const startNs = start + BigInt(atMs) * 1_000_000n;
    return { traceId, spanId: freshId(16), name, startNs, endNs: startNs + BigInt(lengthMs) * 1_000_000n, ...more };
  };
  const root = span('turn', 0, 1000);
  const searches = [30, 40, 50, 60, 70, 80, 90, 100].map((lengthMs, index) =>
    span('qdrant.search', index * 100, lengthMs, {
      parentId: root.spanId,
      attributes: { 'openinference.span.kind': 'RETRIEVER' },
      ...(index === 4 ? { status: { code: 2, message: 'timeout' } } : {}),
    }),
  );
  const chat = span('chat', 900, 50, { parentId: root.spanId, attributes: { 'openinference.span.kind': 'LLM' } });
  await postSpans(url, [root, ...searches, chat], { 'service.name': 'search-job' });
  return { traceId, searches };
}

const heard = async (page) => (await readRows(page)).map((row) => row.heard);

async function groups({ browser, url }) {
  const { traceId, searches } = await sendSearches(url);
  const folded = [
    'turn unknown, 1.00s',
    'qdrant.search retriever, 8 calls, p50 60.0ms, max 100ms, 1 error inside × 8',
    'chat llm, 50.0ms',
  ];
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}`);
  await page.getByRole('treeitem', { name: /^chat/ }).waitFor();
  assert.deepEqual(await heard(page), folded);
  await checkThemes(page, 'searches as one row', 'trace-group');
  await page.keyboard.press('j');
  await page.keyboard.press('l');
  await page
    .getByRole('treeitem', { name: /^qdrant\.search/ })
    .nth(7)
    .waitFor();
  assert.equal((await heard(page)).length, 10);
  await page.keyboard.press('h');
  await page
    .getByRole('treeitem', { name: /^qdrant\.search/ })
    .nth(1)
    .waitFor({ state: 'hidden' });
  assert.deepEqual(await heard(page), folded);
  // The failed one inside is found, and opens its group.
  await page.keyboard.press('e');
  await page.waitForURL(`**span=${searches[4].spanId}`);
  assert.equal((await heard(page)).length, 10);
  await view.close();
}

async function follow({ browser, url }) {
  const { traceId } = await sendLongTrace(url, 2000);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}`);
  const range = page.locator('[data-part="range"]');
  const scrollTo = (row) =>
    page.getByRole('tree').evaluate((tree, top) => {
      tree.scrollTop = top;
    }, row * rowPx);
  await range.filter({ hasText: '2,000 spans' }).waitFor();
  await page.keyboard.press('A');
  await toolbar(page).getByRole('button', { name: 'Follow rows', pressed: true }).waitFor();
  // Steps of 10 ms: some thirty rows from the thousandth on are 10.0 s to 10.3 s, and a tenth around.
  await scrollTo(1010);
  await range.filter({ hasText: /^10\.\ds to 10\.\ds$/ }).waitFor();
  await takePicture(page, 'trace-follow');
  await scrollTo(510);
  await range.filter({ hasText: /^5\.\d+s to 5\.\d+s$/ }).waitFor();
  await page.keyboard.press('0');
  await toolbar(page).getByRole('button', { name: 'Follow rows', pressed: false }).waitFor();
  await range.filter({ hasText: '2,000 spans' }).waitFor();
  await view.close();
}

async function peek(subject) {
  for (const theme of themes) {
    const trace = retried(await demoTraces(subject.url));
    const { page, open, close } = await openPage(subject.browser, subject.url, { theme });
    await open('/p/lamps/traces?q=session%3Atalk-1065');
    await page
      .getByRole('row', { name: /support_agent\.run/ })
      .nth(1)
      .waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('p');
    const beside = page.getByRole('complementary', { name: 'Peek' });
    await beside.getByText('Did that, it still flickers.').first().waitFor();
    await page.keyboard.press('j');
    await page.waitForURL(new RegExp(`peek=${trace.traceId}`));
    await beside.getByText('2 errors').waitFor();
    await beside.getByText('httpx.ReadTimeout').first().waitFor();
    await checkAccessibility(page, `peek, ${theme}`);
    await takePicture(page, `peek-${theme}`);
    await page.keyboard.press('p');
    await beside.waitFor({ state: 'detached' });
    assert.equal(new URL(page.url()).search, '?q=session%3Atalk-1065');
    await close();
  }
}

async function saved(subject) {
  await demoTraces(subject.url);
  const { page, open, close } = await openPage(subject.browser, subject.url);
  await open('/p/lamps/traces?q=errors%3E0&t=30d');
  const group = page.getByRole('group', { name: 'Saved views' });
  await group.getByRole('button', { name: 'Views' }).click();
  await group.getByLabel('Name of this view').fill('what failed');
  await page.keyboard.press('Enter');
  await group.getByRole('button', { name: /^what failed/ }).waitFor();
  await checkAccessibility(page, 'saved views');
  await takePicture(page, 'saved-views');
  await page.keyboard.press('Escape');
  await open('/p/lamps/cost');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('what f');
  await page.getByRole('option', { name: /^what failed/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL('**/p/lamps/traces?q=errors%3E0&t=30d');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('talk-1042');
  await page.getByRole('option', { name: /^Open session talk-1042/ }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Session talk-1042' }).waitFor();
  await close();
}

// Two calls at a time, one of which tells when its first word came.
async function sendPair(url) {
  const traceId = freshId(32);
  const start = nowNs() - 120_000_000_000n;
  const span = (name, atMs, lengthMs, more = {}) => {
    const startNs = start + BigInt(atMs) * 1_000_000n;
    return { traceId, spanId: freshId(16), name, startNs, endNs: startNs + BigInt(lengthMs) * 1_000_000n, ...more };
  };
  const root = span('turn', 0, 1000);
  const call = { 'openinference.span.kind': 'LLM', 'llm.token_count.completion': 120n };
  const fast = { ...call, 'gen_ai.response.time_to_first_chunk': 0.3 };
  const chats = [
    span('streamed', 0, 900, { parentId: root.spanId, attributes: fast }),
    span('whole', 0, 900, { parentId: root.spanId, attributes: call }),
  ];
  await postSpans(url, [root, ...chats], { 'service.name': 'pair' });
  return { traceId, ids: chats.map(({ spanId }) => spanId) };
}

async function lanes({ browser, url }) {
  const { traceId, ids } = await sendPair(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    await view.open(`/p/default/traces/${traceId}?span=${ids[0]}`);
    const panel = page.getByRole('complementary', { name: 'Selected span' });
    // 120 tokens in the 0.6 s after the first.
    await panel.getByText('200 tok/s').waitFor();
    // The lane of what is at work at once makes the overview taller: no span has a cost.
    const overview = page.locator('canvas[data-part="overview"]');
    assert.equal(await overview.evaluate((canvas) => canvas.getBoundingClientRect().height), 82);
    const row = page.getByRole('treeitem', { name: /^streamed/ });
    await row.hover();
    const card = page.locator('[aria-hidden="true"]').filter({ hasText: '90 % of the trace' }).last();
    await card.waitFor();
    await takePicture(page, `trace-lanes-${theme}`);
    await view.close();
  }
}

async function byKeys({ browser, url }) {
  const { traceId, ids } = await sendPair(url);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}?span=${ids[0]}`);
  await page.getByRole('tree', { name: 'Spans' }).focus();
  const range = page.locator('[data-part="range"]');
  await page.keyboard.press('w');
  await range.getByText('150ms to 850ms').waitFor();
  await page.keyboard.press('d');
  await range.getByText('290ms to 990ms').waitFor();
  await page.keyboard.press('a');
  await range.getByText('150ms to 850ms').waitFor();
  await page.keyboard.press('s');
  await range.getByText('3 spans').waitFor();
  const clipboard = () => page.evaluate(() => navigator.clipboard.readText());
  const copied = async (keys, said) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.getByText(said, { exact: true }).waitFor({ state: 'attached' });
    return clipboard();
  };
  assert.equal(await copied('yl', `Copied a link to span ${ids[0]}`), page.url());
  assert.equal(await copied('yi', `Copied span id ${ids[0]}`), ids[0]);
  assert.equal(JSON.parse(await copied('yj', 'Copied the span as JSON')).span_id, ids[0]);
  const address = `${url}/api/v1/projects/default/traces/${traceId}/spans/${ids[0]}`;
  assert.equal(await copied('yc', 'Copied a curl command for the span'), `curl -s '${address}'`);
  await page.getByRole('treeitem', { name: /^whole/ }).click({ modifiers: ['Alt'] });
  await page.getByText(`Copied a link to span ${ids[1]}`).waitFor({ state: 'attached' });
  assert.equal(new URL(await clipboard()).searchParams.get('span'), ids[1]);
  // A label names the key that was chosen.
  await page.evaluate(() => {
    const keys = { 'Trace/find in all content': 'q', 'Trace/whole trace': 'b' };
    localStorage.setItem('nightjar.keys', JSON.stringify(keys));
  });
  await view.reload();
  await toolbar(page).getByPlaceholder('Find  q').waitFor();
  await page.getByRole('tree', { name: 'Spans' }).focus();
  await page.keyboard.press('w');
  await page.getByRole('button', { name: 'Whole trace b' }).waitFor();
  await page.keyboard.press('b');
  await page.getByRole('button', { name: 'Whole trace b' }).waitFor({ state: 'detached' });
  await view.close();
}

export const traceViews = {
  'lanes, first tokens and what a row says at rest': lanes,
  'time and clipboard by keys, which labels name': byKeys,
  'a trace as tree, transcript, flame, log and graph': views,
  'a text is found in a trace': find,
  'the critical path and what was in vain': path,
  'calls that repeat are one row until they are opened': groups,
  'the time axis follows the rows': follow,
  'a look beside the list': peek,
  'views are saved and found again': saved,
};
