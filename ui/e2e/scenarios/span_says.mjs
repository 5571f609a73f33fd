// A run beside those before it, and what its spans say, tab by tab: by keyboard, in both themes.
import assert from 'node:assert/strict';
import { checkThemes, openPage, takePicture } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const project = 'shelf';
const resource = { 'service.name': 'shelf', 'openinference.project.name': project };
const startNs = nowNs() - 600_000_000_000n;

const stack = [
  'Traceback (most recent call last):',
  '  File "/srv/shelf/agent.py", line 88, in call',
  '    return self.fetch(query)',
  '  File "/usr/lib/python3/dist-packages/httpx/_client.py", line 901, in send',
  '  File "/usr/lib/python3/dist-packages/httpx/_pool.py", line 20, in get',
  '  File "/srv/shelf/fetch.py", line 12, in fetch',
  'httpx.ReadTimeout: late',
].join('\n');

function spanOf(traceId, parentId, name, [fromMs, toMs], more = {}) {
  const [start, end] = [fromMs, toMs].map((ms) => startNs + BigInt(ms) * 1_000_000n);
  return { traceId, spanId: freshId(16), parentId, name, startNs: start, endNs: end, ...more };
}
const kind = (of, more = {}) => ({ attributes: { 'openinference.span.kind': of, ...more } });

// Twenty-one runs, a minute apart, before the one that is looked at: each looked up once, for 10 to 30 ms.
function earlierRuns() {
  return Array.from({ length: 21 }, (_, i) => {
    const [traceId, at] = [freshId(32), (i - 30) * 60_000];
    const root = spanOf(traceId, undefined, 'shelf.run', [at, at + 1000], kind('AGENT'));
    return [root, spanOf(traceId, root.spanId, 'look up', [at + 5, at + 15 + i], kind('TOOL'))];
  }).flat();
}

const prompt = [
  { role: 'user', content: 'Is **Ember** in stock?' },
  {
    role: 'user',
    content: [
      { type: 'image_url', image_url: { url: `data:image/png;base64,${'A'.repeat(4096)}` } },
      { type: 'image_url', image_url: { url: 'https://pictures.invalid/lamp.jpg' } },
    ],
  },
  { role: 'assistant', content: 'It is **not**.' },
];
const toolSchema = {
  type: 'function',
  function: { name: 'look_up', description: 'Looks a lamp up.', parameters: { type: 'object', required: ['lamp'] } },
};

function lateRun() {
  const traceId = freshId(32);
  const root = spanOf(traceId, undefined, 'shelf.run', [0, 3000], kind('AGENT'));
  const child = (name, ms, more) => spanOf(traceId, root.spanId, name, ms, more);
  const first = child('look up', [500, 700], kind('TOOL'));
  const failed = child('look up', [800, 1000], {
    ...kind('TOOL', {
      'tool.name': 'look_up',
      'tool.description': 'Looks a lamp up.',
      'tool.parameters': '{"lamp":"Ember"}',
      'input.value': 'Ember',
    }),
    status: { code: 2, message: 'late' },
    events: [
      {
        timeNs: startNs + 900_000_000n,
        name: 'exception',
        attributes: { 'exception.type': 'ReadTimeout', 'exception.stacktrace': stack },
      },
    ],
  });
  const chat = child('chat', [1000, 2000], {
    ...kind('LLM', {
      'llm.model_name': 'gpt-4o',
      'llm.invocation_parameters': '{"temperature":0.25,"max_tokens":700}',
      'llm.input_messages': JSON.stringify(prompt),
      'llm.output_messages': JSON.stringify([{ role: 'assistant', content: 'Tomorrow.' }]),
      'llm.tools': JSON.stringify([toolSchema]),
    }),
  });
  return { traceId, root, first, failed, chat, spans: [root, first, failed, chat] };
}

let sent = null;
async function runs(url) {
  sent ??= (async () => {
    const run = lateRun();
    await postSpans(url, [...earlierRuns(), ...run.spans], resource);
    return run;
  })();
  return sent;
}

async function opened({ browser, url }, pick, tab = '') {
  const run = await runs(url);
  const view = await openPage(browser, url);
  await view.open(`/p/${project}/traces/${run.traceId}?span=${pick(run).spanId}${tab && `&tab=${tab}`}`);
  return { ...view, run, panel: view.page.getByRole('tabpanel') };
}

