// What somebody on call does, without a mouse: a page that a pointer touches fails.
import assert from 'node:assert/strict';
import { openByKeyboard as opened, press, tabTo } from '../by_keyboard.mjs';
import { demoTraces, project } from '../demo.mjs';
import { selectedRow } from '../guarded_page.mjs';
import { sendLongTrace } from '../long_trace.mjs';
import { postSeed, traceId as seedTraceId } from '../seed.mjs';
import { startServer } from '../server.mjs';
import { runDemoAgent } from '../stack.mjs';

// Down the waterfall, row by row, until that span is selected.
async function stepTo(page, name) {
  const tree = page.getByRole('tree', { name: 'Spans' });
  const selected = page.getByRole('treeitem', { name, selected: true });
  const count = await page.getByRole('treeitem').count();
  for (let i = 0; i < count && (await selected.count()) === 0; i += 1) {
    const before = await tree.getAttribute('aria-activedescendant');
    await page.keyboard.press('j');
    await page.waitForFunction(
      (old) => document.querySelector('[role=tree]')?.getAttribute('aria-activedescendant') !== old,
      before,
    );
  }
  await selected.waitFor();
}

const detail = (page) => page.getByRole('complementary', { name: 'Selected span' });
const ofSession = (traces, session) => traces.find((trace) => trace.common['session.id'] === session);
const asked = (page) => new URL(page.url()).searchParams.get('q');
const clipboard = (page) => page.evaluate(() => navigator.clipboard.readText());

// Pasted id, failing span, prompt, answer, documents, a comparison, and a link that restores it.
async function fromIdToShare({ browser, url }) {
  const traces = await demoTraces(url);
  const [bad, good] = [ofSession(traces, 'talk-1065'), ofSession(traces, 'talk-1057')];
  const view = await opened(browser, url, `/p/${project}`);
  const { page } = view;
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), bad.traceId);
  await press(page, 'Control+k', 'Control+v');
  await page.getByRole('heading', { level: 1, name: 'support_agent.run' }).waitFor();
  await page.getByRole('treeitem').first().waitFor();
  await press(page, 'e');
  await selectedRow(page, /^tool\.search_manual/);
  await detail(page).getByText('no answer from orders.internal after 2.0 s').first().waitFor();
  await press(page, 'Home');
  await stepTo(page, /^chat gpt-4o-mini/);
  await detail(page)
    .getByText(/^The Aurora lamp flickers since yesterday\./)
    .first()
    .waitFor();
  await press(page, 'End');
  await selectedRow(page, /^chat gpt-4o-mini/);
  await detail(page)
    .getByText(/the manual calls this a reset/)
    .first()
    .waitFor();
  await press(page, 'Home');
  await stepTo(page, /^rerank/);
  await detail(page).getByText('kb-301').first().waitFor();
  await detail(page).getByText('Aurora: manual').first().waitFor();

  await press(page, 'D');
  const other = page.getByRole('textbox', { name: 'Trace B: id, traceparent or link' });
  await tabTo(page, other);
  await page.keyboard.insertText(good.traceId);
  await press(page, 'Enter');
  const shown = page.getByText(/^\d+ spans? changed, \d+ added, \d+ removed$/);
  await shown.waitFor();
  await press(page, 'n');
  await page.waitForURL(/span=[0-9a-f]{16}/);
  await press(page, 'y', 'l');
  await page.getByText('Copied the link to this view').waitFor();
  const seen = [await shown.innerText(), await page.getByRole('row', { selected: true }).innerText()];

  const colleague = await opened(browser, url, (await clipboard(page)).slice(url.length));
  await colleague.page.getByRole('row', { selected: true }).waitFor();
  assert.deepEqual(
    [
      await colleague.page.getByText(/^\d+ spans? changed, \d+ added, \d+ removed$/).innerText(),
      await colleague.page.getByRole('row', { selected: true }).innerText(),
    ],
    seen,
  );
  await colleague.close();
  await view.close();
}

