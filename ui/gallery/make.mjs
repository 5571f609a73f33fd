// Usage: make.mjs [FOLDER]
// Takes the pictures of docs/gallery: starts a server of its own, sends the demo, and photographs every page in both
// themes, 1440 and 1024 px wide, lists and traces on a phone too. Writes an index beside the pictures.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoTraces, project } from '../e2e/demo.mjs';
import { launchBrowser, openPage, themes } from '../e2e/guarded_page.mjs';
import { encodeRequest, postRequest } from '../e2e/otlp.mjs';
import { startServer } from '../e2e/server.mjs';
import { shrinkPng } from './png.mjs';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../docs/gallery', import.meta.url));
const screens = [
  { name: '1440', width: 1440, height: 900 },
  { name: '1024', width: 1024, height: 768 },
];
const phone = { name: '390', width: 390, height: 844 };

const base = `/p/${project}`;
const traceOf =
  (session, turn = 0) =>
  (traces) =>
    traces.filter((trace) => trace.common['session.id'] === session)[turn].traceId;
const spanOf =
  (session, name, turn = 0, last = true) =>
  (traces) => {
    const trace = traces.filter((one) => one.common['session.id'] === session)[turn];
    const spans = trace.spans.filter((span) => span.name === name);
    return `${base}/traces/${trace.traceId}?span=${(last ? spans.at(-1) : spans[0]).spanId}`;
  };
const retried = traceOf('talk-1065');

// What stands on a page when it may be photographed.
const row = (name) => (page) => page.getByRole('row', { name }).first().waitFor();
const strong = (text) => (page) => page.locator('strong', { hasText: text }).first().waitFor();
const words = (text) => (page) => page.getByText(text).first().waitFor();
const opened = (key, ready) => async (page) => {
  await row(/support_agent/)(page);
  await page.keyboard.press(key);
  await ready(page);
};
const pressed = (key, ready) => async (page) => {
  await page.getByRole('treeitem').first().waitFor();
  await page.keyboard.press(key);
  await ready(page);
};

async function failing(page) {
  const json = { error: { code: 'unavailable', message: 'the engine is starting again' } };
  await page.route('**/traces?*', (route) => route.fulfill({ status: 503, json }));
  await page.reload();
  await words('Try again')(page);
  await page.unroute('**/traces?*');
}

async function keepingFor(page) {
  await page.getByRole('button', { name: /^For ever: / }).click();
  await page.getByRole('textbox', { name: /^Days/ }).fill('1');
  await words(/^This erases/)(page);
}

// A trace that is sent again arrives again, and changes nothing. The same bytes would not: each request has another order.
let arrivals = 0;
async function arriving(page, traces) {
  await words('Following')(page);
  const { spans } = traces.find(({ traceId }) => traceId === retried(traces));
  const resource = { 'service.name': 'support-api', 'openinference.project.name': project };
  const ordered = [...spans.slice(arrivals), ...spans.slice(0, arrivals)];
  await postRequest(
    new URL(page.url()).origin,
    encodeRequest(ordered, resource, { name: 'openinference.instrumentation.openai' }),
  );
  arrivals += 1;
  await row(/support_agent/)(page);
}

