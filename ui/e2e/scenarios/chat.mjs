// The runner, then a session of two users of the chat server: the id that an answer carries is all that whoever looks
// for it has.
import assert from 'node:assert/strict';
import { checkAccessibility, openPage, selectedRow, takePicture } from '../guarded_page.mjs';
import { runDemoAgent, withChatServer } from '../stack.mjs';

async function post(address, path, body, headers = {}) {
  const response = await fetch(`${address}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200);
  return response.headers.get('x-trace-id');
}

const ask = (address, message, user) =>
  post(address, '/chat', { message }, { 'x-user-id': user, 'x-session-id': `s-${user}` });

const paste = async (page, text) => {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+v');
};

const waterfall = ['POST /chat', 'agent.run', 'llm.chat', 'tool.search_docs', 'retrieval', 'llm.chat'];

async function openPasted(page, trace, names) {
  await paste(page, trace);
  await page.waitForURL(`**/p/default/traces/${trace}*`);
  await page.getByRole('heading', { level: 1, name: names[0] }).waitFor();
  for (const name of names) await page.getByRole('treeitem', { name }).first().waitFor();
  await page
    .getByRole('treeitem')
    .nth(names.length - 1)
    .waitFor();
}

async function fromAnswerToComplaint({ browser, url }) {
  const runnerTrace = await runDemoAgent(url, 'chat-runner');
  await withChatServer(url, async (address) => {
    const chenTrace = await ask(address, 'What is WAL?', 'chat-chen');
    const danTrace = await ask(address, 'What is PgBouncer?', 'chat-dan');
    assert.match(danTrace, /^[0-9a-f]{32}$/);
    await post(
      address,
      '/feedback',
      { trace_id: danTrace, score: 0, comment: 'not what I asked' },
      { 'x-user-id': 'chat-dan' },
    );
    const view = await openPage(browser, url);
    const { page } = view;
    await view.open('/p/default/traces');
    const list = page.getByRole('grid', { name: 'Traces' });
    await list.waitFor();

    // The id that the runner printed, or an answer carried, leads to the waterfall.
    await openPasted(page, runnerTrace, waterfall.slice(1));
    await openPasted(page, danTrace, waterfall);
    await page.keyboard.press('End');
    await selectedRow(page, /^llm\.chat/);
    await page.getByRole('complementary').getByText('What is PgBouncer?').first().waitFor();

    // From the trace to what else this user asked, and to what the user thought of it.
    await page.getByRole('link', { name: 'chat-dan', exact: true }).click();
    await page.waitForURL((address) => address.searchParams.get('q') === 'user:chat-dan');
    await list.getByRole('row', { name: /POST \/chat/ }).waitFor();
    await page.locator('search').getByText('1 trace', { exact: true }).waitFor();
    assert.equal(await list.getByRole('row').locator('a').getAttribute('href'), `/p/default/traces/${danTrace}`);
    const query = page.getByRole('combobox', { name: 'Query for traces' });
    await query.fill('user:chat-* score.user_feedback<1');
    await query.press('Enter');
    await page.waitForURL((address) => address.searchParams.get('q') === 'user:chat-* score.user_feedback<1');
    await page.locator('search').getByText('1 trace', { exact: true }).waitFor();
    await list.focus();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/p/default/traces/${danTrace}*`);
    const feedback = page.locator('dl > div').filter({ has: page.locator('dt', { hasText: /^user_feedback$/ }) });
    await feedback.getByText('thumbs-down', { exact: true }).waitFor();
    assert.match(await feedback.getAttribute('title'), /not what I asked/);
    await checkAccessibility(page, 'a trace with feedback');
    await takePicture(page, 'chat-feedback');

    await view.open(`/p/default/traces/${chenTrace}`);
    await page.getByRole('heading', { level: 1, name: 'POST /chat' }).waitFor();
    assert.equal(await feedback.count(), 0);
    await view.close();
  });
}

export const chat = {
  'the ids of a run and of a chat answer lead to their waterfalls, its user and the thumbs-down': fromAnswerToComplaint,
};
