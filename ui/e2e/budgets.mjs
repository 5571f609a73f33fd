// Usage: budgets.mjs FILE [SPANS]...
// Measures what the UI costs in Chromium, against the program itself, with traces of 100,000 and 500,000 spans, and
// compares it with what it may cost; the figures go to FILE as JSON. Each figure is the best of three medians: other work on the machine only adds.
import { writeFileSync } from 'node:fs';
import { launchBrowser, openPage } from './guarded_page.mjs';
import { sendLongTrace } from './long_trace.mjs';
import { freshId, nowNs, postSpans } from './otlp.mjs';
import { sendLongValue } from './scenarios/long_value.mjs';
import { startServer } from './server.mjs';

const [figures, ...sizes] = process.argv.slice(2);
const rounds = 3;
const frames = 180;
const mebibyte = 2 ** 20;
const textBytes = 64 * 1024;
// A span says its input twice, as it came and as it is understood: together 10 MiB of JSON.
const inputBytes = 4.2 * mebibyte;

const rows = [];
const note = (what, measured, budget, unit) => rows.push({ what, measured, budget, unit });
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const share = (values, part) =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
const best = (medians) => Math.min(...medians);

async function best3(run) {
  const values = [];
  for (let round = 0; round < rounds; round += 1) values.push(await run());
  return values;
}

// In the page: how long the frames take while `step(i)` runs before each.
const frameTimes = (page, step) =>
  page.evaluate(`(async () => {
    const times = [];
    let before = await new Promise(requestAnimationFrame);
    for (let i = 0; i < ${frames}; i += 1) {
      (${step})(i);
      const now = await new Promise(requestAnimationFrame);
      times.push(now - before);
      before = now;
    }
    return times;
  })()`);

function noteFrames(what, runs) {
  note(`${what}: p99 of frames`, best(runs.map((times) => share(times, 0.99))), 34, 'ms');
  note(
    `${what}: frames over 20 ms`,
    best(runs.map((times) => (times.filter((time) => time > 20).length / times.length) * 100)),
    5,
    '%',
  );
}

// The time at which something is painted, on the page's own clock.
const paintedAt = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now())))));

// Until the page has noted when something happened.
const set = (page, name) =>
  page.evaluate(async (what) => {
    while (window[what] === undefined) await new Promise(requestAnimationFrame);
  }, name);

async function openTrace(browser, url, traceId) {
  const view = await openPage(browser, url);
  await view.page.addInitScript(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) window.longTasks.push({ startTime, duration });
    }).observe({ type: 'longtask', buffered: true });
    const seen = new MutationObserver(() => {
      if (!document.querySelector('[role="treeitem"]')) return;
      seen.disconnect();
      requestAnimationFrame(() =>
        setTimeout(() => {
          window.rowsAt = performance.now();
        }),
      );
    });
    seen.observe(document, { childList: true, subtree: true });
  });
  await view.open(`/p/default/traces/${traceId}`);
  await set(view.page, 'rowsAt');
  return view;
}

// The page of the last round stays open.
async function measureOpening({ browser, url }, { traceId, count, label }) {
  const opened = [];
  const heaps = [];
  let view;
  for (let round = 0; round < rounds; round += 1) {
    await view?.close();
    view = await openTrace(browser, url, traceId);
    opened.push(
      await view.page.evaluate(() => {
        const [columns] = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/columns'));
        return window.rowsAt - columns.responseEnd;
      }),
    );
    const devtools = await view.page.context().newCDPSession(view.page);
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize = 0 } = await devtools.send('Runtime.getHeapUsage');
    heaps.push((usedSize + backingStorageSize) / mebibyte);
  }
  note(`${label}: from the answer to painted rows`, best(opened), 600, 'ms');
  note(`${label}: JavaScript heap with its buffers`, best(heaps), count <= 100_000 ? 120 : 400, 'MiB');

  return view;
}

async function measureFrames(page, label) {
  noteFrames(
    `${label}: a fling`,
    await best3(() =>
      frameTimes(page, (i) => {
        const tree = document.querySelector('[role="tree"]');
        tree.scrollTop = i % 60 === 0 ? ((i * 7919) % 1000) * (tree.scrollHeight / 1000) : tree.scrollTop + 333;
      }),
    ),
  );
  noteFrames(
    `${label}: zooming at the top`,
    await best3(async () => {
      await page.getByRole('tree').evaluate((tree) => {
        tree.scrollTop = 0;
      });
      return frameTimes(page, (i) => {
        const tree = document.querySelector('[role="tree"]');
        const { right, top } = tree.getBoundingClientRect();
        const at = { clientX: right - 300, clientY: top + 50, bubbles: true, cancelable: true, ctrlKey: true };
        tree.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: i % 120 < 60 ? -90 : 90 }));
      });
    }),
  );
}

