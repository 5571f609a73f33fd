// The waterfall: canvas bars beside recycled DOM name rows. React makes the elements once and stays out of the way;
// every scroll, key and pointer event ends in at most one paint per frame.
import type { Usual } from '../../../api/trace_sql';
import { formatDuration, plural } from '../../../base/format';
import { onThemeChange } from '../../../base/theme';
import type { CriticalPath } from '../model/critical_path';
import { growTo, hasChildren, type SpanTree } from '../model/span_tree';
import { clampWindow, easeTo, panBy, type TimeWindow, windowAround, zoomAbout } from '../model/time_window';
import { errorRow, VisibleRows } from '../model/visible_rows';
import { paintBars, paintRuler } from './bars';
import { Gestures, type GestureTarget } from './gestures';
import { HoverCard } from './hover_card';
import { NameRows } from './name_rows';
import { lanePx, lanesBelow, OverviewPicture } from './overview';
import { type Palette, readPalette } from './palette';
import { narrow, type RowShape, shapeOf } from './row_shape';
import { prepareSurface } from './surface';
import type { WaterfallElements, WaterfallEvents } from './waterfall_parts';

const rulerPx = 24;
// In a low window the rows have the room.
const overviewPx = () => (innerHeight < 640 ? 40 : 64);
const smoothRowsMax = 5000; // with more, what is open grows by steps
const easePart = 0.25; // of what is left, each frame

function countText({ rows, openRows }: SpanTree): string {
  const arrived = plural(rows - openRows.length, 'span');
  return openRows.length === 0 ? arrived : `${arrived}, ${openRows.length} running`;
}

// Whether what lies between the row and the one before is selected too.
type Picking = 'alone' | 'up to here';

export class WaterfallView {
  private rows: VisibleRows | null = null;
  private window: TimeWindow = { from: 0, to: 1 };
  private selectedRow = -1;
  private anchorRow = -1; // all rows from it to the selected one are selected; -1: that one alone is
  private readonly told = new Set<number>(); // rows that were selected here, until the address has the last of them
  private marks: Uint8Array | null = null; // rows that the reader looks for; null: looks for none
  private path: CriticalPath | null = null;
  private usual: Usual | null = null; // of the selected row
  private palette: Palette;
  private frame = 0;
  private axisChanged = true; // since the last paint; ruler and overview show only the axis
  private zoomed = false;
  private auto = false; // the window follows the visible rows
  private readonly names: NameRows;
  private readonly gestures: Gestures;
  private shape: RowShape;
  private readonly overviewPicture = new OverviewPicture();
  private readonly stop = new AbortController();

  constructor(
    private readonly elements: WaterfallElements,
    private readonly events: WaterfallEvents,
  ) {
    const { scroller, lane, overview } = elements;
    this.palette = readPalette(scroller);
    this.names = new NameRows(elements.content);
    const hover = new HoverCard(elements.host, elements.moment);
    this.gestures = new Gestures(elements, this.names, hover, this.gestureTarget());
    const isNarrow = narrow();
    this.shape = shapeOf(isNarrow);
    const { signal } = this.stop;
    const reshape = () => {
      this.shape = shapeOf(isNarrow);
      this.refill();
    };
    isNarrow.addEventListener('change', reshape, { signal });
    const resized = new ResizeObserver(() => this.repaint());
    for (const box of [scroller, lane, overview.parentElement ?? overview]) resized.observe(box);
    const stopTheme = onThemeChange(() => {
      this.palette = readPalette(scroller);
      this.overviewPicture.forget();
      this.repaint();
    });
    signal.addEventListener('abort', () => {
      resized.disconnect();
      stopTheme();
      cancelAnimationFrame(this.frame);
    });
    const scrolled = () => {
      hover.leave();
      this.requestPaint();
    };
    scroller.addEventListener('scroll', scrolled, { signal, passive: true });
    this.gestures.listen(signal);
    void document.fonts.ready.then(() => this.repaint());
  }

  destroy(): void {
    this.stop.abort();
  }

  private gestureTarget(): GestureTarget {
    return {
      shownRows: () => this.rows,
      shownWindow: () => this.window,
      setWindow: (window) => this.setWindow(window),
      resetZoom: () => this.resetZoom(),
      zoomToSelected: () => this.zoomToSelected(),
      repaint: () => this.repaint(),
      clickRow: (event) => this.clickRow(event),
      onRest: (spanId) => this.events.onRest(spanId),
    };
  }

