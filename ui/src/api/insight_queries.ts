// What the pages beside the lists ask.
import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { type TimeWindow, windowOf } from '../base/listing';
import { ask, pathOf } from './client';
import type { Conversation, SessionRow, Usage, UserRow } from './insight_types';
import type { Histogram, Page, SpanRow, TraceRow } from './types';

const pageRows = 100;
const everyMs = 15_000;

const nsOf = (ms: number): string => `${Math.round(ms)}000000`;

export function timeParams({ fromMs, toMs }: TimeWindow): URLSearchParams {
  const params = new URLSearchParams();
  if (fromMs !== null) params.set('from', nsOf(fromMs));
  if (toMs !== null) params.set('to', nsOf(toMs));
  return params;
}

// The same time is asked again for a while, so that what is on screen belongs together.
export const settledWindow = (t: string): TimeWindow =>
  windowOf(t, Math.floor(Date.now() / everyMs) * everyMs + everyMs);

// As long as the window and right before it; null when that has no beginning.
export function windowBefore({ fromMs, toMs }: TimeWindow, nowMs: number): TimeWindow | null {
  if (fromMs === null) return null;
  return { fromMs: fromMs - ((toMs ?? nowMs) - fromMs), toMs: fromMs };
}

export type UsageAsk = { by: string; sort: string; limit: number };

export const usageQuery = (project: string, window: TimeWindow, { by, sort, limit }: UsageAsk) =>
  queryOptions({
    queryKey: ['usage', project, window, by, sort, limit],
    queryFn: ({ signal }) => {
      const params = timeParams(window);
      params.set('group_by', by);
      params.set('sort', sort);
      params.set('limit', String(limit));
      return ask<Usage>(`${pathOf(project)}/usage?${params}`, signal);
    },
    // Groups of another kind are not those of this one.
    placeholderData: (before, query) => (query?.queryKey[3] === by ? before : undefined),
  });

export const countsQuery = (project: string, window: TimeWindow, { q, of, buckets }: CountsAsk) =>
  queryOptions({
    queryKey: ['counts', project, window, q, of, buckets],
    queryFn: ({ signal }) => {
      const params = timeParams(window);
      params.set('q', q);
      params.set('of', of);
      params.set('buckets', String(buckets));
      return ask<Histogram>(`${pathOf(project)}/histogram?${params}`, signal);
    },
    placeholderData: keepPreviousData,
  });
export type CountsAsk = { q: string; of: 'traces' | 'spans'; buckets: number };

type RowsAsk = { q: string; sort: string; limit: number };

function rowsQuery<Row>(of: 'traces' | 'spans', project: string, window: TimeWindow, { q, sort, limit }: RowsAsk) {
  return queryOptions({
    queryKey: ['rows', of, project, window, q, sort, limit],
    queryFn: ({ signal }) => {
      const params = timeParams(window);
      params.set('q', q);
      params.set('sort', sort);
      params.set('limit', String(limit));
      return ask<Page<Row>>(`${pathOf(project)}/${of}?${params}`, signal);
    },
    placeholderData: keepPreviousData,
  });
}
export const traceRowsQuery = (project: string, window: TimeWindow, wanted: RowsAsk) =>
  rowsQuery<TraceRow>('traces', project, window, wanted);
export const spanRowsQuery = (project: string, window: TimeWindow, wanted: RowsAsk) =>
  rowsQuery<SpanRow>('spans', project, window, wanted);

function pagesQuery<Row>(what: 'sessions' | 'users', project: string) {
  return infiniteQueryOptions({
    queryKey: [what, project],
    queryFn: ({ pageParam, signal }) => {
      const params = new URLSearchParams({ limit: String(pageRows) });
      if (pageParam !== null) params.set('cursor', pageParam);
      return ask<Page<Row>>(`${pathOf(project)}/${what}?${params}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}
export const sessionsQuery = (project: string) => pagesQuery<SessionRow>('sessions', project);
export const usersQuery = (project: string) => pagesQuery<UserRow>('users', project);

// What all turns of a user come to. `q`: asks for the user; a trace may name others too. null: there is no such user.
export const userTotalsQuery = (project: string, userId: string, q: string) =>
  queryOptions({
    queryKey: ['user-totals', project, userId],
    queryFn: async ({ signal }) => {
      const params = new URLSearchParams({ q, limit: String(pageRows) });
      const { data } = await ask<Page<UserRow>>(`${pathOf(project)}/users?${params}`, signal);
      return data.find((row) => row.user_id === userId) ?? null;
    },
    refetchInterval: everyMs,
  });

// Of the session where there is one, so that what earlier turns said counts as said.
export const conversationQuery = (project: string, of: { session: string | null; trace: string }) =>
  queryOptions({
    queryKey: ['conversation', project, of],
    queryFn: ({ signal }) => {
      const path = of.session === null ? `traces/${of.trace}` : `sessions/${encodeURIComponent(of.session)}`;
      return ask<Conversation>(`${pathOf(project)}/${path}/conversation`, signal);
    },
    staleTime: everyMs,
  });
