// What pointer and wheel do in the waterfall: they rest, select, drag a stretch of time, measure, zoom and pan.
import { panBy, type TimeWindow, zoomAbout } from '../model/time_window';
import type { VisibleRows } from '../model/visible_rows';
import { axisPx } from './bars';
import type { HoverCard } from './hover_card';
import type { NameRows } from './name_rows';
import type { WaterfallElements } from './waterfall_parts';

const dragStartsPx = 4;
const wheelZoom = 1.0016;
const fetchAfterMs = 80; // that the pointer rests on a row

type Drag = {
  surface: 'bars' | 'overview';
  pointer: number;
  originPx: number;
  fromPx: number;
  toPx: number;
  moved: boolean;
  measures: boolean; // with Shift: tells a time, and does not zoom
};

export type Brush = { fromPx: number; toPx: number; measures: boolean };

// What the gestures act on.
export type GestureTarget = {
  shownRows: () => VisibleRows | null;
  shownWindow: () => TimeWindow;
  setWindow: (window: TimeWindow) => void;
  resetZoom: () => void;
  zoomToSelected: () => void;
  repaint: () => void;
  clickRow: (event: PointerEvent) => void;
  onRest: (spanId: string) => void;
};

export class Gestures {
  private drag: Drag | null = null;
  private resting = 0; // a timer

  constructor(
    private readonly elements: WaterfallElements,
    private readonly names: NameRows,
    private readonly hover: HoverCard,
    private readonly target: GestureTarget,
  ) {}

  listen(signal: AbortSignal): void {
    const { scroller, overview } = this.elements;
    scroller.addEventListener('pointerleave', () => this.onPointerLeave(), { signal });
    scroller.addEventListener('wheel', (event) => this.onWheel(event), { signal, passive: false });
    scroller.addEventListener('dblclick', () => this.target.zoomToSelected(), { signal });
    scroller.addEventListener('pointerdown', (event) => this.onPointerDown(event, 'bars'), { signal });
    overview.addEventListener('pointerdown', (event) => this.onPointerDown(event, 'overview'), { signal });
    for (const surface of [scroller, overview]) {
      surface.addEventListener('pointermove', (event) => this.onPointerMove(event), { signal });
      surface.addEventListener('pointerup', (event) => this.onPointerUp(event), { signal });
      surface.addEventListener('pointercancel', () => this.endDrag(), { signal });
    }
    signal.addEventListener('abort', () => clearTimeout(this.resting));
  }

  // What is being dragged; null: nothing.
  get brush(): Brush | null {
    return this.drag?.moved ? this.drag : null;
  }

  private nsAt(clientX: number): number {
    const box = this.elements.lane.getBoundingClientRect();
    const { from, to } = this.target.shownWindow();
    return from + ((clientX - box.left) / axisPx(box.width)) * (to - from);
  }

  private onWheel(event: WheelEvent): void {
    const delta = event.deltaY || event.deltaX;
    const window = this.target.shownWindow();
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.target.setWindow(zoomAbout(window, this.nsAt(event.clientX), wheelZoom ** delta));
    } else if (event.shiftKey) {
      event.preventDefault();
      this.target.setWindow(panBy(window, ((window.to - window.from) * delta) / 1000));
    }
  }

  private onPointerDown(event: PointerEvent, surface: Drag['surface']): void {
    if (event.button !== 0 || !this.target.shownRows()) return;
    const under = surface === 'overview' ? this.elements.overview : this.elements.lane;
    const originPx = event.clientX - under.getBoundingClientRect().left;
    if (surface === 'overview' || originPx >= 0) {
      this.drag = {
        surface,
        pointer: event.pointerId,
        originPx,
        fromPx: originPx,
        toPx: originPx,
        moved: false,
        measures: event.shiftKey && surface === 'bars',
      };
    } else if (this.names.indexOf(event.target) >= 0) {
      this.target.clickRow(event);
    }
  }

  private onOtherRow(rows: VisibleRows, row: number): void {
    this.names.markAround(rows, row);
    clearTimeout(this.resting);
    if (row >= 0) this.resting = window.setTimeout(() => this.target.onRest(rows.tree.idOf(row)), fetchAfterMs);
  }

  private onPointerLeave(): void {
    const rows = this.target.shownRows();
    if (rows) this.onOtherRow(rows, -1);
    this.hover.leave();
    this.hover.showMoment(null, 0);
  }

  // A finger has nothing to rest with.
  private onHover(event: PointerEvent): void {
    const rows = this.target.shownRows();
    if (!rows || event.pointerType === 'touch' || event.currentTarget !== this.elements.scroller) return;
    const row = rows.rowAt(this.names.indexOf(event.target));
    if (this.hover.over(rows.tree, row, event)) this.onOtherRow(rows, row);
    const px = event.clientX - this.elements.lane.getBoundingClientRect().left;
    this.hover.showMoment(px >= 0 ? px : null, this.nsAt(event.clientX));
  }

  private onPointerMove(event: PointerEvent): void {
    const { drag } = this;
    if (!drag) this.onHover(event);
    if (!drag || drag.pointer !== event.pointerId) return;
    this.hover.leave();
    const under = drag.surface === 'overview' ? this.elements.overview : this.elements.lane;
    const box = under.getBoundingClientRect();
    const at = Math.max(0, Math.min(box.width, event.clientX - box.left));
    if (!drag.moved && Math.abs(at - drag.originPx) < dragStartsPx) return;
    if (!drag.moved) (event.currentTarget as Element).setPointerCapture(event.pointerId);
    drag.moved = true;
    drag.fromPx = Math.min(at, drag.originPx);
    drag.toPx = Math.max(at, drag.originPx);
    if (drag.surface === 'overview') {
      const perPx = (this.target.shownRows()?.tree.totalNs ?? 1) / box.width;
      this.target.setWindow({ from: drag.fromPx * perPx, to: drag.toPx * perPx });
    }
    this.target.repaint();
  }

  private onPointerUp(event: PointerEvent): void {
    const { drag } = this;
    if (!drag || drag.pointer !== event.pointerId) return;
    this.endDrag();
    if (drag.surface === 'overview') {
      if (!drag.moved) this.target.resetZoom();
    } else if (drag.moved && !drag.measures) {
      const left = this.elements.lane.getBoundingClientRect().left;
      this.target.setWindow({ from: this.nsAt(left + drag.fromPx), to: this.nsAt(left + drag.toPx) });
    } else if (!drag.moved) {
      this.target.clickRow(event);
    }
  }

  private endDrag(): void {
    this.drag = null;
    this.target.repaint();
  }
}