  // A trace that grew keeps what the reader folded, selected, zoomed to and scrolled to.
  setTree(tree: SpanTree): void {
    const before = this.rows;
    if (before?.tree === tree) return;
    this.rows = new VisibleRows(tree);
    if (before) {
      const selected = before.tree.idOf(this.selectedRow);
      this.rows.restore(before);
      this.selectedRow = tree.rowOfSpan.get(selected) ?? -1;
      this.anchorRow = -1;
      this.events.onRange(null);
    }
    this.marks = null; // of the tree before
    this.told.clear();
    this.window = clampWindow(this.zoomed ? this.window : { from: 0, to: tree.totalNs }, tree.totalNs);
    this.overviewPicture.forget();
    this.refill();
    if (before) this.keepTopRow(before);
  }

  // What came in above does not push what is read.
  private keepTopRow(before: VisibleRows): void {
    const { scroller } = this.elements;
    const { scrollTop } = scroller;
    const spanId = before.tree.idOf(before.rowAt(Math.floor(scrollTop / this.shape.px)));
    const row = this.rows?.tree.rowOfSpan.get(spanId) ?? -1;
    if (this.rows && row >= 0 && scrollTop > 0)
      scroller.scrollTop = this.rows.indexNear(row) * this.shape.px + (scrollTop % this.shape.px);
  }

  // Draws what is open up to now, again and again. Returns what ends it.
  keepGrowing(tree: SpanTree): (() => void) | undefined {
    if (tree.openRows.length === 0) return undefined;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const grow = () => {
      growTo(tree, Number(BigInt(Date.now()) * 1_000_000n - tree.startUnixNs));
      if (!this.zoomed) this.window = { from: 0, to: tree.totalNs };
      this.overviewPicture.forget();
      this.repaint();
    };
    grow();
    const timer = setInterval(grow, still || tree.rows > smoothRowsMax ? 1000 : 100);
    return () => clearInterval(timer);
  }

  // Other rows are dimmed, or left out but for what the marked ones are below.
  setMarks(marks: Uint8Array | null, others: 'dimmed' | 'left out'): void {
    if (!this.rows) return;
    const listed = this.rows.count;
    this.marks = marks;
    this.rows.keepOnly(others === 'left out' ? marks : null);
    this.refill();
    if (this.rows.count !== listed && this.selectedRow >= 0) this.show(this.selectedRow);
  }

  // null: not shown.
  setPath(path: CriticalPath | null): void {
    this.path = path;
    this.requestPaint();
  }

  // How long spans like the selected one usually take; null: not known.
  setUsual(usual: Usual | null): void {
    this.usual = usual;
    this.requestPaint();
  }

  // The bars show the time of the visible rows, and follow as they are scrolled, until somebody zooms.
  setAuto(auto: boolean): void {
    if (auto === this.auto) return;
    this.auto = auto;
    if (!auto) this.resetZoom();
    this.repaint();
  }

  // Selection from outside: the address bar, a link. Unfolds and scrolls to it. What the view told comes back through the
  // address, late, and is passed over while later rows are selected.
  select(row: number): void {
    if (row === this.selectedRow) this.told.clear();
    if (row < 0 || row === this.selectedRow || this.told.has(row)) return;
    this.anchorRow = -1;
    this.show(row);
    this.tellRange();
  }

  move(step: number, how: Picking = 'alone'): void {
    if (!this.rows) return;
    const index = this.rows.indexNear(this.selectedRow) + step;
    this.pick(this.rows.rowAt(Math.max(0, Math.min(this.rows.count - 1, index))), how);
  }

  // Returns whether several rows were selected.
  endRange(): boolean {
    const was = this.anchorRow >= 0;
    this.anchorRow = -1;
    this.tellRange();
    this.requestPaint();
    return was;
  }

  movePage(direction: 1 | -1): void {
    this.move(direction * Math.max(1, Math.floor(this.elements.scroller.clientHeight / this.shape.px) - 1));
  }

  moveToEdge(edge: 'first' | 'last'): void {
    if (this.rows) this.pick(this.rows.rowAt(edge === 'first' ? 0 : this.rows.count - 1));
  }

  openOrEnter(): void {
    const row = this.selectedRow;
    if (!this.rows || row < 0) return;
    if (this.rows.groupAt(row)) this.openGroup(row, true);
    else if (!hasChildren(this.rows.tree, row)) return;
    else if (this.rows.isCollapsed(row)) this.fold(row, false);
    else this.pick(row + 1);
  }

