// How wide the columns of the lists are, and which of them a list has room for. As they usually are, those that tell least
// go first; those that a reader has chosen all stay, and the list scrolls sideways where they do not fit.
import type { CSSProperties } from 'react';
import { columnsOf, type Listing, type ListOf } from '../../../base/listing';

// In a wide list, a middle one and that of a phone: the width in px, or the least one where it `grows` by that share of
// what is left.
type Px = number | readonly [number, number, number];
export type Column = { label: string; number?: boolean; px: Px; grows?: number };

const common: Record<string, Column> = {
  start: { label: 'Start', px: [100, 100, 92] },
  name: { label: 'Name', px: [148, 140, 132], grows: 1 },
  // A wide list draws it too: .meter in list.module.css.
  duration: { label: 'Duration', number: true, px: [104, 64, 56] },
  tokens: { label: 'Tokens in → out', number: true, px: 96 },
  cost: { label: 'Cost', number: true, px: 76 },
  input: { label: 'Input', px: 136, grows: 1.4 },
  found: { label: 'Found in', px: 136, grows: 1.4 },
  output: { label: 'Output', px: 136, grows: 1.4 },
  service: { label: 'Service', px: 84 },
  status: { label: 'Status', px: [76, 76, 44] },
  user: { label: 'User', px: 120 },
  trace: { label: 'Trace id', px: 244 },
};

export const columns: Record<ListOf, Record<string, Column>> = {
  traces: {
    ...common,
    spans: { label: 'Spans', number: true, px: 44 },
    errors: { label: 'Errors', number: true, px: [44, 44, 40] },
    session: { label: 'Session / user', px: 96 },
    models: { label: 'Models', px: 120 },
  },
  spans: {
    ...common,
    model: { label: 'Model', px: 100 },
    provider: { label: 'Provider', px: 80 },
    finish: { label: 'Finish reason', px: 88 },
    session: { label: 'Session', px: 96 },
  },
  calls: {
    ...common,
    name: { label: 'Name', px: 110, grows: 1 },
    duration: { label: 'Duration', number: true, px: 56 },
    model: { label: 'Model', px: 104 },
    provider: { label: 'Provider', px: 76 },
    'tokens.prompt': { label: 'Tokens in', number: true, px: 54 },
    'tokens.cache_read': { label: 'Cached', number: true, px: 50 },
    'tokens.completion': { label: 'Tokens out', number: true, px: 60 },
    cost: { label: 'Cost', number: true, px: 72 },
    first_token: { label: 'First token', number: true, px: 62 },
    finish_reason: { label: 'Finish', px: 66 },
    input: { label: 'Prompt', px: 160, grows: 1.4 },
    found: { label: 'Found in', px: 160, grows: 1.4 },
    output: { label: 'Answer', px: 160, grows: 1.4 },
    session: { label: 'Session', px: 96 },
  },
};

// The first to go stands first; those that are not here never do.
const leaving: Record<ListOf, readonly string[]> = {
  traces: ['session', 'service', 'spans', 'output', 'tokens', 'input', 'cost'],
  spans: ['service', 'model', 'output', 'tokens', 'input', 'cost'],
  calls: [
    'provider',
    'finish_reason',
    'tokens.cache_read',
    'first_token',
    'output',
    'model',
    'tokens.completion',
    'tokens.prompt',
    'input',
    'cost',
  ],
};

const middlePx = 900;
const phonePx = 480;
const sidePx = 12;

function pxIn(listPx: number, px: Px): number {
  if (typeof px === 'number') return px;
  return px[listPx > middlePx ? 0 : listPx > phonePx ? 1 : 2];
}

function gapPx(of: ListOf, listPx: number): number {
  if (listPx <= phonePx) return 8;
  return of === 'calls' ? 10 : 12;
}

function leastPx(of: ListOf, ids: readonly string[], listPx: number): number {
  const widths = ids.map((id) => pxIn(listPx, columns[of][id]?.px ?? 0));
  return widths.reduce((sum, px) => sum + px, 2 * sidePx + (ids.length - 1) * gapPx(of, listPx));
}

// The columns that a list of this width shows.
export function columnsIn(listPx: number, listing: Pick<Listing, 'of' | 'cols'>): readonly string[] {
  const { of, cols } = listing;
  let shown = columnsOf(listing);
  if (cols !== undefined) return shown;
  for (const id of leaving[of]) {
    if (leastPx(of, shown, listPx) <= listPx) break;
    shown = shown.filter((other) => other !== id);
  }
  return shown;
}

// The tracks of the rows' grid. On the narrowest screens, where nothing is left to leave, the usual columns give way.
export function trackStyle(
  listing: Pick<Listing, 'of' | 'cols'>,
  ids: readonly string[],
  listPx: number,
): CSSProperties {
  const { of, cols } = listing;
  const yields = cols === undefined && listPx <= phonePx;
  const tracks = ids.map((id) => {
    const { px = 0, grows } = columns[of][id] ?? {};
    const least = yields && grows ? 0 : pxIn(listPx, px);
    return grows ? `minmax(${least}px, ${grows}fr)` : `${least}px`;
  });
  return {
    '--columns': tracks.join(' '),
    '--gap': `${gapPx(of, listPx)}px`,
    '--least': `${leastPx(of, ids, listPx)}px`,
  } as CSSProperties;
}
