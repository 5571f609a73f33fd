// The settings: projects, prices, what arrives, storage, appearance, licences.
import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const hostile = '<img src=x onerror="window.pwned=1">';

function callOf(model, attributes = {}) {
  const startNs = nowNs() - 30_000_000_000n;
  return {
    traceId: freshId(32),
    spanId: freshId(16),
    name: `chat ${model}`,
    startNs,
    endNs: startNs + 900_000_000n,
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': model,
      'llm.provider': 'azure',
      'llm.token_count.prompt': 1000n,
      'llm.token_count.completion': 200n,
      ...attributes,
    },
  };
}

const sent = new Map();
function send(url, project, spans) {
  if (!sent.has(project))
    sent.set(project, postSpans(url, spans(), { 'service.name': project, 'openinference.project.name': project }));
  return sent.get(project);
}

const shop = (url) =>
  send(url, 'settings-shop', () => [
    callOf('our-gpt-large', { 'llm.mystery_knob': 'eleven', [`llm.${hostile}`]: hostile }),
    callOf('our-gpt-small'),
    callOf(hostile),
    callOf('gpt-4o'),
  ]);

async function opened({ browser, url }, section, settings = {}) {
  await shop(url);
  const view = await openPage(browser, url, settings);
  await view.open(`/p/settings-shop/settings/${section}`);
  return { ...view, page: view.page };
}

const refuse = (route) =>
  route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the disk is full' } } });

// Does what changes something; refused at first, which is said in `where` and changes nothing.
async function refusedOnce(page, { path, where, said, act }) {
  const once = (route) => (route.request().method() === 'GET' ? route.continue() : refuse(route));
  await page.route(path, once);
  await act();
  await where.getByRole('alert').getByText(said).waitFor();
  await page.unroute(path, once);
  await act();
}

const everySection = [
  ['projects', 'All projects', 'settings-shop'],
  ['prices', 'Calls without a cost in project settings-shop', 'our-gpt-large'],
  ['ingest', 'Unknown attributes', 'llm.mystery_knob'],
  ['storage', 'Journal', 'taking requests'],
  ['appearance', 'In this browser', 'As the system'],
  ['licences', 'Packages of this page', 'react - 19.3.1'],
];

async function sections(subject) {
  const view = await opened(subject, 'projects');
  const { page } = view;
  for (const [id, heading, word] of everySection) {
    await view.open(`/p/settings-shop/settings/${id}`);
    await page.getByRole('region', { name: heading }).getByText(word).first().waitFor();
    await checkThemes(page, `settings, ${id}`, `settings-${id}`);
    assert.deepEqual(
      await page.evaluate(() => ({
        ran: window.pwned ?? null,
        images: document.querySelectorAll('img:not([src="/favicon.svg"])').length,
      })),
      { ran: null, images: 0 },
    );
  }
  await view.close();
}

