import assert from 'node:assert/strict';
import { openPage, takePicture } from '../guarded_page.mjs';
import { encodeRequest, freshId, nowNs, postRequest, postSpans } from '../otlp.mjs';

const attacks = [
  '<img src=x onerror="window.pwned=1">',
  '</script><script>window.pwned=1</script>',
  'javascript:window.pwned=1',
  '[link](javascript:window.pwned=1)',
  '{{constructor.constructor("window.pwned=1")()}}',
  '\u202Egnp.evil',
  `"><svg onload=window.pwned=1>`,
];
const all = attacks.join(' ');
const huge = 'long '.repeat(60_000);

const hostileSearch = (at) => [
  {
    ...at,
    spanId: freshId(16),
    attributes: {
      'openinference.span.kind': 'RERANKER',
      'reranker.query': all,
      'reranker.model_name': all,
      'reranker.input_documents.0.document.content': all,
      'reranker.input_documents.0.document.id': all,
      'reranker.output_documents.0.document.content': all,
      'reranker.output_documents.0.document.id': all,
      'reranker.output_documents.0.document.metadata': JSON.stringify({ [all]: all }),
    },
  },
  {
    ...at,
    spanId: freshId(16),
    attributes: {
      'openinference.span.kind': 'EMBEDDING',
      'embedding.model_name': all,
      'embedding.embeddings.0.embedding.text': all,
    },
  },
];

const hostileScope = { name: all, version: all, attributes: { [all]: all }, schema: all };

// Every field a sender controls, keys included.
function hostileSpans(traceId) {
  const [root, chat, retrieval, tool] = [freshId(16), freshId(16), freshId(16), freshId(16)];
  const start = nowNs() - 1_000_000_000n;
  const at = { traceId, startNs: start, endNs: start + 900_000_000n };
  const call = { id: all, type: 'function', function: { name: all, arguments: JSON.stringify({ [all]: all }) } };
  return [
    {
      ...at,
      spanId: root,
      traceState: `hostile=${all}`,
      name: all,
      attributes: {
        'openinference.span.kind': 'AGENT',
        'session.id': attacks[0],
        'user.id': attacks[2],
        'input.value': all,
        'output.value': huge + all,
        'agent.name': all,
        metadata: JSON.stringify({ [all]: all }),
        'tag.tags': [all, attacks[0]],
        [attacks[0]]: all,
      },
      status: { code: 2, message: all },
    },
    {
      ...at,
      spanId: chat,
      parentId: root,
      name: attacks[1],
      attributes: {
        'openinference.span.kind': 'LLM',
        'llm.model_name': attacks[0],
        'llm.token_count.prompt': 7n,
        'llm.prompt_template.name': all,
        'llm.provider': all,
        'llm.system': all,
        'llm.finish_reason': all,
        'llm.prompt_template.template': `${all} {question}`,
        'llm.prompt_template.version': all,
        'llm.prompt_template.variables': JSON.stringify({ [all]: all }),
        'llm.tools': JSON.stringify([
          { type: 'function', function: { name: all, description: all, parameters: { [all]: { description: all } } } },
        ]),
        'llm.invocation_parameters': JSON.stringify({ [attacks[0]]: attacks[2] }),
        'llm.input_messages': JSON.stringify([
          { role: attacks[0], content: all },
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'http://evil.invalid/x.png' } }] },
          { role: 'assistant', content: null, tool_calls: [call] },
          { role: 'tool', tool_call_id: all, name: all, content: all },
        ]),
        'llm.output_messages': JSON.stringify([
          { role: 'assistant', content: `# ${all}\n\n![x](http://evil.invalid/y.png)` },
        ]),
      },
    },
    {
      ...at,
      spanId: retrieval,
      parentId: root,
      name: attacks[5],
      attributes: {
        'openinference.span.kind': 'RETRIEVER',
        'input.value': all,
        'retrieval.documents': JSON.stringify([{ id: all, score: 0.5, text: all, metadata: { [all]: all } }]),
      },
    },
    {
      ...at,
      spanId: tool,
      parentId: root,
      name: attacks[6],
      attributes: {
        'openinference.span.kind': 'TOOL',
        'tool.name': all,
        'tool.description': all,
        'tool.parameters': JSON.stringify({ [all]: all }),
        'input.value': all,
        'output.value': all,
      },
      events: [
        {
          timeNs: start,
          name: all,
          attributes: { 'exception.type': all, 'exception.message': all, 'exception.stacktrace': all, [all]: all },
        },
      ],
      links: [{ traceId: freshId(32), spanId: freshId(16), traceState: `linked=${all}`, attributes: { [all]: all } }],
    },
    ...hostileSearch({ ...at, parentId: root, name: all }),
  ];
}

