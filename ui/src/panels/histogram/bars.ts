// Where the bars of a histogram stand on its axis of time, and which moments are written below.
import type { Histogram } from '../../api/types';
import type { TimeWindow } from '../../base/listing';

export type Bar = { startMs: number; count: number; errors: number };
export type Bars = { fromMs: number; toMs: number; bucketMs: number; bars: Bar[]; highest: number };

// Buckets without a span are bars of height 0. null: there is no bar, and no window that could have one.
export function barsOf({ data, bucket_ns }: Histogram, window: TimeWindow): Bars | null {
  const bucketMs = Number(bucket_ns) / 1e6;
  // By their number since 1970: a beginning below a millisecond has no exact one.
  const known = new Map(data.map((bucket) => [Number(BigInt(bucket.start_unix_ns) / BigInt(bucket_ns)), bucket]));
  const numbers = [...known.keys()];
  const [first, last] = [numbers[0], numbers.at(-1)];
  const fromMs = window.fromMs ?? (first === undefined ? undefined : first * bucketMs);
  const toMs = window.toMs ?? (last === undefined ? undefined : (last + 1) * bucketMs);
  if (fromMs === undefined || toMs === undefined) return null;
  const bars: Bar[] = [];
  for (let number = Math.floor(fromMs / bucketMs); number * bucketMs < toMs; number += 1) {
    const { count = 0, errors = 0 } = known.get(number) ?? {};
    bars.push({ startMs: number * bucketMs, count, errors });
  }
  return { fromMs, toMs, bucketMs, bars, highest: Math.max(0, ...bars.map((bar) => bar.count)) };
}

// Never so low that they are not seen, and never all red where not all failed.
const lowestBar = 0.08;
const lowestError = 0.035;
const mostRed = 0.6;

// Of a bar and its red part, as parts of the highest.
export function heightsOf(count: number, errors: number, highest: number): { high: number; red: number } {
  if (count === 0) return { high: 0, red: 0 };
  const high = Math.max(lowestBar, count / highest);
  if (errors === 0 || errors === count) return { high, red: errors === 0 ? 0 : high };
  return { high, red: Math.min(mostRed * high, Math.max(lowestError, errors / highest)) };
}

export type Totals = { count: number; errors: number };

export function totalsOf({ data }: Histogram): Totals {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return { count: sum(data.map((bucket) => bucket.count)), errors: sum(data.map((bucket) => bucket.errors)) };
}

// The window of the bars from one index to another, whichever comes first, within the axis.
export function brushedWindow(bars: Bars, one: number, other: number): { fromMs: number; toMs: number } | null {
  const first = bars.bars[Math.min(one, other)];
  const last = bars.bars[Math.max(one, other)];
  if (!first || !last) return null;
  // Milliseconds are what an address can say.
  const fromMs = Math.floor(Math.max(first.startMs, bars.fromMs));
  const toMs = Math.ceil(Math.min(last.startMs + bars.bucketMs, bars.toMs));
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) };
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const tickSteps = [
  ...[1, 5, 10, 30].map((n) => n * second),
  ...[1, 5, 10, 30].map((n) => n * minute),
  ...[1, 3, 6, 12].map((n) => n * hour),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * day),
];

export type Ticks = { stepMs: number; atMs: number[] };

// A tick nearer to the end has no room for its label.
const labelShare = 0.1;

// At most `most` round moments; `zoneOffsetMs` is what the local clock is ahead of UTC.
export function ticksOf({ fromMs, toMs }: { fromMs: number; toMs: number }, most: number, zoneOffsetMs: number): Ticks {
  const stepMs = tickSteps.find((step) => (toMs - fromMs) / step <= most) ?? (tickSteps.at(-1) as number);
  const atMs: number[] = [];
  const first = Math.ceil((fromMs + zoneOffsetMs) / stepMs) * stepMs - zoneOffsetMs;
  const end = toMs - (toMs - fromMs) * labelShare;
  for (let at = first; at <= end && atMs.length < most; at += stepMs) atMs.push(at);
  return { stepMs, atMs };
}
