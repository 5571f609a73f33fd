// The chain of work that the end of the trace waited for: from the end backwards, at each moment the span that finished
// last, and within it the same again. What a span of the chain did itself is what the trace would be shorter without, at
// best. No recursion: a trace may be a chain as deep as it is long.
import type { SpanTree } from './span_tree';

export type Segment = { row: number; from: number; to: number }; // ns from the start of the trace

export type CriticalPath = {
  segments: readonly Segment[]; // in time order
  ofRow: ReadonlyMap<number, readonly Segment[]>;
};

type Frame = { row: number; children: number[]; next: number; cursor: number; floor: number };

function byEnd(tree: SpanTree, rows: number[]): number[] {
  return rows.sort((a, b) => (tree.end[b] ?? 0) - (tree.end[a] ?? 0) || (tree.start[a] ?? 0) - (tree.start[b] ?? 0));
}

function childrenOf(tree: SpanTree, row: number): number[] {
  const rows: number[] = [];
  const last = row < 0 ? tree.rows : (tree.subtreeEnd[row] ?? 0);
  for (let child = row + 1; child < last; child = tree.subtreeEnd[child] ?? child + 1) rows.push(child);
  return byEnd(tree, rows);
}

export function criticalPath(tree: SpanTree): CriticalPath {
  const backwards: Segment[] = [];
  // Row -1 stands for the trace itself, whose children are the roots.
  const stack: Frame[] = [{ row: -1, children: childrenOf(tree, -1), next: 0, cursor: tree.totalNs, floor: 0 }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame;
    const child = frame.children[frame.next];
    if (child === undefined) {
      note(backwards, frame.row, frame.floor, frame.cursor);
      stack.pop();
      const parent = stack.at(-1);
      if (parent) parent.cursor = Math.min(parent.cursor, frame.floor);
      continue;
    }
    frame.next += 1;
    const start = Math.max(frame.floor, tree.start[child] ?? 0);
    const end = Math.min(tree.end[child] ?? 0, frame.cursor);
    if (end <= start) continue;
    note(backwards, frame.row, end, frame.cursor);
    stack.push({ row: child, children: childrenOf(tree, child), next: 0, cursor: end, floor: start });
  }
  const segments = backwards.reverse();
  const ofRow = new Map<number, Segment[]>();
  for (const segment of segments) {
    const known = ofRow.get(segment.row);
    if (known) known.push(segment);
    else ofRow.set(segment.row, [segment]);
  }
  return { segments, ofRow };
}

function note(segments: Segment[], row: number, from: number, to: number): void {
  if (row >= 0 && to > from) segments.push({ row, from, to });
}

export const pathNs = (path: CriticalPath, row: number): number =>
  (path.ofRow.get(row) ?? []).reduce((sum, { from, to }) => sum + to - from, 0);

export const lengthOf = ({ segments }: CriticalPath): number =>
  segments.reduce((sum, { from, to }) => sum + to - from, 0);

// The row of the next segment after what the row shows, going round.
export function nextOnPath({ segments }: CriticalPath, row: number): number {
  const at = segments.findIndex((segment) => segment.row === row);
  for (let step = 1; step <= segments.length; step += 1) {
    const segment = segments[(Math.max(at, -1) + step) % segments.length];
    if (segment && segment.row !== row) return segment.row;
  }
  return row;
}