async function assertInert(page, where) {
  const found = await page.evaluate(() => ({
    ran: window.pwned ?? null,
    elements: document.querySelectorAll('img[src]:not([src="/favicon.svg"]), iframe, object, svg[onload], #root script')
      .length,
    links: [...document.querySelectorAll('a[href]')].filter((link) => link.protocol !== 'http:').length,
  }));
  assert.deepEqual(found, { ran: null, elements: 0, links: 0 }, where);
}

// Prices are data of a package, and an own one may come over the API: either may say anything.
async function prices(page, open) {
  const price = {
    ...{ source: all, provider: all, model: attacks[1], service_tier: all, valid_from: all, condition: all, note: all },
    rates: { input: 1 },
  };
  const data = [
    { ...price, id: null },
    { ...price, id: 1 },
  ];
  const answer = (route) => route.fulfill({ json: { data, next_cursor: null, prices_version: 1, package: all } });
  await page.route('**/api/v1/prices?*', answer);
  await open();
  for (const name of ['Prices of the package', 'Own prices'])
    await page.getByRole('table', { name }).getByText(attacks[1]).first().waitFor();
  await assertInert(page, 'prices');
  await takePicture(page, 'hostile-prices');
  await page.unroute('**/api/v1/prices?*', answer);
}

// Where else the texts of a sender stand: keys of attributes, facets, groups of usage and errors, sessions, users.
async function everyPage({ browser, url }) {
  const project = attacks[1];
  const traceId = freshId(32);
  const spans = hostileSpans(traceId);
  await postRequest(
    url,
    encodeRequest(spans, { 'service.name': all, 'openinference.project.name': project, [all]: all }, hostileScope),
  );
  const record = { body: { stringValue: all }, severityText: all, traceId, spanId: spans[0].spanId };
  const key = { key: attacks[0], value: { stringValue: all } };
  const name = { key: 'openinference.project.name', value: { stringValue: project } };
  const logs = { resource: { attributes: [name] }, scopeLogs: [{ logRecords: [{ ...record, attributes: [key] }] }] };
  const judged = { trace_id: traceId, name: attacks[0], annotator_kind: 'HUMAN' };
  const result = { label: all, explanation: all };
  for (const [path, body] of [
    ['/v1/logs', { resourceLogs: [logs] }],
    ['/v1/trace_annotations?sync=true', { data: [{ ...judged, result }] }],
  ]) {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, `${path}: ${await answer.text()}`);
  }
  const base = `/p/${encodeURIComponent(project)}`;
  const view = await openPage(browser, url, { expected: /400|404/ });
  const { page } = view;
  const words = (text) => page.getByText(text, { exact: false }).filter({ visible: true }).first().waitFor();
  for (const [path, text] of [
    ['', attacks[1]],
    ['/traces', attacks[0]],
    ['/traces?of=spans', attacks[6]],
    [`/traces?q=${encodeURIComponent(`name:"${attacks[2]}"`)}&of=spans`, 'javascript:'],
    [`/traces?q=pwned&peek=${traceId}`, 'window.pwned'],
    [`/traces?of=spans&cols=name,session,user,provider&peek=${traceId}`, attacks[2]],
    [`/traces/${traceId}?view=transcript`, attacks[0]],
    [`/traces/${traceId}?view=flame`, attacks[1]],
    [`/traces/${traceId}?view=log`, attacks[0]],
    [`/compare?a=${traceId}`, attacks[0]],
    [`/compare?a=${traceId}&b=usual`, attacks[0]],
    ['/sessions', attacks[0]],
    [`/sessions/${encodeURIComponent(attacks[0])}`, attacks[0]],
    ['/users', attacks[2]],
    [`/users/${encodeURIComponent(attacks[2])}`, attacks[2]],
    ['/cost?t=all', attacks[0]],
    ['/cost?t=all&by=user', attacks[2]],
    ['/cost?t=all&by=provider', attacks[0]],
    ['/cost?t=all&by=session', attacks[0]],
    ['/cost?t=all&by=prompt', attacks[0]],
    ['/cost?t=all&by=service', attacks[0]],
    ['/cost?t=all&by=tool', attacks[0]],
    ['/errors?t=all', attacks[0]],
    ['/settings/projects', attacks[1]],
    ['/settings/prices', attacks[0]],
    ['/settings/ingest', attacks[0]],
    ['/settings/storage', 'Journal'],
  ]) {
    await view.open(`${base}${path}`);
    await takePicture(page, `hostile-page-${path.replaceAll(/\W+/g, '-').slice(-40)}`);
    await words(text).catch((cause) => Promise.reject(new Error(`${path} shows no ${text}`, { cause })));
    await assertInert(page, path);
  }
  await prices(page, () => view.open(`${base}/settings/prices`));
  await view.open(`${base}/live`);
  await page.getByRole('heading', { name: 'Waiting for the next span' }).waitFor();
  const again = { ...spans[3], spanId: freshId(16), traceId: freshId(32), parentId: undefined };
  await postSpans(url, [again], { 'service.name': all, 'openinference.project.name': project });
  await page.getByRole('row', { name: attacks[6] }).waitFor();
  await assertInert(page, 'live');
  await view.close();
}

