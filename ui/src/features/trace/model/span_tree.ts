// The rows of a trace: its spans in depth-first order, as columns of numbers. 100,000 spans build in well under a
// second, and drawing a frame touches only the visible rows.
//
// Nothing here recurses: a trace may be a chain as deep as it is long. Nothing is lost either: a span whose parent is
// not in the trace becomes a root marked as orphan; spans that name each other as parents become a root, cut at the
// earliest of them, marked as cycle; a second span with an id already seen keeps its own row.
import type { Span } from '../../../api/types';
import { kindIndex } from '../../../base/kinds';

export const flagError = 1;
export const flagOrphan = 2;
export const flagCycle = 4;

export type SpanTree = {
  readonly spans: readonly Span[]; // in row order
  readonly rows: number;
  readonly startUnixNs: bigint; // earliest start: the zero of `start`
  readonly totalNs: number; // earliest start to latest end
  readonly start: Float64Array; // ns since startUnixNs
  readonly end: Float64Array;
  readonly depth: Int32Array;
  readonly parent: Int32Array; // row, -1 for roots
  readonly subtreeEnd: Int32Array; // first row after the last descendant
  readonly position: Int32Array; // among its siblings, from 1
  readonly siblings: Int32Array;
  readonly kind: Uint8Array; // index into `kinds`
  readonly flags: Uint8Array;
  readonly errorsBefore: Int32Array; // errors in the rows above; one longer than `rows`
  readonly rowOfSpan: ReadonlyMap<string, number>;
  readonly costs: readonly { endNs: number; usd: number }[]; // of priced spans, in the order they ended
};

const none = -1;

type Links = {
  firstChild: Int32Array;
  nextSibling: Int32Array;
  parent: Int32Array;
  roots: number[];
  flags: Uint8Array;
};

type Times = { startUnixNs: bigint; totalNs: number; start: Float64Array; end: Float64Array };

function readTimes(spans: readonly Span[]): Times {
  const starts = spans.map((span) => BigInt(span.start_unix_ns));
  let first = starts[0] ?? 0n;
  for (const start of starts) if (start < first) first = start;
  const start = new Float64Array(spans.length);
  const end = new Float64Array(spans.length);
  let totalNs = 0;
  for (const [i, span] of spans.entries()) {
    start[i] = Number((starts[i] ?? first) - first);
    end[i] = (start[i] ?? 0) + Math.max(0, span.duration_ns);
    totalNs = Math.max(totalNs, end[i] ?? 0);
  }
  return { startUnixNs: first, totalNs, start, end };
}

// Earlier first; of two that start together the longer one, so that a parent comes before its child.
function orderByTime(times: Times): Int32Array {
  const order = Int32Array.from(times.start, (_, i) => i);
  const { start, end } = times;
  return order.sort((a, b) => (start[a] ?? 0) - (start[b] ?? 0) || (end[b] ?? 0) - (end[a] ?? 0) || a - b);
}

function link(spans: readonly Span[], order: Int32Array): Links {
  const indexOf = new Map<string, number>();
  for (const i of order) {
    const id = spans[i]?.span_id ?? '';
    if (!indexOf.has(id)) indexOf.set(id, i);
  }
  const n = spans.length;
  const links: Links = {
    firstChild: new Int32Array(n).fill(none),
    nextSibling: new Int32Array(n).fill(none),
    parent: new Int32Array(n).fill(none),
    roots: [],
    flags: new Uint8Array(n),
  };
  for (const i of order) {
    const parentId = spans[i]?.parent_span_id;
    if (!parentId) continue;
    const parent = indexOf.get(parentId);
    if (parent === undefined) links.flags[i] = flagOrphan;
    else links.parent[i] = parent;
  }
  cutCycles(links, order);
  // Prepending in reverse order leaves each list of children in order.
  for (const i of order.toReversed()) {
    const parent = links.parent[i] ?? none;
    if (parent === none) {
      links.roots.push(i);
      continue;
    }
    links.nextSibling[i] = links.firstChild[parent] ?? none;
    links.firstChild[parent] = i;
  }
  links.roots.reverse();
  return links;
}

// Walks from every span towards its root. A walk that meets its own stamp has found a cycle, which loses the parent
// link of its earliest span. Each span is stamped once, so the whole is linear.
function cutCycles(links: Links, order: Int32Array): void {
  const { parent, flags } = links;
  const rank = new Int32Array(order.length);
  for (const [position, i] of order.entries()) rank[i] = position;
  const stamp = new Int32Array(order.length).fill(none);
  for (const from of order) {
    let at = from;
    while (at !== none && stamp[at] === none) {
      stamp[at] = from;
      at = parent[at] ?? none;
    }
    if (at === none || stamp[at] !== from) continue;
    let earliest = at;
    for (let i = parent[at] ?? at; i !== at; i = parent[i] ?? at) {
      if ((rank[i] ?? 0) < (rank[earliest] ?? 0)) earliest = i;
    }
    parent[earliest] = none;
    flags[earliest] = (flags[earliest] ?? 0) | flagCycle;
  }
}

