import { expect, it } from 'vitest';
import { growsForMs } from './queries';
import type { TraceRow } from './types';

const minute = 60_000;
const row = (change: Partial<TraceRow>) =>
  ({ root_span_id: '00000000000000ff', end_unix_ns: '1000000000000', duration_ns: 5e9, ...change }) as TraceRow;

it('thinks that a trace grows for a minute', () => {
  expect(growsForMs(row({}), 1_000_000)).toBe(minute);
  expect(growsForMs(row({}), 1_000_000 + 2 * minute)).toBe(-minute);
});

it('waits for a root as long as the trace took so far', () => {
  expect(growsForMs(row({ root_span_id: null, duration_ns: 600e9 }), 1_000_000)).toBe(10 * minute);
  expect(growsForMs(row({ root_span_id: null }), 1_000_000)).toBe(minute);
});
