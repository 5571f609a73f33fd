// Which address shows what. Everything after "?" is validated; what does not fit is dropped, never an error.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import * as z from 'zod/mini';
import { projectsQuery } from '../api/queries';
import { isSpanId, isTraceId } from '../base/ids';
import { isTimeRange } from '../base/listing';
import { isSection } from '../base/settings_sections';
import { costGroups } from '../features/cost/groups';
import { tabIds } from '../features/trace/model/tabs';
import { Button } from '../widgets/Button';
import { Loading, Notice } from '../widgets/Notice';
import { Shell } from './Shell';

const traceSearch = z.object({
  span: z.catch(z.optional(z.string().check(z.refine(isSpanId))), undefined),
  tab: z.catch(z.optional(z.enum(tabIds)), undefined),
  view: z.catch(z.optional(z.enum(['transcript', 'flame', 'log', 'graph'])), undefined),
  find: z.optional(z.string()),
});

const traceId = z.catch(z.optional(z.string().check(z.refine(isTraceId))), undefined);
const compareSearch = z.object({
  a: traceId,
  b: traceId,
  span: z.catch(z.optional(z.string().check(z.refine(isSpanId))), undefined),
});

const listSearch = z.object({
  q: z.optional(z.string()),
  t: z.catch(z.optional(z.string().check(z.refine(isTimeRange))), undefined),
  sort: z.optional(z.string()),
  of: z.catch(z.optional(z.literal('spans')), undefined),
  peek: z.catch(z.optional(z.string().check(z.regex(/^[0-9a-f]{32}(\.[0-9a-f]{16})?$/))), undefined),
  cols: z.optional(z.string()),
});

const liveSearch = z.object({ q: z.optional(z.string()), cols: z.optional(z.string()) });

const time = z.catch(z.optional(z.string().check(z.refine(isTimeRange))), undefined);
const timeSearch = z.object({ t: time });
const costSearch = z.object({ t: time, by: z.catch(z.optional(z.enum(costGroups)), undefined) });

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Shell,
  notFoundComponent: () => (
    <Notice title="There is no such page" action={<a href="/">Go to the start page</a>}>
      <p>
        Nothing is at <code>{location.pathname}</code>.
      </p>
    </Notice>
  ),
});

const start = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context }) => {
    const projects = await context.queries.fetchQuery({ ...projectsQuery, retry: 1 });
    const used = projects.filter((project) => project.span_count > 0);
    const project = used.find(({ name }) => name === 'default') ?? used[0];
    if (!project) throw redirect({ to: '/welcome', replace: true });
    throw redirect({ to: '/p/$project', params: { project: project.name }, replace: true });
  },
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('../features/welcome/WelcomePage'), 'WelcomePage'),
});

const project = createRoute({ getParentRoute: () => root, path: '/p/$project' });

const home = createRoute({
  getParentRoute: () => project,
  path: '/',
  validateSearch: timeSearch,
  component: lazyRouteComponent(() => import('./insight_pages'), 'HomeRoute'),
});

const traces = createRoute({
  getParentRoute: () => project,
  path: 'traces',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('./pages'), 'TracesRoute'),
});

const live = createRoute({
  getParentRoute: () => project,
  path: 'live',
  validateSearch: liveSearch,
  component: lazyRouteComponent(() => import('./pages'), 'LiveRoute'),
});

const trace = createRoute({
  getParentRoute: () => project,
  path: 'traces/$traceId',
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import('./pages'), 'TraceRoute'),
});

const sessions = createRoute({
  getParentRoute: () => project,
  path: 'sessions',
  component: lazyRouteComponent(() => import('./insight_pages'), 'SessionsRoute'),
});

const session = createRoute({
  getParentRoute: () => project,
  path: 'sessions/$sessionId',
  component: lazyRouteComponent(() => import('./insight_pages'), 'SessionRoute'),
});

const users = createRoute({
  getParentRoute: () => project,
  path: 'users',
  component: lazyRouteComponent(() => import('./insight_pages'), 'UsersRoute'),
});

const cost = createRoute({
  getParentRoute: () => project,
  path: 'cost',
  validateSearch: costSearch,
  component: lazyRouteComponent(() => import('./insight_pages'), 'CostRoute'),
});

const errors = createRoute({
  getParentRoute: () => project,
  path: 'errors',
  validateSearch: timeSearch,
  component: lazyRouteComponent(() => import('./insight_pages'), 'ErrorsRoute'),
});

const settings = createRoute({
  getParentRoute: () => project,
  path: 'settings/$section',
  beforeLoad: ({ params }) => {
    if (isSection(params.section)) return;
    throw redirect({ to: '/p/$project/settings/$section', params: { ...params, section: 'projects' }, replace: true });
  },
  component: lazyRouteComponent(() => import('./settings'), 'SettingsRoute'),
});

const compare = createRoute({
  getParentRoute: () => project,
  path: 'compare',
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import('./compare'), 'CompareRoute'),
});

const anyTrace = createRoute({
  getParentRoute: () => root,
  path: '/traces/$traceId',
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import('./pages'), 'FindTraceRoute'),
});

// "?span=ab&tab=json": plain text, without the quotes that the router's own JSON form would add.
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const set = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return set.length > 0 ? `?${new URLSearchParams(set)}` : '';
}

const pages = [home, traces, live, trace, sessions, session, users, cost, errors, compare, settings];
export function createAppRouter(queries: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([start, welcome, project.addChildren(pages), anyTrace]),
    context: { queries },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingMs: 150,
    defaultPendingComponent: () => <Loading what="Loading" />,
    defaultErrorComponent: ({ error, reset }) => (
      <Notice tone="error" title="This page could not be shown" action={<Button onClick={reset}>Try again</Button>}>
        <p>{error instanceof Error ? error.message : String(error)}</p>
      </Notice>
    ),
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
