// What the waterfall is made of in the page, and what it tells.
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
  onZoomed: (zoomed: boolean) => void;
  onAuto: (auto: boolean) => void;
  onCopyLink: (spanId: string) => void;
  onRest: (spanId: string) => void; // of the pointer: a click may follow
};
