// What rows come to together: those below a folded one, or those that a reader selected.
import { kinds } from '../../../base/kinds';
import type { SpanTree } from './span_tree';

// Tokens and cost are those of calls, as in the sums of the whole trace: agents and chains repeat what is below them.
const callKinds = new Set(['LLM', 'EMBEDDING', 'RERANKER']);
const isCall = kinds.map(([kind]) => callKinds.has(kind));

type Before = { tokens: Float64Array; usd: Float64Array; knownTokens: Int32Array; knownUsd: Int32Array };

const sums = new WeakMap<SpanTree, Before>();

// Per row the sums of the rows above it; one longer than `rows`. Made when somebody first asks.
function sumsBefore(tree: SpanTree): Before {
  const known = sums.get(tree);
  if (known) return known;
  const size = tree.rows + 1;
  const made = {
    tokens: new Float64Array(size),
    usd: new Float64Array(size),
    knownTokens: new Int32Array(size),
    knownUsd: new Int32Array(size),
  };
  for (let row = 0; row < tree.rows; row += 1) {
    const counts = isCall[tree.kind[row] ?? 0] === true;
    const tokens = counts ? (tree.tokens[row] ?? Number.NaN) : Number.NaN;
    const usd = counts ? (tree.cost[row] ?? Number.NaN) : Number.NaN;
    made.tokens[row + 1] = (made.tokens[row] ?? 0) + (tokens >= 0 ? tokens : 0);
    made.usd[row + 1] = (made.usd[row] ?? 0) + (usd >= 0 ? usd : 0);
    made.knownTokens[row + 1] = (made.knownTokens[row] ?? 0) + (tokens >= 0 ? 1 : 0);
    made.knownUsd[row + 1] = (made.knownUsd[row] ?? 0) + (usd >= 0 ? 1 : 0);
  }
  sums.set(tree, made);
  return made;
}

export type RowRange = { from: number; to: number }; // rows, `to` exclusive
export type RowSums = { spans: number; tokens: number; usd: number; errors: number }; // NaN: unknown

export function sumOf(tree: SpanTree, ranges: readonly RowRange[]): RowSums {
  const before = sumsBefore(tree);
  const over = (column: Float64Array | Int32Array): number =>
    ranges.reduce((sum, { from, to }) => sum + (column[to] ?? 0) - (column[from] ?? 0), 0);
  return {
    spans: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
    tokens: over(before.knownTokens) > 0 ? over(before.tokens) : Number.NaN,
    usd: over(before.knownUsd) > 0 ? over(before.usd) : Number.NaN,
    errors: over(tree.errorsBefore),
  };
}

// For how long any of them ran. By sorted begins and ends: where as many have ended as begun, none runs.
export function unionNs(tree: SpanTree, ranges: readonly RowRange[]): number {
  const count = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const begins = new Float64Array(count);
  const ends = new Float64Array(count);
  let at = 0;
  for (const { from, to } of ranges) {
    begins.set(tree.start.subarray(from, to), at);
    ends.set(tree.end.subarray(from, to), at);
    at += to - from;
  }
  begins.sort();
  ends.sort();
  let union = 0;
  let since = 0;
  let running = 0;
  for (let begun = 0, ended = 0; ended < count; ) {
    if (begun < count && (begins[begun] ?? 0) <= (ends[ended] ?? 0)) {
      if (running === 0) since = begins[begun] ?? 0;
      running += 1;
      begun += 1;
      continue;
    }
    running -= 1;
    if (running === 0) union += (ends[ended] ?? 0) - since;
    ended += 1;
  }
  return union;
}