async function ownPrices(subject) {
  const view = await opened(subject, 'prices', { expected: /400|503/ });
  const { page } = view;
  const unpriced = page.getByRole('table', { name: 'Calls without a cost' });
  await unpriced.getByRole('row', { name: /our-gpt-large/ }).waitFor();
  assert.equal(await unpriced.getByRole('row').count(), 4); // the head, and three models
  // Layers of styles keep their order whichever stylesheet comes first.
  const primary = page.getByRole('button', { name: 'Add a price' });
  assert.equal(await primary.evaluate((button) => getComputedStyle(button).color), 'rgb(255, 255, 255)');
  await unpriced.getByRole('button', { name: 'Set a price for our-gpt-large' }).click();
  const form = page.getByRole('dialog', { name: 'Add a price' });
  assert.equal(await form.getByLabel('Model').inputValue(), 'our-gpt-large');
  assert.equal(await form.getByLabel('Provider').inputValue(), 'azure');
  await form.getByText('Means 1 call of project settings-shop, 1 of them without a cost:').waitFor();
  await form.getByLabel('Model').fill('our-gpt-.*');
  await form.getByText('Means 2 calls of project settings-shop, 2 of them without a cost:').waitFor();
  await form.getByLabel('Model').fill('our-(gpt');
  await form.getByText('That is no regular expression.').waitFor();
  await form.getByLabel('Input', { exact: true }).fill('2');
  await form.getByRole('button', { name: 'Save' }).click();
  await form
    .getByRole('alert')
    .getByText(/^Not saved: .*our-\(gpt/)
    .waitFor();
  await form.getByLabel('Model').fill('our-gpt-.*');
  await form.getByLabel('Input', { exact: true }).fill('free');
  await form.getByText('a number, or "8; 12 above 200000"').waitFor();
  assert.ok(await form.getByRole('button', { name: 'Save' }).isDisabled());
  await form.getByLabel('Input', { exact: true }).fill('2; 3 above 200000');
  await form.getByLabel('Output', { exact: true }).fill('8');
  await form.getByLabel('Note').fill(hostile);
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await checkAccessibility(page, `a price, ${theme}`);
    await takePicture(page, `settings-price-form-${theme}`);
  }
  await form.getByRole('button', { name: 'Save' }).click();
  const own = page.getByRole('table', { name: 'Own prices' });
  const row = own.getByRole('row', { name: /our-gpt-/ });
  await row.getByText('2; 3 above 200000').waitFor();
  await page.getByText('Saved. Costs of stored calls follow').waitFor();

  await own.getByRole('button', { name: 'Edit our-gpt-.*' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit a price' });
  assert.equal(await edit.getByLabel('Note').inputValue(), hostile);
  await edit.getByLabel('Input', { exact: true }).fill('2.5');
  await edit.getByRole('button', { name: 'Save' }).click();
  await row.getByText('2.5', { exact: true }).waitFor();

  await own.getByRole('button', { name: 'Remove our-gpt-.*' }).click();
  await refusedOnce(page, {
    path: '**/api/v1/prices/*',
    where: page.getByRole('region', { name: 'Own prices' }),
    said: 'Not removed: the disk is full',
    act: () => own.getByRole('button', { name: 'Remove our-gpt-.* for good' }).click(),
  });
  await page.getByText('None yet. Add one for negotiated rates').waitFor();

  await page.getByRole('searchbox', { name: 'Find a price by provider or model' }).fill('gpt-4o-mini');
  const listed = page.getByRole('table', { name: 'Prices of the package' });
  await listed.getByRole('rowheader', { name: 'openai/gpt-4o-mini', exact: true }).first().waitFor();
  await page.getByRole('searchbox').fill('no such model');
  await page.getByText('The package has no price for a model with that in its name.').waitFor();
  await view.close();
}

async function erase(subject) {
  const project = `doomed ${hostile}`;
  await send(subject.url, project, () => [callOf('gpt-4o')]);
  const view = await opened(subject, 'projects', { expected: /503/ });
  const { page } = view;
  const table = page.getByRole('table', { name: 'Projects' });
  const row = table.getByRole('row', { name: new RegExp(`^doomed ${hostile}`) });
  await row.getByRole('button', { name: `Delete ${project}` }).focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: `Delete project ${project}` });
  await dialog.getByText('This erases 1 trace with 1 span').waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await row.waitFor();

  await row.getByRole('button', { name: `Delete ${project}` }).click();
  const confirm = dialog.getByRole('button', { name: 'Delete for good' });
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole('textbox').fill('doomed');
  assert.ok(await confirm.isDisabled());
  await dialog.getByRole('textbox').fill(project);
  await checkAccessibility(page, 'deleting a project');
  await takePicture(page, 'settings-delete');
  await refusedOnce(page, {
    path: '**/api/v1/projects/*',
    where: dialog,
    said: 'Not deleted: the disk is full',
    act: () => dialog.getByRole('textbox').press('Enter'),
  });
  await page.getByText(`Deleted ${project}.`).waitFor();
  await row.waitFor({ state: 'detached' });
  await table.getByRole('link', { name: 'settings-shop', exact: true }).waitFor();
  await view.close();
}

