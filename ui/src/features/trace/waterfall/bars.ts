// Paints the bars of the visible rows, and the ruler above them. A bar is solid where the span itself worked and
// tinted where one of its children ran.
import type { Usual } from '../../../api/trace_sql';
import { formatDuration, formatTokens, plural } from '../../../base/format';
import { type CriticalPath, eachSegment } from '../model/critical_path';
import { rulerLabel } from '../model/ruler_label';
import { type GroupSummary, groupNote } from '../model/sibling_groups';
import { childIntervals, flagError, flagOpen, hasChildren, type SpanTree, tokensPerSecond } from '../model/span_tree';
import { type TimeWindow, tickStep } from '../model/time_window';
import type { VisibleRows } from '../model/visible_rows';
import type { Palette } from './palette';
import type { RowShape } from './row_shape';
import type { Surface } from './surface';

const barPx = 12;
const barMinPx = 2;
const labelGapPx = 6;
const tickEveryPx = 80;
// Kept free right of the time axis, so that a bar that reaches its end still has room for its label.
const labelRoomPx = 80;
const fadePx = 28; // of the end of a bar that still grows
const childTint = 0.45;
const dimmed = 0.28;
const usualPx = 3; // above the selected row's bar
const insidePx = 5; // of a folded row's bar, where its children are drawn
const tintLevels = 4;
const labelFont = '11px "Inter Variable", system-ui, sans-serif';

type GroupRow = { first: number; group: GroupSummary };

export type BarScene = {
  tree: SpanTree;
  rows: VisibleRows;
  window: TimeWindow;
  scrollTop: number;
  selectedRow: number;
  path: CriticalPath | null;
  usual: Usual | null; // of the selected row
  marks: Uint8Array | null; // rows that are not marked are dimmed; null: none is
  brush: { fromPx: number; toPx: number; measures: boolean } | null;
  palette: Palette;
  shape: RowShape;
};

export const axisPx = (laneWidth: number): number => Math.max(1, laneWidth - labelRoomPx);

function eachTick(window: TimeWindow, width: number, visit: (x: number, ns: number, stepNs: number) => void): void {
  const perNs = axisPx(width) / (window.to - window.from);
  const step = tickStep(window.to - window.from, axisPx(width) / tickEveryPx);
  for (let ns = Math.ceil(window.from / step) * step; ns <= window.to; ns += step) {
    visit(Math.round((ns - window.from) * perNs), ns, step);
  }
}

export function paintRuler(surface: Surface, window: TimeWindow, palette: Palette): void {
  const { context, width, height } = surface;
  context.font = labelFont;
  context.textBaseline = 'middle';
  eachTick(window, width, (x, ns, stepNs) => {
    context.fillStyle = palette.line;
    context.fillRect(x, 0, 1, height);
    context.fillStyle = palette['text-2'];
    context.fillText(rulerLabel(ns, stepNs), x + 5, height / 2);
  });
}

export function paintBars(surface: Surface, scene: BarScene): void {
  const { context, width, height } = surface;
  const { rows, scrollTop, brush, palette, shape } = scene;
  context.fillStyle = palette.line;
  // Below names there is no room for them.
  if (!shape.isStacked) eachTick(scene.window, width, (x) => context.fillRect(x, 0, 1, height));
  context.font = labelFont;
  context.textBaseline = 'middle';
  const first = Math.floor(scrollTop / shape.px);
  const last = Math.min(rows.count - 1, Math.floor((scrollTop + height) / shape.px));
  for (let index = first; index <= last; index += 1) {
    const row = rows.rowAt(index);
    const group = rows.groupAt(row);
    context.globalAlpha = scene.marks && !rows.isMarked(scene.marks, index) ? dimmed : 1;
    if (group) paintGroup(surface, scene, { first: row, group }, index * shape.px - scrollTop);
    else paintBar(surface, scene, row, index * shape.px - scrollTop);
  }
  context.globalAlpha = 1;
  if (brush) {
    context.fillStyle = palette.accent;
    context.globalAlpha = 0.16;
    context.fillRect(brush.fromPx, 0, brush.toPx - brush.fromPx, height);
    context.globalAlpha = 1;
    context.fillRect(brush.fromPx, 0, 1, height);
    context.fillRect(brush.toPx, 0, 1, height);
    if (brush.measures) paintMeasure(surface, scene, brush);
  }
}