// How strongly something is painted at parts of the time axis, two pixels below the top of a row. Of three pixels the
// weakest: a line of the ruler is one wide. Read once: reading slows a canvas.
const strengths = (page, row, parts) =>
  page.locator('canvas[data-part="bars"]').evaluate(
    (canvas, [at, shares]) => {
      const axis = canvas.clientWidth - 80; // what labels have at the end
      const { data } = canvas.getContext('2d').getImageData(0, at * 24 + 2, canvas.width, 1);
      return shares.map((share) => {
        const x = Math.round(axis * share);
        return Math.min(...[x, x + 1, x + 2].map((px) => data[4 * px + 3]));
      });
    },
    [row, parts],
  );

// The span took 200 ms; 20 of its like took 10 to 30: half of them up to 20, 95 % up to 29.
async function usualTime(subject) {
  const { page, panel, close } = await opened(subject, ({ first }) => first);
  await panel.waitFor();
  await page.getByRole('definition').filter({ hasText: '20.0ms, p95 29.0ms' }).waitFor();
  await page.keyboard.press('Z');
  await page.getByText('480ms to 720ms').waitFor();
  // Of the 240 ms on the axis the first 20 are before the span: 30, 45 and 80 are 10, 25 and 60 ms into it.
  const [median, most, none] = await strengths(page, 1, [30 / 240, 45 / 240, 80 / 240]);
  assert.deepEqual([median, most > 60 && most < 120, none], [255, true, 0]);
  await takePicture(page, 'trace-usual');
  await close();
}

