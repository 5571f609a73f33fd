// Calls of one name and kind that follow each other below one parent: from six on they show as one row until somebody
// wants them singly.
import { formatCount, formatDuration } from '../../../base/format';
import { errorsBelow, flagError, type SpanTree } from './span_tree';

const membersMin = 6;

export type SiblingGroups = {
  // Per row the first row of its group, -1 where it has none.
  readonly firstOf: Int32Array;
  // Per first row of a group the row behind the last member's subtree.
  readonly endOf: Int32Array;
};

export function groupSiblings(tree: SpanTree): SiblingGroups {
  const firstOf = new Int32Array(tree.rows).fill(-1);
  const endOf = new Int32Array(tree.rows);
  const seen = new Uint8Array(tree.rows);
  for (let first = 0; first < tree.rows; first += 1) {
    if (seen[first]) continue;
    let count = 0;
    let row = first;
    while (row < tree.rows && isAlike(tree, first, row)) {
      seen[row] = 1;
      count += 1;
      row = tree.subtreeEnd[row] ?? row + 1;
    }
    if (count < membersMin) continue;
    endOf[first] = row;
    for (let member = first; member < row; member = tree.subtreeEnd[member] ?? row) firstOf[member] = first;
  }
  return { firstOf, endOf };
}

const isAlike = (tree: SpanTree, a: number, b: number): boolean =>
  tree.parent[a] === tree.parent[b] && tree.name[a] === tree.name[b] && tree.kind[a] === tree.kind[b];

export type GroupSummary = {
  count: number;
  p50Ns: number;
  maxNs: number;
  endNs: number; // the latest, from the start of the trace
  usd: number;
  errors: number;
};

// `usd` is NaN when no cost is known; errors are those of the members and of what is below them.
export function summarizeGroup(tree: SpanTree, first: number, end: number): GroupSummary {
  const durations: number[] = [];
  let usd = Number.NaN;
  let errors = 0;
  let endNs = 0;
  for (let row = first; row < end; row = tree.subtreeEnd[row] ?? end) {
    durations.push((tree.end[row] ?? 0) - (tree.start[row] ?? 0));
    endNs = Math.max(endNs, tree.end[row] ?? 0);
    const cost = tree.cost[row] ?? Number.NaN;
    if (!Number.isNaN(cost)) usd = (Number.isNaN(usd) ? 0 : usd) + cost;
    errors += ((tree.flags[row] ?? 0) & flagError ? 1 : 0) + errorsBelow(tree, row);
  }
  durations.sort((a, b) => a - b);
  const p50Ns = durations[Math.ceil(durations.length / 2) - 1] ?? 0;
  return { count: durations.length, p50Ns, maxNs: durations.at(-1) ?? 0, endNs, usd, errors };
}

export const groupNote = ({ count, p50Ns, maxNs }: GroupSummary): string =>
  `${formatCount(count)} calls, p50 ${formatDuration(p50Ns)}, max ${formatDuration(maxNs)}`;
