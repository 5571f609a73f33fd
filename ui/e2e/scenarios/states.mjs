import assert from 'node:assert/strict';
import { checkAccessibility, checkThemes, openPage, takePicture, themes } from '../guarded_page.mjs';
import { freshId, nowNs, postSpans } from '../otlp.mjs';

const stack = `Traceback (most recent call last):
  File "/app/agent.py", line 41, in run
    result = self.registry.call(name, args)
  File "/usr/lib/python3/dist-packages/httpx/_client.py", line 901, in send
    raise TimeoutError("deadline exceeded")
TimeoutError: deadline exceeded`;

// A chat agent whose tool failed, with a session, a user and a long history.
function failingTrace() {
  const traceId = freshId(32);
  const [agent, chat, tool] = [freshId(16), freshId(16), freshId(16)];
  const start = nowNs() - 5_000_000_000n;
  const history = Array.from({ length: 24 }, (_, i) => ({
    role: i % 2 ? 'assistant' : 'user',
    content: `turn ${i} ${'of a long talk '.repeat(i)}`,
  }));
  const spans = [
    {
      traceId,
      spanId: agent,
      name: 'support_agent.run',
      startNs: start,
      endNs: start + 4_200_000_000n,
      attributes: {
        'openinference.span.kind': 'AGENT',
        'session.id': 'sess-8841',
        'user.id': 'user-17',
        'input.value': 'How do I rotate my API key without downtime?',
      },
      status: { code: 2, message: 'tool search_docs failed' },
    },
    {
      traceId,
      spanId: chat,
      parentId: agent,
      name: 'chat gpt-4o',
      startNs: start + 20_000_000n,
      endNs: start + 1_840_000_000n,
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': 'gpt-4o',
        'llm.provider': 'openai',
        'llm.invocation_parameters': '{"temperature": 0.2, "max_tokens": 512}',
        'llm.input_messages': JSON.stringify([{ role: 'system', content: 'You are a support agent.' }, ...history]),
        'llm.output_messages': JSON.stringify([{ role: 'assistant', content: 'Keys may overlap for 24 hours.' }]),
        'llm.token_count.prompt': 41_100n,
        'llm.token_count.completion': 311n,
        'llm.token_count.total': 41_411n,
        'app.snowflake': 9007199254740993n,
      },
    },
    {
      traceId,
      spanId: tool,
      parentId: agent,
      name: 'tool.search_docs',
      startNs: start + 1_850_000_000n,
      endNs: start + 4_190_000_000n,
      attributes: {
        'openinference.span.kind': 'TOOL',
        'tool.name': 'search_docs',
        'input.value': '{"query":"rotate"}',
      },
      status: { code: 2, message: 'deadline exceeded' },
      events: [
        {
          timeNs: start + 4_190_000_000n,
          name: 'exception',
          attributes: {
            'exception.type': 'TimeoutError',
            'exception.message': 'deadline exceeded',
            'exception.stacktrace': stack,
          },
        },
      ],
      links: [{ traceId: freshId(32), spanId: freshId(16), attributes: { why: 'retry of' } }],
    },
  ];
  return { traceId, chat, tool, spans };
}

