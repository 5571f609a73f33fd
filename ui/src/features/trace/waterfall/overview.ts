// The strip above the waterfall: the whole trace, a lane per depth, and where the errors are. Painted once per trace,
// size and theme; a change of the time window only copies it.
import { formatUsd } from '../../../base/format';
import { atWork, isParallel } from '../model/concurrency';
import { flagError, hasCost, type SpanTree } from '../model/span_tree';
import type { TimeWindow } from '../model/time_window';
import type { Palette } from './palette';
import { prepareSurface, type Surface } from './surface';

const lanesMax = 6;
const lanePxMax = 16; // of spans
const errorLanePx = 3;
// Of what stands below the lanes of spans.
export const lanePx = 18;
const laneFont = '10px "Inter Variable", system-ui, sans-serif';

export const lanesBelow = (tree: SpanTree): number => Number(hasCost(tree)) + Number(isParallel(tree));

export class OverviewPicture {
  private readonly picture = document.createElement('canvas');
  private paintedFor = '';

  paint(surface: Surface, tree: SpanTree, window: TimeWindow, palette: Palette): void {
    const { context, width, height } = surface;
    if (width < 1) return; // the strip is not laid out yet, or no more
    this.paintPicture(tree, width, height, palette);
    context.drawImage(this.picture, 0, 0, width, height);
    const total = Math.max(tree.totalNs, 1);
    const left = (window.from / total) * width;
    const right = (window.to / total) * width;
    if (right - left >= width - 0.5) return;
    context.fillStyle = palette.page;
    context.globalAlpha = 0.7;
    context.fillRect(0, 0, left, height);
    context.fillRect(right, 0, width - right, height);
    context.globalAlpha = 1;
    context.fillStyle = palette.accent;
    context.fillRect(left - 1, 0, 2, height);
    context.fillRect(right - 1, 0, 2, height);
  }

  forget(): void {
    this.paintedFor = '';
  }

  private paintPicture(tree: SpanTree, width: number, whole: number, palette: Palette): void {
    const key = `${width} ${whole} ${devicePixelRatio}`;
    if (key === this.paintedFor) return;
    this.paintedFor = key;
    const height = whole - lanesBelow(tree) * lanePx;
    const { context } = prepareSurface(this.picture, width, whole);
    const columns = Math.max(1, Math.round(width));
    const lanes = laneKinds(tree, columns);
    const spanPx = Math.min(lanePxMax, Math.floor((height - errorLanePx - 1) / lanes.length));
    for (const [lane, kindsAt] of lanes.entries()) {
      eachRun(kindsAt, (from, to, kind) => {
        context.fillStyle = palette.kind[kind - 1] ?? palette.text;
        context.fillRect(from, lane * spanPx, to - from, spanPx - 1);
      });
    }
    context.fillStyle = palette.error;
    eachRun(errorColumns(tree, columns), (from, to) => {
      context.fillRect(from, height - errorLanePx, Math.max(2, to - from), errorLanePx);
    });
    if (hasCost(tree)) paintCost(context, tree, { top: height, width }, palette);
    if (isParallel(tree)) paintAtWork(context, tree, { top: whole - lanePx, width }, palette);
  }
}

