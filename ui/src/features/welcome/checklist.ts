// The way of the first span, step by step, as the server counts it.
import type { Status } from '../../api/types';
import { formatBytes, plural } from '../../base/format';

export type Step = { label: string; detail: string; state: 'done' | 'waiting' | 'failed' };

export function stepsOf(status: Status, traceCount: number, address: string): Step[] {
  const { ingest } = status;
  const step = (label: string, done: boolean, detail: string): Step => ({
    label,
    detail,
    state: done ? 'done' : 'waiting',
  });
  const refusedOnly = ingest.requests > 0 && ingest.spans === 0 && ingest.refused_requests + ingest.rejected_spans > 0;
  const decoded: Step = refusedOnly
    ? { label: 'Spans decoded', detail: 'what arrived was refused, see below', state: 'failed' }
    : step('Spans decoded', ingest.spans > 0 || traceCount > 0, ingest.spans > 0 ? plural(ingest.spans, 'span') : '');
  return [
    step('Listening', true, address),
    step(
      'Bytes received',
      ingest.bytes > 0 || traceCount > 0,
      ingest.bytes > 0 ? `${formatBytes(ingest.bytes)} in ${plural(ingest.requests, 'request')}` : '',
    ),
    decoded,
    step('First trace', traceCount > 0, traceCount > 0 ? plural(traceCount, 'trace') : ''),
  ];
}

// A listener on all addresses of its machine is reached at the one that this page came from.
export const reachedAt = (listener: string, hostname: string): string =>
  listener.replace(/^(0\.0\.0\.0|\[::\])(?=:\d+$)/, hostname);
