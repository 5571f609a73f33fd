// The rows of a trace: its spans in depth-first order, as columns of numbers. 100,000 spans build in well under a
// second, and drawing a frame touches only the visible rows.
//
// Nothing here recurses: a trace may be a chain as deep as it is long. Nothing is lost either: a span whose parent is
// not in the trace becomes a root marked as orphan; spans that name each other as parents become a root, cut at the
// earliest of them, marked as cycle; a second span with an id already seen keeps its own row.
import type { Span } from '../../../api/types';
import { kinds, type SpanKind } from '../../../base/kinds';
import { columnsOfSpans, firstMissing, type TraceColumns, withOpenSpans } from './trace_columns';

export const flagError = 1;
export const flagOrphan = 2;
export const flagCycle = 4;
export const flagOpen = 8; // has not arrived; its children have

export type SpanTree = {
  // In row order, with all they say, undefined where one is open; empty when the trace is too large to be held whole.
  readonly spans: readonly (Span | undefined)[];
  readonly rows: number;
  readonly startUnixNs: bigint; // earliest start: the zero of `start`
  totalNs: number; // earliest start to latest end; grows with open spans
  readonly start: Float64Array; // ns since startUnixNs
  readonly end: Float64Array;
  readonly depth: Int32Array;
  readonly parent: Int32Array; // row, -1 for roots
  readonly subtreeEnd: Int32Array; // first row after the last descendant
  readonly position: Int32Array; // among its siblings, from 1
  readonly siblings: Int32Array;
  readonly name: Uint32Array; // index into `names`
  readonly names: readonly string[];
  readonly kind: Uint8Array; // index into `kinds`
  readonly flags: Uint8Array;
  readonly tokens: Float64Array; // NaN: unknown
  readonly completion: Float64Array; // tokens; NaN: unknown
  readonly firstToken: Float64Array; // ns from the start of the span; NaN: unknown
  readonly cost: Float64Array; // NaN: unknown
  readonly documents: Uint32Array;
  readonly openRows: readonly number[];
  readonly errorsBefore: Int32Array; // errors in the rows above; one longer than `rows`
  readonly idOf: (row: number) => string; // "" past the end
  readonly rowOfSpan: { get: (spanId: string) => number | undefined; has: (spanId: string) => boolean };
};

const none = -1;

type Links = {
  firstChild: Int32Array;
  nextSibling: Int32Array;
  parent: Int32Array;
  roots: number[];
  flags: Uint8Array;
};

// Earlier first; of two that start together the longer one, so that a parent comes before its child.
function orderByTime({ count, start, duration }: TraceColumns): Int32Array {
  const order = new Int32Array(count);
  for (let index = 0; index < count; index += 1) order[index] = index;
  const compare = (a: number, b: number): number =>
    (start[a] ?? 0) - (start[b] ?? 0) || (duration[b] ?? 0) - (duration[a] ?? 0) || a - b;
  // The server sends columns in this order.
  let sorted = 1;
  while (sorted < count && compare(sorted - 1, sorted) < 0) sorted += 1;
  return sorted < count ? order.sort(compare) : order;
}