function paintMeasure(
  { context, width }: Surface,
  { window, palette }: BarScene,
  { fromPx, toPx }: { fromPx: number; toPx: number },
): void {
  const label = formatDuration(((toPx - fromPx) / axisPx(width)) * (window.to - window.from));
  const size = context.measureText(label).width;
  const x = Math.min(Math.max(4, (fromPx + toPx - size) / 2), width - size - 4);
  context.fillStyle = palette.page;
  context.fillRect(x - 4, 4, size + 8, 18);
  context.fillStyle = palette.text;
  context.fillText(label, x, 13);
}

function paintBar(surface: Surface, scene: BarScene, row: number, top: number): void {
  const { context, width } = surface;
  const { tree, window, palette } = scene;
  const scale = axisPx(width) / (window.to - window.from);
  const left = ((tree.start[row] ?? 0) - window.from) * scale;
  const right = Math.max(left + barMinPx, ((tree.end[row] ?? 0) - window.from) * scale);
  const y = top + scene.shape.barMiddle - barPx / 2;
  if (right < 0 || left > width) {
    paintElsewhere(surface, right < 0, top + scene.shape.barMiddle, palette['text-3']);
    return;
  }
  const shownLeft = Math.max(0, left);
  const shownRight = Math.min(width, right);
  const failed = ((tree.flags[row] ?? 0) & flagError) !== 0;
  context.fillStyle = palette.kind[tree.kind[row] ?? 0] ?? palette.text;
  const box = { left: shownLeft, right: shownRight, y, scale };
  if (hasChildren(tree, row)) paintSelfTime(context, scene, row, box);
  else context.fillRect(shownLeft, y, shownRight - shownLeft, barPx);
  if (scene.rows.isCollapsed(row) && hasChildren(tree, row)) paintInside(context, scene, row, box);
  const open = ((tree.flags[row] ?? 0) & flagOpen) !== 0;
  if (open) fadeEnd(context, { left: shownLeft, right: shownRight, y });
  paintFirstToken(surface, scene, row, y);

  paintPath(surface, scene, row, y + barPx + 2);
  if (row === scene.selectedRow) paintUsual(surface, scene, row, y - usualPx - 2);
  if (failed || row === scene.selectedRow) {
    context.strokeStyle = failed ? palette.error : palette.text;
    context.lineWidth = failed ? 2 : 1;
    context.strokeRect(shownLeft - 1, y - 1, shownRight - shownLeft + 2, barPx + 2);
  }
  const label = [
    formatDuration((tree.end[row] ?? 0) - (tree.start[row] ?? 0)),
    open ? ' so far' : '',
    rateText(tree, row),
    failed ? ' error' : '',
  ].join('');
  paintLabel(surface, scene, label, {
    left: shownLeft,
    right: shownRight,
    middle: top + scene.shape.barMiddle,
    colour: failed ? palette.error : palette['text-2'],
  });
}

function rateText(tree: SpanTree, row: number): string {
  const rate = tokensPerSecond(tree, row);
  return rate === null ? '' : `, ${formatTokens(Math.round(rate))} tok/s`;
}

// Open to the right: what comes next is not known.
function fadeEnd(
  context: CanvasRenderingContext2D,
  { left, right, y }: { left: number; right: number; y: number },
): void {
  const from = Math.max(left, right - fadePx);
  const fade = context.createLinearGradient(from, 0, right, 0);
  fade.addColorStop(0, 'rgb(0 0 0 / 0)');
  fade.addColorStop(1, 'rgb(0 0 0 / 0.85)');
  context.globalCompositeOperation = 'destination-out';
  context.fillStyle = fade;
  context.fillRect(from, y, right - from, barPx);
  context.globalCompositeOperation = 'source-over';
}

