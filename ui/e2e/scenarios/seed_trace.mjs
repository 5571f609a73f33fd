import assert from 'node:assert/strict';
import {
  checkAccessibility,
  checkThemes,
  openPage,
  readRows,
  selectedRow,
  takePicture,
  themes,
} from '../guarded_page.mjs';
import { rows, spanIds, traceId } from '../seed.mjs';

const tracePath = `/p/default/traces/${traceId}`;

async function waterfall({ browser, url }) {
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    await view.open(tracePath);
    await page.getByRole('tree', { name: 'Spans' }).waitFor();
    await page.getByRole('treeitem').nth(6).waitFor();
    assert.deepEqual(await readRows(page), rows);
    assert.equal(await page.title(), 'agent.run - Nightjar');
    // A pixel inside the first llm.chat bar, row 1 of 24 px, just right of the lane's start.
    const colour = await page.locator('[role="tree"] canvas').evaluate((canvas) => {
      const [red, green, blue] = canvas.getContext('2d').getImageData(10, 36, 1, 1).data;
      return [red, green, blue];
    });
    assert.deepEqual(colour, theme === 'light' ? [0x72, 0x3f, 0xd9] : [0xba, 0x92, 0xff]);
    for (const figure of ['772ms', '956 → 110', 'stack-dev', 'qwen2.5-7b-instruct']) {
      await page.getByRole('definition').filter({ hasText: figure }).first().waitFor();
    }
    await checkAccessibility(page, `trace, ${theme}`);
    await takePicture(page, `trace-agent-${theme}`);
    await view.close();
  }
}

async function content({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`${tracePath}?span=${spanIds.secondChat}`);
  const panel = page.getByRole('tabpanel');
  // The prompt continues the first call's: only what is new stands open, the tool's result with its call.
  await panel.getByText(/^system, \d+ characters, unchanged$/).waitFor();
  await panel.getByRole('button', { name: 'Show 1 earlier message' }).waitFor();
  await panel.getByText('search_docs').first().waitFor();
  await panel.getByText('Django ships SQLite as the default').first().waitFor();
  await panel.getByText('fetch_chunk').waitFor();
  assert.deepEqual(await panel.locator('article:visible > header > span:first-child').allInnerTexts(), [
    'assistant',
    'assistant',
  ]);
  await panel.getByRole('button', { name: 'Show 1 earlier message' }).click();
  await panel.getByText('You are a careful assistant.').waitFor({ state: 'hidden' });
  assert.deepEqual(await panel.locator('article:visible > header > span:first-child').allInnerTexts(), [
    'user',
    'assistant',
    'assistant',
  ]);
  await page.locator('dd', { hasText: '341 → 22' }).waitFor();
  await checkThemes(page, 'messages', 'trace-messages');

  await page.getByRole('treeitem', { name: /^retrieval/ }).click();
  await page.waitForURL(`**span=${spanIds.retrieval}`);
  await panel.getByText('dj-004').waitFor();
  const documents = await panel.locator('ol > li').allInnerTexts();
  assert.deepEqual(
    documents.map((text) => text.split('\n').slice(0, 3)),
    [
      ['#1', '0.62', 'dj-004'],
      ['#2', '0.23', 'op-017'],
      ['#3', '0.21', 'sq-001'],
    ],
  );
  await checkThemes(page, 'documents', 'trace-documents');

  for (const tab of ['Input / Output', 'Attributes', 'Resource', 'JSON']) {
    await page.getByRole('tab', { name: tab }).click();
    await page.getByRole('tab', { name: tab, selected: true }).waitFor();
    if (tab === 'JSON') await page.locator('.cm-content').getByText('"retrieval"').first().waitFor();
    await checkThemes(page, tab, `trace-${tab.replaceAll(/\W+/g, '-').toLowerCase()}`);
  }
  await view.close();
}

async function toList(page) {
  await page.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('t');
  await page
    .getByRole('grid', { name: 'Traces' })
    .getByRole('row', { name: /agent\.run/ })
    .waitFor();
}