async function byUser({ browser, url }) {
  await demoTraces(url);
  const view = await opened(browser, url, `/p/${project}`);
  const { page } = view;
  // By the query, then by the page of users.
  await press(page, 'g', 't');
  await page
    .getByRole('row', { name: /support_agent/ })
    .first()
    .waitFor();
  await press(page, '/');
  await page.keyboard.type('user:ch');
  await page.getByRole('option', { name: /^chen@example\.com/ }).waitFor();
  await press(page, 'Tab', 'Enter');
  await page.locator('search').getByText('25 traces', { exact: true }).waitFor();
  assert.equal(asked(page), 'user:"chen@example.com"');
  await press(page, 'Escape', 'j', 'Enter');
  await page.getByRole('heading', { level: 1, name: 'support_agent.run' }).waitFor();
  await press(page, 'g', 'u');
  await tabTo(page, page.getByRole('link', { name: 'chen@example.com', exact: true }));
  await press(page, 'Enter');
  await page.getByRole('heading', { level: 1, name: 'User chen@example.com' }).waitFor();
  const calls = page.getByRole('button', { name: 'Show the calls' }).first();
  await tabTo(page, calls);
  await press(page, 'Enter');
  await page.getByRole('list', { name: 'Transcript' }).first().waitFor();
  await view.close();
}

async function live({ browser, url }) {
  const view = await opened(browser, url, '/p/default/traces');
  const { page } = view;
  await press(page, 'g', 'l');
  await page.locator('search').getByText('Following', { exact: true }).waitFor();
  await press(page, '/');
  await page.keyboard.type('service:keyboard-agent');
  await press(page, 'Enter');
  await page.waitForURL(/q=service/);
  await page.locator('search').getByText('Following', { exact: true }).waitFor();
  await press(page, 'Escape', 'Escape');
  const traceId = await runDemoAgent(url, 'keyboard-agent');
  await page.getByRole('row', { name: /agent\.run/ }).waitFor();
  await press(page, 'L');
  await page.locator('search').getByText('Paused', { exact: true }).waitFor();
  await press(page, 'j', 'Enter');
  await page.waitForURL(`**/traces/${traceId}?span=*`);
  await view.close();
}

async function brush({ browser, url }) {
  await demoTraces(url);
  const view = await opened(browser, url, `/p/${project}/traces?t=7d`);
  const { page } = view;
  await page.locator('search').getByText('73 traces, 6 with errors', { exact: true }).waitFor();
  await tabTo(page, page.getByRole('slider', { name: /^traces over time/ }));
  await press(page, 'End', 'Shift+Home');
  await page.waitForFunction(() =>
    /: 73 traces, 6 with errors$/.test(document.querySelector('[role=slider]')?.getAttribute('aria-valuetext') ?? ''),
  );
  await press(page, 'Enter');
  await page.waitForURL(/t=\d{4}-\d\d-\d\dT/);
  await page.locator('search').getByText('73 traces, 6 with errors', { exact: true }).waitFor();
  await view.close();
}

async function find({ browser, url }) {
  const { traceId, idOf } = await sendLongTrace(url, 5000, (span, i) =>
    i === 4321 ? { ...span, attributes: { ...span.attributes, 'input.value': 'where the green walrus sleeps' } } : span,
  );
  const view = await opened(browser, url, '/p/default/traces');
  const { page } = view;
  await press(page, 'Control+k');
  await page.keyboard.type(traceId);
  await press(page, 'Enter');
  await page.getByText('5,000 spans').first().waitFor();
  await press(page, '/');
  await page.keyboard.type('green walrus');
  await page.getByRole('toolbar', { name: 'Trace' }).getByText('1', { exact: true }).waitFor();
  await press(page, 'Enter');
  await selectedRow(page, /^step 4321 /);
  await page.waitForURL(`**span=${idOf(4321)}**`);
  await detail(page).getByText('where the green walrus sleeps').first().waitFor();
  await view.close();
}

