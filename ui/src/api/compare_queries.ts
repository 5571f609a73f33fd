// The traces that are compared, and those that one could be compared with: the latest ones, of the same name where there
// is one.
import { queryOptions } from '@tanstack/react-query';
import { ask, askBytes, pathOf } from './client';
import { tellCutsApart, textBytes } from './cut_texts';
import type { Page, Span, Trace, TraceRow } from './types';

const recentMax = 30;
const askedMax = 100;

export const recentTracesQuery = (project: string, name: string | null) =>
  queryOptions({
    queryKey: ['recent-traces', project, name],
    queryFn: async ({ signal }) => {
      const params = new URLSearchParams({ limit: String(name === null ? recentMax : askedMax) });
      // A condition is about any span of a trace; the name that counts is the trace's.
      if (name) params.set('q', `name:"${name.replaceAll(/["\\]/g, '\\$&')}"`);
      const { data } = await ask<Page<TraceRow>>(`${pathOf(project)}/traces?${params}`, signal);
      return (name ? data.filter((row) => row.name === name) : data).slice(0, recentMax);
    },
  });

// A larger trace is compared by its structure; what a span of it says is read when that is looked at. Of long texts the
// beginning is read, and the rest by ranges.
const wholeSpansMax = 1000;
export const comparedSpansMax = 500_000;

export type ComparedTrace = {
  trace: TraceRow;
  spans: readonly Span[] | null; // null: there are too many to be read at once
  columns: ArrayBuffer | null; // then these, docs/formats/trace_columns.md, or null: too many to be compared
};

async function readCompared(traceId: string, signal: AbortSignal): Promise<ComparedTrace> {
  const path = `/api/v1/traces/${traceId}?spans_max=${wholeSpansMax}&text_max=${textBytes}`;
  const { trace, spans } = await ask<Trace & Pick<ComparedTrace, 'spans'>>(path, signal);
  for (const span of spans ?? []) tellCutsApart(span);
  const hasColumns = !spans && trace.span_count <= comparedSpansMax;
  return {
    trace,
    spans,
    columns: hasColumns ? await askBytes(`${pathOf(trace.project)}/traces/${traceId}/columns`, signal) : null,
  };
}

export const comparedTraceQuery = (traceId: string) =>
  queryOptions({
    queryKey: ['compared-trace', traceId],
    queryFn: ({ signal }) => readCompared(traceId, signal),
    gcTime: 0,
  });
