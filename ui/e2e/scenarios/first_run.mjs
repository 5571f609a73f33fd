import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';
import { postSeed, traceId } from '../seed.mjs';

async function emptyServer({ browser, url }) {
  for (const theme of themes) {
    const view = await openPage(browser, url, { theme });
    const { page } = view;
    await view.open('/');
    await page.waitForURL('**/welcome');
    await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
    await page.getByText('Bytes received, not yet').waitFor();
    assert.match(await page.locator('pre').innerText(), new RegExp(`${url}/v1/traces`));
    await checkAccessibility(page, `welcome, empty, ${theme}`);
    await takePicture(page, `welcome-empty-${theme}`);

    await view.open('/p/default/traces');
    await page.getByRole('heading', { name: 'No traces in project default' }).waitFor();
    await checkAccessibility(page, `list, empty, ${theme}`);
    await takePicture(page, `list-empty-${theme}`);
    await view.close();
  }
}

async function snippets({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/welcome');
  for (const [language, words] of [
    ['Python', 'OTLPSpanExporter'],
    ['JS/TS', 'OTLPTraceExporter'],
    ['C++', 'nightjar::InitTracing'],
    ['curl', 'curl -sS'],
    ['Collector', 'otlphttp/nightjar'],
  ]) {
    await page.getByRole('tab', { name: language }).click();
    const code = await page.locator('pre').innerText();
    assert.ok(code.includes(words) && code.includes(url), language);
    await page.getByRole('button', { name: `Copy the ${language} example` }).click();
    await page.getByText('copied', { exact: true }).first().waitFor({ state: 'attached' });
    assert.equal((await page.evaluate(() => navigator.clipboard.readText())).trimEnd(), code.trimEnd());
  }
  await view.close();
}

// How every gRPC connection begins.
function speakGrpc(url) {
  const { hostname, port } = new URL(url);
  return new Promise((closed, failed) => {
    const socket = connect(Number(port), hostname, () => socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    socket.on('close', closed).on('error', failed).resume();
  });
}

async function refusedThenFirstTrace({ browser, url }) {
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open('/welcome');
  for (let i = 0; i < 3; ++i)
    await fetch(`${url}/v1/traces`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'hello' });
  const refused = page.getByRole('region', { name: 'Refused requests' });
  await refused.getByText('3 times').waitFor();
  assert.match(await refused.getByRole('listitem').first().innerText(), /415.*OTEL_EXPORTER_OTLP_PROTOCOL/s);
  await speakGrpc(url);
  await refused.getByText('Fix: gRPC on the HTTP port: use 4317').waitFor();
  await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resource_spans: [] }),
  });
  await refused.getByText('the request holds no span').waitFor();
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await checkAccessibility(page, `welcome, refused, ${theme}`);
    await takePicture(page, `welcome-refused-${theme}`);
  }

  await postSeed(url);
  await page.waitForURL(`**/p/default/traces/${traceId}`);
  await page.getByRole('heading', { level: 1, name: 'agent.run' }).waitFor();

  await view.open('/welcome');
  await page.getByRole('heading', { name: 'Send more traces' }).waitFor();
  await page.getByText('First trace, done').waitFor();
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await checkAccessibility(page, `welcome, full, ${theme}`);
    await takePicture(page, `welcome-full-${theme}`);
  }
  await view.close();
}

export const firstRun = {
  'an empty server says how to begin': emptyServer,
  'the snippets hold this address and copy': snippets,
  'a refused request shows its fix, the first trace opens': refusedThenFirstTrace,
};
