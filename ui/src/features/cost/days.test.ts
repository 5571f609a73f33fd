import { expect, it } from 'vitest';
import type { UsageRow } from '../../api/insight_types';
import { daysOf } from './days';

const row = (day: string, model: string, usd: number | null): UsageRow => ({
  group: { day, model },
  calls: 1,
  estimated_calls: 0,
  impossible_calls: 0,
  errors: 0,
  tokens: null,
  cost: { total_usd: usd, unpriced_calls: 0, cache_savings_usd: null },
  latency_ms: null,
});

it('stacks groups by day, the most expensive first', () => {
  const days = daysOf(
    [row('2026-01-02', 'a', 1), row('2026-01-01', 'b', 4), row('2026-01-02', 'b', 2), row('2026-01-02', 'c', null)],
    'model',
  );
  expect(days).toEqual({
    groups: ['b', 'a'],
    columns: [
      { day: '2026-01-01', total: 4, parts: [4, 0] },
      { day: '2026-01-02', total: 3, parts: [2, 1] },
    ],
    highest: 4,
  });
});

it('sums up what is beyond five groups', () => {
  const days = daysOf(
    [1, 2, 3, 4, 5, 6, 7].map((usd) => row('2026-01-01', `m${usd}`, usd)),
    'model',
  );
  expect(days.groups).toEqual(['m7', 'm6', 'm5', 'm4', 'm3', 'the rest']);
  expect(days.columns[0]?.parts).toEqual([7, 6, 5, 4, 3, 3]);
});