async function retention(subject) {
  const project = `kept ${hostile}`;
  const day = 86_400_000_000_000n;
  const aged = (model, days) => {
    const call = callOf(model);
    return { ...call, startNs: call.startNs - days * day, endNs: call.endNs - days * day };
  };
  await send(subject.url, project, () => [aged('of ten days ago', 10n), aged('of six days ago', 6n)]);
  for (const theme of themes) {
    const view = await opened(subject, 'projects', { theme, expected: /503/ });
    const { page } = view;
    const name = theme === 'light' ? 'For ever' : '7 days';
    await page.getByRole('button', { name: `${name}: ${project}` }).press('Enter');
    const dialog = page.getByRole('dialog', { name: `How long ${project} keeps its traces` });
    const days = dialog.getByRole('textbox', { name: 'Days; empty: for ever' });
    await days.fill('0.5');
    await dialog.getByText('Give a whole number of days, 1 to 36500.').waitFor();
    await checkAccessibility(page, `retention, a mistake, ${theme}`);
    await page.route('**/histogram?*', refuse);
    await days.fill('400');
    await dialog.getByRole('alert').getByText('How much this erases is not known: the disk is full').waitFor();
    await page.unroute('**/histogram?*');
    await days.fill(theme === 'light' ? '7' : '30');
    await dialog.getByText('are erased now, and every hour from now on').waitFor();
    // One is ten days old, one six.
    await dialog
      .getByText(theme === 'light' ? /^This erases 1 trace from before .* at once\.$/ : /^No trace is from before/)
      .waitFor();
    await checkAccessibility(page, `retention, ${theme}`);
    await takePicture(page, `settings-retention-${theme}`);
    await refusedOnce(page, {
      path: '**/retention',
      where: dialog,
      said: 'Not changed: the disk is full',
      act: () => days.press('Enter'),
    });
    await page.getByText(`${project} keeps ${theme === 'light' ? '7 days' : '30 days'}.`).waitFor();
    await dialog.waitFor({ state: 'detached' });
    await view.close();
  }
  // It is applied: the old trace goes, the younger stays.
  const list = await openPage(subject.browser, subject.url);
  await list.open(`/p/${encodeURIComponent(project)}/traces`);
  await list.page.locator('search').getByText('1 trace', { exact: true }).waitFor();
  await list.page.getByRole('row', { name: /of six days ago/ }).waitFor();
  await list.close();
}

