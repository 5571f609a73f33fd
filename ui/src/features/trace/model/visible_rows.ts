// Which rows of a tree are on the list once collapsed subtrees and groups of alike siblings are folded away, and, where a
// reader wants only some, all others.
import { type GroupSummary, groupSiblings, type SiblingGroups, summarizeGroup } from './sibling_groups';
import { flagError, hasChildren, type SpanTree } from './span_tree';
import type { RowRange } from './sums';

export class VisibleRows {
  private readonly collapsed: Uint8Array;
  private list: Int32Array;
  private indexOf: Int32Array; // -1 for hidden rows
  private shown = 0;
  private readonly groups: SiblingGroups;
  private readonly opened: Uint8Array; // by the first row of a group
  private readonly summaries = new Map<number, GroupSummary>();
  private kept: Uint8Array | null = null; // null: all are

  constructor(readonly tree: SpanTree) {
    this.collapsed = new Uint8Array(tree.rows);
    this.groups = groupSiblings(tree);
    this.opened = new Uint8Array(tree.rows);
    this.list = new Int32Array(tree.rows);
    this.indexOf = new Int32Array(tree.rows);
    this.refresh();
  }

  get count(): number {
    return this.shown;
  }

  // -1 past the end.
  rowAt(index: number): number {
    return index < this.shown ? (this.list[index] ?? -1) : -1;
  }

  isCollapsed(row: number): boolean {
    return this.collapsed[row] === 1;
  }

  // The position of the row, or of its group, or of its nearest ancestor that shows.
  indexNear(row: number): number {
    let at = row;
    while (at >= 0 && (this.indexOf[at] ?? -1) < 0) {
      const first = this.groups.firstOf[at] ?? -1;
      at = first >= 0 && first !== at ? first : (this.tree.parent[at] ?? -1);
    }
    return at < 0 ? -1 : (this.indexOf[at] ?? -1);
  }

  // What the row stands for when it is the first of a folded group; else null.
  groupAt(row: number): GroupSummary | null {
    if (!this.isFoldedGroup(row)) return null;
    const known = this.summaries.get(row);
    if (known) return known;
    const summary = summarizeGroup(this.tree, row, this.groupEnd(row));
    this.summaries.set(row, summary);
    return summary;
  }

  // The row behind the last member's subtree. REQUIRES: the row is the first of a group
  groupEnd(row: number): number {
    return this.groups.endOf[row] ?? row + 1;
  }

  isInOpenGroup(row: number): boolean {
    const first = this.groups.firstOf[row] ?? -1;
    return first >= 0 && this.opened[first] === 1;
  }

  // Of the group that the row is in.
  setGroupFolded(row: number, folded: boolean): void {
    const first = this.groups.firstOf[row] ?? -1;
    if (first < 0) return;
    this.opened[first] = folded ? 0 : 1;
    this.refresh();
  }

  // Singly: a group of which some members are left out is none.
  private isFoldedGroup(row: number): boolean {
    return this.kept === null && this.groups.firstOf[row] === row && this.opened[row] === 0;
  }

  // Lists only the rows that are marked, and those they are below. null: all rows.
  keepOnly(marked: Uint8Array | null): void {
    if (marked === null && this.kept === null) return;
    this.kept = marked && withAncestors(this.tree, marked);
    this.refresh();
  }

  isLeftOut(row: number): boolean {
    return this.kept?.[row] === 0;
  }

  // Whether the row at the index is marked, or anything that is folded into it.
  isMarked(marks: Uint8Array, index: number): boolean {
    const { from, to } = this.rangeAt(index);
    const found = marks.indexOf(1, from);
    return found >= 0 && found < to;
  }

  // The rows that the one at the index stands for: with what is folded into it.
  rangeAt(index: number): RowRange {
    const row = this.rowAt(index);
    if (this.isFoldedGroup(row)) return { from: row, to: this.groupEnd(row) };
    return { from: row, to: this.isCollapsed(row) ? (this.tree.subtreeEnd[row] ?? row + 1) : row + 1 };
  }

  setCollapsed(row: number, collapsed: boolean): void {
    if (!hasChildren(this.tree, row)) return;
    this.collapsed[row] = collapsed ? 1 : 0;
    this.refresh();
  }

  // Folds or unfolds every span with the name of this one.
  setCollapsedAlike(row: number, collapsed: boolean): void {
    for (let other = 0; other < this.tree.rows; other += 1) {
      if (this.tree.name[other] !== this.tree.name[row] || !hasChildren(this.tree, other)) continue;
      this.collapsed[other] = collapsed ? 1 : 0;
    }
    this.refresh();
  }

  // Unfolds all ancestors of the row, and the groups that hide it or one of them.
  reveal(row: number): void {
    for (let at = row; at >= 0; at = this.tree.parent[at] ?? -1) {
      if (at !== row) this.collapsed[at] = 0;
      const first = this.groups.firstOf[at] ?? -1;
      if (first >= 0 && (first !== at || at !== row)) this.opened[first] = 1;
    }
    this.refresh();
  }

  // Folds as it was in the rows of an earlier state of the trace.
  restore(before: VisibleRows): void {
    for (let row = 0; row < before.tree.rows; row += 1) {
      if (!before.collapsed[row] && !before.opened[row]) continue;
      const now = this.tree.rowOfSpan.get(before.tree.idOf(row)) ?? -1;
      if (now < 0) continue;
      if (before.collapsed[row] && hasChildren(this.tree, now)) this.collapsed[now] = 1;
      const first = this.groups.firstOf[now] ?? -1;
      if (before.opened[row] && first >= 0) this.opened[first] = 1;
    }
    this.refresh();
  }

  private refresh(): void {
    this.indexOf.fill(-1);
    let count = 0;
    let row = 0;
    while (row < this.tree.rows) {
      if (this.kept?.[row] === 0) {
        row = this.tree.subtreeEnd[row] ?? row + 1;
        continue;
      }
      this.list[count] = row;
      this.indexOf[row] = count;
      count += 1;
      if (this.isFoldedGroup(row)) row = this.groupEnd(row);
      else row = this.collapsed[row] ? (this.tree.subtreeEnd[row] ?? row + 1) : row + 1;
    }
    this.shown = count;
  }
}

function withAncestors(tree: SpanTree, marked: Uint8Array): Uint8Array {
  const kept = marked.slice();
  for (let row = tree.rows - 1; row >= 0; row -= 1) {
    const parent = tree.parent[row] ?? -1;
    if (kept[row] && parent >= 0) kept[parent] = 1;
  }
  return kept;
}

// The next (step 1) or previous (step -1) row with an error, going round; -1 when there is none.
export function errorRow(tree: SpanTree, from: number, step: 1 | -1): number {
  for (let tried = 1; tried <= tree.rows; tried += 1) {
    const row = (((from + step * tried) % tree.rows) + tree.rows) % tree.rows;
    if ((tree.flags[row] ?? 0) & flagError) return row;
  }
  return -1;
}
