import { expect, it } from 'vitest';
import type { UsageRow } from '../../api/insight_types';
import { differencesOf } from './changes';

const row = (model: string, calls: number, errors: number, p95: number, usd: number | null): UsageRow => ({
  group: { model },
  calls,
  estimated_calls: 0,
  impossible_calls: 0,
  errors,
  tokens: null,
  cost: { total_usd: usd, unpriced_calls: 0, cache_savings_usd: null },
  latency_ms: { p50: p95 / 2, p95, p99: p95 },
});

const said = (now: UsageRow[], before: UsageRow[]) =>
  differencesOf(now, before, 'model').map(({ group, now: is, before: was, change }) => [group, is, was, change]);

it('says nothing where nothing changed', () => {
  expect(said([row('m', 100, 1, 500, 1)], [row('m', 100, 1, 520, 1.05)])).toEqual([]);
});

it('puts failures before latency before cost', () => {
  expect(said([row('m', 100, 40, 2000, 4)], [row('m', 100, 0, 500, 2)])).toEqual([
    ['m', '40 % failed', '0 % failed', 'new'],
    ['m', 'p95 2.00s', 'p95 500ms', '+300 %'],
    ['m', '$4.00', '$2.00', '+100 %'],
  ]);
});

it('tells what is new and what is gone', () => {
  expect(said([row('a', 9, 0, 1, null)], [row('b', 9, 0, 1, null), row('c', 2, 0, 1, null)])).toEqual([
    ['a', '9 calls', '0 calls', 'new'],
    ['b', '0 calls', '9 calls', 'gone'],
  ]);
});

it('takes few calls for chance', () => {
  expect(said([row('m', 4, 4, 9000, 9)], [row('m', 100, 0, 500, 1)])).toEqual([]);
});
