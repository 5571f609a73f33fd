// One click makes the demo project, another removes it. A server of its own: it has to be empty at first.
import assert from 'node:assert/strict';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';
import { startServer } from '../server.mjs';

const demo = (page) => page.getByRole('region', { name: 'Demo project' });

async function loadAndRemove({ browser }) {
  const server = await startServer();
  try {
    for (const theme of themes) {
      const view = await openPage(browser, server.url, { theme, expected: /503/ });
      const { page } = view;
      await view.open('/');
      await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
      const refuse = (route) => route.fulfill({ status: 503, body: 'the disk is full' });
      await page.route('**/v1/traces', refuse);
      await demo(page).getByRole('button', { name: 'Load a demo project' }).press('Enter');
      await demo(page)
        .getByRole('alert')
        .getByText('Not loaded: the server refused the demo: 503 the disk is full')
        .waitFor();
      await checkAccessibility(page, `demo, refused, ${theme}`);
      await page.unroute('**/v1/traces', refuse);
      await demo(page).getByRole('button', { name: 'Load a demo project' }).press('Enter');
      await page.waitForURL('**/p/nightjar-demo');

      // Agents, tools, documents, errors, costs, sessions and evaluations are there to be seen.
      await view.open('/p/nightjar-demo/traces');
      await page.locator('search').getByText('73 traces, 6 with errors', { exact: true }).waitFor();
      for (const [query, spans] of [
        ['kind:agent', '73 spans, 2 with errors'],
        ['kind:reranker', '71 spans'],
        ['has:annotation.groundedness', '69 spans'],
        ['has:exception', '14 spans, 14 with errors'],
      ]) {
        await view.open(`/p/nightjar-demo/traces?of=spans&q=${encodeURIComponent(query)}`);
        await page.locator('search').getByText(spans, { exact: true }).waitFor();
      }
      await view.open('/p/nightjar-demo/sessions');
      await page.getByRole('row', { name: /^talk-1042/ }).waitFor();
      await view.open('/p/nightjar-demo/cost?t=all');
      await page
        .getByRole('table', { name: 'Usage by model' })
        .getByRole('row', { name: /^gpt-4o \$/ })
        .waitFor();

      await view.open('/welcome');
      await page.getByRole('heading', { name: 'Send more traces' }).waitFor();
      const remove = demo(page).getByRole('button', { name: 'Remove the demo project' });
      await remove.waitFor();
      await checkAccessibility(page, `demo, loaded, ${theme}`);
      await takePicture(page, `demo-loaded-${theme}`);
      await remove.click();
      await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
      await demo(page).getByRole('button', { name: 'Load a demo project' }).waitFor();
      const { data } = await (await fetch(`${server.url}/api/v1/projects`)).json();
      assert.deepEqual(data, []);
      await view.close();
    }
  } finally {
    await server.stop();
  }
}

export const demoProject = { 'the demo project is made and removed by one click': loadAndRemove };
