// A browser page that remembers what must never happen: console errors, uncaught exceptions, violations of the content
// security policy or of Trusted Types, and requests to other hosts.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const wcagTags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const output = fileURLToPath(new URL('../../tests/e2e/output', import.meta.url));
mkdirSync(output, { recursive: true });

export const themes = ['light', 'dark'];

export const launchBrowser = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

// `expected`: console messages that the scenario itself provokes, such as a 404.
export async function openPage(browser, url, { theme = 'light', width = 1440, height = 900, expected = null } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    timezoneId: 'Europe/Berlin',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !expected?.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    const target = new URL(request.url());
    if (!['data:', 'blob:'].includes(target.protocol) && target.origin !== url)
      faults.push(`request to ${target.href}`);
  });
  await page.exposeFunction('reportViolation', (what) => faults.push(what));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      window.reportViolation(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  // A frame after its shell shows, the page listens to keys.
  const listening = async () => {
    await page.getByRole('navigation', { name: 'Pages' }).waitFor();
    await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => setTimeout(shown, 0))));
  };
  return {
    page,
    open: (path) => page.goto(`${url}${path}`).then(listening),
    reload: () => page.reload().then(listening),
    async close() {
      await context.close();
      assert.deepEqual(faults, []);
    },
  };
}

export async function checkAccessibility(page, what) {
  // What is still fading in, or on its way to another colour, is not what people read.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((animation) => Number.isFinite(animation.effect.getComputedTiming().endTime))
        .map((animation) => animation.finished),
    ),
  );
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource);
  // Only what is wrong is told: what is right takes axe and the way out of the page twice as long.
  const violations = await page.evaluate(async (tags) => {
    const { violations: wrong } = await window.axe.run({ runOnly: tags, resultTypes: ['violations'] });
    return wrong.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
    }));
  }, wcagTags);
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`),
  );
  assert.deepEqual(found, [], what);
}

export async function takePicture(page, name) {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(output, `${name}.png`) });
}

// Themes change as those of a system do, under an open page. `picture`: what its pictures are called.
export async function checkThemes(page, what, picture = null) {
  for (const theme of themes) {
    await page.emulateMedia({ colorScheme: theme });
    await checkAccessibility(page, `${what}, ${theme}`);
    if (picture) await takePicture(page, `${picture}-${theme}`);
  }
}

// The rows of the waterfall as one hears them: what is marked aria-hidden left out.
export const readRows = (page) =>
  page.$$eval('[role="treeitem"]:not([hidden])', (rows) =>
    rows
      .sort((a, b) => Number.parseInt(a.style.top, 10) - Number.parseInt(b.style.top, 10))
      .map((row) => ({
        level: Number(row.ariaLevel),
        heard: [...row.children]
          .filter((part) => part.ariaHidden !== 'true')
          .map((part) => part.textContent)
          .join('')
          .trim(),
      })),
  );

export const selectedRow = (page, name) => page.getByRole('treeitem', { name, selected: true }).waitFor();
