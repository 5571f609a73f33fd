// The pages beside the lists, on the demo's traces.
import assert from 'node:assert/strict';
import { demoTraces } from '../demo.mjs';
import { checkAccessibility, checkThemes, openPage, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

async function opened(subject, path, settings = {}) {
  await demoTraces(subject.url);
  const view = await openPage(subject.browser, subject.url, settings);
  await view.open(path);
  return { ...view, page: view.page };
}

const figure = (page, name, value) =>
  page
    .locator('dl > div')
    .filter({ has: page.locator('dt', { hasText: name }) })
    .locator('dd', { hasText: value })
    .first()
    .waitFor();
const region = (page, name) => page.getByRole('region', { name, exact: true });
const rowsOf = async (table) =>
  (await table.getByRole('row').allInnerTexts()).slice(1).map((row) => row.replaceAll(/\s+/g, ' ').trim());

async function home(subject) {
  const { page, close } = await opened(subject, '/p/lamps?t=30d');
  await figure(page, /^Traces$/, '73');
  await figure(page, /^With errors$/, '8.2 %');
  await figure(page, /^Duration p50$/, '1.51s');
  await figure(page, /^Calls without a price$/, '9');
  await figure(page, /^Cost today$/, /^<?\$|^-$/); // little of the demo's two days, at midnight nothing
  await region(page, 'Newest errors').getByRole('link', { name: 'httpx.ReadTimeout' }).first().waitFor();
  await region(page, 'Slowest')
    .getByRole('row', { name: /support_agent.run/ })
    .first()
    .waitFor();
  await region(page, 'What changed').getByText('gpt-4o', { exact: true }).waitFor();
  await page.getByRole('slider', { name: /traces over time/ }).waitFor();
  await checkThemes(page, 'home', 'home');
  await close();
}

// Ten calls yesterday, fine and fast; ten today, five failed and all slow.
async function changed(subject) {
  const hour = 3_600_000_000_000n;
  const calls = (agoHours, ms, failing) =>
    Array.from({ length: 10 }, (_, i) => {
      const startNs = nowNs() - agoHours * hour + BigInt(i) * 1_000_000_000n;
      return {
        traceId: freshId(32),
        spanId: freshId(16),
        name: 'chat',
        startNs,
        endNs: startNs + BigInt(ms) * 1_000_000n,
        attributes: { 'openinference.span.kind': 'LLM', 'llm.model_name': 'nova', 'llm.provider': 'acme' },
        status: i < failing ? { code: 2, message: 'overloaded' } : undefined,
      };
    });
  const resource = { 'service.name': 'changes', 'openinference.project.name': 'changes' };
  await postSpans(subject.url, [...calls(30n, 100, 0), ...calls(3n, 2000, 5)], resource);
  const { page, close } = await opened(subject, '/p/changes');
  const change = (hasText) => region(page, 'What changed').getByRole('listitem').filter({ hasText }).waitFor();
  await figure(page, /^Traces$/, '10');
  await figure(page, /^With errors$/, '50 %');
  await change(/nova\s*50 % failed was 0 % failed/);
  await change(/nova\s*p95 2\.00s was p95 100ms\s*20 times/);
  await region(page, 'Most expensive').getByText('No call of a model with tokens is in this time.').waitFor();
  await takePicture(page, 'home-changed');
  await close();
}

async function errors(subject) {
  const { page, close } = await opened(subject, '/p/lamps/errors?t=all');
  const table = page.getByRole('table', { name: 'Errors' });
  await table.getByRole('row', { name: /search_manual failed three times/ }).waitFor();
  const rows = await rowsOf(table);
  assert.equal(rows.length, 5);
  assert.match(
    rows[0],
    /^T httpx\.ReadTimeout in tool\.search_manual no answer from orders\.internal after 2\.0 s 7 3 support-api/,
  );
  await checkThemes(page, 'errors', 'errors');
  await table.getByRole('link', { name: '7', exact: true }).click();
  await page.locator('search').getByText('7 spans, 7 with errors', { exact: true }).waitFor();
  await close();
}

async function cost(subject) {
  const { page, close } = await opened(subject, '/p/lamps/cost?t=all');
  const usage = (by) => page.getByRole('table', { name: `Usage by ${by}` });
  await usage('model')
    .getByRole('row', { name: /^gpt-4o \$0\.200 \$0\.0585 90\.5k 52 % 3,225 68 0/ })
    .waitFor();
  await usage('model')
    .getByRole('row', { name: /^lamp-llama-8b - - 11\.0k/ })
    .waitFor();
  await page
    .getByRole('table', { name: 'Calls without a price' })
    .getByRole('row', { name: /^lamp-llama-8b - 9/ })
    .waitFor();
  await region(page, 'By day').getByText('claude-3-5-sonnet-20241022').first().waitFor();
  await checkThemes(page, 'cost', 'cost');
  const groups = page.getByRole('group', { name: 'Group by' });
  await groups.getByRole('button', { name: 'By user' }).click();
  await page.waitForURL(/by=user/);
  await usage('user')
    .getByRole('row', { name: /^chen@example\.com/ })
    .waitFor();
  await groups.getByRole('button', { name: 'By tool' }).click();
  await usage('tool')
    .getByRole('row', { name: /^search_manual <\$0\.0001 216 1,182 466 13 7/ })
    .waitFor();
  // What costs most stands first.
  assert.match((await rowsOf(usage('tool')))[0], /^order_status \$0\.00233 216 1,434 - 9 3/);
  await groups.getByRole('button', { name: 'By session' }).click();
  await usage('session')
    .getByRole('row', { name: /^talk-1042/ })
    .waitFor();
  await groups.getByRole('button', { name: 'By prompt' }).click();
  await usage('prompt')
    .getByRole('row', { name: /^support-answer/ })
    .waitFor();
  await checkThemes(page, 'cost by prompt');
  await close();
}

// One call whose total is less than its parts, and one whose library counts tokens itself.
async function doubts(subject) {
  const span = (attributes) => ({
    traceId: freshId(32),
    spanId: freshId(16),
    name: 'chat',
    startNs: nowNs() - 2_000_000_000n,
    endNs: nowNs() - 1_000_000_000n,
    attributes: { 'llm.model_name': 'nova', 'openinference.span.kind': 'LLM', ...attributes },
  });
  const tokens = { 'llm.token_count.prompt': 10n, 'llm.token_count.completion': 2n };
  const resource = { 'service.name': 'doubts', 'openinference.project.name': 'doubts' };
  await postSpans(subject.url, [span({ ...tokens, 'llm.token_count.total': 5n }), span(tokens)], resource);
  const { page, open, close } = await opened(subject, '/p/doubts/cost?t=all');
  const table = region(page, 'Token counts to doubt').getByRole('table');
  await table.getByRole('row', { name: /^nova - 2 0 1$/ }).waitFor();
  await checkAccessibility(page, 'counts to doubt');
  await takePicture(page, 'cost-doubts');
  // Neither has a price, so none is among the expensive ones.
  await open('/p/doubts');
  const expensive = region(page, 'Most expensive');
  await expensive.getByText('2 calls with tokens have no known price, so no trace has a cost.').waitFor();
  await takePicture(page, 'home-unpriced');
  await expensive.getByRole('link', { name: 'Set prices' }).click();
  await page.getByRole('heading', { level: 1, name: 'Prices' }).waitFor();
  await close();
}

async function sessions(subject) {
  const { page, close } = await opened(subject, '/p/lamps/sessions');
  await page.getByRole('row', { name: /^talk-1042/ }).waitFor();
  await checkThemes(page, 'sessions', 'sessions');
  await page.getByRole('link', { name: 'talk-1042' }).click();
  await page.getByRole('heading', { level: 1, name: 'Session talk-1042' }).waitFor();
  const turns = region(page, 'Turns').locator('ol > li');
  await turns.nth(3).getByText('Is Ember in stock?').waitFor();
  await turns.nth(3).getByRole('button', { name: 'Show the calls' }).click();
  const talk = turns.nth(3).getByRole('list', { name: 'Transcript' });
  await talk.getByText('{ "stock": 14 }').waitFor();
  await talk.getByText('12 messages as before').waitFor();
  await page
    .getByRole('table', { name: 'What results of tools cost' })
    .getByRole('row', { name: /^stock 1 1 13 13/ })
    .waitFor();
  await checkThemes(page, 'session', 'session');
  await page.keyboard.press('g');
  await page.keyboard.press('u');
  await page.getByRole('row', { name: /^dora@example\.com/ }).waitFor();
  await checkThemes(page, 'users', 'users');
  await close();
}

// Empty and failing, page by page: the heading that says so.
const instead = [
  ['', 'No traces in project nowhere', 'Not summed up: the engine is starting again', /api\/v1\/sql/],
  ['/sessions', 'No sessions yet', 'The sessions could not be loaded', /\/sessions\?/],
  ['/users', 'No users yet', 'The users could not be loaded', /\/users\?/],
  ['/cost', 'No model was called', 'The usage could not be added up', /\/usage\?/],
  ['/errors', 'No span failed', 'The errors could not be grouped', /api\/v1\/sql/],
  ['/sessions/none', 'No session none in project', 'The session could not be loaded', /\/traces\?/],
];

async function statesOf(subject) {
  const { page, open, close } = await opened(subject, '/welcome', { expected: /503|404/ });
  for (const [path, empty, failing, question] of instead) {
    await open(`/p/nowhere${path}${path === '' ? '?t=all' : ''}`);
    await page.getByRole('heading', { name: empty }).waitFor();
    await checkThemes(page, `${path} empty`);
    await page.route(question, (route) =>
      route.fulfill({
        status: 503,
        json: { error: { code: 'unavailable', message: 'the engine is starting again' } },
      }),
    );
    await open(`/p/lamps${path}`);
    await page.getByText(failing).waitFor();
    await checkThemes(page, `${path} failing`);
    await page.unroute(question);
  }
  await close();
}

export const insight = {
  'home sums up and leads on': home,
  'home tells what changed against the day before': changed,
  'errors are grouped': errors,
  'cost by model, user, tool and day': cost,
  'token counts to doubt are told': doubts,
  'sessions and users, turn by turn': sessions,
  'every page says why it is empty or failing': statesOf,
};
