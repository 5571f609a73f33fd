// The chain of work that the end of the trace waited for: from the end backwards, at each moment the span that finished
// last, and within it the same again. What a span of the chain did itself is what the trace would be shorter without, at
// best. No recursion: a trace may be a chain as deep as it is long. Columns, not objects: of a trace of 500,000 spans the
// chain may have a million segments.
import { hasChildren, type SpanTree } from './span_tree';

// Times are in ns from the start of the trace.
export type CriticalPath = {
  readonly count: number; // of segments, in time order
  readonly rows: Int32Array;
  readonly froms: Float64Array;
  readonly tos: Float64Array;
  // The segments of a row are numbered `numbers[firsts[row]]` up to `numbers[firsts[row + 1]]`.
  readonly firsts: Int32Array;
  readonly numbers: Int32Array;
  readonly lengthNs: number;
};

type Frame = { row: number; children: number[]; next: number; cursor: number; floor: number };

// The one that ends last first; of two that end together the one that began first.
function childrenOf(tree: SpanTree, row: number): number[] {
  const rows: number[] = [];
  const last = row < 0 ? tree.rows : (tree.subtreeEnd[row] ?? 0);
  for (let child = row + 1; child < last; child = tree.subtreeEnd[child] ?? child + 1) rows.push(child);
  return rows.sort((a, b) => (tree.end[b] ?? 0) - (tree.end[a] ?? 0) || (tree.start[a] ?? 0) - (tree.start[b] ?? 0));
}

class Segments {
  count = 0;
  readonly rows: Int32Array;
  readonly froms: Float64Array;
  readonly tos: Float64Array;

  // Each span has at most one segment that it begins, and one of its parent before it.
  constructor(spans: number) {
    this.rows = new Int32Array(spans * 2 + 1);
    this.froms = new Float64Array(spans * 2 + 1);
    this.tos = new Float64Array(spans * 2 + 1);
  }

  note(row: number, from: number, to: number): void {
    if (row < 0 || to <= from) return;
    this.rows[this.count] = row;
    this.froms[this.count] = from;
    this.tos[this.count] = to;
    this.count += 1;
  }
}

function walkBack(tree: SpanTree): Segments {
  const found = new Segments(tree.rows);
  // Row -1 stands for the trace itself, whose children are the roots.
  const stack: Frame[] = [{ row: -1, children: childrenOf(tree, -1), next: 0, cursor: tree.totalNs, floor: 0 }];
  while (stack.length > 0) {
    const frame = stack[stack.length - 1] as Frame;
    const child = frame.children[frame.next];
    if (child === undefined) {
      found.note(frame.row, frame.floor, frame.cursor);
      stack.pop();
      const parent = stack.at(-1);
      if (parent) parent.cursor = Math.min(parent.cursor, frame.floor);
      continue;
    }
    frame.next += 1;
    const start = Math.max(frame.floor, tree.start[child] ?? 0);
    const end = Math.min(tree.end[child] ?? 0, frame.cursor);
    if (end <= start) continue;
    found.note(frame.row, end, frame.cursor);
    if (hasChildren(tree, child)) {
      stack.push({ row: child, children: childrenOf(tree, child), next: 0, cursor: end, floor: start });
    } else {
      found.note(child, start, end);
      frame.cursor = start;
    }
  }
  return found;
}

export function criticalPath(tree: SpanTree): CriticalPath {
  const { count, ...found } = walkBack(tree);
  const rows = found.rows.slice(0, count).reverse();
  const froms = found.froms.slice(0, count).reverse();
  const tos = found.tos.slice(0, count).reverse();
  const firsts = new Int32Array(tree.rows + 1);
  let lengthNs = 0;
  for (let number = 0; number < count; number += 1) {
    const row = rows[number] ?? 0;
    firsts[row + 1] = (firsts[row + 1] ?? 0) + 1;
    lengthNs += (tos[number] ?? 0) - (froms[number] ?? 0);
  }
  for (let row = 0; row < tree.rows; row += 1) firsts[row + 1] = (firsts[row + 1] ?? 0) + (firsts[row] ?? 0);
  const numbers = new Int32Array(count);
  const next = firsts.slice();
  for (let number = 0; number < count; number += 1) {
    const row = rows[number] ?? 0;
    numbers[next[row] ?? 0] = number;
    next[row] = (next[row] ?? 0) + 1;
  }
  return { count, rows, froms, tos, firsts, numbers, lengthNs };
}

// Those of a row, in time order; ns from the start of the trace.
export function eachSegment(path: CriticalPath, row: number, visit: (from: number, to: number) => void): void {
  const { firsts, numbers, froms, tos } = path;
  for (let at = firsts[row] ?? 0; at < (firsts[row + 1] ?? 0); at += 1) {
    const number = numbers[at] ?? 0;
    visit(froms[number] ?? 0, tos[number] ?? 0);
  }
}

export function pathNs(path: CriticalPath, row: number): number {
  let sum = 0;
  eachSegment(path, row, (from, to) => {
    sum += to - from;
  });
  return sum;
}

// The row of the next segment after what the row shows, going round.
export function nextOnPath(path: CriticalPath, row: number): number {
  const at = path.rows.indexOf(row);
  for (let step = 1; step <= path.count; step += 1) {
    const next = path.rows[(Math.max(at, -1) + step) % path.count] ?? row;
    if (next !== row) return next;
  }
  return row;
}