async function failure({ browser, url }) {
  const failing = failingTrace();
  await postSpans(url, failing.spans, { 'service.name': 'support-api' });
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${failing.traceId}`);
  await page.getByRole('treeitem', { name: /support_agent\.run.*error/ }).waitFor();
  await page.keyboard.press('e');
  await page.waitForURL(`**span=${failing.tool}`);
  const panel = page.getByRole('tabpanel');
  await panel.getByText('File "/app/agent.py", line 41, in run').waitFor();
  await page.getByRole('complementary').getByText('TimeoutError').first().waitFor();
  await checkThemes(page, 'exception', 'trace-error');
  await page.getByRole('tab', { name: /Links/ }).click();
  await panel.getByRole('link').waitFor();

  await view.open(`/p/default/traces/${failing.traceId}?span=${failing.chat}`);
  await panel.getByRole('button', { name: 'Show 16 earlier messages' }).waitFor();
  await takePicture(page, 'trace-long-chat');
  await panel.getByRole('button', { name: 'Show 16 earlier messages' }).click();
  await panel.getByText('turn 0').waitFor();
  await page.getByRole('tab', { name: /Attributes/ }).click();
  // 2^53 + 1: exact on the page although no double holds it.
  await panel.getByText('9007199254740993').waitFor();
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.locator('.cm-content').waitFor();
  assert.ok((await page.locator('.cm-content').innerText()).includes('"trace_id"'));
  await view.close();
}

async function list({ browser, url }) {
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    await view.open('/p/default/traces');
    await page.getByRole('row', { name: /support_agent\.run/ }).waitFor();
    // The browser's zone is Europe/Berlin, in November.
    await page.getByRole('columnheader', { name: 'Start, CET' }).waitFor();
    const row = page.getByRole('row', { name: /agent\.run.*qwen2\.5/ });
    const cells = await row.getByRole('gridcell').allInnerTexts();
    assert.equal(cells[0].split('\n')[0], '23:25:29.374');
    assert.deepEqual(cells.slice(2, 7), ['772ms', '7', '0', '956 → 110', '-']);
    await checkAccessibility(page, `list, full, ${theme}`);
    await takePicture(page, `list-full-${theme}`);
    await view.close();
  }
  for (const width of [1100, 1024, 700, 390, 360]) {
    const view = await openPage(browser, url, { width });
    await view.open('/p/default/traces');
    await view.page.getByRole('row', { name: /support_agent\.run/ }).waitFor();
    const wider = await view.page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wider, false, `no sideways scroll at ${width} px`);
    await takePicture(view.page, `list-${width}`);
    await view.close();
  }
}

async function unknown({ browser, url }) {
  const view = await openPage(browser, url, { expected: /404/ });
  const { page } = view;
  await view.open('/p/default/traces/0123456789abcdef0123456789abcdef');
  await page.getByRole('heading', { name: 'No such trace in project default' }).waitFor();
  await page.getByText('may still be on their way').waitFor();
  await checkThemes(page, 'unknown trace', 'trace-unknown');
  await page.getByRole('link', { name: 'Look in all projects' }).click();
  await page.getByRole('heading', { name: 'No such trace in any project' }).waitFor();
  await view.open('/p/default/traces/nonsense');
  await page.getByRole('heading', { name: 'That is not a trace id' }).waitFor();
  await view.open('/no/such/page');
  await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  await checkThemes(page, 'unknown page');
  await view.close();
}

async function faults({ browser, url }) {
  const view = await openPage(browser, url, { expected: /Failed to load resource/ });
  const { page } = view;
  const refuse = (route) =>
    route.fulfill({ status: 503, json: { error: { code: 'unavailable', message: 'the engine is starting again' } } });
  await page.route('**/api/v1/projects/default/traces?*', refuse);
  await view.open('/p/default/traces');
  await page.getByRole('heading', { name: 'The traces could not be loaded' }).waitFor();
  await page.getByText('the engine is starting again').waitFor();
  await checkThemes(page, 'list, error', 'list-error');
  await page.unroute('**/api/v1/projects/default/traces?*');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('row', { name: /support_agent\.run/ }).waitFor();

  // What was loaded stays on screen when the server goes away, and says so.
  await page.route('**/api/**', (route) => route.abort());
  await page.getByRole('alert').getByText('No answer from').waitFor();
  await page.getByRole('row', { name: /support_agent\.run/ }).waitFor();
  await checkThemes(page, 'list, offline', 'list-offline');
  await page.unroute('**/api/**');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await view.close();
}

export const states = {
  'a failed span shows its exception; long chats fold': failure,
  'the list in both themes and three widths': list,
  'what is not there says so': unknown,
  'errors and a lost server keep the page': faults,
};
