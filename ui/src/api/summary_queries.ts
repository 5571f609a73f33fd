// Totals and failures of a stretch of time, by SQL.
import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { TimeWindow } from '../base/listing';
import { askSql, sqlText } from './sql';

function conditions(project: string, { fromMs, toMs }: TimeWindow): string {
  const from = fromMs === null ? '' : ` AND start_unix_ns >= ${Math.round(fromMs)}000000`;
  const to = toMs === null ? '' : ` AND start_unix_ns < ${Math.round(toMs)}000000`;
  return `project = ${sqlText(project)}${from}${to}`;
}

export type TraceTotals = { traces: number; failed: number; p50Ms: number | null; p95Ms: number | null };

export const totalsQuery = (project: string, window: TimeWindow | null) =>
  queryOptions({
    queryKey: ['totals', project, window],
    queryFn: async ({ signal }): Promise<TraceTotals> => {
      const [row = []] = await askSql(
        `SELECT count(), countIf(error_count > 0), quantile(0.5)(duration_ms), quantile(0.95)(duration_ms)
         FROM traces WHERE ${conditions(project, window ?? { fromMs: null, toMs: null })}`,
        signal,
      );
      const [traces, failed, p50, p95] = row.map(Number);
      const known = (ms: number | undefined) => (traces ? (ms ?? null) : null);
      return { traces: traces ?? 0, failed: failed ?? 0, p50Ms: known(p50), p95Ms: known(p95) };
    },
    enabled: window !== null,
    placeholderData: keepPreviousData,
  });

export type ErrorGroup = {
  type: string;
  shape: string; // the message with its numbers and ids as "#"
  example: string;
  name: string;
  kind: string;
  service: string;
  spans: number;
  traces: number;
  firstUnixNs: string;
  lastUnixNs: string;
  traceId: string;
  spanId: string;
};

const groupsMax = 200;

export const errorGroupsQuery = (project: string, window: TimeWindow) =>
  queryOptions({
    queryKey: ['error-groups', project, window],
    queryFn: async ({ signal }): Promise<ErrorGroup[]> => {
      const rows = await askSql(
        `SELECT exception_type,
           replaceRegexpAll(if(exception_message != '', exception_message, status_message), '[0-9a-fA-F]{8,}|[0-9]+', '#') AS shape,
           name, kind, service_name, count() AS failed, uniqExact(trace_id), min(start_unix_ns), max(start_unix_ns),
           argMax(trace_id, start_unix_ns), argMax(span_id, start_unix_ns),
           argMax(if(exception_message != '', exception_message, status_message), start_unix_ns)
         FROM spans WHERE status = 'ERROR' AND ${conditions(project, window)}
         GROUP BY exception_type, shape, name, kind, service_name
         ORDER BY failed DESC, max(start_unix_ns) DESC LIMIT ${groupsMax}`,
        signal,
      );
      return rows.map((row) => {
        const texts = row.map((value) => String(value ?? ''));
        const [type = '', shape = '', name = '', kind = '', service = '', spans, traces, ...rest] = texts;
        const [firstUnixNs = '', lastUnixNs = '', traceId = '', spanId = '', example = ''] = rest;
        return {
          ...{ type, shape, example, name, kind, service, firstUnixNs, lastUnixNs, traceId, spanId },
          spans: Number(spans),
          traces: Number(traces),
        };
      });
    },
    placeholderData: keepPreviousData,
  });
