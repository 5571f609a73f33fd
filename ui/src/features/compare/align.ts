// Two traces as one tree. Children of aligned spans are aligned by kind, name and input, then by kind and name, the first
// of a name with the first of it, and what is left by names that differ in their digits only; so the second call of an
// agent is compared with the second one of the other run. Where both traces have one root, these are aligned whatever
// they are called.
//
// Nothing here recurses, and nothing is lost: spans without a parent in their trace are roots, and so is the earliest of
// spans that name each other as parents.
import { isWhole, type OutlineSpan } from './outline';

export type AlignedSpan = { a: OutlineSpan | null; b: OutlineSpan | null; depth: number };

type Forest = {
  spans: readonly OutlineSpan[];
  children: readonly (readonly number[] | undefined)[]; // by the parent's index
  roots: readonly number[];
};

function inOrder(spans: readonly OutlineSpan[]): readonly OutlineSpan[] {
  if (spans[0]?.parentIndex !== undefined) return spans;
  return spans
    .map((span) => ({ span, start: BigInt(span.start_unix_ns) }))
    .sort((one, other) =>
      one.start < other.start ? -1 : one.start > other.start ? 1 : other.span.duration_ns - one.span.duration_ns,
    )
    .map(({ span }) => span);
}

// Of spans in order the index of each one's parent, -1 for none.
function parentsOf(spans: readonly OutlineSpan[]): Int32Array {
  if (spans[0]?.parentIndex !== undefined) return Int32Array.from(spans, ({ parentIndex = -1 }) => parentIndex);
  const indexOf = new Map<string, number>();
  for (const [index, span] of spans.entries()) if (!indexOf.has(span.span_id)) indexOf.set(span.span_id, index);
  return Int32Array.from(spans, ({ parent_span_id: id }) => indexOf.get(id ?? '') ?? -1);
}

function forestOf(unordered: readonly OutlineSpan[]): Forest {
  const spans = inOrder(unordered);
  const children: number[][] = new Array(spans.length);
  const roots: number[] = [];
  for (const [index, parent] of parentsOf(spans).entries()) {
    const siblings = children[parent];
    if (parent < 0 || parent === index) roots.push(index);
    else if (siblings) siblings.push(index);
    else children[parent] = [index];
  }
  return withoutCycles({ spans, children, roots });
}

// What no root leads to lies in a cycle or below one.
function withoutCycles({ spans, children, roots }: Forest): Forest {
  const seen = new Uint8Array(spans.length);
  const kept: (readonly number[] | undefined)[] = new Array(spans.length);
  const allRoots = [...roots];
  const visit = (root: number) => {
    const stack = [root];
    seen[root] = 1;
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const below = children[at]?.filter((child) => !seen[child]);
      if (!below) continue;
      kept[at] = below;
      for (const child of below) seen[child] = 1;
      for (const child of below) stack.push(child);
    }
  };
  for (const root of roots) visit(root);
  for (const index of spans.keys()) {
    if (seen[index]) continue;
    allRoots.push(index);
    visit(index);
  }
  return { spans, children: kept, roots: allRoots.toSorted((one, other) => one - other) };
}

type Pair = readonly [a: number | null, b: number | null];

// A kind has no space in it.
const exactKey = (span: OutlineSpan | undefined): string => `${span?.kind} ${span?.name}`;
const looseKey = (span: OutlineSpan | undefined): string => `${span?.kind} ${span?.name.replaceAll(/\d+/g, '#')}`;

// null: it has none.
function inputKey(span: OutlineSpan | undefined): string | null {
  const input = span && isWhole(span) ? span.input?.value : undefined;
  return input === undefined ? null : `${exactKey(span)} ${input}`;
}

// The partner in A of each index of B, by the first of a key with the first of it.
function partners(a: Forest, b: Forest, inA: readonly number[], inB: readonly number[]): Map<number, number> {
  const partnerOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const key of [inputKey, exactKey, looseKey]) {
    const waiting = new Map<string, number[]>();
    for (const index of inA) {
      const name = taken.has(index) ? null : key(a.spans[index]);
      if (name === null) continue;
      const queue = waiting.get(name);
      if (queue) queue.push(index);
      else waiting.set(name, [index]);
    }
    for (const queue of waiting.values()) queue.reverse();
    for (const index of inB) {
      if (partnerOf.has(index)) continue;
      const partner = waiting.get(key(b.spans[index]) ?? '')?.pop();
      if (partner === undefined) continue;
      partnerOf.set(index, partner);
      taken.add(partner);
    }
  }
  return partnerOf;
}

// In the order of B; what only A has stands behind the span that it followed in A. REQUIRES: inA ascends
function alignSiblings(a: Forest, b: Forest, inA: readonly number[], inB: readonly number[]): Pair[] {
  const partnerOf = partners(a, b, inA, inB);
  const paired = new Set(partnerOf.values());
  const pairs: Pair[] = [];
  let next = 0;
  const onlyInA = (isEnd: (index: number) => boolean) => {
    for (; next < inA.length; next += 1) {
      const index = inA[next] ?? 0;
      if (isEnd(index)) return;
      if (!paired.has(index)) pairs.push([index, null]);
    }
  };
  for (const index of inB) {
    const partner = partnerOf.get(index);
    if (partner === undefined) onlyInA((other) => paired.has(other));
    else onlyInA((other) => other >= partner);
    pairs.push([partner ?? null, index]);
    if (inA[next] === partner) next += 1;
  }
  onlyInA(() => false);
  return pairs;
}

// Rows in depth-first order.
export function alignTraces(spansOfA: readonly OutlineSpan[], spansOfB: readonly OutlineSpan[]): AlignedSpan[] {
  const [a, b] = [forestOf(spansOfA), forestOf(spansOfB)];
  const [rootOfA, ...moreOfA] = a.roots;
  const [rootOfB, ...moreOfB] = b.roots;
  const isOneRoot = rootOfA !== undefined && rootOfB !== undefined && moreOfA.length + moreOfB.length === 0;
  const roots: Pair[] = isOneRoot ? [[rootOfA, rootOfB]] : alignSiblings(a, b, a.roots, b.roots);
  const rows: AlignedSpan[] = [];
  const stack = roots.toReversed().map((pair) => ({ pair, depth: 0 }));
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const { pair, depth } = top;
    const [inA, inB] = pair;
    rows.push({
      a: inA === null ? null : (a.spans[inA] ?? null),
      b: inB === null ? null : (b.spans[inB] ?? null),
      depth,
    });
    const below = alignSiblings(
      a,
      b,
      inA === null ? [] : (a.children[inA] ?? []),
      inB === null ? [] : (b.children[inB] ?? []),
    );
    for (const child of below.toReversed()) stack.push({ pair: child, depth: depth + 1 });
  }
  return rows;
}
