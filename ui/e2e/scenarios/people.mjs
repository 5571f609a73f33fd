// Users and sessions as talks, also long ones: what is on the page is read page by page, and what is not is told.
import assert from 'node:assert/strict';
import { checkThemes, openPage, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const resource = { 'service.name': 'people', 'openinference.project.name': 'people' };
const sessions = ['talk-a', 'talk-b', null];

// One minute apart; turn 0 is the earliest.
function turnOf(i, { count, user, session }) {
  const traceId = freshId(32);
  const root = freshId(16);
  const startNs = nowNs() - BigInt((count - i) * 60) * 1_000_000_000n;
  const ns = (ms) => startNs + BigInt(ms) * 1_000_000n;
  const common = { 'user.id': user, ...(session ? { 'session.id': session } : {}) };
  return [
    {
      traceId,
      spanId: root,
      name: 'answer',
      startNs,
      endNs: ns(900),
      attributes: {
        'openinference.span.kind': 'AGENT',
        'input.value': `question ${i} of ${user}`,
        'output.value': `answer ${i} to ${user}`,
        ...common,
      },
    },
    {
      traceId,
      spanId: freshId(16),
      parentId: root,
      name: 'chat',
      startNs: ns(10),
      endNs: ns(800),
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o',
        'llm.token_count.prompt': 100n,
        'llm.token_count.completion': 10n,
        'llm.token_count.total': 110n,
        'llm.input_messages': JSON.stringify([{ role: 'user', content: `question ${i} of ${user}` }]),
        'llm.output_messages': JSON.stringify([{ role: 'assistant', content: `answer ${i} to ${user}` }]),
        ...common,
      },
    },
  ];
}

const turns = (count, user, sessionOf) =>
  Array.from({ length: count }, (_, i) => turnOf(i, { count, user, session: sessionOf(i) })).flat();

let sent = null;
const send = (url) => {
  sent ??= postSpans(
    url,
    [
      ...turns(6, 'few', (i) => sessions[Math.floor(i / 2)]),
      ...turns(120, 'many', (i) => `many-${Math.floor(i / 40)}`),
      ...turns(200, 'long', () => 'long-talk'),
    ],
    resource,
  );
  return sent;
};

async function opened({ browser, url }, path, settings = {}) {
  await send(url);
  const view = await openPage(browser, url, settings);
  const asked = [];
  view.page.on('request', (request) => asked.push(new URL(request.url())));
  await view.open(path);
  return { ...view, page: view.page, asked };
}

const region = (page, name) => page.getByRole('region', { name, exact: true });
const turnsIn = (page, name) => region(page, name).getByRole('list').first().locator('> li');
const figure = (page, name) =>
  page
    .locator('dl > div')
    .filter({ has: page.locator('dt', { hasText: new RegExp(`^${name}$`) }) })
    .locator('dd')
    .first();

async function user(subject) {
  const { page, close } = await opened(subject, '/p/people/users');
  await page.getByRole('row', { name: /^few/ }).getByRole('link', { name: 'few', exact: true }).click();
  await page.waitForURL('**/p/people/users/few');
  await page.getByRole('heading', { level: 1, name: 'User few' }).waitFor();
  // The latest session first, and each as it went.
  assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), [
    'Without a session',
    'Session talk-b',
    'Session talk-a',
  ]);
  const said = turnsIn(page, 'Session talk-a');
  assert.equal(await said.count(), 2);
  await said.nth(0).getByText('question 0 of few').waitFor();
  await said.nth(0).getByText('answer 0 to few').waitFor();
  await said.nth(1).getByText('question 1 of few').waitFor();
  assert.equal(await figure(page, 'Turns').innerText(), '6');
  assert.equal(await figure(page, 'Sessions').innerText(), '2');
  // Six calls of 100 tokens in and 10 out; gpt-4o takes $2.50 and $10 for a million.
  assert.equal(await figure(page, 'Tokens').innerText(), '660');
  assert.equal(await figure(page, 'Cost').innerText(), '$0.00210');
  await said.nth(1).getByRole('button', { name: 'Show the calls' }).click();
  await said
    .nth(1)
    .getByRole('list', { name: 'Transcript' })
    .getByText('gpt-4o')
    .or(said.nth(1).getByRole('button', { name: 'chat' }))
    .first()
    .waitFor();
  await checkThemes(page, 'a user', 'user');
  await region(page, 'Session talk-b').getByRole('link', { name: 'Open the session' }).click();
  await page.getByRole('heading', { level: 1, name: 'Session talk-b' }).waitFor();
  await page.getByRole('link', { name: 'few', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'User few' }).waitFor();
  await page.getByRole('link', { name: 'As a list' }).click();
  await page.locator('search').getByText('6 traces', { exact: true }).waitFor();
  await close();
}

