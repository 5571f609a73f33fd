// Every page in every state it can be in without being touched: loading, loaded, empty, failing; in both themes, in
// forced colours, without motion. What a scenario of its own reaches (mistakes, dialogs) is checked there.
import assert from 'node:assert/strict';
import { demoTraces, project } from '../demo.mjs';
import { checkAccessibility, checkThemes, openPage, takePicture } from '../guarded_page.mjs';

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
  const view = await openPage(browser, url);
  const { page } = view;
  for (const [path, ready] of await pagesOf(url)) {
    let letGo = () => {};
    const held = new Promise((resolve) => {
      letGo = resolve;
    });
    await page.route('**/api/**', async (route) => {
      await held;
      await route.continue().catch(() => {}); // of a page that was left
    });
    await view.open(path);
    await checkThemes(page, `${path}, loading`);
    letGo();
    await loaded(page, ready).catch((cause) => Promise.reject(new Error(path, { cause })));
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await checkThemes(page, `${path}, loaded`);
  }
  await view.close();
}

const nobody = '/p/nobody';
const noTrace = '0123456789abcdef0123456789abcdef';
// What an empty page says. The welcome page, the prices and the storage of an empty server: first_run.
const emptyPages = [
  [nobody, 'No traces in this time'],
  [`${nobody}/traces`, 'No traces in project nobody'],
  [`${nobody}/traces?q=model:none`, 'No trace matches'],
  [`${nobody}/traces?of=spans`, 'No traces in project nobody'],
  [`${nobody}/traces?of=calls`, 'No LLM calls in project nobody'],
  [`${nobody}/live`, 'Waiting for the next span'],
  [`${nobody}/sessions`, 'No sessions yet'],
  [`${nobody}/sessions/none`, 'No session none in project nobody'],
  [`${nobody}/users`, 'No users yet'],
  [`${nobody}/users/none`, 'No user none in project nobody'],
  [`${nobody}/cost?t=all`, 'No model was called'],
  [`${nobody}/cost?t=all&by=tool`, 'No tool was called'],
  [`${nobody}/errors?t=all`, 'No span failed'],
  [`${nobody}/traces/${noTrace}`, 'No such trace in project nobody'],
  [`${nobody}/compare?a=${noTrace}&b=${noTrace}`, 'One of the traces is unknown'],
  [`${nobody}/settings/prices`, 'None yet. Add one for negotiated rates'],
  [`${nobody}/settings/ingest`, 'No span of project nobody to look at.'],
];

async function everyEmptiness({ browser, url }) {
  const view = await openPage(browser, url, { expected: /404/ });
  const { page } = view;
  for (const [path, words] of emptyPages) {
    await view.open(path);
    await loaded(page, () => page.getByText(words).filter({ visible: true }).first().waitFor()).catch((cause) =>
      Promise.reject(new Error(path, { cause })),
    );
    await checkThemes(page, `${path}, empty`);
  }
  await view.close();
}

async function everyFailure({ browser, url }) {
  const pages = await pagesOf(url);
  const view = await openPage(browser, url, { expected: /503/ });
  const { page } = view;
  await page.route('**/api/**', (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } }),
  );
  for (const [path] of pages) {
    await view.open(path);
    // Those that ask for nothing, or have the shell's word for it, have nothing to say.
    if (!/no\/such|appearance|licences|welcome|live/.test(path))
      await page.getByText('the engine is starting again').filter({ visible: true }).first().waitFor();
    await checkThemes(page, `${path}, failing`);
  }
  await view.close();
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
  'every page is accessible when it has nothing to show': everyEmptiness,
  'every page is accessible when the server cannot answer': everyFailure,
  'every page holds in forced colours and without motion': otherEyes,
};