async function measureKey(page, label) {
  const presses = await best3(async () => {
    const times = [];
    for (let press = 0; press < 20; press += 1) {
      times.push(
        await page.evaluate(
          () =>
            new Promise((done) => {
              const before = performance.now();
              document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j', bubbles: true }));
              requestAnimationFrame(() => setTimeout(() => done(performance.now() - before)));
            }),
        ),
      );
    }
    return median(times);
  });
  note(`${label}: from a key to the selection`, best(presses), 50, 'ms');
}

async function measureDetail(page, { url, traceId, idOf, label }) {
  const details = await best3(async () => {
    await page.goto(`${url}/p/default/traces/${traceId}?span=${idOf(995)}`);
    await page.getByRole('heading', { level: 2, name: 'step 995' }).waitFor();
    await page.evaluate(() => {
      const seen = new MutationObserver(() => {
        if (!document.querySelector('[role="tabpanel"]')?.textContent.includes('word word')) return;
        seen.disconnect();
        requestAnimationFrame(() =>
          setTimeout(() => {
            window.detailAt = performance.now();
          }),
        );
      });
      window.detailAt = undefined;
      seen.observe(document, { childList: true, subtree: true, characterData: true });
      window.pressedAt = performance.now();
    });
    await page.keyboard.press('j');
    await set(page, 'detailAt');
    return page.evaluate(() => window.detailAt - window.pressedAt);
  });
  note(`${label}: detail of a span with 64 KiB, server included`, best(details), 150, 'ms');
}

async function largeTrace({ browser, url }, count) {
  const label = `${count.toLocaleString('en')} spans`;
  const { traceId, idOf } = await sendLongTrace(url, count, (span, i) =>
    i === 996 ? { ...span, attributes: { ...span.attributes, 'input.value': 'word '.repeat(textBytes / 5) } } : span,
  );
  const view = await measureOpening({ browser, url }, { traceId, count, label });
  const { page } = view;
  const loadedAt = await paintedAt(page);
  await measureFrames(page, label);
  await measureKey(page, label);
  const longest = await page.evaluate(
    (from) =>
      Math.max(0, ...window.longTasks.filter(({ startTime }) => startTime > from).map(({ duration }) => duration)),
    loadedAt,
  );
  note(`${label}: the longest task after load`, longest, 200, 'ms');
  await measureDetail(page, { url, traceId, idOf, label });
  await view.close();
}

async function firstPaint({ browser, url }) {
  const resource = { 'service.name': 'small', 'openinference.project.name': 'small' };
  const startNs = nowNs() - 60_000_000_000n;
  const spans = Array.from({ length: 200 }, (_, i) => {
    const at = startNs + BigInt(i) * 1_000_000n;
    return { traceId: freshId(32), spanId: freshId(16), name: `run ${i}`, startNs: at, endNs: at + 1_000_000n };
  });
  await postSpans(url, spans, resource);
  const view = await openPage(browser, url);
  const paints = [];
  const lists = [];
  for (let visit = 0; visit < 9; visit += 1) {
    await view.open('/p/small/traces');
    await view.page.getByRole('row', { name: /run 199/ }).waitFor();
    lists.push(await view.page.evaluate(() => performance.now()));
    paints.push(await view.page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime));
  }
  note('first paint, median of 9', median(paints), 250, 'ms');
  note('a list with its rows, median of 9', median(lists), 700, 'ms');
  await view.close();
}

function oneValue() {
  const item = { id: 12345, text: 'a line of some sixty characters, as one finds them in a document' };
  const text = JSON.stringify(Array.from({ length: Math.floor(inputBytes / JSON.stringify(item).length) }, () => item));
  return { 'input.value': text, 'input.mime_type': 'application/json' };
}

// None of which is cut.
function manyValues() {
  const value = 'a line as one finds it in a document\n'.repeat(1600);
  return Object.fromEntries(Array.from({ length: 175 }, (_, i) => [`part.${i}`, value]));
}