  closeOrLeave(): void {
    const row = this.selectedRow;
    if (!this.rows || row < 0) return;
    if (!this.rows.groupAt(row) && hasChildren(this.rows.tree, row) && !this.rows.isCollapsed(row))
      this.fold(row, true);
    else if (this.rows.isInOpenGroup(row)) this.openGroup(row, false);
    else if ((this.rows.tree.parent[row] ?? -1) >= 0) this.pick(this.rows.tree.parent[row] ?? 0);
  }

  moveToError(step: 1 | -1): void {
    const row = this.rows ? errorRow(this.rows.tree, this.selectedRow, step) : -1;
    if (row >= 0) this.pick(row);
  }

  zoomToSelected(): void {
    const tree = this.rows?.tree;
    if (!tree || this.selectedRow < 0) return;
    this.setWindow(windowAround(tree.start[this.selectedRow] ?? 0, tree.end[this.selectedRow] ?? 0));
  }

  // About the middle; a part of what is shown.
  zoomBy(factor: number): void {
    const { from, to } = this.window;
    this.setWindow(zoomAbout(this.window, (from + to) / 2, factor));
  }

  panBy(part: number): void {
    this.setWindow(panBy(this.window, (this.window.to - this.window.from) * part));
  }

  // Returns whether there was a zoom to undo.
  resetZoom(): boolean {
    const was = this.zoomed;
    if (this.rows) this.setWindow({ from: 0, to: this.rows.tree.totalNs });
    return was;
  }

  private pick(row: number, how: Picking = 'alone'): void {
    const spanId = this.rows?.tree.idOf(row) ?? '';
    if (spanId === '') return;
    if (how === 'alone') this.anchorRow = -1;
    else if (this.anchorRow < 0) this.anchorRow = this.selectedRow;
    this.show(row);
    this.tellRange();
    this.told.add(row);
    this.events.onSelect(spanId);
  }

  // The indexes of the rows that are selected, the end inclusive.
  private selectedRange(): { first: number; last: number } {
    const at = this.rows?.indexNear(this.selectedRow) ?? -1;
    const anchor = this.anchorRow < 0 ? at : (this.rows?.indexNear(this.anchorRow) ?? at);
    return { first: Math.min(at, anchor), last: Math.max(at, anchor) };
  }

  private tellRange(): void {
    const { rows } = this;
    const { first, last } = this.selectedRange();
    if (!rows || first < 0 || first === last) {
      this.events.onRange(null);
      return;
    }
    this.events.onRange(Array.from({ length: last - first + 1 }, (_, at) => rows.rangeAt(first + at)));
  }

  private show(row: number): void {
    if (!this.rows) return;
    this.selectedRow = row;
    if (this.rows.rowAt(this.rows.indexNear(row)) !== row && !this.rows.isLeftOut(row)) {
      this.rows.reveal(row);
      this.refill();
    }
    const { scroller } = this.elements;
    const top = this.rows.indexNear(row) * this.shape.px;
    const overTop = top < scroller.scrollTop;
    const underEnd = top + this.shape.px > scroller.scrollTop + scroller.clientHeight;
    const far =
      top < scroller.scrollTop - this.shape.px || top > scroller.scrollTop + scroller.clientHeight + this.shape.px;
    if (far) scroller.scrollTop = top - scroller.clientHeight / 3;
    else if (overTop) scroller.scrollTop = top;
    else if (underEnd) scroller.scrollTop = top + this.shape.px - scroller.clientHeight;
    this.repaint();
  }

  private fold(row: number, collapsed: boolean): void {
    this.rows?.setCollapsed(row, collapsed);
    this.refill();
  }

  private openGroup(row: number, open: boolean): void {
    if (!this.rows) return;
    this.rows.setGroupFolded(row, !open);
    this.refill();
    if (!open) this.pick(this.rows.rowAt(this.rows.indexNear(row)));
  }

  // By hand, which ends the following of rows.
  private setWindow(window: TimeWindow): void {
    if (this.auto) {
      this.auto = false;
      this.events.onAuto(false);
    }
    this.showWindow(window);
  }

  private followRows(): void {
    const target = this.autoTarget();
    const { from, to } = this.window;
    if (!target || Math.abs(target.from - from) + Math.abs(target.to - to) < (target.to - target.from) / 1e6) return;
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.showWindow(easeTo(this.window, target, still ? 1 : easePart));
  }

