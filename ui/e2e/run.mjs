// End-to-end: the real program, real Chromium. Scenarios share one server: the first needs it
// empty, the later ones find what the earlier ones sent.
import { after, before, test } from 'node:test';
import { launchBrowser } from './guarded_page.mjs';
import { bounded } from './scenarios/bounded.mjs';
import { calls } from './scenarios/calls.mjs';
import { chat } from './scenarios/chat.mjs';
import { compare } from './scenarios/compare.mjs';
import { demoProject } from './scenarios/demo_project.mjs';
import { detail } from './scenarios/detail.mjs';
import { firstRun } from './scenarios/first_run.mjs';
import { flows } from './scenarios/flows.mjs';
import { gate } from './scenarios/gate.mjs';
import { growth } from './scenarios/growth.mjs';
import { hostile } from './scenarios/hostile.mjs';
import { insight } from './scenarios/insight.mjs';
import { keyboard } from './scenarios/keyboard.mjs';
import { keyboardPages } from './scenarios/keyboard_pages.mjs';
import { large } from './scenarios/large.mjs';
import { listColumns } from './scenarios/list_columns.mjs';
import { lists } from './scenarios/lists.mjs';
import { live } from './scenarios/live.mjs';
import { longValueScenarios } from './scenarios/long_value.mjs';
import { nothingReceived } from './scenarios/nothing_received.mjs';
import { people } from './scenarios/people.mjs';
import { pointer } from './scenarios/pointer.mjs';
import { reflow } from './scenarios/reflow.mjs';
import { traceReflow } from './scenarios/reflow_trace.mjs';
import { seedTrace } from './scenarios/seed_trace.mjs';
import { settings } from './scenarios/settings.mjs';
import { spanSays } from './scenarios/span_says.mjs';
import { states } from './scenarios/states.mjs';
import { traceTools } from './scenarios/trace_tools.mjs';
import { traceViews } from './scenarios/trace_views.mjs';
import { startServer } from './server.mjs';

const subject = {};

before(async () => {
  const server = await startServer();
  const browser = await launchBrowser();
  Object.assign(subject, { server, browser, url: server.url });
});

after(async () => {
  await subject.browser?.close();
  await subject.server?.stop();
});

const scenarios = {
  ...firstRun,
  ...seedTrace,
  ...pointer,
  ...states,
  ...hostile,
  ...growth,
  ...large,
  ...longValueScenarios,
  ...lists,
  ...listColumns,
  ...calls,
  ...live,
  ...settings,
  ...compare,
  ...detail,
  ...spanSays,
  ...insight,
  ...traceViews,
  ...traceTools,
  ...people,
  ...flows,
  ...chat,
  ...keyboard,
  ...keyboardPages,
  ...bounded,
  ...traceReflow,
  ...gate,
  ...reflow,
  ...nothingReceived,
  ...demoProject,
};
for (const [name, scenario] of Object.entries(scenarios)) {
  test(name, () => scenario(subject));
}