async function keyboard({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/');
  await toList(page);
  await page.keyboard.press('j');
  await page.getByRole('row', { selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**${tracePath}`);
  await selectedRow(page, rows[0].heard);
  const press = async (key, row) => {
    await page.keyboard.press(key);
    await selectedRow(page, rows[row].heard);
  };
  await press('j', 1);
  await press('ArrowDown', 2);
  await press('l', 3);
  await press('h', 2);
  await press('End', 6);
  await press('Home', 0);
  await press('k', 0);
  await press('PageDown', 6);
  await press('PageUp', 0);
  await press('j', 1);
  await press('j', 2);
  // Enter and arrows belong to the focused button or tab, letters to the page.
  await page.getByRole('tab', { name: 'Input / Output' }).focus();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: /Attributes/, selected: true }).waitFor();
  await selectedRow(page, rows[2].heard);
  await press('j', 3);
  await press('k', 2);
  await page.waitForURL(`**span=${spanIds.searchDocs}*`);

  await page.keyboard.press('h');
  await page.locator('[role="treeitem"][aria-selected="true"][aria-expanded="false"]').waitFor();
  assert.equal((await readRows(page)).length, 6);
  await page.keyboard.press('l');
  await page.locator('[role="treeitem"][aria-selected="true"][aria-expanded="true"]').waitFor();

  await page.keyboard.press('3');
  await page.getByRole('tab', { name: 'Resource', selected: true }).waitFor();
  await page.waitForURL('**tab=resource');
  await page.keyboard.press('y');
  await page.keyboard.press('i');
  await page.getByText(`Copied span id ${spanIds.searchDocs}`).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), spanIds.searchDocs);

  await page.keyboard.press('Z');
  await page.getByRole('button', { name: /Whole trace/ }).waitFor();
  await takePicture(page, 'trace-zoomed');
  await page.keyboard.press('0');
  await page.getByRole('button', { name: /Whole trace/ }).waitFor({ state: 'detached' });
  await page.keyboard.press('Z');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: /Whole trace/ }).waitFor({ state: 'detached' });

  await page.keyboard.press(']');
  await page.getByText('No further trace in the list').waitFor();

  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('next error', { exact: true }).waitFor();
  await checkAccessibility(page, 'help');
  await takePicture(page, 'help');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await page.keyboard.press('Escape');
  await page.waitForURL('**/p/default/traces');
  await page.getByRole('row', { name: /agent\.run/, selected: true }).waitFor();
  await view.close();
}

async function paste({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/welcome');
  const copied = `traceparent: 00-${traceId}-${spanIds.retrieval}-01`;
  await page.evaluate((text) => navigator.clipboard.writeText(text), copied);
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Control+v');
  await page.waitForURL(`**${tracePath}?span=${spanIds.retrieval}`);
  await page.getByRole('heading', { level: 2, name: 'retrieval' }).waitFor();

  const box = page.getByRole('combobox', { name: /Paste a trace id/ });
  await box.fill('not an id');
  await page.getByRole('option', { name: /^Search traces for/ }).waitFor();
  await box.fill('welc');
  await page.getByRole('option', { name: /Welcome/ }).waitFor();
  await checkAccessibility(page, 'omnibox open');
  await box.press('Enter');
  await page.waitForURL('**/welcome');
  await view.close();
}

async function deepLink({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  const path = `${tracePath}?span=${spanIds.lastChat}&tab=attributes`;
  await view.open(path);
  for (const visit of ['first', 'after a reload']) {
    await page.getByRole('tab', { name: /Attributes/, selected: true }).waitFor();
    await selectedRow(page, rows[6].heard);
    assert.equal(page.url(), `${url}${path}`, visit);
    await view.reload();
  }
  await view.open(`/traces/${traceId}?span=${spanIds.lastChat}`);
  await page.waitForURL(`**${tracePath}?span=${spanIds.lastChat}`);
  await view.open(`${tracePath}?span=0123456789abcdef`);
  await page.getByText('is not in this trace, or still on its way').waitFor();
  // What does not fit is dropped and the page still opens.
  await view.open(`${tracePath}?span=../../x&tab=nonsense&x=%3Cscript%3E`);
  await selectedRow(page, rows[0].heard);
  await view.close();
}

async function theme({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/welcome');
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await background(), 'rgb(255, 255, 255)');
  await page.keyboard.press('t');
  await page.keyboard.press('t');
  assert.equal(await background(), 'rgb(14, 16, 20)');
  // The server knows the choice before any script runs.
  const answer = await page.request.get(`${url}/welcome`);
  assert.match(await answer.text(), /<html lang="en" data-theme="dark">/);
  await view.reload();
  assert.equal(await background(), 'rgb(14, 16, 20)');
  await page.keyboard.press('t');
  assert.equal(await background(), 'rgb(255, 255, 255)');
  await view.close();
}

export const seedTrace = {
  'the waterfall shows names, nesting, durations': waterfall,
  'messages, tokens, documents, every tab': content,
  'keyboard from list to span and back': keyboard,
  'a pasted traceparent opens its span': paste,
  'deep links survive a reload': deepLink,
  'the theme is a cookie the server applies': theme,
};