// Depth-first over the sibling lists: down, else across, else up to the first ancestor with a next sibling.
function depthFirst(links: Links): Int32Array {
  const { firstChild, nextSibling, parent, roots } = links;
  const order = new Int32Array(parent.length);
  let row = 0;
  for (const root of roots) {
    let at = root;
    while (at !== none) {
      order[row] = at;
      row += 1;
      if (firstChild[at] !== none) {
        at = firstChild[at] ?? none;
        continue;
      }
      while (at !== none && at !== root && nextSibling[at] === none) at = parent[at] ?? none;
      at = at === root || at === none ? none : (nextSibling[at] ?? none);
    }
  }
  return order;
}

function costsOf(spans: readonly Span[], times: Times): SpanTree['costs'] {
  return spans
    .flatMap((span, i) => (span.cost ? [{ endNs: times.end[i] ?? 0, usd: span.cost.total_usd }] : []))
    .sort((a, b) => a.endNs - b.endNs);
}

export function buildSpanTree(input: readonly Span[]): SpanTree {
  const n = input.length;
  const times = readTimes(input);
  const links = link(input, orderByTime(times));
  const order = depthFirst(links);
  const rowOf = new Int32Array(n);
  for (const [row, i] of order.entries()) rowOf[i] = row;

  const tree = {
    spans: Array.from(order, (i) => input[i] as Span),
    rows: n,
    startUnixNs: times.startUnixNs,
    totalNs: times.totalNs,
    start: Float64Array.from(order, (i) => times.start[i] ?? 0),
    end: Float64Array.from(order, (i) => times.end[i] ?? 0),
    depth: new Int32Array(n),
    parent: new Int32Array(n),
    subtreeEnd: new Int32Array(n),
    position: new Int32Array(n),
    siblings: new Int32Array(n),
    kind: new Uint8Array(n),
    flags: new Uint8Array(n),
    errorsBefore: new Int32Array(n + 1),
    rowOfSpan: new Map<string, number>(),
    costs: costsOf(input, times),
  };
  const childCount = new Int32Array(n);
  let rootCount = 0;
  for (let row = 0; row < n; row += 1) {
    const i = order[row] ?? 0;
    const span = input[i] as Span;
    const linked = links.parent[i] ?? none;
    const parent = linked === none ? none : (rowOf[linked] ?? none);
    tree.parent[row] = parent;
    tree.depth[row] = parent === none ? 0 : (tree.depth[parent] ?? 0) + 1;
    if (parent === none) rootCount += 1;
    else childCount[parent] = (childCount[parent] ?? 0) + 1;
    tree.position[row] = parent === none ? rootCount : (childCount[parent] ?? 0);
    tree.subtreeEnd[row] = row + 1;
    tree.kind[row] = kindIndex(span.kind);
    tree.flags[row] = (links.flags[i] ?? 0) | (span.status.code === 'ERROR' ? flagError : 0);
    tree.errorsBefore[row + 1] = (tree.errorsBefore[row] ?? 0) + (span.status.code === 'ERROR' ? 1 : 0);
    if (!tree.rowOfSpan.has(span.span_id)) tree.rowOfSpan.set(span.span_id, row);
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    const parent = tree.parent[row] ?? none;
    tree.siblings[row] = parent === none ? rootCount : (childCount[parent] ?? 0);
    if (parent !== none) tree.subtreeEnd[parent] = Math.max(tree.subtreeEnd[parent] ?? 0, tree.subtreeEnd[row] ?? 0);
  }
  return tree;
}

export const errorsBelow = (tree: SpanTree, row: number): number =>
  (tree.errorsBefore[tree.subtreeEnd[row] ?? row] ?? 0) - (tree.errorsBefore[row + 1] ?? 0);

export const hasChildren = (tree: SpanTree, row: number): boolean => (tree.subtreeEnd[row] ?? 0) > row + 1;

// The parts of a span during which one of its children ran, merged, in time order, inside the span: what is left is
// self time. `visit` may return false to stop.
export function childIntervals(
  tree: SpanTree,
  row: number,
  visit: (fromNs: number, toNs: number) => boolean | undefined,
): void {
  const start = tree.start[row] ?? 0;
  const end = tree.end[row] ?? 0;
  let from = Number.NaN;
  let to = Number.NaN;
  for (let child = row + 1; child < (tree.subtreeEnd[row] ?? 0); child = tree.subtreeEnd[child] ?? child + 1) {
    const childStart = Math.max(start, tree.start[child] ?? 0);
    const childEnd = Math.min(end, tree.end[child] ?? 0);
    if (childEnd <= childStart) continue;
    if (childStart <= to) {
      to = Math.max(to, childEnd);
      continue;
    }
    if (to > from && visit(from, to) === false) return;
    from = childStart;
    to = childEnd;
  }
  if (to > from) visit(from, to);
}

export function selfNs(tree: SpanTree, row: number): number {
  let covered = 0;
  childIntervals(tree, row, (from, to) => {
    covered += to - from;
    return true;
  });
  return (tree.end[row] ?? 0) - (tree.start[row] ?? 0) - covered;
}
