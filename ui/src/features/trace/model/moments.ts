// What happened in a trace, moment by moment: spans that begin, their events, log records, and spans that end in error.
import { printJson } from '../../../api/json';
import { type Json, type LogRecord, logTimeOf } from '../../../api/types';
import type { SpanTree } from './span_tree';

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

export function momentsOf(tree: SpanTree, traceLogs: readonly LogRecord[]): Moment[] {
  const moments: Moment[] = [];
  const at = (unixNs: string): number => Number(BigInt(unixNs) - tree.startUnixNs);
  // A record without a time stands where its span begins.
  const timeOf = (record: LogRecord, row: number): number => {
    const time = logTimeOf(record);
    return time === null ? (tree.start[row] ?? 0) : at(time);
  };
  const log = (record: LogRecord, row: number): Moment => ({
    ns: timeOf(record, row),
    row,
    what: 'log',
    text: [record.severity_text, record.event_name, record.body === null ? '' : oneLine(record.body)]
      .filter(Boolean)
      .join(' '),
    severity: record.severity_number,
  });
  for (const [row, span] of tree.spans.entries()) {
    moments.push({ ns: tree.start[row] ?? 0, row, what: 'begins', text: span.name, severity: 0 });
    for (const event of span.events) {
      const message = event.attributes['exception.message'] ?? '';
      const severity = event.name === 'exception' ? ofError : 0;
      const text = [event.name, oneLine(message)].filter(Boolean).join(' ');
      moments.push({ ns: at(event.time_unix_ns), row, what: 'event', text, severity });
    }
    for (const record of span.logs) moments.push(log(record, row));
    if (span.status.code === 'ERROR') {
      const text = `${span.name}: ${oneLine(span.status.message ?? '') || 'status ERROR'}`;
      moments.push({ ns: tree.end[row] ?? 0, row, what: 'fails', text, severity: ofError });
    }
  }
  for (const record of traceLogs) moments.push(log(record, -1));
  return moments.sort((a, b) => a.ns - b.ns || order[a.what] - order[b.what] || a.row - b.row);
}

export const severityOf = ({ severity }: Moment): 'error' | 'warning' | null =>
  severity >= ofError ? 'error' : severity >= ofWarn ? 'warning' : null;
