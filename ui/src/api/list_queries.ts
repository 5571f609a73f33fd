// What the lists ask: rows, facets, the histogram, completion. All of one listing, for which the keys stand.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { byRelevance, type Listing, newestFirst, type TimeWindow, windowOf } from '../base/listing';
import { bytesBefore, grainOf, serverQuery } from '../base/server_query';
import { byteAt } from '../base/utf8';
import { ApiError, ask, pathOf } from './client';
import type { Facet, Histogram, ListRow, Mistake, Page, QueryTable, Suggestions } from './types';

const pageRows = 100;
const newestRows = 50;
const pollMs = 2000;
// A question that takes long is asked less often: at most a tenth of the time.
const pollRest = 10;
const histogramPollMs = 15_000;
const histogramBuckets = 120;
// Where the words of a query are: of each row so many places. Without words there are none.
const placesOfRow = 3;
export const facetValues = 12;

const nsOf = (ms: number): string => `${ms}000000`;

type Asked = Pick<Listing, 'of' | 'q' | 't'>;

function paramsOf(asked: Pick<Asked, 'of' | 'q'>, { fromMs, toMs }: TimeWindow): URLSearchParams {
  const params = new URLSearchParams();
  const q = serverQuery(asked);
  if (q) params.set('q', q);
  if (fromMs !== null) params.set('from', nsOf(fromMs));
  if (toMs !== null) params.set('to', nsOf(toMs));
  return params;
}

type PageRequest = { limit: number; cursor: string | null };

async function listRows(project: string, listing: Listing, page: PageRequest, signal: AbortSignal) {
  const params = paramsOf(listing, windowOf(listing.t, Date.now()));
  params.set('sort', listing.sort);
  params.set('matches', String(placesOfRow));
  params.set('limit', String(page.limit));
  if (page.cursor !== null) params.set('cursor', page.cursor);
  const rows = () => ask<Page<ListRow>>(`${pathOf(project)}/${grainOf(listing.of)}?${params}`, signal);
  try {
    return await rows();
  } catch (error) {
    // A query without words is refused an order by them; in that order all its rows are equals.
    const isWordless = error instanceof ApiError && error.status === 400 && error.mistakes.length === 0;
    if (listing.sort !== byRelevance || !isWordless) throw error;
    params.set('sort', newestFirst);
    return rows();
  }
}

// Which columns are shown changes nothing of the rows.
const rowsKey = ({ of, q, t, sort }: Listing) => ({ of, q, t, sort });

export const listQuery = (project: string, listing: Listing) =>
  infiniteQueryOptions({
    queryKey: ['list', project, rowsKey(listing)],
    queryFn: ({ pageParam, signal }) => listRows(project, listing, { limit: pageRows, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    // The pages on screen stay as they are; the head query below says what is new.
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    // Rows of the same columns stay until the new ones are there.
    placeholderData: (before, query) =>
      (query?.queryKey[2] as Listing | undefined)?.of === listing.of ? before : undefined,
  });

const isOpenEnded = (t: string): boolean => windowOf(t, Date.now()).toMs === null;

// The newest rows of a list in its usual order that has no end in time.
export const newestQuery = (project: string, listing: Listing) =>
  queryOptions({
    queryKey: ['list-head', project, rowsKey(listing)],
    queryFn: async ({ signal }) => {
      const began = performance.now();
      const page = await listRows(project, listing, { limit: newestRows, cursor: null }, signal);
      return { page, tookMs: performance.now() - began };
    },
    select: ({ page }) => page,
    enabled: listing.sort === newestFirst && isOpenEnded(listing.t),
    refetchInterval: (query) => Math.max(pollMs, pollRest * (query.state.data?.tookMs ?? 0)),
  });

export const histogramQuery = (project: string, { of, q, t }: Asked) =>
  queryOptions({
    queryKey: ['histogram', project, { of, q, t }],
    queryFn: async ({ signal }) => {
      const now = Date.now();
      const { fromMs, toMs } = windowOf(t, now);
      const window = { fromMs, toMs: toMs ?? (fromMs === null ? null : now) };
      const params = paramsOf({ of, q }, window);
      params.set('of', grainOf(of));
      params.set('buckets', String(histogramBuckets));
      const began = performance.now();
      const histogram = await ask<Histogram>(`${pathOf(project)}/histogram?${params}`, signal);
      return { histogram, window, tookMs: performance.now() - began };
    },
    placeholderData: keepPreviousData,
    refetchInterval: (query) => isOpenEnded(t) && Math.max(histogramPollMs, pollRest * (query.state.data?.tookMs ?? 0)),
  });

// How many match: for what a list could ask instead.
export const countQuery = (project: string, { of, q, t }: Asked) =>
  queryOptions({
    queryKey: ['count', project, { of, q, t }],
    queryFn: async ({ signal }) => {
      const params = paramsOf({ of, q }, windowOf(t, Date.now()));
      params.set('of', grainOf(of));
      params.set('buckets', '2');
      const { data } = await ask<Histogram>(`${pathOf(project)}/histogram?${params}`, signal);
      return data.reduce((sum, bucket) => sum + bucket.count, 0);
    },
  });

export const facetsQuery = (project: string, { of, q, t }: Asked, fields: readonly string[]) =>
  queryOptions({
    queryKey: ['facets', project, { of, q, t }, fields],
    queryFn: async ({ signal }) => {
      const params = paramsOf({ of, q }, windowOf(t, Date.now()));
      params.set('of', grainOf(of));
      params.set('fields', fields.join(','));
      params.set('limit', String(facetValues));
      return (await ask<{ data: Facet[] }>(`${pathOf(project)}/facets?${params}`, signal)).data;
    },
    placeholderData: keepPreviousData,
  });

export const queryFieldsQuery = queryOptions({
  queryKey: ['query-fields'],
  queryFn: ({ signal }) => ask<QueryTable>('/api/v1/query/fields', signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const suggestQuery = (project: string, { of, q, t }: Asked, caret: number) =>
  queryOptions({
    queryKey: ['suggest', project, { of, q, t }, caret],
    queryFn: async ({ signal }) => {
      const params = paramsOf({ of, q }, windowOf(t, Date.now()));
      const before = bytesBefore({ of, q });
      params.set('of', grainOf(of));
      params.set('at', String(before + byteAt(q, caret)));
      params.set('limit', String(facetValues));
      const answer = await ask<Suggestions>(`${pathOf(project)}/suggest?${params}`, signal);
      const { begin, end } = answer.replace;
      return { for: q, caret, ...answer, replace: { begin: begin - before, end: end - before } };
    },
    staleTime: 10_000,
    retry: false,
  });

// What is wrong with a query, as it is written: it is asked of a moment that holds nothing.
export const mistakesQuery = (project: string, of: Listing['of'], q: string) =>
  queryOptions({
    queryKey: ['mistakes', project, of, q],
    queryFn: async ({ signal }): Promise<readonly Mistake[]> => {
      const grain = grainOf(of);
      const params = paramsOf({ of: grain, q }, { fromMs: 0, toMs: 1 });
      params.set('limit', '1');
      try {
        await ask(`${pathOf(project)}/${grain}?${params}`, signal);
        return [];
      } catch (error) {
        if (error instanceof ApiError && error.mistakes.length > 0) return error.mistakes;
        throw error;
      }
    },
    enabled: q.trim() !== '',
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