async function everyField({ browser, url }) {
  const traceId = freshId(32);
  const spans = hostileSpans(traceId);
  const project = attacks[0];
  const resource = { 'service.name': all, 'openinference.project.name': project, [all]: all };
  await postRequest(url, encodeRequest(spans, resource, hostileScope));
  const view = await openPage(browser, url, { theme: 'dark' });
  const { page } = view;
  await view.open(`/p/${encodeURIComponent(project)}/traces`);
  await page.getByRole('row', { name: attacks[0] }).first().waitFor();
  await assertInert(page, 'list');
  await takePicture(page, 'hostile-list');
  for (const span of spans) {
    await view.open(`/traces/${traceId}?span=${span.spanId}`);
    await page.getByRole('tablist', { name: 'Span details' }).waitFor();
    const name = await page.getByRole('complementary').getByRole('heading', { level: 2 }).innerText();
    assert.equal(name, span.name);
    for (const tab of await page.getByRole('complementary').getByRole('tab').all()) {
      await tab.click();
      await page.getByRole('tabpanel').locator(':scope > *').first().waitFor();
      for (const summary of await page.getByRole('tabpanel').locator('summary').all()) await summary.click();
      await assertInert(page, `${span.name}, ${await tab.innerText()}`);
    }
    await takePicture(page, `hostile-${spans.indexOf(span)}`);
  }
  // What stands in one tab only is there, as text.
  for (const [at, tab, shown] of [
    [0, 'resource', ['hostile=<img src=x', 'Schema of the resource', 'Schema of the scope']],
    [3, 'links', ['trace state linked=<img src=x']],
  ]) {
    await view.open(`/traces/${traceId}?span=${spans[at].spanId}&tab=${tab}`);
    for (const text of shown) await page.getByRole('tabpanel').getByText(text).first().waitFor();
    await assertInert(page, tab);
  }
  // The long output is folded, and unfolds without being laid out as a whole.
  await view.open(`/traces/${traceId}?span=${spans[0].spanId}&tab=io`);
  await page.getByRole('button', { name: /Show more of 29\d KiB/ }).click();
  const box = page.getByRole('region', { name: 'Long value' });
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByText(/^All 29\d KiB$/).waitFor();
  await box.evaluate((element) => {
    element.scrollTop = element.scrollHeight;
  });
  await page.waitForFunction((element) => !element.textContent.includes('Loading…'), await box.elementHandle());
  await assertInert(page, 'long output');
  const wider = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  assert.equal(wider, false);
  await view.close();
}

export const hostile = {
  'hostile text stays text in every field': everyField,
  'hostile text stays text on every page': everyPage,
};
