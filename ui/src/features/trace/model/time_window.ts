// The span of time the bars show, in ns from the start of the trace, and the marks of its ruler.

export type TimeWindow = { from: number; to: number };

const narrowestNs = 1000;

// Inside the trace and never narrower than a microsecond.
export function clampWindow(window: TimeWindow, totalNs: number): TimeWindow {
  const total = Math.max(totalNs, narrowestNs);
  const width = Math.min(total, Math.max(narrowestNs, window.to - window.from));
  const from = Math.min(Math.max(0, window.from), total - width);
  return { from, to: from + width };
}

export function zoomAbout(window: TimeWindow, atNs: number, factor: number): TimeWindow {
  return { from: atNs - (atNs - window.from) * factor, to: atNs + (window.to - atNs) * factor };
}

export function panBy(window: TimeWindow, byNs: number): TimeWindow {
  return { from: window.from + byNs, to: window.to + byNs };
}

// A span with a tenth of its length on either side.
export function windowAround(fromNs: number, toNs: number): TimeWindow {
  const margin = (toNs - fromNs) / 10;
  return { from: fromNs - margin, to: toNs + margin };
}

// A part of the way to another window; there when the rest is too little to be seen.
export function easeTo(window: TimeWindow, target: TimeWindow, part: number): TimeWindow {
  const from = window.from + (target.from - window.from) * part;
  const to = window.to + (target.to - window.to) * part;
  const rest = Math.abs(target.from - from) + Math.abs(target.to - to);
  return rest < (target.to - target.from) / 1000 ? target : { from, to };
}

// Round steps of 1, 2 or 5 times a power of ten (of 60 above a minute), about `count` of them.
export function tickStep(widthNs: number, count: number): number {
  const rough = widthNs / Math.max(1, count);
  const minute = 60e9;
  if (rough > 30e9) {
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
    return (steps.find((step) => step * minute >= rough) ?? Math.ceil(rough / minute / 1440) * 1440) * minute;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10;
  return step * power;
}
