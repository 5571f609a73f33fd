// What a row of the comparison says: which of the two has the span, and what differs.
import { type AlignedSpan, alignTraces } from './align';
import { type ChangeName, changesOf, outlineChangesOf } from './changes';
import { isWhole, type OutlineSpan } from './outline';

export type Outcome = 'same' | 'changed' | 'added' | 'removed';

export type ComparedRow = AlignedSpan & {
  id: string; // of the span in A, or in B where only B has it
  outcome: Outcome;
  changes: readonly ChangeName[];
  parent: number; // row, -1 for roots
};

function outcomeOf({ a, b }: AlignedSpan, changes: readonly ChangeName[]): Outcome {
  if (!a) return 'added';
  if (!b) return 'removed';
  return changes.length > 0 ? 'changed' : 'same';
}

const changesIn = (a: OutlineSpan, b: OutlineSpan): ChangeName[] =>
  isWhole(a) && isWhole(b) ? changesOf(a, b) : outlineChangesOf(a, b);

export function compareTraces(spansOfA: readonly OutlineSpan[], spansOfB: readonly OutlineSpan[]): ComparedRow[] {
  const ancestors: number[] = [];
  return alignTraces(spansOfA, spansOfB).map((row, index) => {
    ancestors.length = row.depth;
    const parent = ancestors.at(-1) ?? -1;
    ancestors.push(index);
    const changes = row.a && row.b ? changesIn(row.a, row.b) : [];
    return { ...row, id: (row.a ?? row.b)?.span_id ?? '', outcome: outcomeOf(row, changes), changes, parent };
  });
}

// Rows with a difference, and those that lead to them.
export function onlyDifferences(rows: readonly ComparedRow[]): ComparedRow[] {
  const kept = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (row.outcome === 'same') continue;
    for (let at = index; at >= 0 && !kept.has(at); at = rows[at]?.parent ?? -1) kept.add(at);
  }
  return rows.filter((_, index) => kept.has(index));
}

export const countOf = (rows: readonly ComparedRow[], outcome: Outcome): number =>
  rows.filter((row) => row.outcome === outcome).length;
