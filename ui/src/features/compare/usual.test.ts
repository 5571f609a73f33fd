import { expect, it } from 'vitest';
import { makeSpan } from '../../api/test_spans';
import type { UsualPart, UsualRun } from '../../api/trace_sql';
import { usualRows } from './usual';

const part = (runs: number, p50: number): UsualPart => {
  const none = { p50: null, p95: null };
  return { runs, calls: { p50: 1, p95: 1 }, ns: { p50, p95: p50 * 2 }, tokens: none, usd: none };
};
const usual: UsualRun = {
  runs: 10,
  totals: { ...part(10, 0), spans: { p50: 2, p95: 2 }, errors: { p50: 0, p95: 0 } },
  parts: new Map([
    ['TOOL look up', part(10, 30)],
    ['GUARDRAIL guard', part(5, 400)],
    ['TOOL rare', part(4, 900)],
  ]),
};
const tool = (id: string, name: string, duration: number) => {
  const span = makeSpan({ id, start: 0, duration });
  return Object.assign(span, { kind: 'TOOL', name });
};

it('sums what a run has of a kind and name, and says what it lacks of what most runs have', () => {
  const rows = usualRows([tool('a', 'look up', 50), tool('b', 'look up', 80), tool('c', 'new', 5)], usual);
  expect(rows.map(({ kind, name, here, usual: of }) => [kind, name, here?.calls, here?.ns, of?.ns.p50])).toEqual([
    ['GUARDRAIL', 'guard', undefined, undefined, 400],
    ['TOOL', 'look up', 2, 130, 30],
    ['TOOL', 'new', 1, 5, undefined],
  ]);
  expect(rows[1]?.here?.spanId).toBe('a');
});