async function hugeJson({ browser, url }, { what, attributes }) {
  const { traceId, idOf } = await sendLongTrace(url, 1, (span) => span);
  const span = { traceId, spanId: idOf(1), parentId: idOf(0), name: 'huge', startNs: 1n, endNs: 2n };
  const at = BigInt(Date.now()) * 1_000_000n;
  await postSpans(url, [{ ...span, startNs: at, endNs: at + 1n, attributes }]);
  const view = await openPage(browser, url);
  const { page } = view;
  await view.open(`/p/default/traces/${traceId}?span=${idOf(1)}`);
  await page.getByRole('heading', { level: 2, name: 'huge' }).waitFor();
  await page.getByRole('tab', { name: 'JSON' }).click(); // the viewer's own code is loaded once
  await page.locator('.cm-content').waitFor();
  const times = await best3(async () => {
    await page.getByRole('tab', { name: 'Resource' }).click();
    await page.locator('.cm-content').waitFor({ state: 'detached' });
    return page.evaluate(
      () =>
        new Promise((done) => {
          const before = performance.now();
          const seen = new MutationObserver(() => {
            if (!document.querySelector('.cm-line')) return;
            seen.disconnect();
            requestAnimationFrame(() => setTimeout(() => done(performance.now() - before)));
          });
          seen.observe(document, { childList: true, subtree: true });
          [...document.querySelectorAll('[role="tab"]')].find((tab) => tab.textContent === 'JSON').click();
        }),
    );
  });
  note(what, best(times), 600, 'ms');
  await view.close();
}

// What somebody does with a value of 30 MiB: more of it, all of it, scrolled through, searched, and as JSON.
async function longValue({ browser, url }) {
  const { traceId } = await sendLongValue(url);
  const longest = [];
  for (let round = 0; round < rounds; round += 1) {
    const view = await openPage(browser, url);
    const { page } = view;
    await page.addInitScript(() => {
      window.tasks = [];
      new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.tasks.push(duration);
      }).observe({ type: 'longtask' });
    });
    await view.open(`/p/long/traces/${traceId}?tab=io`);
    const panel = page.getByRole('complementary', { name: 'Selected span' });
    await panel.getByRole('button', { name: 'Show more of 30.0 MiB' }).waitFor();
    await page.evaluate(() => {
      window.tasks = [0]; // loading the page has a budget of its own
    });
    await panel.getByRole('button', { name: 'Show more of 30.0 MiB' }).click();
    const box = panel.getByRole('region', { name: 'Long value' });
    await box.getByText('line 000000000').waitFor();
    await panel.getByRole('button', { name: 'Show 64.0 KiB more' }).click();
    await panel.getByRole('button', { name: 'Show all' }).click();
    for (const part of [0.5, 0.9, 0.1]) {
      await box.evaluate((element, at) => {
        element.scrollTop = element.scrollHeight * at;
      }, part);
      await box
        .getByText(/of a value as long/)
        .first()
        .waitFor();
    }
    await panel.getByRole('searchbox', { name: 'Find in this value' }).fill('windmill');
    await page.keyboard.press('Enter');
    await box.locator('mark').getByText('windmill').waitFor();
    await panel.getByRole('tab', { name: 'JSON' }).click();
    await page.locator('.cm-line').first().waitFor();
    longest.push(await page.evaluate(() => Math.max(...window.tasks)));
    await view.close();
  }
  note('a value of 30 MiB: the longest task', best(longest), 200, 'ms');
}

function print() {
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, measured, budget, unit } of rows) {
    const verdict = measured <= budget ? 'ok' : 'OVER';
    console.log(
      `${what.padEnd(width)}  ${measured.toFixed(1).padStart(8)} of ${String(budget).padStart(4)} ${unit.padEnd(3)}  ${verdict}`,
    );
  }
  return rows.every(({ measured, budget }) => measured <= budget);
}

const server = await startServer();
const browser = await launchBrowser();
try {
  const subject = { browser, url: server.url };
  for (const count of sizes.length > 0 ? sizes.map(Number) : [100_000, 500_000]) await largeTrace(subject, count);
  await firstPaint(subject);
  await hugeJson(subject, { what: 'JSON of 10 MiB', attributes: oneValue() });
  await hugeJson(subject, { what: 'JSON of 10 MiB in values of 60 KiB', attributes: manyValues() });
  await longValue(subject);
} finally {
  writeFileSync(figures, JSON.stringify(rows, null, 2));
  process.exitCode = print() ? 0 : 1;
  await browser.close();
  await server.stop();
}
