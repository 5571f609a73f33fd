// What a list shows: traces, spans or calls of models, by which query, of which time, in which order. All of it stands in
// the address, so that a link shows the same; what is as usual is left out there.

export const lists = ['traces', 'spans', 'calls'] as const;
export type ListOf = (typeof lists)[number];
export const titleOf: Record<ListOf, string> = { traces: 'Traces', spans: 'Spans', calls: 'LLM calls' };
export const oneOf: Record<ListOf, string> = { traces: 'trace', spans: 'span', calls: 'call' };
export type Listing = {
  of: ListOf;
  q: string;
  t: string;
  sort: string;
  cols?: string | undefined; // by commas, where they are not the usual ones; `allColumns`: those, whether they fit or not
};
export type ListSearch = {
  q?: string | undefined;
  t?: string | undefined;
  sort?: string | undefined;
  of?: Exclude<ListOf, 'traces'> | undefined;
  cols?: string | undefined;
};

export const newestFirst = '-start';
// The rows that show the words of the query best, and of equals the newest: without words the newest.
export const byRelevance = 'relevance';
const allTime = 'all';

export const allColumns = 'all';

// A row without its name is not one.
export const nameColumn = 'name';
const figuresOfCalls = [
  'start',
  nameColumn,
  'model',
  'provider',
  'tokens.prompt',
  'tokens.cache_read',
  'tokens.completion',
  'cost',
  'duration',
  'first_token',
  'finish_reason',
];

// What a click on a column's head sorts by.
export const sortFields: Record<ListOf, readonly string[]> = {
  traces: ['start', 'duration', 'spans', 'errors', 'tokens', 'cost'],
  spans: ['start', 'name', 'kind', 'model', 'duration', 'tokens', 'cost', 'status'],
  calls: [...figuresOfCalls, 'status'],
};

// In the order in which they stand, whichever are chosen.
const usualColumns: Record<ListOf, readonly string[]> = {
  traces: [
    'start',
    nameColumn,
    'duration',
    'spans',
    'errors',
    'tokens',
    'cost',
    'input',
    'output',
    'service',
    'session',
  ],
  spans: ['start', nameColumn, 'model', 'duration', 'tokens', 'cost', 'status', 'input', 'output', 'service'],
  calls: [...figuresOfCalls, 'input', 'output'],
};
export const columnIds: Record<ListOf, readonly string[]> = {
  traces: [...usualColumns.traces, 'user', 'models', 'status', 'trace'],
  spans: [...usualColumns.spans, 'provider', 'finish', 'session', 'user', 'trace'],
  calls: [...usualColumns.calls, 'status', 'service', 'session', 'user', 'trace'],
};

export const columnsOf = ({ of, cols }: Pick<Listing, 'of' | 'cols'>): readonly string[] =>
  cols === undefined || cols === allColumns ? usualColumns[of] : cols.split(',');

// Where the words of the query are, in the place of what was asked: that begins the same in many rows.
export const columnsOfFound = (ids: readonly string[]): readonly string[] =>
  ids.map((id) => (id === 'input' ? 'found' : id));

// undefined: the usual ones.
export function printColumns(of: ListOf, wanted: readonly string[]): string | undefined {
  const known = columnIds[of].filter((id) => id === nameColumn || wanted.includes(id));
  const isUsual = known.join() === usualColumns[of].join();
  return isUsual || known.length === 1 ? undefined : known.join();
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const presets: readonly { t: string; label: string; ms: number | null }[] = [
  { t: '15m', label: 'Last 15 minutes', ms: 15 * minute },
  { t: '1h', label: 'Last hour', ms: hour },
  { t: '24h', label: 'Last 24 hours', ms: day },
  { t: '7d', label: 'Last 7 days', ms: 7 * day },
  { t: '30d', label: 'Last 30 days', ms: 30 * day },
  { t: allTime, label: 'All time', ms: null },
];

// null: no limit. `toMs` is exclusive.
export type TimeWindow = { fromMs: number | null; toMs: number | null };

const instant = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

function customRange(t: string): { fromMs: number; toMs: number } | null {
  const [from = '', to = '', ...more] = t.split('..');
  if (more.length > 0 || !instant.test(from) || !instant.test(to)) return null;
  const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  return range.fromMs < range.toMs ? range : null;
}

export const isTimeRange = (t: string): boolean => presets.some((preset) => preset.t === t) || customRange(t) !== null;

// REQUIRES: isTimeRange(t)
export function windowOf(t: string, nowMs: number): TimeWindow {
  const fixed = customRange(t);
  if (fixed) return fixed;
  const ms = presets.find((preset) => preset.t === t)?.ms ?? null;
  return { fromMs: ms === null ? null : nowMs - ms, toMs: null };
}

const printInstant = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');

export const rangeOf = (fromMs: number, toMs: number): string => `${printInstant(fromMs)}..${printInstant(toMs)}`;

export function listingOf(search: ListSearch): Listing {
  const of = search.of ?? 'traces';
  const sort = search.sort ?? newestFirst;
  const known = sort === byRelevance ? search.q : sortFields[of].includes(sort.replace(/^-/, ''));
  const cols = search.cols === allColumns ? allColumns : search.cols && printColumns(of, search.cols.split(','));
  return { of, q: search.q ?? '', t: search.t ?? allTime, sort: known ? sort : newestFirst, cols };
}

export function searchOf({ of, q, t, sort, cols }: Listing): ListSearch {
  return {
    of: of === 'traces' ? undefined : of,
    q: q.trim() || undefined,
    t: t === allTime ? undefined : t,
    sort: sort === newestFirst ? undefined : sort,
    cols,
  };
}

const textFields = ['name', 'kind', 'model', 'provider', 'finish_reason', 'status'];

// The biggest first, or names from A; another click turns it around.
export function sortedBy(listing: Listing, field: string): string {
  if (field === byRelevance) return listing.sort === byRelevance ? newestFirst : byRelevance;
  const isText = textFields.includes(field);
  const [first, second] = isText ? [field, `-${field}`] : [`-${field}`, field];
  return listing.sort === first ? second : first;
}
