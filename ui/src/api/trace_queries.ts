// A trace as its page needs it: whole, or, when it is large, its structure, and the spans one by one.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask, askBytes, pathOf } from './client';
import { tellCutsApart, textBytes } from './cut_texts';
import { traceRefetchMs } from './queries';
import type { Found, LogRecord, Page, Repeated, Span, SpanEventRow, Trace } from './types';

// A trace with more spans is read as columns: what its spans say may be many times what fits in a page.
export const wholeSpansMax = 5000;

export type OpenTrace = {
  trace: Trace['trace'];
  spans: readonly Span[] | null; // null: there are too many
  columns: ArrayBuffer | null; // then this, docs/formats/trace_columns.md
};

async function openTrace(project: string, traceId: string, signal: AbortSignal): Promise<OpenTrace> {
  const path = `${pathOf(project)}/traces/${traceId}`;
  const params = `spans_max=${wholeSpansMax}&text_max=${textBytes}`;
  const { trace, spans } = await ask<Omit<OpenTrace, 'columns'>>(`${path}?${params}`, signal);
  for (const span of spans ?? []) tellCutsApart(span);
  return { trace, spans, columns: spans ? null : await askBytes(`${path}/columns`, signal) };
}

const annotationsOf = ({ spans }: OpenTrace): string =>
  JSON.stringify(spans?.map(({ annotations }) => annotations).filter((list) => list.length > 0));

// Keeps the old object when nothing was added, so that the page below does not start over.
function sameTrace(before: unknown, after: unknown): unknown {
  const [old, fresh] = [before as OpenTrace | undefined, after as OpenTrace];
  const unchanged =
    old?.trace.span_count === fresh.trace.span_count &&
    old.spans?.length === fresh.spans?.length &&
    old.trace.end_unix_ns === fresh.trace.end_unix_ns &&
    old.trace.error_count === fresh.trace.error_count &&
    annotationsOf(old) === annotationsOf(fresh);
  return unchanged ? old : fresh;
}

export const openTraceQuery = (project: string, traceId: string) =>
  queryOptions({
    queryKey: ['open-trace', project, traceId],
    queryFn: ({ signal }) => openTrace(project, traceId, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchInterval: (query) => traceRefetchMs(query.state.data?.trace),
    structuralSharing: sameTrace,
  });

// Where the trace is; its spans are not wanted.
export const locateTraceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['locate-trace', traceId],
    queryFn: ({ signal }) => ask<Pick<Trace, 'trace'>>(`/api/v1/traces/${traceId}?spans_max=1`, signal),
    gcTime: 0,
  });

export const spanQuery = (project: string, traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['span', project, traceId, spanId],
    queryFn: async ({ signal }) => {
      const path = `${pathOf(project)}/traces/${traceId}/spans/${spanId}`;
      return tellCutsApart(await ask<Span>(`${path}?text_max=${textBytes}`, signal));
    },
    // What was cut is known by the object itself.
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

const foundMax = 1000;

// The spans in which a text occurs, as far as the server looks.
export const findQuery = (project: string, traceId: string, words: string) =>
  queryOptions({
    queryKey: ['find', project, traceId, words],
    queryFn: ({ signal }) => {
      const params = new URLSearchParams({ q: words, limit: String(foundMax) });
      return ask<Found>(`${pathOf(project)}/traces/${traceId}/find?${params}`, signal);
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

// Nanoseconds since 1970; the end is exclusive.
export type Stretch = { from: bigint; to: bigint | null };

const stretchRows = 1000;
const stretchParams = ({ from, to }: Stretch): URLSearchParams => {
  const params = new URLSearchParams({ from: String(from), limit: String(stretchRows) });
  if (to !== null) params.set('to', String(to));
  return params;
};

// Log records of the trace in a stretch of time, the latest first.
export const stretchLogsQuery = (project: string, traceId: string, stretch: Stretch) =>
  infiniteQueryOptions({
    queryKey: ['stretch-logs', project, traceId, String(stretch.from), String(stretch.to)],
    queryFn: ({ pageParam, signal }) => {
      const params = stretchParams(stretch);
      params.set('trace_id', traceId);
      if (pageParam !== null) params.set('cursor', pageParam);
      return ask<Page<LogRecord>>(`${pathOf(project)}/logs?${params}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });

// Events of its spans in a stretch of time, the earliest first.
export const stretchEventsQuery = (project: string, traceId: string, stretch: Stretch) =>
  infiniteQueryOptions({
    queryKey: ['stretch-events', project, traceId, String(stretch.from), String(stretch.to)],
    queryFn: ({ pageParam, signal }) => {
      const params = stretchParams(stretch);
      params.set('offset', String(pageParam));
      return ask<{ data: SpanEventRow[]; complete: boolean }>(
        `${pathOf(project)}/traces/${traceId}/events?${params}`,
        signal,
      );
    },
    initialPageParam: 0,
    getNextPageParam: (page, pages) => (page.complete ? null : pages.length * stretchRows),
  });

// Which spans did again what another had done. `count`: of the trace's spans, so that one that grew is asked about anew.
export const repeatedQuery = (project: string, traceId: string, count: number) =>
  queryOptions({
    queryKey: ['repeated', project, traceId, count],
    queryFn: ({ signal }) => ask<Repeated>(`${pathOf(project)}/traces/${traceId}/repeated`, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

const matchPageRows = 500;
const matchesMax = 2000;

// The spans of the trace that a query of docs/guide/query.md finds. `count`: of the trace's spans, so that one that grew
// is asked about anew.
export const matchingSpansQuery = (project: string, traceId: string, { q, count }: { q: string; count: number }) =>
  queryOptions({
    queryKey: ['matching-spans', project, traceId, q, count],
    queryFn: async ({ signal }) => {
      const data: { span_id: string }[] = [];
      let cursor: string | null = null;
      do {
        const params = new URLSearchParams({
          q: `trace:${traceId} (${q})`,
          sort: 'start',
          limit: String(matchPageRows),
        });
        if (cursor !== null) params.set('cursor', cursor);
        const page: Page<{ span_id: string }> = await ask(`${pathOf(project)}/spans?${params}`, signal);
        data.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null && data.length < matchesMax);
      return { data, complete: cursor === null };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