const scenes = [
  ['home', 'Home', () => `${base}`, words('What changed')],
  ['traces', 'Traces, found by query, time and facets', () => `${base}/traces`, row(/support_agent/), phone],
  ['found', 'Words where they were found', () => `${base}/traces?q=dimmer`, words('output message')],
  [
    'palette',
    'Any page, or an id that was pasted',
    () => `${base}/traces`,
    opened('Control+k', words('Welcome: send a trace')),
  ],
  ['help', 'Keys, which can be changed', () => `${base}/traces`, opened('?', words('next row'))],
  ['failing', 'A list that could not be loaded', () => `${base}/traces`, failing],
  ['spans', 'Spans', () => `${base}/traces?of=spans&sort=-duration`, row(/support_agent/), phone],
  ['calls', 'Calls of models', () => `${base}/traces?of=calls&sort=-cost`, row(/chat/), phone],
  ['live', 'Spans as they arrive', () => `${base}/live`, arriving, phone],
  ['peek', 'A look beside the list', (traces) => `${base}/traces?peek=${retried(traces)}`, words('httpx.ReadTimeout')],
  [
    'trace',
    'A trace: its critical path, what was in vain',
    (traces) => `${base}/traces/${retried(traces)}`,
    pressed('C', words('retries')),
    phone,
  ],
  [
    'messages',
    'What a call adds to the one before',
    spanOf('talk-1042', 'chat gpt-4o', 3),
    words('Yes, 14 pieces.'),
    phone,
  ],
  [
    'cost-of-a-call',
    'A cost that explains itself',
    (traces) => `${spanOf('talk-1042', 'chat gpt-4o', 3)(traces)}&tab=cost`,
    words('Saved by the cache'),
  ],
  ['documents', 'Documents before and after the rerank', spanOf('talk-1042', 'rerank', 3), words('left out')],
  ['error', 'A failed tool', spanOf('talk-1065', 'tool.search_manual', 0, false), words('orders.internal')],
  [
    'transcript',
    'A trace as a talk',
    (traces) => `${base}/traces/${retried(traces)}?view=transcript`,
    words('httpx.ReadTimeout'),
  ],
  ['flame', 'A trace as a flame', (traces) => `${base}/traces/${retried(traces)}?view=flame`, words('× 3')],
  [
    'log',
    'A trace moment by moment',
    (traces) => `${base}/traces/${retried(traces)}?view=log`,
    words('did not answer'),
  ],
  [
    'graph',
    'A trace as a graph: who called whom',
    (traces) => `${base}/traces/${retried(traces)}?view=graph`,
    words('3 spans, 4.14s'),
  ],
  [
    'compare',
    'Two traces compared',
    (traces) => `${base}/compare?a=${traceOf('talk-1057')(traces)}&b=${retried(traces)}`,
    words(/changed, \d+ added/),
    phone,
  ],
  [
    'compare-with',
    'A trace to compare with',
    (traces) => `${base}/compare?a=${retried(traces)}`,
    words('Recent traces of the same name'),
  ],
  ['sessions', 'Sessions', () => `${base}/sessions`, row(/talk-1042/), phone],
  ['session', 'A session, turn by turn', () => `${base}/sessions/talk-1042`, strong('Ember')],
  ['users', 'Users', () => `${base}/users`, row(/chen/)],
  ['user', 'A user, session by session', () => `${base}/users/ben@example.com`, strong('R-118'), phone],
  ['cost', 'Cost', () => `${base}/cost?t=all`, words('Not priced')],
  ['errors', 'Errors, grouped', () => `${base}/errors?t=all`, row(/ReadTimeout/)],
  ['projects', 'Projects', () => `${base}/settings/projects`, row(/Delete/)],
  ['retention', 'How long a project keeps', () => `${base}/settings/projects`, keepingFor],
  ['prices', 'Prices', () => `${base}/settings/prices`, words('Own prices')],
  ['ingest', 'Ingest health', () => `${base}/settings/ingest`, words('openinference')],
  ['storage', 'Storage', () => `${base}/settings/storage`, words('taking requests')],
  ['appearance', 'Appearance', () => `${base}/settings/appearance`, words('Rows of lists')],
  ['licences', 'Licences', () => `${base}/settings/licences`, words('Packages of this page')],
  [
    'nothing',
    'A list that says why it is empty',
    () => `${base}/traces?q=model%3Anone&t=24h`,
    words('No trace matches'),
  ],
];
const firstRun = ['welcome', 'The first run', () => '/welcome', words('OTLP/HTTP')];

async function takeOne({ view, traces, file }, [, , path, ready]) {
  await view.open(path(traces));
  await ready(view.page, traces);
  await view.page.evaluate(() => document.fonts.ready);
  await view.page
    .getByText(/^(Adding up|Loading|Counting|Comparing|Summing up)/)
    .first()
    .waitFor({ state: 'detached' });
  writeFileSync(join(folder, file), shrinkPng(await view.page.screenshot()));
}

async function takeAll({ url, browser, traces }, taken) {
  for (const theme of themes) {
    for (const screen of [...screens, phone]) {
      // On a busy machine an answer may be refused; pages ask again.
      const view = await openPage(browser, url, { theme, ...screen, expected: /503/ });
      for (const scene of taken) {
        const [name, , , , onPhone] = scene;
        if (screen === phone && !onPhone) continue;
        await takeOne({ view, traces, file: `${name}-${screen.name}-${theme}.png` }, scene);
      }
      await view.close();
    }
  }
}

function index() {
  const lines = [
    '# Gallery',
    '',
    'Made by `./x gallery` from demo data. Each page in both themes, 1440 and 1024 px wide, lists and traces on a phone.',
    '',
  ];
  for (const [name, title, , , onPhone] of [firstRun, ...scenes]) {
    const others = [...screens.slice(1), ...(onPhone ? [phone] : [])].flatMap((screen) =>
      themes.map((theme) => `[${screen.name} px, ${theme}](${name}-${screen.name}-${theme}.png)`),
    );
    lines.push(
      `## ${title}`,
      '',
      `![${title}](${name}-1440-light.png)`,
      '',
      `[dark](${name}-1440-dark.png), ${others.join(', ')}`,
      '',
    );
  }
  return lines.join('\n');
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const server = await startServer();
const browser = await launchBrowser();
try {
  await takeAll({ url: server.url, browser, traces: [] }, [firstRun]);
  const traces = await demoTraces(server.url);
  await takeAll({ url: server.url, browser, traces }, scenes);
  writeFileSync(join(folder, 'README.md'), index());
} finally {
  await browser.close();
  await server.stop();
}
