// The name column: a pool of DOM rows that follows the scroll position. Row i always uses slot i modulo the pool's
// size, so scrolling by one row rewrites one element, and rows move with the native scroll.
import { formatDuration, formatTokens, formatUsd, plural } from '../../../base/format';
import { kindLetter } from '../../../base/kinds';
import { kindLetterClass } from '../../../widgets/KindChip';
import { groupNote } from '../model/sibling_groups';
import {
  errorsBelow,
  flagCycle,
  flagError,
  flagOpen,
  flagOrphan,
  hasChildren,
  kindOf,
  nameOf,
  type SpanTree,
} from '../model/span_tree';
import { sumOf } from '../model/sums';
import type { VisibleRows } from '../model/visible_rows';
import styles from './waterfall.module.css';

const indentPx = 14;
const indentLevelsMax = 14;

type Slot = {
  element: HTMLElement;
  twisty: HTMLElement;
  chip: HTMLElement;
  depth: HTMLElement;
  name: HTMLElement;
  spoken: HTMLElement; // what the canvas shows, for those who hear the row
  folded: HTMLElement;
  note: HTMLElement;
  failed: HTMLElement;
  index: number; // on the list of visible rows; -1 when unused
};

function span(parent: HTMLElement, className: string | undefined): HTMLElement {
  const element = document.createElement('span');
  element.className = className ?? '';
  parent.append(element);
  return element;
}

function makeSlot(id: string): Slot {
  const element = document.createElement('div');
  element.className = styles.row ?? '';
  element.id = id;
  element.setAttribute('role', 'treeitem');
  const twisty = span(element, styles.twisty);
  twisty.dataset.twisty = '';
  const chip = span(element, styles.chip);
  const depth = span(element, styles.depth);
  const name = span(element, styles.name);
  const spoken = span(element, styles.spoken);
  const folded = span(element, styles.folded);
  const failed = span(element, styles.failed);
  failed.textContent = '!';
  const note = span(element, styles.note);
  for (const part of [twisty, chip, depth, failed]) part.setAttribute('aria-hidden', 'true');
  return { element, twisty, chip, depth, name, spoken, folded, note, failed, index: -1 };
}

const usdText = (usd: number): string => (Number.isNaN(usd) ? '' : formatUsd(usd));

// What a folded span cost with all that is below it, else the tokens of that.
function foldedNote(tree: SpanTree, row: number): string {
  const { usd, tokens } = sumOf(tree, [{ from: row, to: tree.subtreeEnd[row] ?? row + 1 }]);
  if (!Number.isNaN(usd)) return formatUsd(usd);
  return tokens > 0 ? `${formatTokens(tokens)} tok` : noteOf(tree, row);
}

// What the row adds to the name: cost, else tokens, else documents.
function noteOf(tree: SpanTree, row: number): string {
  const cost = tree.cost[row] ?? Number.NaN;
  const tokens = tree.tokens[row] ?? Number.NaN;
  const documents = tree.documents[row] ?? 0;
  if (!Number.isNaN(cost)) return formatUsd(cost);
  if (tokens > 0) return `${formatTokens(tokens)} tok`;
  return documents > 0 ? plural(documents, 'doc') : '';
}

function strangeness(flags: number): string {
  if (flags & flagOrphan) return 'parent not in this trace';
  return flags & flagCycle ? 'its parents form a circle' : '';
}

const openWords = 'it has not arrived, and its children name it as their parent';

type Shown = {
  scrollTop: number;
  height: number;
  selectedRow: number;
  selected: { first: number; last: number }; // indexes on the list
  marks: Uint8Array | null; // null: no row is dimmed
  rowPx: number;
};

export class NameRows {
  private slots: Slot[] = [];

  constructor(private readonly layer: HTMLElement) {}

  // Row index under an event target, or -1.
  indexOf(target: EventTarget | null): number {
    const element = target instanceof Element ? target.closest('[role="treeitem"]') : null;
    return this.slots.find((slot) => slot.element === element)?.index ?? -1;
  }

  // Marks the rows on screen that the row is below.
  markAround(rows: VisibleRows, row: number): void {
    for (const { element, index } of this.slots) {
      const other = index < 0 ? -1 : rows.rowAt(index);
      const isAround = other >= 0 && other < row && (rows.tree.subtreeEnd[other] ?? 0) > row;
      element.classList.toggle(styles.around ?? '', isAround);
    }
  }

