// Which rows of a tree are on the list once collapsed subtrees are folded away.
import { flagError, hasChildren, type SpanTree } from './span_tree';

export class VisibleRows {
  private readonly collapsed: Uint8Array;
  private list: Int32Array;
  private indexOf: Int32Array; // -1 for hidden rows
  private shown = 0;

  constructor(readonly tree: SpanTree) {
    this.collapsed = new Uint8Array(tree.rows);
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

  // The position of the row, or of its nearest ancestor that shows.
  indexNear(row: number): number {
    let at = row;
    while (at >= 0 && (this.indexOf[at] ?? -1) < 0) at = this.tree.parent[at] ?? -1;
    return at < 0 ? -1 : (this.indexOf[at] ?? -1);
  }

  setCollapsed(row: number, collapsed: boolean): void {
    if (!hasChildren(this.tree, row)) return;
    this.collapsed[row] = collapsed ? 1 : 0;
    this.refresh();
  }

  // Folds or unfolds every span with the name of this one.
  setCollapsedAlike(row: number, collapsed: boolean): void {
    const name = this.tree.spans[row]?.name;
    for (const [other, span] of this.tree.spans.entries()) {
      if (span.name === name && hasChildren(this.tree, other)) this.collapsed[other] = collapsed ? 1 : 0;
    }
    this.refresh();
  }

  // Unfolds all ancestors of the row.
  reveal(row: number): void {
    for (let at = this.tree.parent[row] ?? -1; at >= 0; at = this.tree.parent[at] ?? -1) this.collapsed[at] = 0;
    this.refresh();
  }

  collapsedSpanIds(): Set<string> {
    const ids = new Set<string>();
    for (const [row, span] of this.tree.spans.entries()) if (this.collapsed[row]) ids.add(span.span_id);
    return ids;
  }

  restoreCollapsed(spanIds: ReadonlySet<string>): void {
    for (const [row, span] of this.tree.spans.entries()) {
      this.collapsed[row] = spanIds.has(span.span_id) && hasChildren(this.tree, row) ? 1 : 0;
    }
    this.refresh();
  }

  private refresh(): void {
    this.indexOf.fill(-1);
    let count = 0;
    let row = 0;
    while (row < this.tree.rows) {
      this.list[count] = row;
      this.indexOf[row] = count;
      count += 1;
      row = this.collapsed[row] ? (this.tree.subtreeEnd[row] ?? row + 1) : row + 1;
    }
    this.shown = count;
  }
}

// The next (step 1) or previous (step -1) row with an error, going round; -1 when there is none.
export function errorRow(tree: SpanTree, from: number, step: 1 | -1): number {
  for (let tried = 1; tried <= tree.rows; tried += 1) {
    const row = (((from + step * tried) % tree.rows) + tree.rows) % tree.rows;
    if ((tree.flags[row] ?? 0) & flagError) return row;
  }
  return -1;
}
