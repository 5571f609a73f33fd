// What a row of the comparison says: which of the two has the span, and what differs.
import { type AlignedSpan, alignTraces } from './align';
import { type ChangeName, changesOf, outlineChangesOf } from './changes';
import { isWhole, type OutlineSpan } from './outline';

export type Outcome = 'same' | 'changed' | 'added' | 'removed';

export class ComparedRow implements AlignedSpan {
  readonly a: OutlineSpan | null;
  readonly b: OutlineSpan | null;
  readonly depth: number;
  readonly outcome: Outcome;

  constructor(
    { a, b, depth }: AlignedSpan,
    readonly changes: readonly ChangeName[],
    readonly number: number, // of the row
    readonly parent: number, // row, -1 for roots
  ) {
    this.a = a;
    this.b = b;
    this.depth = depth;
    this.outcome = !a ? 'added' : !b ? 'removed' : changes.length > 0 ? 'changed' : 'same';
  }

  // Of the span in A, or in B where only B has it.
  get id(): string {
    return (this.a ?? this.b)?.span_id ?? '';
  }
}

const unchanged: readonly ChangeName[] = [];

const changesIn = (a: OutlineSpan, b: OutlineSpan): readonly ChangeName[] =>
  isWhole(a) && isWhole(b) ? changesOf(a, b) : outlineChangesOf(a, b);

export function compareTraces(spansOfA: readonly OutlineSpan[], spansOfB: readonly OutlineSpan[]): ComparedRow[] {
  const ancestors: number[] = [];
  return alignTraces(spansOfA, spansOfB).map((aligned, index) => {
    ancestors.length = aligned.depth;
    const parent = ancestors.at(-1) ?? -1;
    ancestors.push(index);
    const changes = aligned.a && aligned.b ? changesIn(aligned.a, aligned.b) : unchanged;
    return new ComparedRow(aligned, changes.length > 0 ? changes : unchanged, index, parent);
  });
}

// How many rows below each row are the same with all that is below them; -1 where one of them differs.
export function sameBelow(rows: readonly ComparedRow[]): Int32Array {
  const below = new Int32Array(rows.length);
  for (let index = rows.length - 1; index >= 0; index -= 1) {
    const { parent, outcome } = rows[index] as ComparedRow;
    if (parent < 0 || below[parent] === -1) continue;
    if (outcome !== 'same' || below[index] === -1) below[parent] = -1;
    else below[parent] = (below[parent] ?? 0) + (below[index] ?? 0) + 1;
  }
  return below;
}

// The rows that are listed when what is the same below a row is folded into it, unless the reader opened it.
export function unfolded(
  rows: readonly ComparedRow[],
  below: Int32Array,
  isOpen: (row: number) => boolean,
): ComparedRow[] {
  const listed: ComparedRow[] = [];
  for (let index = 0; index < rows.length; index += 1) {
    listed.push(rows[index] as ComparedRow);
    if ((below[index] ?? 0) > 0 && !isOpen(index)) index += below[index] ?? 0;
  }
  return listed;
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