// On a server of its own: the shared one is no longer empty.
async function firstRun({ browser }) {
  const server = await startServer();
  try {
    const view = await opened(browser, server.url, '/');
    const { page } = view;
    await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
    await tabTo(page, page.getByRole('tab', { name: 'Python' }));
    await press(page, 'ArrowRight');
    const copy = page.getByRole('button', { name: 'Copy the JS/TS example' });
    await tabTo(page, copy);
    await press(page, 'Enter');
    await page.getByText('copied', { exact: true }).first().waitFor({ state: 'attached' });
    assert.ok((await clipboard(page)).includes(`${server.url}/v1/traces`));
    await postSeed(server.url);
    await page.waitForURL(`**/traces/${seedTraceId}`);
    await page.getByRole('heading', { level: 1, name: 'agent.run' }).waitFor();
    await press(page, 'j');
    await page.waitForURL(/span=/);
    await view.close();
  } finally {
    await server.stop();
  }
}

// Labels name the key that works now: a chosen one, and none once keys of one character are off.
async function hints({ browser, url }) {
  await demoTraces(url);
  const chosen = {
    'Everywhere/this card': 'H',
    'Everywhere/theme: system, light, dark': 'U',
    'Everywhere/open a trace by id, link or traceparent; go to a page or view': 'mod+j',
    'Time/time range': 'W',
    'Traces/refresh': 'R',
    'Traces/query': ';',
    'Traces/peek at the row': 'P',
    'Live/pause or follow': 'Q',
  };
  const view = await opened(browser, url, '/welcome');
  const { page } = view;
  await page.evaluate((keys) => localStorage.setItem('nightjar.keys', keys), JSON.stringify(chosen));
  await view.open(`/p/${project}/traces`);
  await page
    .getByRole('row', { name: /support_agent/ })
    .first()
    .waitFor();
  await page.getByRole('button', { name: 'Refresh (R)' }).waitFor();
  await page.getByRole('button', { name: /^Theme: .* \(U\)$/ }).waitFor();
  await page.getByTitle('Time range (W)').waitFor();
  await page.locator('search kbd').getByText(';', { exact: true }).waitFor();
  await page.locator('search kbd').getByText('Ctrl J', { exact: true }).waitFor();
  await press(page, 'P');
  await page.getByRole('button', { name: 'Close the peek (P)' }).waitFor();
  await press(page, 'P');
  await page.getByRole('complementary', { name: 'Peek' }).waitFor({ state: 'detached' });
  await press(page, 'W');
  await page.getByRole('button', { name: 'All time', pressed: true }).waitFor();
  await press(page, 'Escape', 'Control+j');
  await page.getByRole('combobox', { name: /Paste a trace id/, expanded: true }).waitFor();
  await press(page, 'Escape', 'H');
  await page.getByRole('dialog').getByRole('button', { name: 'Change R for: refresh' }).waitFor();
  await press(page, 'Escape');
  await view.open(`/p/${project}/live`);
  await page.getByTitle('Pause or follow (Q)').waitFor();
  await view.open(`/p/${project}/settings/appearance`);
  await page.getByText('Ctrl J', { exact: true }).last().waitFor();

  await page.evaluate(() => localStorage.setItem('nightjar.singleKeys', 'off'));
  await view.open(`/p/${project}/traces`);
  await page.getByRole('button', { name: 'Refresh', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Keyboard shortcuts', exact: true }).waitFor();
  await page.getByTitle('Time range', { exact: true }).waitFor();
  assert.deepEqual(await page.locator('search kbd').filter({ visible: true }).allInnerTexts(), ['Ctrl J']);
  await view.close();
}

export const keyboard = {
  'by keyboard: a pasted id, what failed, a comparison, a link': fromIdToShare,
  'by keyboard: what a user did': byUser,
  'by keyboard: spans as they arrive': live,
  'by keyboard: a time in the histogram': brush,
  'by keyboard: text among 5,000 spans': find,
  'by keyboard: from an empty server to the first trace': firstRun,
  'labels name the keys that work': hints,
};