// What had been spent by each moment, as steps up to the whole.
function paintCost(
  context: CanvasRenderingContext2D,
  tree: SpanTree,
  { top, width }: { top: number; width: number },
  palette: Palette,
): void {
  const columns = Math.max(1, Math.round(width));
  const spentAt = new Float64Array(columns);
  for (let row = 0; row < tree.rows; row += 1) {
    const usd = tree.cost[row] ?? Number.NaN;
    if (!(usd > 0)) continue;
    const at = columnOf(tree.end[row] ?? 0, tree, columns);
    spentAt[at] = (spentAt[at] ?? 0) + usd;
  }
  const whole = spentAt.reduce((sum, usd) => sum + usd, 0);
  if (whole <= 0) return;
  const bottom = top + lanePx - 2;
  const perUsd = (lanePx - 4) / whole;
  let spent = 0;
  context.beginPath();
  context.moveTo(0, bottom);
  for (const [x, usd] of spentAt.entries()) {
    if (usd === 0) continue;
    context.lineTo(x, bottom - spent * perUsd);
    spent += usd;
    context.lineTo(x, bottom - spent * perUsd);
  }
  context.lineTo(width, bottom - spent * perUsd);
  context.strokeStyle = palette['text-2'];
  context.lineWidth = 1.5;
  context.stroke();
  paintLaneLabel(context, `cost ${formatUsd(whole)}`, { bottom, width }, palette);
}

// How many spans were at work at once.
function paintAtWork(
  context: CanvasRenderingContext2D,
  tree: SpanTree,
  { top, width }: { top: number; width: number },
  palette: Palette,
): void {
  const counts = atWork(tree, Math.max(1, Math.round(width)));
  const most = counts.reduce((max, count) => Math.max(max, count), 1);
  const bottom = top + lanePx - 2;
  const perSpan = (lanePx - 4) / most;
  context.fillStyle = palette['text-3'];
  context.globalAlpha = 0.6;
  for (const [x, count] of counts.entries()) context.fillRect(x, bottom - count * perSpan, 1, count * perSpan);
  context.globalAlpha = 1;
  paintLaneLabel(context, `up to ${Number(most.toPrecision(2))} at once`, { bottom, width }, palette);
}

function paintLaneLabel(
  context: CanvasRenderingContext2D,
  label: string,
  { bottom, width }: { bottom: number; width: number },
  palette: Palette,
): void {
  context.font = laneFont;
  context.textBaseline = 'bottom';
  context.textAlign = 'right';
  context.fillStyle = palette['text-2'];
  context.strokeStyle = palette.page;
  context.lineWidth = 5;
  context.strokeText(label, width - 4, bottom + 1); // what is drawn ends where the words begin
  context.fillText(label, width - 4, bottom + 1);
  context.textAlign = 'left';
}

const columnOf = (ns: number, tree: SpanTree, columns: number): number =>
  Math.min(columns - 1, Math.floor((ns / Math.max(tree.totalNs, 1)) * columns));

// Per lane the kind plus one of the span at each pixel column; 0 where nothing ran.
function laneKinds(tree: SpanTree, columns: number): Uint8Array[] {
  const lanes = Array.from({ length: lanesMax }, () => new Uint8Array(columns));
  let deepest = 0;
  for (let row = 0; row < tree.rows; row += 1) {
    const depth = tree.depth[row] ?? 0;
    const lane = lanes[depth];
    if (!lane) continue;
    deepest = Math.max(deepest, depth);
    const from = columnOf(tree.start[row] ?? 0, tree, columns);
    const to = columnOf(tree.end[row] ?? 0, tree, columns);
    // Most spans of a large trace are narrower than a pixel.
    if (from === to) lane[from] = (tree.kind[row] ?? 0) + 1;
    else lane.fill((tree.kind[row] ?? 0) + 1, from, to + 1);
  }
  return lanes.slice(0, deepest + 1);
}

function errorColumns(tree: SpanTree, columns: number): Uint8Array {
  const marks = new Uint8Array(columns);
  for (let row = 0; row < tree.rows; row += 1) {
    if ((tree.flags[row] ?? 0) & flagError) marks[columnOf(tree.end[row] ?? 0, tree, columns)] = 1;
  }
  return marks;
}

function eachRun(values: Uint8Array, visit: (from: number, to: number, value: number) => void): void {
  let from = 0;
  for (let at = 1; at <= values.length; at += 1) {
    if (at < values.length && values[at] === values[from]) continue;
    if (values[from]) visit(from, at, values[from] ?? 0);
    from = at;
  }
}
