// The moments of a large trace that its tree knows, cut into stretches of time: what else happened in one is read when it
// comes on screen.
import { flagError, type SpanTree } from '../model/span_tree';

const momentsPerStretch = 100;

// A row, and whether it begins or fails then.
export type KnownMoment = { ns: number; row: number; fails: boolean };

export type Stretch = {
  moments: readonly KnownMoment[];
  fromNs: number; // from the start of the trace, and for the first from before it
  toNs: number; // exclusive; infinite for the last
};

export function stretchesOf(tree: SpanTree, perStretch = momentsPerStretch): Stretch[] {
  const known: KnownMoment[] = [];
  for (let row = 0; row < tree.rows; row += 1) {
    known.push({ ns: tree.start[row] ?? 0, row, fails: false });
    if ((tree.flags[row] ?? 0) & flagError) known.push({ ns: tree.end[row] ?? 0, row, fails: true });
  }
  known.sort((a, b) => a.ns - b.ns || Number(a.fails) - Number(b.fails) || a.row - b.row);
  const stretches: Stretch[] = [];
  for (let from = 0; from < known.length; ) {
    let to = Math.min(from + perStretch, known.length);
    // Moments of one time stay together, so that a time belongs to one stretch.
    while (to < known.length && known[to]?.ns === known[to - 1]?.ns) to += 1;
    stretches.push({
      moments: known.slice(from, to),
      fromNs: from === 0 ? Number.NEGATIVE_INFINITY : (known[from]?.ns ?? 0),
      toNs: known[to]?.ns ?? Number.POSITIVE_INFINITY,
    });
    from = to;
  }
  return stretches;
}

export function stretchOfRow(tree: SpanTree, stretches: readonly Stretch[], row: number): number {
  const ns = tree.start[row] ?? 0;
  return Math.max(
    0,
    stretches.findIndex(({ toNs }) => ns < toNs),
  );
}
