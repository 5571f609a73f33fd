// What happened in a trace, moment by moment: spans that begin, their events, log records, and spans that end in error.
import { printJson } from '../../../api/json';
import { type Json, type LogRecord, logTimeOf } from '../../../api/types';
import { nameOf, type SpanTree } from './span_tree';

export type Moment = {
  ns: number; // from the start of the trace
  row: number; // -1: of no span of the trace
  what: 'begins' | 'event' | 'log' | 'fails';
  text: string;
  severity: number; // OTLP's, 0 for none
};

const textMax = 300;
const ofWarn = 13;
const ofError = 17;
const order = { begins: 0, event: 1, log: 2, fails: 3 } as const;

const oneLine = (value: Json): string =>
  (typeof value === 'string' ? value : printJson(value, 0)).slice(0, textMax).replaceAll(/\s+/g, ' ');

const nsAt = (tree: SpanTree, unixNs: string): number => Number(BigInt(unixNs) - tree.startUnixNs);

// A record without a time stands where its span begins.
export function logMoment(tree: SpanTree, record: LogRecord, row: number): Moment {
  const time = logTimeOf(record);
  const words = [record.severity_text, record.event_name, record.body === null ? '' : oneLine(record.body)];
  return {
    ns: time === null ? (tree.start[row] ?? 0) : nsAt(tree, time),
    row,
    what: 'log',
    text: words.filter(Boolean).join(' '),
    severity: record.severity_number,
  };
}

export function eventMoment(
  tree: SpanTree,
  event: { name: string; unixNs: string; message: Json },
  row: number,
): Moment {
  return {
    ns: nsAt(tree, event.unixNs),
    row,
    what: 'event',
    text: [event.name, oneLine(event.message ?? '')].filter(Boolean).join(' '),
    severity: event.name === 'exception' ? ofError : 0,
  };
}

export const beginMoment = (tree: SpanTree, row: number): Moment => ({
  ns: tree.start[row] ?? 0,
  row,
  what: 'begins',
  text: nameOf(tree, row) || '(no name)',
  severity: 0,
});

export const failMoment = (tree: SpanTree, row: number, message: string): Moment => ({
  ns: tree.end[row] ?? 0,
  row,
  what: 'fails',
  text: `${nameOf(tree, row)}: ${message || 'status ERROR'}`,
  severity: ofError,
});

export const inTime = (moments: Moment[]): Moment[] =>
  moments.sort((a, b) => a.ns - b.ns || order[a.what] - order[b.what] || a.row - b.row);

export function momentsOf(tree: SpanTree, traceLogs: readonly LogRecord[]): Moment[] {
  const moments: Moment[] = [];
  for (const [row, span] of tree.spans.entries()) {
    if (!span) continue;
    moments.push(beginMoment(tree, row));
    for (const { name, time_unix_ns: unixNs, attributes } of span.events)
      moments.push(eventMoment(tree, { name, unixNs, message: attributes['exception.message'] ?? null }, row));
    for (const record of span.logs) moments.push(logMoment(tree, record, row));
    if (span.status.code === 'ERROR') moments.push(failMoment(tree, row, oneLine(span.status.message ?? '')));
  }
  for (const record of traceLogs) moments.push(logMoment(tree, record, -1));
  return inTime(moments);
}

export const severityOf = ({ severity }: Moment): 'error' | 'warning' | null =>
  severity >= ofError ? 'error' : severity >= ofWarn ? 'warning' : null;