  private autoTarget(): TimeWindow | null {
    if (!this.rows) return null;
    const { tree } = this.rows;
    const { scrollTop, clientHeight } = this.elements.scroller;
    let [from, to] = [Number.POSITIVE_INFINITY, 0];
    for (
      let index = Math.floor(scrollTop / this.shape.px);
      index * this.shape.px < scrollTop + clientHeight;
      index += 1
    ) {
      const row = this.rows.rowAt(index);
      if (row < 0) break;
      from = Math.min(from, tree.start[row] ?? 0);
      to = Math.max(to, this.rows.groupAt(row)?.endNs ?? tree.end[row] ?? 0);
    }
    return from <= to ? clampWindow(windowAround(from, to), tree.totalNs) : null;
  }

  private showWindow(window: TimeWindow): void {
    const total = this.rows?.tree.totalNs ?? 1;
    this.window = clampWindow(window, total);
    const zoomed = this.window.to - this.window.from < total;
    if (zoomed !== this.zoomed) {
      this.zoomed = zoomed;
      this.events.onZoomed(zoomed);
    }
    this.repaint();
  }

  private refill(): void {
    this.elements.content.style.height = `${(this.rows?.count ?? 0) * this.shape.px}px`;
    this.names.forget();
    if (this.anchorRow >= 0) this.tellRange();
    this.repaint();
  }

  private repaint(): void {
    this.axisChanged = true;
    this.requestPaint();
  }

  private requestPaint(): void {
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  private paint(): void {
    this.frame = 0;
    if (this.auto) this.followRows();
    const { rows, palette, window } = this;
    const { scroller, bars, head, ruler, lane, overview } = this.elements;
    if (!rows) return;
    // The rows' scrollbar takes its width from the lane above them too.
    if (this.axisChanged) head.style.paddingRight = `${scroller.offsetWidth - scroller.clientWidth}px`;
    const laneWidth = lane.clientWidth;
    const height = scroller.clientHeight;
    const { scrollTop } = scroller;
    const selectedId = this.names.update(rows, {
      scrollTop,
      height,
      selectedRow: this.selectedRow,
      selected: this.selectedRange(),
      marks: this.marks,
      rowPx: this.shape.px,
    });
    if (scroller.getAttribute('aria-activedescendant') !== selectedId) {
      if (selectedId) scroller.setAttribute('aria-activedescendant', selectedId);
      else scroller.removeAttribute('aria-activedescendant');
    }
    paintBars(prepareSurface(bars, laneWidth, height), {
      tree: rows.tree,
      rows,
      window,
      scrollTop,
      selectedRow: this.selectedRow,
      path: this.path,
      usual: this.usual,
      marks: this.marks,
      brush: this.gestures.brush,
      palette,
      shape: this.shape,
    });
    if (!this.axisChanged) return;
    this.axisChanged = false;
    this.elements.range.textContent = this.zoomed
      ? `${formatDuration(window.from)} to ${formatDuration(window.to)}`
      : countText(rows.tree);
    paintRuler(prepareSurface(ruler, laneWidth, rulerPx), window, palette);
    const overviewWidth = overview.parentElement?.clientWidth ?? laneWidth;
    const overviewHeight = overviewPx() + lanesBelow(rows.tree) * lanePx;
    this.overviewPicture.paint(prepareSurface(overview, overviewWidth, overviewHeight), rows.tree, window, palette);
  }

  private clickRow(event: PointerEvent): void {
    if (!this.rows) return;
    const row = this.rows.rowAt(this.names.indexOf(event.target));
    if (row < 0) return;
    const onTwisty = event.target instanceof HTMLElement && event.target.dataset.twisty !== undefined;
    if (onTwisty && this.rows.groupAt(row)) {
      this.openGroup(row, true);
      return;
    }
    if (!onTwisty || !hasChildren(this.rows.tree, row)) {
      this.pick(row, event.shiftKey ? 'up to here' : 'alone');
      if (!event.shiftKey) this.events.onOpen(this.rows.tree.idOf(row));
      if (event.altKey) this.events.onCopyLink(this.rows.tree.idOf(row));
      return;
    }
    const collapse = !this.rows.isCollapsed(row);
    if (event.altKey) this.rows.setCollapsedAlike(row, collapse);
    else this.rows.setCollapsed(row, collapse);
    this.refill();
  }
}
