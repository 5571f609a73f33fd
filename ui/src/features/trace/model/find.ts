// Finds a text in all that the spans of a whole tree say: names, ids, attributes, events, log records. Read once a
// trace, at the first search.
import type { Span } from '../../../api/types';
import type { SpanTree } from './span_tree';

const texts = new WeakMap<SpanTree, string[]>();

function collect(value: unknown, into: string[]): void {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') into.push(String(value));
  else if (Array.isArray(value)) for (const item of value) collect(item, into);
  else {
    for (const [key, item] of Object.entries(value)) {
      into.push(key);
      collect(item, into);
    }
  }
}

// What is derived stands in the attributes too, but for what log records fill.
function textOf(span: Span): string {
  const parts: string[] = [span.name, span.span_id, span.kind, span.status.message ?? ''];
  for (const value of [span.attributes, span.events, span.logs, span.exception]) collect(value, parts);
  return parts.join('\n').toLowerCase();
}

export function findRows(tree: SpanTree, words: string): number[] {
  const wanted = words.trim().toLowerCase();
  if (wanted === '') return [];
  let all = texts.get(tree);
  if (!all) {
    all = tree.spans.map((span) => (span ? textOf(span) : ''));
    texts.set(tree, all);
  }
  const rows: number[] = [];
  for (const [row, text] of all.entries()) if (text.includes(wanted)) rows.push(row);
  return rows;
}

// Of sorted rows the one after (step 1) or before (-1) the row, going round; -1 when there is none.
export function rowBeside(rows: readonly number[], row: number, step: 1 | -1): number {
  if (rows.length === 0) return -1;
  if (step === 1) return rows.find((other) => other > row) ?? rows[0] ?? -1;
  return rows.findLast((other) => other < row) ?? rows.at(-1) ?? -1;
}
