// Two traces as one tree. Children of aligned spans are aligned by kind and name, the first of a name with the first of
// it, and what is left by names that differ in their digits only; so the second call of an agent is compared with the
// second one of the other run. Where both traces have one root, these are aligned whatever they are called.
//
// Nothing here recurses, and nothing is lost: spans without a parent in their trace are roots, and so is the earliest of
// spans that name each other as parents.
import type { OutlineSpan } from './outline';

export type AlignedSpan = { a: OutlineSpan | null; b: OutlineSpan | null; depth: number };

type Forest = {
  spans: readonly OutlineSpan[];
  children: ReadonlyMap<number, readonly number[]>;
  roots: readonly number[];
};

function inOrder(spans: readonly OutlineSpan[]): OutlineSpan[] {
  return spans
    .map((span) => ({ span, start: BigInt(span.start_unix_ns) }))
    .sort((one, other) =>
      one.start < other.start ? -1 : one.start > other.start ? 1 : other.span.duration_ns - one.span.duration_ns,
    )
    .map(({ span }) => span);
}

function forestOf(unordered: readonly OutlineSpan[]): Forest {
  const spans = inOrder(unordered);
  const indexOf = new Map<string, number>();
  for (const [index, span] of spans.entries()) if (!indexOf.has(span.span_id)) indexOf.set(span.span_id, index);
  const children = new Map<number, number[]>();
  const roots: number[] = [];
  for (const [index, span] of spans.entries()) {
    const parent = indexOf.get(span.parent_span_id ?? '');
    const siblings = parent === undefined ? undefined : children.get(parent);
    if (parent === undefined || parent === index) roots.push(index);
    else if (siblings) siblings.push(index);
    else children.set(parent, [index]);
  }
  return withoutCycles({ spans, children, roots });
}

// What no root leads to lies in a cycle or below one.
function withoutCycles({ spans, children, roots }: Forest): Forest {
  const seen = new Set<number>();
  const kept = new Map<number, number[]>();
  const allRoots = [...roots];
  const visit = (root: number) => {
    const stack = [root];
    seen.add(root);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const below = (children.get(at) ?? []).filter((child) => !seen.has(child));
      kept.set(at, below);
      for (const child of below) seen.add(child);
      for (const child of below) stack.push(child);
    }
  };
  for (const root of roots) visit(root);
  for (const index of spans.keys()) {
    if (seen.has(index)) continue;
    allRoots.push(index);
    visit(index);
  }
  return { spans, children: kept, roots: allRoots.toSorted((one, other) => one - other) };
}

type Pair = readonly [a: number | null, b: number | null];

const exactKey = (span: OutlineSpan | undefined): string => JSON.stringify([span?.kind, span?.name]);
const looseKey = (span: OutlineSpan | undefined): string =>
  JSON.stringify([span?.kind, span?.name.replaceAll(/\d+/g, '#')]);

// The partner in A of each index of B, by the first of a key with the first of it.
function partners(a: Forest, b: Forest, inA: readonly number[], inB: readonly number[]): Map<number, number> {
  const partnerOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const key of [exactKey, looseKey]) {
    const waiting = new Map<string, number[]>();
    for (const index of inA) {
      if (taken.has(index)) continue;
      const name = key(a.spans[index]);
      const queue = waiting.get(name);
      if (queue) queue.push(index);
      else waiting.set(name, [index]);
    }
    for (const queue of waiting.values()) queue.reverse();
    for (const index of inB) {
      if (partnerOf.has(index)) continue;
      const partner = waiting.get(key(b.spans[index]))?.pop();
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
      inA === null ? [] : (a.children.get(inA) ?? []),
      inB === null ? [] : (b.children.get(inB) ?? []),
    );
    for (const child of below.toReversed()) stack.push({ pair: child, depth: depth + 1 });
  }
  return rows;
}
