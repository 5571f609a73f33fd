// What a trace says, as far as it is read at once: the spans of a small one; of a larger one, which has many spans or says
// much in few, rows of its first calls and failures.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask, askWithin, pathOf } from './client';
import { tellCutsApart, textBytes } from './cut_texts';
import { traceRefetchMs } from './queries';
import type { Page, Span, SpanRow, Trace, TraceRow } from './types';

const spansMax = 300;
const rowsMax = 50;
const bytesMax = 4 << 20;

export type Talk = {
  trace: TraceRow;
  spans: readonly Span[] | null; // null: there are too many, or they say too much
  rows: Page<SpanRow> | null; // then these
};

const rowsPath = (project: string, traceId: string): string => {
  const params = new URLSearchParams({
    q: `trace:${traceId} (kind:llm or status:error)`,
    sort: 'start',
    limit: String(rowsMax),
  });
  return `${pathOf(project)}/spans?${params}`;
};

// The row alone, of a trace that is there.
async function readRow(project: string, traceId: string, signal: AbortSignal): Promise<TraceRow> {
  const { data } = await ask<Page<TraceRow>>(`${pathOf(project)}/traces?q=trace:${traceId}&limit=1`, signal);
  const [row] = data;
  if (!row) throw new Error('the trace has just been erased');
  return row;
}

async function readTalk(project: string, traceId: string, signal: AbortSignal): Promise<Talk> {
  const path = `${pathOf(project)}/traces/${traceId}?spans_max=${spansMax}&text_max=${textBytes}`;
  const read = await askWithin<Trace & Pick<Talk, 'spans'>>(path, bytesMax, signal);
  if (read?.spans) return { trace: read.trace, spans: read.spans.map(tellCutsApart), rows: null };
  const trace = read?.trace ?? (await readRow(project, traceId, signal));
  return { trace, spans: null, rows: await ask<Page<SpanRow>>(rowsPath(project, traceId), signal) };
}

// A span of such a trace; null: it says too much.
export const spanWithinQuery = (project: string, traceId: string, spanId: string) =>
  queryOptions({
    queryKey: ['span-within', project, traceId, spanId],
    queryFn: async ({ signal }) => {
      const path = `${pathOf(project)}/traces/${traceId}/spans/${spanId}?text_max=${textBytes}`;
      const span = await askWithin<Span>(path, bytesMax, signal);
      return span && tellCutsApart(span);
    },
    structuralSharing: false,
    staleTime: Number.POSITIVE_INFINITY,
  });

// Keeps the old object when nothing was added, so that what is below does not start over.
function sameTalk(before: unknown, after: unknown): unknown {
  const [old, fresh] = [before as Talk | undefined, after as Talk];
  const unchanged =
    old?.trace.span_count === fresh.trace.span_count &&
    old.trace.end_unix_ns === fresh.trace.end_unix_ns &&
    old.trace.error_count === fresh.trace.error_count;
  return unchanged ? old : fresh;
}

export const talkQuery = (project: string, traceId: string) =>
  queryOptions({
    queryKey: ['talk', project, traceId],
    queryFn: ({ signal }) => readTalk(project, traceId, signal),
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchInterval: (query) => traceRefetchMs(query.state.data?.trace),
    structuralSharing: sameTalk,
  });

export const turnsOfPage = 50;

// The traces of a query, which are turns of talks, page by page.
export const turnsQuery = (project: string, q: string, sort: 'start' | '-start') =>
  infiniteQueryOptions({
    queryKey: ['turns', project, q, sort],
    queryFn: ({ pageParam, signal }) => {
      const params = new URLSearchParams({ q, sort, limit: String(turnsOfPage) });
      if (pageParam !== null) params.set('cursor', pageParam);
      return ask<Page<TraceRow>>(`${pathOf(project)}/traces?${params}`, signal);
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
