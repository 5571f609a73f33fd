// What a live page holds of the spans that arrive: the newest, while it follows; while it is paused, they wait aside.
// Plain values, so that each step can be told.
import { rowIdOf, type SpanRow } from '../../../api/types';

export const rowsMax = 500;
export const rateMs = 10_000;

export type Tail = {
  rows: readonly SpanRow[]; // on screen, the newest first
  held: readonly SpanRow[]; // arrived while paused, the newest first
  heldCount: number; // of all those, also of the ones that are not kept
  paused: boolean;
  recent: readonly { atMs: number; count: number }[]; // of the last rateMs
};

export const emptyTail: Tail = { rows: [], held: [], heldCount: 0, paused: false, recent: [] };

// A span that comes again, as one that has ended, takes the place of its former copy at the top.
function onTop(arrived: readonly SpanRow[], rows: readonly SpanRow[]): SpanRow[] {
  const seen = new Set<string>();
  return [...arrived, ...rows]
    .filter((row) => {
      const id = rowIdOf(row);
      return !seen.has(id) && seen.add(id);
    })
    .slice(0, rowsMax);
}

const lately = (recent: Tail['recent'], nowMs: number) => recent.filter(({ atMs }) => nowMs - atMs < rateMs);

// `arrived`: in the order in which they came.
export function received(tail: Tail, arrived: readonly SpanRow[], nowMs: number): Tail {
  const newest = arrived.toReversed();
  const recent = [...lately(tail.recent, nowMs), { atMs: nowMs, count: arrived.length }];
  return tail.paused
    ? { ...tail, recent, held: onTop(newest, tail.held), heldCount: tail.heldCount + arrived.length }
    : { ...tail, recent, rows: onTop(newest, tail.rows) };
}

export const paused = (tail: Tail): Tail => ({ ...tail, paused: true });

export const followed = (tail: Tail): Tail => ({
  ...tail,
  paused: false,
  rows: onTop(tail.held, tail.rows),
  held: [],
  heldCount: 0,
});

export const cleared = (tail: Tail): Tail => ({ ...tail, rows: [], held: [], heldCount: 0 });

export const perSecond = ({ recent }: Tail, nowMs: number): number =>
  lately(recent, nowMs).reduce((sum, { count }) => sum + count, 0) / (rateMs / 1000);
