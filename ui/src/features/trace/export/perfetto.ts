// A trace as Chrome's trace event JSON, which Perfetto and chrome://tracing open: a complete event ("X") a span. Events of
// one track have to lie inside each other; what runs beside its siblings gets a track of its own.
import { flagError, kindOf, nameOf, type SpanTree } from '../model/span_tree';

const perPart = 5000;

type Track = number[]; // rows of the spans that are open on it, the innermost last

// The innermost that is open then; undefined: none is.
function openAt(tree: SpanTree, track: Track, ns: number): number | undefined {
  while (track.length > 0 && (tree.end[track.at(-1) ?? 0] ?? 0) <= ns) track.pop();
  return track.at(-1);
}

// Per row the number of its track, from 1.
export function tracksOf(tree: SpanTree): Int32Array {
  const order = Int32Array.from({ length: tree.rows }, (_, row) => row);
  order.sort((a, b) => (tree.start[a] ?? 0) - (tree.start[b] ?? 0) || (tree.end[b] ?? 0) - (tree.end[a] ?? 0) || a - b);
  const trackOf = new Int32Array(tree.rows);
  const tracks: Track[] = [];
  for (const row of order) {
    const [start, end] = [tree.start[row] ?? 0, tree.end[row] ?? 0];
    const parent = tree.parent[row] ?? -1;
    const ofParent = tracks[(trackOf[parent] ?? 0) - 1];
    const isInside = ofParent && openAt(tree, ofParent, start) === parent && (tree.end[parent] ?? 0) >= end;
    let track = isInside ? ofParent : tracks.find((other) => openAt(tree, other, start) === undefined);
    if (!track) {
      track = [];
      tracks.push(track);
    }
    track.push(row);
    trackOf[row] = tracks.indexOf(track) + 1;
  }
  return trackOf;
}

const micros = (ns: number): number => ns / 1000;

function eventOf(tree: SpanTree, row: number, track: number): string {
  const [start, end] = [tree.start[row] ?? 0, tree.end[row] ?? 0];
  const [tokens, usd] = [tree.tokens[row] ?? Number.NaN, tree.cost[row] ?? Number.NaN];
  return JSON.stringify({
    name: nameOf(tree, row) || '(no name)',
    cat: kindOf(tree, row).toLowerCase(),
    ph: 'X',
    ts: micros(start),
    dur: micros(end - start),
    pid: 1,
    tid: track,
    args: {
      span_id: tree.idOf(row),
      ...((tree.flags[row] ?? 0) & flagError ? { status: 'error' } : {}),
      ...(Number.isNaN(tokens) ? {} : { tokens }),
      ...(Number.isNaN(usd) ? {} : { cost_usd: usd }),
    },
  });
}

// In parts, so that one of 500,000 spans is not one string.
export function perfettoParts(name: string, traceId: string, tree: SpanTree): string[] {
  const tracks = tracksOf(tree);
  const head = { name: 'process_name', ph: 'M', pid: 1, args: { name: `${name || '(no name)'} ${traceId}` } };
  const parts = [`{"displayTimeUnit":"ms","traceEvents":[${JSON.stringify(head)}`];
  for (let from = 0; from < tree.rows; from += perPart) {
    let part = '';
    for (let row = from; row < Math.min(tree.rows, from + perPart); row += 1)
      part += `,\n${eventOf(tree, row, tracks[row] ?? 1)}`;
    parts.push(part);
  }
  return [...parts, ']}\n'];
}
