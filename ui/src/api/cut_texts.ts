// Long texts of spans come cut to their beginning, and are fetched by ranges (docs/guide/api.md, text_max).
import { ask, pathOf } from './client';
import type { Span } from './types';

// Of a text that is shown at first, and of each further range.
export const textBytes = 64 * 1024;

export type Cut = { path: string; bytes: number };

export type SpanAddress = Pick<Span, 'project' | 'trace_id' | 'span_id'>;

export type TextRange = { offset: number; text: string; next_offset: number | null; found?: number | null };

const cutsOfSpan = new WeakMap<Span, ReadonlyMap<string, Cut>>();

// What is missing of the texts of a span, by what is there of them.
export const cutsOf = (span: Span): ReadonlyMap<string, Cut> | undefined => cutsOfSpan.get(span);

// Whether two texts of a span are one text, as far as they are here.
export function saysTheSame(span: Span, one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'string' || typeof other !== 'string') return false;
  const bytes = cutsOf(span)?.get(one)?.bytes;
  if (bytes === undefined || bytes !== cutsOf(span)?.get(other)?.bytes) return false;
  return one.startsWith(other) || other.startsWith(one);
}

type Holder = Record<string, unknown>;

function longTexts(value: unknown, into: Set<string>): Set<string> {
  if (typeof value === 'string' && value.length * 4 > textBytes) into.add(value);
  else if (typeof value === 'object' && value !== null) for (const item of Object.values(value)) longTexts(item, into);
  return into;
}

function holderOf(span: Span, path: string): [Holder, string] | null {
  const steps = path
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let at: unknown = span;
  for (const step of steps) at = (at as Holder | undefined)?.[step];
  return typeof at === 'object' && at !== null && typeof (at as Holder)[last] === 'string'
    ? [at as Holder, last]
    : null;
}

// Makes what is there of each cut text different from every other text of the span, by a few characters less of it, so
// that the text alone tells what it is the beginning of.
export function tellCutsApart(span: Span): Span {
  const cuts = span.cut ?? [];
  if (cuts.length === 0) return span;
  const taken = longTexts(span, new Set());
  const known = new Map<string, Cut>();
  for (const cut of cuts) {
    const holder = holderOf(span, cut.path);
    if (!holder) continue;
    const [object, key] = holder;
    let text = String(object[key]);
    do text = text.slice(0, -1);
    while (taken.has(text));
    taken.add(text);
    object[key] = text;
    known.set(text, cut);
  }
  cutsOfSpan.set(span, known);
  return span;
}

const contentPath = (
  { project, trace_id: trace, span_id: span }: SpanAddress,
  params: Record<string, string>,
): string => `${pathOf(project)}/traces/${trace}/spans/${span}/content?${new URLSearchParams(params)}`;

export const downloadPath = (span: SpanAddress, path: string): string => contentPath(span, { path, download: 'true' });

// The range with this number: ranges follow each other without a gap.
export const rangeQuery = (span: SpanAddress, path: string, number: number) => ({
  queryKey: ['text-range', span.project, span.trace_id, span.span_id, path, number],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    ask<TextRange>(contentPath(span, { path, offset: String(number * textBytes), limit: String(textBytes) }), signal),
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: 10_000,
});

// Where the words occur next, from a byte on; null: nowhere.
export async function findInText(
  span: SpanAddress,
  path: string,
  { words, from }: { words: string; from: number },
  signal: AbortSignal,
): Promise<number | null> {
  const range = await ask<TextRange>(
    contentPath(span, { path, find: words, offset: String(from), limit: '1' }),
    signal,
  );
  return range.found ?? null;
}

export async function wholeText(span: SpanAddress, path: string): Promise<string> {
  const response = await fetch(downloadPath(span, path));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.text();
}
