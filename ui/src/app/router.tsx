// Which address shows what. Everything after "?" is validated; what does not fit is dropped, never an error.
import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { projectsQuery } from '../api/queries';
import { isSpanId, isTraceId } from '../base/ids';
import { isTimeRange } from '../base/listing';
import { isSection } from '../base/settings_sections';
import { usualSide } from '../features/compare/search';
import { costGroups } from '../features/cost/groups';
import { tabIds } from '../features/trace/model/tabs';
import { Button } from '../widgets/Button';
import { Loading, Notice } from '../widgets/Notice';
import { Shell } from './Shell';

type Raw = Record<string, unknown>;

function text(raw: unknown, fits: (value: string) => boolean = () => true): string | undefined {
  return typeof raw === 'string' && fits(raw) ? raw : undefined;
}

const word = <Word extends string>(raw: unknown, known: readonly Word[]): Word | undefined =>
  known.find((one) => one === raw);

// None of them need stand in an address.
type Search<Shape> = { [Name in keyof Shape]?: Shape[Name] | undefined };
const search =
  <Shape,>(read: (raw: Raw) => Shape): ((raw: Raw) => Search<Shape>) =>
  (raw) =>
    read(raw);

const traceSearch = search(({ span, tab, view, find, kinds, only }) => ({
  span: text(span, isSpanId),
  tab: word(tab, tabIds),
  view: word(view, ['transcript', 'flame', 'log', 'graph', 'table']),
  find: text(find),
  kinds: text(kinds),
  only: word(only, ['yes']),
}));

const compareSearch = search(({ a, b, span }) => ({
  a: text(a, isTraceId),
  b: text(b, (given) => given === usualSide || isTraceId(given)),
  span: text(span, isSpanId),
}));

const isRowId = (id: string): boolean => /^[0-9a-f]{32}(\.[0-9a-f]{16})?$/.test(id);
const listSearch = search(({ q, t, sort, of, peek, cols }) => ({
  q: text(q),
  t: text(t, isTimeRange),
  sort: text(sort),
  of: word(of, ['spans', 'calls']),
  peek: text(peek, isRowId),
  cols: text(cols),
}));

const liveSearch = search(({ q, cols }) => ({ q: text(q), cols: text(cols) }));
const timeSearch = search(({ t }) => ({ t: text(t, isTimeRange) }));
const costSearch = search(({ t, by }) => ({ t: text(t, isTimeRange), by: word(by, costGroups) }));

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
  component: lazyRouteComponent(() => import('./lists'), 'TracesRoute'),
});

const live = createRoute({
  getParentRoute: () => project,
  path: 'live',
  validateSearch: liveSearch,
  component: lazyRouteComponent(() => import('./lists'), 'LiveRoute'),
});

const trace = createRoute({
  getParentRoute: () => project,
  path: 'traces/$traceId',
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import('./trace'), 'TraceRoute'),
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

const user = createRoute({
  getParentRoute: () => project,
  path: 'users/$userId',
  component: lazyRouteComponent(() => import('./insight_pages'), 'UserRoute'),
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
  component: lazyRouteComponent(() => import('./trace'), 'FindTraceRoute'),
});

// "?span=ab&tab=json": plain text, without the quotes that the router's own JSON form would add.
function parseSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const set = Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return set.length > 0 ? `?${new URLSearchParams(set)}` : '';
}

const pages = [home, traces, live, trace, sessions, session, users, user, cost, errors, compare, settings];
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