async function userOfManyTurns(subject) {
  const { page, asked, close } = await opened(subject, '/p/people/users/many');
  await page.getByText('The latest 50 turns of 120; earlier ones are not loaded.').waitFor();
  assert.equal(await figure(page, 'Turns').innerText(), '120');
  assert.equal(await figure(page, 'Tokens').innerText(), '13.2k'); // of all turns, not of those that are loaded
  assert.equal(await turnsIn(page, 'Session many-2').count(), 40);
  assert.equal(await turnsIn(page, 'Session many-1').count(), 10);
  await turnsIn(page, 'Session many-1').first().getByText('question 70 of many').waitFor();
  await page.getByRole('button', { name: 'Show earlier turns' }).press('Enter');
  await page.getByText('The latest 100 turns of 120; earlier ones are not loaded.').waitFor();
  await page.getByRole('button', { name: 'Show earlier turns' }).press('Enter');
  await turnsIn(page, 'Session many-0').first().getByText('question 0 of many').waitFor();
  await page.getByRole('button', { name: 'Show earlier turns' }).waitFor({ state: 'detached' });
  assert.equal(await turnsIn(page, 'Session many-1').count(), 40);
  // Three pages of rows, and nothing of what the traces say.
  assert.equal(asked.filter(({ pathname }) => pathname.endsWith('/people/traces')).length, 3);
  assert.equal(asked.filter(({ pathname }) => /\/traces\/[0-9a-f]{32}|conversation/.test(pathname)).length, 0);
  await takePicture(page, 'user-many');
  await close();
}

async function longSession(subject) {
  const { page, asked, close } = await opened(subject, '/p/people/sessions/long-talk');
  await region(page, 'Turns').getByText('the first 50 of 200', { exact: true }).waitFor();
  assert.equal(await turnsIn(page, 'Turns').count(), 50);
  assert.equal(await figure(page, 'Turns').innerText(), '200');
  assert.equal(await figure(page, 'Tokens').innerText(), '5,500');
  await page.getByText('of the first 50', { exact: true }).first().waitFor();
  // What all calls say is not read to open the page.
  assert.equal(asked.filter(({ pathname }) => pathname.includes('conversation')).length, 0);
  await checkThemes(page, 'a long session', 'session-long');
  await page.getByRole('button', { name: 'Show more turns' }).press('Enter');
  await region(page, 'Turns').getByText('the first 100 of 200', { exact: true }).waitFor();
  assert.equal(await turnsIn(page, 'Turns').count(), 100);
  await page.getByRole('button', { name: 'Add up' }).press('Enter');
  await page.getByRole('button', { name: 'Add up' }).waitFor({ state: 'detached' });
  await close();
}

async function noUser(subject) {
  const view = await opened(subject, '/p/people/users/nobody', { expected: /503/ });
  const { page } = view;
  await page.getByRole('heading', { name: 'No user nobody in project people' }).waitFor();
  await checkThemes(page, 'no such user');
  const refuse = (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } });
  await page.route('**/people/traces?*', refuse);
  await view.open('/p/people/users/few');
  await page.getByRole('heading', { name: 'The user could not be loaded' }).waitFor();
  await checkThemes(page, 'user, failing');
  await page.unroute('**/people/traces?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: 'User few' }).waitFor();
  await view.close();
}

export const people = {
  'a user is their sessions, turn by turn': user,
  'a user of 120 turns is read page by page': userOfManyTurns,
  'a session of 200 traces opens with its first turns': longSession,
  'a user who is not there, or cannot be loaded': noUser,
};
