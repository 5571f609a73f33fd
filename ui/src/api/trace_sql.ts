// What else is asked about a trace, by SQL: how long its spans and its like usually take, and what its answers name.
import { queryOptions } from '@tanstack/react-query';
import { askSql, type SqlRow, sqlText } from './sql';
import type { TraceRow } from './types';

const weekNs = 7n * 86_400_000_000_000n;
const nsPerMs = 1e6;

// The week before the trace began, so that it is not compared with itself.
const weekBefore = ({ project, start_unix_ns: start }: Pick<TraceRow, 'project' | 'start_unix_ns'>): string =>
  `project = ${sqlText(project)} AND start_unix_ns >= ${BigInt(start) - weekNs} AND start_unix_ns < ${BigInt(start)}`;

const figure = (row: SqlRow, at: number): number | null => {
  const value = row[at];
  return value === null || value === undefined ? null : Number(value);
};

export type Usual = { spans: number; p50Ns: number; p95Ns: number };

const usualSpansMin = 5; // fewer do not tell what is usual

// How long spans of the name took in the week before the trace; null: there were too few.
export const usualQuery = (trace: TraceRow, name: string) =>
  queryOptions({
    queryKey: ['usual', trace.project, trace.start_unix_ns, name],
    queryFn: async ({ signal }): Promise<Usual | null> => {
      const [row = []] = await askSql(
        `SELECT count(), quantile(0.5)(duration_ms), quantile(0.95)(duration_ms)
         FROM spans WHERE ${weekBefore(trace)} AND name = ${sqlText(name)}`,
        signal,
      );
      const spans = figure(row, 0) ?? 0;
      if (spans < usualSpansMin) return null;
      return { spans, p50Ns: (figure(row, 1) ?? 0) * nsPerMs, p95Ns: (figure(row, 2) ?? 0) * nsPerMs };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

// Which of the ids stand in what a model of the trace answered.
export const namedInAnswersQuery = (project: string, traceId: string, ids: readonly string[]) =>
  queryOptions({
    queryKey: ['named-in-answers', project, traceId, ids],
    queryFn: async ({ signal }) => {
      const rows = await askSql(
        `SELECT DISTINCT arrayJoin(arrayFilter(id -> position(content, id) > 0, [${ids.map(sqlText).join()}]))
         FROM messages WHERE project = ${sqlText(project)} AND trace_id = ${sqlText(traceId)} AND direction = 'output'`,
        signal,
      );
      return new Set(rows.map(([id]) => String(id)));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

// A figure of one run beside those of earlier ones. null: not known, or none had it.
export type UsualFigure = { p50: number | null; p95: number | null };
export type UsualPart = { runs: number; calls: UsualFigure; ns: UsualFigure; tokens: UsualFigure; usd: UsualFigure };
export type UsualRun = {
  runs: number; // that are compared with, the latest of the name
  totals: Omit<UsualPart, 'runs' | 'calls'> & { spans: UsualFigure; errors: UsualFigure };
  parts: ReadonlyMap<string, UsualPart>; // by partKey; of those runs that have such a span
};

export const partKey = (kind: string, name: string): string => `${kind} ${name}`;

const runsMax = 200;

const figuresOf = (row: SqlRow, at: number, scale = 1): UsualFigure => {
  const scaled = (value: number | null) => (value === null ? null : value * scale);
  return { p50: scaled(figure(row, at)), p95: scaled(figure(row, at + 1)) };
};

const both = (what: string): string => `quantile(0.5)(${what}), quantile(0.95)(${what})`;

// Runs of the same name in the week before the trace: what they came to, and what the spans of a kind and name in one run
// came to together.
export const usualRunQuery = (trace: TraceRow) =>
  queryOptions({
    queryKey: ['usual-run', trace.project, trace.trace_id, trace.start_unix_ns],
    queryFn: async ({ signal }): Promise<UsualRun> => {
      const runs = `FROM traces WHERE ${weekBefore(trace)} AND name = ${sqlText(trace.name)}
        ORDER BY start_unix_ns DESC LIMIT ${runsMax}`;
      const [total = []] = await askSql(
        `SELECT count(), ${both('duration_ms')}, ${both('total_tokens')}, ${both('cost_usd')},
           ${both('span_count')}, ${both('error_count')}
         FROM (SELECT duration_ms, total_tokens, cost_usd, span_count, error_count ${runs})`,
        signal,
      );
      const parts = await askSql(
        `SELECT kind, name, count(), ${both('calls')}, ${both('took')}, ${both('tokens')}, ${both('usd')}
         FROM (SELECT trace_id, kind, name, count() AS calls, sum(duration_ms) AS took, sum(total_tokens) AS tokens,
             sum(cost_usd) AS usd
           FROM spans WHERE project = ${sqlText(trace.project)} AND trace_id IN (SELECT trace_id ${runs})
           GROUP BY trace_id, kind, name)
         GROUP BY kind, name`,
        signal,
      );
      const figures = { ns: figuresOf(total, 1, nsPerMs), tokens: figuresOf(total, 3), usd: figuresOf(total, 5) };
      return {
        runs: figure(total, 0) ?? 0,
        totals: { ...figures, spans: figuresOf(total, 7), errors: figuresOf(total, 9) },
        parts: new Map(parts.map((row) => [partKey(String(row[0]), String(row[1])), partOf(row)])),
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

const partOf = (row: SqlRow): UsualPart => ({
  runs: figure(row, 2) ?? 0,
  calls: figuresOf(row, 3),
  ns: figuresOf(row, 5, nsPerMs),
  tokens: figuresOf(row, 7),
  usd: figuresOf(row, 9),
});