async function compareWithUsual(subject) {
  const { page, panel, run, close } = await opened(subject, ({ root }) => root);
  await panel.waitFor();
  await page.keyboard.press('D');
  await page.getByRole('button', { name: 'Compare with what is usual' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/p/${project}/compare?a=${run.traceId}&b=usual`);
  const rowsOf = async (name) => {
    const table = page.getByRole('table', { name });
    await table.getByRole('row').nth(1).waitFor();
    const rows = await table.getByRole('row').allInnerTexts();
    return rows.slice(1).map((row) => row.split('\t').map((cell) => cell.trim().replaceAll(/\s+/g, ' ')));
  };
  assert.deepEqual(await rowsOf('This run and the usual one'), [
    ['Duration', '3.00s', '1.00s', '1.00s', '+2.00s over 95 %'],
    ['Spans', '4', '2', '2', '+2 over 95 %'],
    ['Errors', '1', '0', '0', '+1 over 95 %'],
    ['Tokens', '-', '-', '-', '-'],
    ['Cost', '-', '-', '-', '-'],
  ]);
  assert.deepEqual(await rowsOf('Spans by kind and name'), [
    ['A shelf.run', '21 of 21', '1', '1', '3.00s', '1.00s', '+2.00s over 95 %', '-', '-'],
    ['L chat', '0 of 21', '1', '-', '1.00s', '-', '-', '-', '-'],
    ['T look up', '21 of 21', '2', '1', '400ms', '20.0ms', '+380ms over 95 %', '-', '-'],
  ]);
  await checkThemes(page, 'a run beside the usual one', 'compare-usual');
  await page.getByRole('link', { name: 'look up' }).focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/traces/${run.traceId}?span=${run.first.spanId}`);
  await page.goto(`${subject.url}/p/default/compare?a=${run.traceId}&b=usual`);
  await page.getByRole('button', { name: 'Other trace…' }).click();
  await page.waitForURL(`**/compare?a=${run.traceId}`);
  await close();
}

// One message is shown another way than the others; an image is named, and not fetched.
async function messageForms(subject) {
  const { page, panel, close } = await opened(subject, ({ chat }) => chat);
  const message = (number) => panel.locator(`article#m${number}`);
  await message(1).locator('strong', { hasText: 'Ember' }).waitFor();
  await message(1).getByRole('button', { name: 'Markdown: show message 1 as Plain' }).focus();
  await page.keyboard.press('Enter');
  await message(1).getByText('Is **Ember** in stock?', { exact: true }).waitFor();
  await page.keyboard.press('Enter');
  await message(1).getByText('"role": "user"').waitFor();
  await message(3).locator('strong', { hasText: 'not' }).waitFor();
  await message(2).getByText('image/png 3.00 KiB').waitFor();
  await message(2).getByText('image https://pictures.invalid/lamp.jpg').waitFor();
  assert.equal(await panel.locator('img').count(), 0);
  await checkThemes(page, 'messages each in a form', 'detail-forms');
  await message(1).getByRole('button', { name: 'JSON: show message 1 as Markdown' }).click();
  await message(1).locator('strong', { hasText: 'Ember' }).waitFor();
  await close();
}

async function toolsAndParameters(subject) {
  const { page, panel, run, close } = await opened(subject, ({ chat }) => chat, 'tools');
  await panel.getByRole('heading', { name: 'look_up' }).waitFor();
  await panel.getByText('Looks a lamp up.').waitFor();
  await panel.getByText('"required"').waitFor();
  await page.getByRole('tab', { name: 'Parameters' }).click();
  const terms = async () => (await panel.locator('dl > div').allInnerTexts()).map((text) => text.split(/\s*\n\s*/));
  await panel.getByText('max_tokens').waitFor();
  assert.deepEqual(
    (await terms()).map(([name, type, value]) => [name, type, value]),
    [
      ['answered by model', 'string', 'gpt-4o'],
      ['provider', 'string', 'openai'],
      ['max_tokens', 'int', '700'],
      ['temperature', 'double', '0.25'],
    ],
  );
  await page.goto(`${subject.url}/p/${project}/traces/${run.traceId}?span=${run.failed.spanId}&tab=tools`);
  for (const [name, text] of [
    ['Description', 'Looks a lamp up.'],
    ['Arguments', '"lamp": "Ember"'],
  ])
    await panel
      .locator('section', { has: page.getByRole('heading', { name }) })
      .getByText(text)
      .waitFor();
  await close();
}

async function ownFrames(subject) {
  const { page, panel, close } = await opened(subject, ({ failed }) => failed, 'events');
  await panel.getByText('2 frames of libraries').waitFor();
  const own = ['agent.py", line 88', 'return self.fetch', 'fetch.py", line 12', 'ReadTimeout: late'];
  const lines = async () => (await panel.locator('pre').first().innerText()).split('\n').slice(1, -1);
  assert.deepEqual(
    (await lines()).map((line, at) => line.includes(own[at])),
    [true, true, true, true],
  );
  await checkThemes(page, 'a stack trace with own frames first', 'detail-frames');
  await panel.getByText('2 frames of libraries').focus();
  await page.keyboard.press('Enter');
  await panel.getByText('_client.py", line 901').waitFor();
  await panel.getByRole('group', { name: 'Order of frames' }).getByRole('button', { name: 'As thrown' }).focus();
  await page.keyboard.press('Enter');
  await panel.getByText('2 frames of libraries').waitFor({ state: 'detached' });
  assert.equal((await panel.locator('pre').allInnerTexts()).join('').trimEnd(), stack);
  await close();
}

async function jsonPointer(subject) {
  const { page, panel, close } = await opened(subject, ({ chat }) => chat, 'json');
  const pointer = panel.getByRole('navigation', { name: 'JSON pointer' });
  await pointer.getByText('A click on a value').waitFor();
  await panel.locator('.cm-line', { hasText: '"duration_ns"' }).click();
  await pointer.getByRole('button', { name: '/duration_ns', exact: true }).waitFor();
  await page.keyboard.press('ArrowUp');
  await pointer.getByRole('button', { name: '/end_unix_ns', exact: true }).waitFor();
  await page.keyboard.press('Control+f');
  await page.keyboard.type('"Tomorrow."');
  await page.keyboard.press('Enter');
  await pointer.getByRole('button', { name: '/text', exact: true }).waitFor();
  await pointer.getByRole('button', { name: 'Copy the JSON pointer' }).click();
  await pointer.getByRole('status').getByText('copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, '/llm/output_messages/0/content/0/text');
  await checkThemes(page, 'JSON with its pointer', 'detail-pointer');
  await pointer.getByRole('button', { name: '/output_messages' }).focus();
  await page.keyboard.press('Enter');
  await pointer.getByRole('button', { name: '/text', exact: true }).waitFor({ state: 'detached' });
  assert.deepEqual(await pointer.getByRole('listitem').allInnerTexts(), ['/llm', '/output_messages']);
  await page.keyboard.press('Control+Shift+BracketLeft');
  await panel.locator('.cm-foldPlaceholder').waitFor();
  await close();
}

export const spanSays = {
  'a span tells how long its like usually take': usualTime,
  'a run is compared with what is usual': compareWithUsual,
  'a message alone is shown another way, an image is named': messageForms,
  'tools and parameters of a call': toolsAndParameters,
  'own frames of a stack trace come first': ownFrames,
  'JSON tells the pointer of a value': jsonPointer,
};