async function keys(subject) {
  const view = await opened(subject, 'appearance');
  const { page } = view;
  await view.open('/p/settings-shop/traces');
  await page.getByRole('row', { name: /chat our-gpt-large/ }).waitFor();
  await page.keyboard.press('?');
  const card = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const change = (name) => card.getByRole('button', { name: `Change ${name}`, exact: true });
  await change('j or ↓ for: next row').press('Enter');
  await card.getByText('Press the new key, or Escape to leave it.').waitFor();
  await checkThemes(page, 'a key that is being changed');
  await page.keyboard.press('k');
  await card.getByText('Not changed: k is the key for: previous row.').waitFor();
  await change('j or ↓ for: next row').press('Enter');
  await page.keyboard.press('g');
  await card.getByText('Not changed: g begins the keys for: home.').waitFor();
  await change('j or ↓ for: next row').press('Enter');
  await page.keyboard.press('Escape');
  await change('j or ↓ for: next row').press('Enter');
  await page.keyboard.press('n');
  await card.getByText('n is now the key for: next row.').waitFor();
  await change('g l for: live').press('Enter');
  await page.keyboard.press('L');
  await card.getByText('L is now the key for: live.').waitFor();
  await checkThemes(page, 'changed keys', 'help-changed');
  await page.keyboard.press('Escape');
  await card.waitFor({ state: 'hidden' });

  // The new ones do what the old ones did, after a reload too; the old ones do nothing.
  await view.reload();
  await page.getByRole('row', { name: /chat our-gpt-large/ }).waitFor();
  const selected = page.getByRole('row', { selected: true });
  await page.keyboard.press('j');
  await page.keyboard.press('n');
  assert.equal(await selected.getAttribute('aria-rowindex'), '2');
  await page.keyboard.press('ArrowDown');
  assert.equal(await selected.getAttribute('aria-rowindex'), '3');
  await page.keyboard.press('L');
  await page.waitForURL('**/p/settings-shop/live');
  await view.open('/p/settings-shop/settings/appearance');
  const changed = page.getByRole('list', { name: 'Changed keys' });
  assert.deepEqual(await changed.getByRole('listitem').allInnerTexts(), [
    'n\nTraces: next row\nReset',
    'L\nEverywhere: live\nReset',
  ]);
  await checkThemes(page, 'changed keys in the settings');
  await page.getByRole('button', { name: 'Reset Everywhere: live' }).press('Enter');
  assert.equal(await changed.getByRole('listitem').count(), 1);
  await page.getByRole('button', { name: 'All keys as usual' }).press('Enter');
  await page.getByText('None. A click on a key').waitFor();

  // Without single keys they do nothing; sequences and combinations still do.
  await page.getByRole('checkbox', { name: 'Shortcuts of a single letter or sign' }).uncheck();
  await view.open('/p/settings-shop/traces');
  await page.getByRole('row', { name: /chat our-gpt-large/ }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('ArrowDown');
  assert.equal(await selected.getAttribute('aria-rowindex'), '2');
  await view.close();
}

async function appearance(subject) {
  const view = await opened(subject, 'appearance');
  const { page } = view;
  await page.getByRole('group', { name: 'Theme' }).getByRole('button', { name: 'Dark' }).click();
  await page.getByRole('group', { name: 'Rows of lists' }).getByRole('button', { name: 'Compact' }).click();
  const zone = page.getByRole('combobox', { name: 'Time zone' });
  await zone.fill('Mars/Olympus');
  await page.getByText('No time zone is called Mars/Olympus; times stay as they were.').waitFor();
  await checkAccessibility(page, 'a time zone that is none');
  await zone.fill('Asia/Kathmandu');
  await page.getByText(/^Now is .* GMT\+5:45\./).waitFor();

  // After a reload, and on other pages.
  await view.open('/p/settings-shop/traces');
  await page.getByRole('columnheader', { name: 'Start, GMT+5:45' }).waitFor();
  const row = page.getByRole('row', { name: /chat our-gpt-large/ });
  await row.waitFor();
  assert.equal((await row.boundingBox()).height, 28);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  await view.open('/p/settings-shop/settings/appearance');
  await zone.fill('');
  await page.getByText(/^Now is .* CET\. Empty: the browser's zone\.$/).waitFor();
  await view.close();
}

async function failures(subject) {
  for (const theme of themes) {
    const view = await opened(subject, 'appearance', { theme, expected: /503/ });
    const { page } = view;
    const refuse = (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } });
    let letGo = () => {};
    const held = new Promise((resolve) => {
      letGo = resolve;
    });
    await page.route('**/ingest-health', async (route) => {
      await held;
      await refuse(route);
    });
    await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Ingest health' }).click();
    await page.getByRole('status').getByText('Loading the health of what arrives').waitFor();
    await checkAccessibility(page, `settings, loading, ${theme}`);
    letGo();
    await page.getByRole('alert').getByText('Not loaded: the engine is starting again').waitFor();
    await checkAccessibility(page, `settings, failed, ${theme}`);
    await takePicture(page, `settings-failed-${theme}`);
    await page.unroute('**/ingest-health');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('region', { name: 'Dialects' }).waitFor();
    await view.close();
  }
  const view = await openPage(subject.browser, subject.url, { expected: /404/ });
  await view.open('/p/nobody/settings/ingest');
  await view.page.getByText('No span of project nobody to look at.').waitFor();
  await checkAccessibility(view.page, 'settings, empty');
  await view.open('/p/nobody/settings/none');
  await view.page.waitForURL('**/p/nobody/settings/projects');
  await view.close();
}

// The second status is that of a server which has just started, and whose start page loads another script.
async function upgrade(subject) {
  const view = await opened(subject, 'appearance');
  const { page } = view;
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByText(/stored/)
    .waitFor();
  await page.route('**/api/v1/status', async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, json: { ...(await answer.json()), uptime_s: -1 } });
  });
  await page.route(`${subject.url}/`, (route) =>
    route.fulfill({ contentType: 'text/html', body: '<script src="/assets/index-another_0.js"></script>' }),
  );
  await page.getByText('The server was upgraded and has another version of this page.').waitFor();
  await checkThemes(page, 'upgraded');
  await page.unrouteAll();
  await page.getByRole('button', { name: 'Load it' }).click();
  await page.getByRole('region', { name: 'In this browser' }).waitFor();
  await page.getByText('The server was upgraded').waitFor({ state: 'detached' });
  await view.close();
}

export const settings = {
  'every section of the settings': sections,
  'settings: own prices are added, changed and removed': ownPrices,
  'settings: a project is deleted by its name': erase,
  'settings: a project keeps for some days': retention,
  'keys are changed, kept, and taken back': keys,
  'settings: theme, density and time zone hold everywhere': appearance,
  'settings while the server cannot answer': failures,
  'a page older than its server says so': upgrade,
};
