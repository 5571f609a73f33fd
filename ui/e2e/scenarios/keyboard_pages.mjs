// Every page but the trace's without a mouse: what Tab reaches on it, which key is pressed there, and what that does.
import { openByKeyboard, press, tabTo } from '../by_keyboard.mjs';
import { demoTraces, project } from '../demo.mjs';

const base = `/p/${project}`;
const button = (name) => (page) => page.getByRole('button', { name }).first();
const link = (name) => (page) => page.getByRole('link', { name, exact: true }).first();
const title = (name) => (page) => page.getByRole('heading', { level: 1, name }).waitFor();
const address = (part) => (page) => page.waitForURL((url) => url.href.includes(part));
const table = (name) => (page) => page.getByRole('table', { name }).waitFor();
const dialog = (name) => async (page) => {
  await page.getByRole('dialog', { name }).waitFor();
  await press(page, 'Escape');
  await page.getByRole('dialog', { name }).waitFor({ state: 'detached' });
};

// Page, what is reached, keys there, effect.
const flows = [
  [base, link('All errors'), ['Enter'], title('Errors')],
  [base, button('Last 24 hours'), ['Enter', 'Tab', 'Enter'], address('t=7d')],
  [`${base}/traces`, (page) => page.getByRole('checkbox', { name: /^gpt-4o 41$/ }), ['Space'], address('q=model')],
  [
    `${base}/traces`,
    button(/^Columns/),
    ['Enter'],
    (page) => page.getByRole('checkbox', { name: 'Trace id' }).waitFor(),
  ],
  [`${base}/traces`, button('Views'), ['Enter'], (page) => page.getByPlaceholder('Name this view').waitFor()],
  [`${base}/traces?of=spans`, button('Duration'), ['Enter'], address('sort=-duration')],
  [`${base}/traces?of=calls`, button('Traces'), ['Enter'], title('Traces')],
  [`${base}/traces?q=status:error+model:none`, button(/^Without model:none/), ['Enter'], title('Traces')],
  [`${base}/live`, button('Pause'), ['Enter'], (page) => page.getByText('Paused', { exact: true }).first().waitFor()],
  [`${base}/sessions`, link('talk-1042'), ['Enter'], title('Session talk-1042')],
  [`${base}/sessions/talk-1042`, link('As a list'), ['Enter'], address('q=session')],
  [`${base}/users`, link('ben@example.com'), ['Enter'], title('User ben@example.com')],
  [`${base}/users/ben@example.com`, link('Open the session'), ['Enter'], title(/^Session talk-/)],
  [`${base}/cost?t=all`, button('By tool'), ['Enter'], table('Usage by tool')],
  [`${base}/cost?t=all`, link('Set a price'), ['Enter'], title('Prices')],
  [`${base}/errors?t=all`, link('7'), ['Enter'], title('Spans')],
  [`${base}/settings/projects`, button(/^For ever: lamps/), ['Enter'], dialog(/^How long/)],
  [`${base}/settings/projects`, button('Delete lamps'), ['Enter'], dialog('Delete project lamps')],
  [`${base}/settings/prices`, button('Set a price for lamp-llama-8b'), ['Enter'], dialog('Add a price')],
  [`${base}/settings/ingest`, link('Storage'), ['Enter'], title('Storage')],
  [`${base}/settings/storage`, link('Ingest health'), ['Enter'], title('Ingest health')],
  [
    `${base}/settings/appearance`,
    button('Dark'),
    ['Space'],
    (page) => page.locator('html[data-theme="dark"]').waitFor(),
  ],
  [
    `${base}/settings/licences`,
    (page) => page.locator('summary').first(),
    ['Enter'],
    (page) => page.locator('details[open]').first().waitFor(),
  ],
  [
    '/welcome',
    (page) => page.getByRole('tab', { name: 'Python' }),
    ['ArrowLeft'],
    (page) => page.getByRole('region', { name: 'The Collector example' }).waitFor(),
  ],
];

async function pages({ browser, url }) {
  await demoTraces(url);
  const { page, open, close } = await openByKeyboard(browser, url, base);
  for (const [path, element, keys, effect] of flows) {
    const told = (cause) => Promise.reject(new Error(`${path}, ${keys}`, { cause }));
    await open(path);
    await press(page, 'Tab', 'Enter'); // past what is on every page
    await tabTo(page, element(page)).catch(told);
    await press(page, ...keys);
    await effect(page).catch(told);
  }
  await close();
}

export const keyboardPages = { 'by keyboard: something on every page': pages };
