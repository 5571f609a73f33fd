// What somebody on call does, from beginning to end, on the demo's traces.
import assert from 'node:assert/strict';
import { demoTraces, project } from '../demo.mjs';
import { openPage, selectedRow, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const detail = (page) => page.getByRole('complementary');
const ofSession = (traces, session) => traces.find((trace) => trace.common['session.id'] === session);
const paste = async (page, text) => {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+v');
};

// An id that a service logged or answered with leads to what failed, what was said, and how a good run differs.
async function fromIdToShare({ browser, url }) {
  const traces = await demoTraces(url);
  const [bad, good] = [ofSession(traces, 'talk-1065'), ofSession(traces, 'talk-1057')];
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/${project}`);
  await paste(page, bad.traceId);
  await page.waitForURL(`**/p/${project}/traces/${bad.traceId}*`);
  await page.getByRole('heading', { level: 1, name: 'support_agent.run' }).waitFor();

  await page.keyboard.press('e');
  await selectedRow(page, /^tool\.search_manual/);
  await detail(page).getByText('no answer from orders.internal after 2.0 s').first().waitFor();
  // What the first call was asked, and what the last one answered.
  await page
    .getByRole('treeitem', { name: /^chat gpt-4o-mini/ })
    .first()
    .click();
  await detail(page)
    .getByText(/^The Aurora lamp flickers since yesterday\./)
    .first()
    .waitFor();
  await page.keyboard.press('End');
  await selectedRow(page, /^chat gpt-4o-mini/);
  await detail(page)
    .getByText(/the manual calls this a reset/)
    .first()
    .waitFor();
  await page.getByRole('treeitem', { name: /^rerank/ }).click();
  await selectedRow(page, /^rerank/);
  await detail(page).getByText('kb-301').first().waitFor();
  await detail(page).getByText('Aurora: manual').first().waitFor();

  await page.keyboard.press('D');
  await page.waitForURL(`**/compare?a=${bad.traceId}`);
  const other = page.getByRole('textbox', { name: 'Trace B: id, traceparent or link' });
  await other.fill(good.traceId);
  await other.press('Enter');
  await page.waitForURL(`**/compare?a=${bad.traceId}&b=${good.traceId}*`);
  const shown = page.getByText(/^\d+ spans? changed, \d+ added, \d+ removed$/);
  await shown.waitFor();
  await page.keyboard.press('n');
  await page.waitForURL(/span=[0-9a-f]{16}/);
  const selected = (of) => of.getByRole('row', { selected: true }).innerText();
  const seen = [await shown.innerText(), await selected(page), page.url()];
  await takePicture(page, 'flow-compare');

  // Whoever opens the link sees just this.
  const colleague = await openPage(browser, url);
  await colleague.open(page.url().slice(url.length));
  const theirs = colleague.page.getByText(seen[0], { exact: true });
  await theirs.waitFor();
  await colleague.page.getByRole('row', { selected: true }).waitFor();
  assert.deepEqual([await theirs.innerText(), await selected(colleague.page), colleague.page.url()], seen);
  await colleague.close();
  await view.close();
}

async function byUser({ browser, url }) {
  await demoTraces(url);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/${project}/users`);
  await page.getByRole('link', { name: 'chen@example.com' }).first().click();
  await page.getByRole('heading', { level: 1, name: 'User chen@example.com' }).waitFor();
  await page.getByText('Is Ember in stock?').first().waitFor();
  await page.getByRole('link', { name: 'As a list' }).click();
  await page.waitForURL((address) => /user/.test(address.searchParams.get('q') ?? ''));
  // Chen talks seven times: of four turns each, but for the one whose tool was down.
  await page.locator('search').getByText('25 traces', { exact: true }).waitFor();
  await page.getByRole('combobox', { name: /^Query for/ }).fill('user:chen@example.com status:error');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'No trace matches' }).waitFor();
  await view.close();
}

async function find({ browser, url }) {
  const traceId = freshId(32);
  const ids = Array.from({ length: 5000 }, () => freshId(16));
  const start = nowNs() - 60_000_000_000n;
  const spans = ids.map((spanId, i) => ({
    traceId,
    spanId,
    parentId: i === 0 ? undefined : ids[0],
    name: i === 0 ? 'nightly run' : `step ${i}`,
    startNs: start + BigInt(i) * 1_000_000n,
    endNs: start + BigInt(i === 0 ? 5000 : i + 1) * 1_000_000n,
    attributes: {
      'openinference.span.kind': 'TOOL',
      'input.value': i === 4321 ? 'where the purple walrus sleeps' : `input ${i}`,
    },
  }));
  await postSpans(url, spans, { 'service.name': 'nightly', 'openinference.project.name': 'nightly' });
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/nightly/traces/${traceId}`);
  await page.getByText('5,000 spans').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('purple walrus');
  await page.getByRole('search').getByRole('status').getByText('1', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await selectedRow(page, /^step 4321 /);
  await page.getByRole('search').getByRole('status').getByText('1 of 1', { exact: true }).waitFor();
  await detail(page).getByText('where the purple walrus sleeps').first().waitFor();
  const address = page.url();
  await view.reload();
  await selectedRow(page, /^step 4321 /);
  assert.equal(page.url(), address);
  await view.close();
}

export const flows = {
  'a pasted trace id leads to the failure, what was said, a comparison and a link': fromIdToShare,
  'a user leads to their traces': byUser,
  'text is found among 5,000 spans': find,
};
