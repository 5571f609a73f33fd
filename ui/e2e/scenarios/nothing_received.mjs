import assert from 'node:assert/strict';
import { checkAccessibility, openPage, takePicture, themes } from '../guarded_page.mjs';
import { postSeed } from '../seed.mjs';
import { startServer } from '../server.mjs';

// A disk that is below its reserve from the start.
async function fullDisk({ browser }) {
  const server = await startServer(['--disk-reserve-bytes', '1000TiB']);
  try {
    for (const theme of themes) {
      const view = await openPage(browser, server.url, { theme });
      const { page } = view;
      for (const path of ['/welcome', '/p/default/traces']) {
        await view.open(path);
        const banner = page.getByRole('alert');
        await banner.waitFor();
        assert.match(await banner.innerText(), /^Nothing is received for now.*nearly full/);
        await checkAccessibility(page, `${path}, nothing received, ${theme}`);
      }
      await takePicture(page, `nothing-received-${theme}`);
      await view.close();
    }
    await assert.rejects(postSeed(server.url));
  } finally {
    await server.stop();
  }
}

export const nothingReceived = { 'every page says that nothing is received': fullDisk };