function link(columns: TraceColumns, order: Int32Array): Links {
  const n = columns.count;
  const links: Links = {
    firstChild: new Int32Array(n).fill(none),
    nextSibling: new Int32Array(n).fill(none),
    parent: columns.parent.map((parent) => Math.max(parent, none)),
    roots: [],
    flags: new Uint8Array(n),
  };
  for (let i = 0; i < n; i += 1) {
    if ((columns.parent[i] ?? none) <= firstMissing) links.flags[i] = flagOrphan;
    if (i >= n - columns.open) links.flags[i] = flagOpen;
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
  for (let position = 0; position < order.length; position += 1) rank[order[position] ?? 0] = position;
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

// Whether a span that has not arrived, but whose children have, is a row: while it may still run.
export type Growth = 'grows' | 'ended';

const columnsIn = (columns: TraceColumns, growth: Growth): TraceColumns =>
  growth === 'grows' ? withOpenSpans(columns) : columns;

export const buildSpanTree = (spans: readonly Span[], growth: Growth = 'ended'): SpanTree => {
  const { tree, order } = buildTree(columnsIn(columnsOfSpans(spans), growth));
  return { ...tree, spans: Array.from(order, (i) => spans[i]) };
};

export const treeOfColumns = (columns: TraceColumns, growth: Growth = 'ended'): SpanTree =>
  buildTree(columnsIn(columns, growth)).tree;

// What is still open runs up to `ns`.
export function growTo(tree: SpanTree, ns: number): void {
  if (tree.openRows.length === 0 || ns <= tree.totalNs) return;
  for (const row of tree.openRows) tree.end[row] = ns;
  tree.totalNs = ns;
}

function ordered<Column extends Float64Array | Uint8Array | Uint32Array>(column: Column, order: Int32Array): Column {
  const out = column.slice() as Column;
  for (let row = 0; row < order.length; row += 1) out[row] = column[order[row] ?? 0] ?? 0;
  return out;
}

function buildTree(columns: TraceColumns): { tree: SpanTree; order: Int32Array } {
  const n = columns.count;
  const links = link(columns, orderByTime(columns));
  const order = depthFirst(links);
  const rowOf = new Int32Array(n);
  for (let row = 0; row < n; row += 1) rowOf[order[row] ?? 0] = row;
  const rowOfSpan = (spanId: string): number | undefined => {
    const index = columns.ids.find(spanId);
    return index < 0 ? undefined : rowOf[index];
  };
  const start = ordered(columns.start, order);
  const end = ordered(columns.duration, order);
  let totalNs = 0;
  for (let row = 0; row < n; row += 1) {
    end[row] = (start[row] ?? 0) + (end[row] ?? 0);
    totalNs = Math.max(totalNs, end[row] ?? 0);
  }
  const tree = {
    spans: [],
    rows: n,
    startUnixNs: columns.startUnixNs,
    totalNs,
    start,
    end,
    depth: new Int32Array(n),
    parent: new Int32Array(n),
    subtreeEnd: new Int32Array(n),
    position: new Int32Array(n),
    siblings: new Int32Array(n),
    name: ordered(columns.name, order),
    names: columns.texts,
    kind: ordered(columns.kind, order),
    flags: ordered(links.flags, order),
    tokens: ordered(columns.tokens, order),
    completion: ordered(columns.completion, order),
    firstToken: ordered(columns.firstToken, order),
    cost: ordered(columns.cost, order),
    documents: ordered(columns.documents, order),
    openRows: Array.from({ length: columns.open }, (_, i) => rowOf[n - columns.open + i] ?? 0),
    errorsBefore: new Int32Array(n + 1),
    idOf: (row: number) => (row >= 0 && row < n ? columns.ids.at(order[row] ?? 0) : ''),
    rowOfSpan: { get: rowOfSpan, has: (spanId: string) => rowOfSpan(spanId) !== undefined },
  };
  const childCount = new Int32Array(n);
  let rootCount = 0;
  for (let row = 0; row < n; row += 1) {
    const i = order[row] ?? 0;
    const linked = links.parent[i] ?? none;
    const parent = linked === none ? none : (rowOf[linked] ?? none);
    const failed = columns.failed[i] ?? 0;
    tree.parent[row] = parent;
    tree.depth[row] = parent === none ? 0 : (tree.depth[parent] ?? 0) + 1;
    if (parent === none) rootCount += 1;
    else childCount[parent] = (childCount[parent] ?? 0) + 1;
    tree.position[row] = parent === none ? rootCount : (childCount[parent] ?? 0);
    tree.subtreeEnd[row] = row + 1;
    if (failed) tree.flags[row] = (tree.flags[row] ?? 0) | flagError;
    tree.errorsBefore[row + 1] = (tree.errorsBefore[row] ?? 0) + failed;
  }
  for (let row = n - 1; row >= 0; row -= 1) {
    const parent = tree.parent[row] ?? none;
    tree.siblings[row] = parent === none ? rootCount : (childCount[parent] ?? 0);
    if (parent !== none) tree.subtreeEnd[parent] = Math.max(tree.subtreeEnd[parent] ?? 0, tree.subtreeEnd[row] ?? 0);
  }
  return { tree, order };
}

// How fast the model wrote after its first word; null where it is not known.
export function tokensPerSecond(tree: SpanTree, row: number): number | null {
  const writingNs = (tree.end[row] ?? 0) - (tree.start[row] ?? 0) - (tree.firstToken[row] ?? Number.NaN);
  const rate = ((tree.completion[row] ?? Number.NaN) / writingNs) * 1e9;
  return Number.isFinite(rate) && writingNs > 0 && rate > 0 ? rate : null;
}

const costKnown = new WeakMap<SpanTree, boolean>();

// Whether any span of it does. Asked for each frame, counted once.
export function hasCost(tree: SpanTree): boolean {
  let found = costKnown.get(tree);
  if (found === undefined) {
    found = tree.cost.some((usd) => usd >= 0);
    costKnown.set(tree, found);
  }
  return found;
}

export const nameOf = (tree: SpanTree, row: number): string => tree.names[tree.name[row] ?? -1] ?? '';
export const kindOf = (tree: SpanTree, row: number): SpanKind => kinds[tree.kind[row] ?? -1]?.[0] ?? 'UNKNOWN';

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