// A tick where the model said its first word.
function paintFirstToken(
  { context, width }: Surface,
  { tree, window, palette }: BarScene,
  row: number,
  y: number,
): void {
  const first = tree.firstToken[row] ?? Number.NaN;
  if (Number.isNaN(first)) return;
  const x = Math.round((((tree.start[row] ?? 0) + first - window.from) / (window.to - window.from)) * axisPx(width));
  if (x < 0 || x > width) return;
  context.fillStyle = palette.page;
  context.fillRect(x - 1, y, 4, barPx);
  context.fillStyle = palette.text;
  context.fillRect(x, y - 3, 2, barPx + 6);
}

// How long such spans usually take, from where this one begins: the median strong, what 95 % stay within weak.
function paintUsual(
  { context, width }: Surface,
  { tree, usual, window, palette }: BarScene,
  row: number,
  y: number,
): void {
  if (!usual) return;
  const xAfter = (ns: number): number => {
    const x = (((tree.start[row] ?? 0) + ns - window.from) / (window.to - window.from)) * axisPx(width);
    return Math.max(0, Math.min(width, x));
  };
  const whole = context.globalAlpha;
  context.fillStyle = palette['text-2'];
  context.globalAlpha = whole * 0.35;
  context.fillRect(xAfter(0), y, xAfter(usual.p95Ns) - xAfter(0), usualPx);
  context.globalAlpha = whole;
  context.fillRect(xAfter(0), y, xAfter(usual.p50Ns) - xAfter(0), usualPx);
}

// Where any span of a folded group ran, and what is said of all of them.
function paintGroup(surface: Surface, scene: BarScene, { first, group }: GroupRow, top: number): void {
  const { context, width } = surface;
  const { tree, rows, window, palette } = scene;
  const scale = axisPx(width) / (window.to - window.from);
  const y = top + scene.shape.barMiddle - barPx / 2;
  const end = rows.groupEnd(first);
  let [firstPx, lastPx] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let paintedTo = Number.NEGATIVE_INFINITY;
  context.fillStyle = palette.kind[tree.kind[first] ?? 0] ?? palette.text;
  for (let row = first; row < end; row = tree.subtreeEnd[row] ?? end) {
    const left = ((tree.start[row] ?? 0) - window.from) * scale;
    const right = Math.max(left + barMinPx, ((tree.end[row] ?? 0) - window.from) * scale);
    firstPx = Math.min(firstPx, left);
    lastPx = Math.max(lastPx, right);
    // Members begin in order, so that what lies on painted pixels is not painted again.
    const from = Math.max(0, left, paintedTo);
    const to = Math.min(width, right);
    if (to <= from) continue;
    context.fillRect(from, y, to - from, barPx);
    paintedTo = to;
  }
  if (lastPx < 0 || firstPx > width) {
    paintElsewhere(surface, lastPx < 0, top + scene.shape.barMiddle, palette['text-3']);
    return;
  }
  const [left, right] = [Math.max(0, firstPx), Math.min(width, lastPx)];
  if (group.errors > 0 || first === scene.selectedRow) {
    context.strokeStyle = group.errors > 0 ? palette.error : palette.text;
    context.lineWidth = group.errors > 0 ? 2 : 1;
    context.strokeRect(left - 1, y - 1, right - left + 2, barPx + 2);
  }
  const colour = group.errors > 0 ? palette.error : palette['text-2'];
  const failures = group.errors > 0 ? `, ${plural(group.errors, 'error')}` : '';
  const whole = groupNote(group) + failures;
  const fits = context.measureText(whole).width + labelGapPx <= Math.max(left, width - right);
  const label = fits ? whole : `max ${formatDuration(group.maxNs)}${failures}`;
  paintLabel(surface, scene, label, { left, right, middle: top + scene.shape.barMiddle, colour });
}

