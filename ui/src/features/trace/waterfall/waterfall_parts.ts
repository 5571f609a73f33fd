// What the waterfall is made of in the page, and what it tells.
import type { RowRange } from '../model/sums';

export type WaterfallElements = {
  scroller: HTMLElement; // role=tree
  content: HTMLElement; // as tall as all rows
  bars: HTMLCanvasElement;
  ruler: HTMLCanvasElement;
  head: HTMLElement; // above the rows: `lane` and what stands left of it
  lane: HTMLElement; // its box is where bars go
  overview: HTMLCanvasElement;
  range: HTMLElement; // says what the bars show
  moment: HTMLElement; // in the lane's head: says the time under the pointer
  host: HTMLElement; // around all of it
};

export type WaterfallEvents = {
  onSelect: (spanId: string) => void;
  onRange: (ranges: readonly RowRange[] | null) => void; // of rows that are selected together; null: one is
  onZoomed: (zoomed: boolean) => void;
  onAuto: (auto: boolean) => void;
  onCopyLink: (spanId: string) => void;
  onOpen: (spanId: string) => void; // a click: it is to be read
  onRest: (spanId: string) => void; // of the pointer: a click may follow
};