  forget(): void {
    for (const slot of this.slots) slot.index = -1;
  }

  // Returns the id of the selected row's element while it is in the pool.
  update(rows: VisibleRows, shown: Shown): string | null {
    const { scrollTop, height, selectedRow, selected: range, marks, rowPx } = shown;
    this.fitPool(Math.ceil(height / rowPx) + 2);
    const first = Math.floor(scrollTop / rowPx);
    let selectedId: string | null = null;
    for (let index = first; index < first + this.slots.length; index += 1) {
      const slot = this.slots[index % this.slots.length];
      if (!slot) continue;
      if (slot.index !== index) {
        this.fill(slot, rows, index);
        slot.element.style.top = `${index * rowPx}px`;
        const dimmed = marks !== null && index < rows.count && !rows.isMarked(marks, index);
        slot.element.classList.toggle(styles.dimmed ?? '', dimmed);
      }
      if (slot.element.hidden) continue;
      const current = rows.rowAt(index) === selectedRow;
      const selected = current || (index >= range.first && index <= range.last && range.first < range.last);
      if ((slot.element.ariaSelected === 'true') !== selected) slot.element.ariaSelected = String(selected);
      if (current) selectedId = slot.element.id;
    }
    return selectedId;
  }

  private fitPool(size: number): void {
    if (this.slots.length >= size) return;
    this.forget();
    while (this.slots.length < size) {
      const slot = makeSlot(`span-row-${this.slots.length}`);
      this.slots.push(slot);
      this.layer.append(slot.element);
    }
  }

  private fill(slot: Slot, rows: VisibleRows, index: number): void {
    slot.index = index;
    slot.element.hidden = index >= rows.count;
    if (slot.element.hidden) return;
    const { tree } = rows;
    const row = rows.rowAt(index);
    const { element } = slot;
    const name = nameOf(tree, row);
    const kind = kindOf(tree, row);
    const flags = tree.flags[row] ?? 0;
    const depth = tree.depth[row] ?? 0;
    const group = rows.groupAt(row);
    const collapsed = group !== null || rows.isCollapsed(row);
    const unfolds = group !== null || hasChildren(tree, row);
    const strange = strangeness(flags);
    const open = (flags & flagOpen) !== 0;
    const failedBelow = group ? group.errors : collapsed ? errorsBelow(tree, row) : 0;

    slot.twisty.style.marginLeft = `${Math.min(depth, indentLevelsMax) * indentPx}px`;
    slot.depth.textContent = depth > indentLevelsMax ? String(depth) : '';
    slot.twisty.className = `${styles.twisty} ${unfolds ? (collapsed ? styles.closed : styles.open) : ''}`;
    slot.chip.textContent = kindLetter(kind);
    slot.chip.className = `${styles.chip} ${kindLetterClass(kind)}`;
    slot.name.textContent = open ? 'still running' : name || '(no name)';
    slot.name.title = open ? openWords : strange ? `${name}: ${strange}` : name;
    slot.name.classList.toggle(styles.unnamed ?? '', open);
    slot.name.classList.toggle(styles.strange ?? '', strange !== '');
    slot.folded.textContent = group ? `× ${group.count}` : collapsed ? `+${(tree.subtreeEnd[row] ?? 0) - row - 1}` : '';
    slot.failed.hidden = !(flags & flagError) && failedBelow === 0;
    slot.note.textContent = group ? usdText(group.usd) : collapsed ? foldedNote(tree, row) : noteOf(tree, row);

    element.ariaLevel = String(depth + 1);
    element.ariaSetSize = String(tree.siblings[row]);
    element.ariaPosInSet = String(tree.position[row]);
    element.ariaExpanded = unfolds ? String(!collapsed) : null;
    const heard = [kind.toLowerCase(), strange];
    const lasted = formatDuration((tree.end[row] ?? 0) - (tree.start[row] ?? 0));
    heard.splice(1, 0, group ? groupNote(group) : open ? openWords : lasted);
    if (!group && flags & flagError) heard.push('error');
    if (failedBelow > 0) heard.push(`${plural(failedBelow, 'error')} inside`);
    slot.spoken.textContent = ` ${heard.filter(Boolean).join(', ')} `;
  }
}