// Below the bar, where the span is on the critical path.
function paintPath({ context, width }: Surface, { path, window, palette }: BarScene, row: number, y: number): void {
  const scale = axisPx(width) / (window.to - window.from);
  if (!path) return;
  context.fillStyle = palette.text;
  eachSegment(path, row, (from, to) => {
    const left = Math.max(0, (from - window.from) * scale);
    const right = Math.min(width, Math.max(left + 1, (to - window.from) * scale));
    if (right > left) context.fillRect(left, y, right - left, 2);
  });
}

// An arrow head at the edge behind which the span lies.
function paintElsewhere({ context, width }: Surface, before: boolean, middle: number, colour: string): void {
  const [tip, base] = before ? [3, 8] : [width - 3, width - 8];
  context.fillStyle = colour;
  context.beginPath();
  context.moveTo(tip, middle);
  context.lineTo(base, middle - 4);
  context.lineTo(base, middle + 4);
  context.fill();
}

type Box = { left: number; right: number; y: number; scale: number };

// Share of each pixel column covered by children, drawn as runs of equal tint: right for one child and for 100,000.
function paintSelfTime(context: CanvasRenderingContext2D, scene: BarScene, row: number, box: Box): void {
  const columns = Math.ceil(box.right - box.left);
  const whole = context.globalAlpha;
  const covered = new Float32Array(columns + 1);
  childIntervals(scene.tree, row, (fromNs, toNs) => {
    const from = Math.max(0, (fromNs - scene.window.from) * box.scale - box.left);
    const to = Math.min(columns, (toNs - scene.window.from) * box.scale - box.left);
    for (let column = Math.floor(from); column < to; column += 1) {
      covered[column] = (covered[column] ?? 0) + Math.min(to, column + 1) - Math.max(from, column);
    }
    return from < columns;
  });
  const level = (column: number): number => Math.round(Math.min(1, covered[column] ?? 0) * tintLevels);
  let runStart = 0;
  for (let column = 1; column <= columns; column += 1) {
    if (column < columns && level(column) === level(runStart)) continue;
    context.globalAlpha = whole * (1 - ((1 - childTint) * level(runStart)) / tintLevels);
    const end = Math.min(box.left + column, box.right);
    context.fillRect(box.left + runStart, box.y, end - box.left - runStart, barPx);
    runStart = column;
  }
  context.globalAlpha = whole;
}

// The children of a folded row, small, in the lower half of its bar. They begin in order, so that what lies on painted
// pixels is not painted again.
function paintInside(
  context: CanvasRenderingContext2D,
  { tree, window, palette }: BarScene,
  row: number,
  box: Box,
): void {
  const top = box.y + barPx - insidePx;
  context.clearRect(box.left, top - 1, box.right - box.left, insidePx + 1);
  let paintedTo = box.left;
  for (let child = row + 1; child < (tree.subtreeEnd[row] ?? 0); child = tree.subtreeEnd[child] ?? child + 1) {
    const left = ((tree.start[child] ?? 0) - window.from) * box.scale;
    const right = Math.max(left + 1, ((tree.end[child] ?? 0) - window.from) * box.scale);
    const from = Math.max(left, paintedTo);
    const to = Math.min(right, box.right);
    if (to <= from) continue;
    context.fillStyle = palette.kind[tree.kind[child] ?? 0] ?? palette.text;
    context.fillRect(from, top, to - from, insidePx);
    paintedTo = to;
  }
}

type Label = { left: number; right: number; middle: number; colour: string };

// Right of the bar, else left of it, else on it.
function paintLabel({ context, width }: Surface, scene: BarScene, text: string, at: Label): void {
  const size = context.measureText(text).width;
  context.fillStyle = at.colour;
  if (at.right + labelGapPx + size <= width) {
    context.fillText(text, at.right + labelGapPx, at.middle);
  } else if (at.left - labelGapPx - size >= 0) {
    context.fillText(text, at.left - labelGapPx - size, at.middle);
  } else {
    context.fillStyle = scene.palette.page;
    context.fillRect(at.left + 6, at.middle - 6, size + 8, 12);
    context.fillStyle = at.colour;
    context.fillText(text, at.left + 10, at.middle);
  }
}
