// What is fetched, how long it stays fresh and how often it is asked again.
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { ApiError, listProjects, listRejected, readStatus } from './client';
import type { TraceRow } from './types';

const pollMs = 2000;

// 4xx says the same thing however often it is asked.
const worthRetrying = (failures: number, error: Error): boolean =>
  failures < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500);

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // The server is often this machine: the browser's idea of being online does not matter.
        networkMode: 'always',
        retry: worthRetrying,
        retryDelay: 500,
        staleTime: 1000,
        refetchOnReconnect: false,
      },
    },
  });
}

export const statusQuery = (everyMs: number) =>
  queryOptions({ queryKey: ['status'], queryFn: ({ signal }) => readStatus(signal), refetchInterval: everyMs });

export const projectsQuery = queryOptions({ queryKey: ['projects'], queryFn: ({ signal }) => listProjects(signal) });

export const rejectedQuery = queryOptions({
  queryKey: ['rejected'],
  queryFn: ({ signal }) => listRejected(signal),
  refetchInterval: pollMs,
});

// A trace that got a span within this time may still be growing. One whose root has not arrived may take as long again
// as it took so far: a step of it is no shorter than the others.
const quietMs = 60_000;
// How often one is asked for again that is not followed, a bigger one less often.
const spansPerPoll = 2000;
const slowestPollMs = 30_000;

const msOf = (unixNs: string): number => Number(BigInt(unixNs) / 1_000_000n);

// How long from now the trace is still thought to grow, if nothing comes; 0 or less: it is whole.
export function growsForMs(row: TraceRow, nowMs: number): number {
  const patience = row.root_span_id === null ? Math.max(quietMs, row.duration_ns / 1e6) : quietMs;
  return msOf(row.end_unix_ns) + patience - nowMs;
}

export function traceRefetchMs(row: TraceRow | undefined): number | false {
  if (!row || growsForMs(row, Date.now()) <= 0) return false;
  return Math.min(slowestPollMs, pollMs * Math.max(1, row.span_count / spansPerPoll));
}
