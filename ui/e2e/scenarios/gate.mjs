// Every page in every state it can be in without being touched: loading, loaded, failing; in both themes, in forced
// colours, without motion. What a scenario of its own reaches (empty pages, mistakes, dialogs) is checked there.
import assert from 'node:assert/strict';
import { demoTraces, project } from '../demo.mjs';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';

const base = `/p/${project}`;

// What stands there once it is loaded, and whether it asks the server for anything when it cannot answer.
export async function pagesOf(url) {
  const traces = await demoTraces(url);
  const [one, other] = ['talk-1065', 'talk-1057'].map(
    (session) => traces.find((trace) => trace.common['session.id'] === session).traceId,
  );
  const row = (name) => (page) => page.getByRole('row', { name }).first().waitFor();
  const words = (text) => (page) => page.getByText(text).filter({ visible: true }).first().waitFor();
  const span = (page) => page.getByRole('treeitem').first().waitFor();
  return [
    ['/welcome', words('Send more traces')],
    [base, words('What changed')],
    [`${base}/traces`, row(/support_agent/)],
    [`${base}/traces?of=spans`, row(/chat/)],
    [`${base}/traces?of=calls`, row(/chat/)],
    [`${base}/live`, words('Waiting for the next span')],
    [`${base}/sessions`, row(/talk-1042/)],
    [`${base}/sessions/talk-1042`, words('Is Ember in stock?')],
    [`${base}/users`, row(/chen/)],
    [`${base}/users/chen@example.com`, words('Is Ember in stock?')],
    [`${base}/cost?t=all`, words('Not priced')],
    [`${base}/errors?t=all`, row(/ReadTimeout/)],
    [`${base}/traces/${one}`, span],
    [`${base}/traces/${one}?view=transcript`, words('httpx.ReadTimeout')],
    [`${base}/traces/${one}?view=flame`, words('support_agent.run')],
    [`${base}/traces/${one}?view=log`, words('did not answer')],
    [`${base}/compare?a=${one}&b=${other}`, words(/changed, \d+ added/)],
    [`${base}/compare?a=${one}`, words('Recent traces of the same name')],
    [`${base}/settings/projects`, row(/Delete/)],
    [`${base}/settings/prices`, words('Own prices')],
    [`${base}/settings/ingest`, words('openinference')],
    [`${base}/settings/storage`, words('taking requests')],
    [`${base}/settings/appearance`, words('Rows of lists')],
    [`${base}/settings/licences`, words('Packages of this page')],
    ['/no/such/page', words('There is no such page')],
  ];
}

export const loaded = async (page, ready) => {
  await ready(page);
  await page
    .getByText(/^(Loading|Counting|Comparing|Summing up)/)
    .first()
    .waitFor({ state: 'detached' });
};

async function everyState({ browser, url }) {
  const pages = await pagesOf(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    for (const [path, ready] of pages) {
      let letGo = () => {};
      const held = new Promise((resolve) => {
        letGo = resolve;
      });
      await page.route('**/api/**', async (route) => {
        await held;
        await route.continue().catch(() => {}); // of a page that was left
      });
      await view.open(path);
      await checkAccessibility(page, `${path}, loading, ${theme}`);
      letGo();
      await loaded(page, ready).catch((cause) => Promise.reject(new Error(`${path}, ${theme}`, { cause })));
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await checkAccessibility(page, `${path}, loaded, ${theme}`);
    }
    await view.close();
  }
}

async function everyFailure({ browser, url }) {
  const pages = await pagesOf(url);
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme, expected: /503/ });
    const { page } = view;
    await page.route('**/api/**', (route) =>
      route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } }),
    );
    for (const [path] of pages) {
      await view.open(path);
      // Those that ask for nothing, or have the shell's word for it, have nothing to say.
      if (!/no\/such|appearance|licences|welcome|live/.test(path))
        await page.getByText('the engine is starting again').filter({ visible: true }).first().waitFor();
      await checkAccessibility(page, `${path}, failing, ${theme}`);
    }
    await view.close();
  }
}

async function otherEyes({ browser, url }) {
  const pages = await pagesOf(url);
  const view = await openPage(browser, url);
  const { page } = view;
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  for (const [path, ready] of pages) {
    await view.open(path);
    await loaded(page, ready);
    await checkAccessibility(page, `${path}, forced colours`);
    const moving = await page.evaluate(() =>
      document
        .getAnimations()
        .filter((animation) => animation.playState === 'running')
        .map((animation) => animation.animationName ?? animation.transitionProperty),
    );
    assert.deepEqual(moving, [], `${path} moves`);
    // What has the focus is framed, in a colour of the system.
    await page.keyboard.press('Tab');
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    assert.notEqual(outline, 'none', `${path}: focus`);
    await takePicture(page, `forced-${pages.findIndex(([other]) => other === path)}`);
  }
  await view.close();
}

export const gate = {
  'every page is accessible while it loads and when it has loaded': everyState,
  'every page is accessible when the server cannot answer': everyFailure,
  'every page holds in forced colours and without motion': otherEyes,
};
