import { expect, it } from 'vitest';
import { barsOf, brushedWindow, heightsOf, ticksOf, totalsOf } from './bars';

const at = (hours: number, minutes: number, seconds = 0) => Date.UTC(2026, 0, 31, hours, minutes, seconds);
const bucket = (startMs: number, count: number, errors = 0) => ({
  start_unix_ns: `${startMs}000000`,
  count,
  errors,
  duration_p50_ns: 0,
  duration_p95_ns: 0,
});
const histogram = (...data: ReturnType<typeof bucket>[]) => ({
  data,
  bucket_ns: '60000000000',
  pending_requests: 0,
});

it('fills what is left out, over the whole window', () => {
  const bars = barsOf(histogram(bucket(at(12, 2), 3, 1)), { fromMs: at(12, 0, 30), toMs: at(12, 4) });
  expect(bars).toEqual({
    fromMs: at(12, 0, 30),
    toMs: at(12, 4),
    bucketMs: 60_000,
    highest: 3,
    bars: [
      { startMs: at(12, 0), count: 0, errors: 0 },
      { startMs: at(12, 1), count: 0, errors: 0 },
      { startMs: at(12, 2), count: 3, errors: 1 },
      { startMs: at(12, 3), count: 0, errors: 0 },
    ],
  });
});

it('reaches from the first to the last span where there is no window', () => {
  const bars = barsOf(histogram(bucket(at(12, 0), 1), bucket(at(12, 2), 5)), { fromMs: null, toMs: null });
  expect(bars?.bars.map((bar) => bar.count)).toEqual([1, 0, 5]);
  expect(bars?.toMs).toBe(at(12, 3));
  expect(barsOf(histogram(), { fromMs: null, toMs: null })).toBeNull();
});

it('adds up', () => {
  expect(totalsOf(histogram(bucket(at(12, 0), 4, 1), bucket(at(12, 2), 5, 2)))).toEqual({ count: 9, errors: 3 });
});

it('brushes whole bars, from either end, within the axis', () => {
  const bars = barsOf(histogram(), { fromMs: at(12, 0, 30), toMs: at(12, 3, 15) });
  if (!bars) throw new Error('no bars');
  expect(brushedWindow(bars, 2, 1)).toEqual({ fromMs: at(12, 1), toMs: at(12, 3) });
  expect(brushedWindow(bars, 0, 3)).toEqual({ fromMs: at(12, 0, 30), toMs: at(12, 3, 15) });
});

it('puts ticks on round moments of the local clock, none at the very end', () => {
  const minutes = ticksOf({ fromMs: at(12, 1), toMs: at(12, 31) }, 6, 0);
  expect(minutes).toEqual({ stepMs: 300_000, atMs: [5, 10, 15, 20, 25].map((m) => at(12, m)) });
  // UTC+1: local midnight is 23:00 UTC.
  const days = ticksOf({ fromMs: at(12, 0), toMs: at(12, 0) + 3 * 86_400_000 }, 4, 3_600_000);
  expect(days).toEqual({ stepMs: 86_400_000, atMs: [0, 1, 2].map((d) => at(23, 0) + d * 86_400_000) });
});

it('shows one of a thousand, and red where some but not all failed', () => {
  expect(heightsOf(0, 0, 1000)).toEqual({ high: 0, red: 0 });
  expect(heightsOf(1000, 250, 1000)).toEqual({ high: 1, red: 0.25 });
  expect(heightsOf(1, 0, 1000)).toEqual({ high: 0.08, red: 0 });
  expect(heightsOf(2, 1, 1000)).toEqual({ high: 0.08, red: 0.035 });
  expect(heightsOf(2, 2, 1000)).toEqual({ high: 0.08, red: 0.08 });
  expect(heightsOf(1000, 999, 1000)).toEqual({ high: 1, red: 0.6 });
});
