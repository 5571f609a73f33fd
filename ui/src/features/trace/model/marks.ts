// Which rows a reader looks for: by words, by kind, or both.
import { kinds } from '../../../base/kinds';
import type { SpanTree } from './span_tree';

export type Marks = {
  flags: Uint8Array | null; // 1 per row that is looked for; null: nothing is
  rows: readonly number[]; // those, ascending
};

const nothing: Marks = { flags: null, rows: [] };

// `found`: by words; null: no words are looked for. `wanted`: indexes of kinds; none: of any kind.
export function marksOf(tree: SpanTree, found: readonly number[] | null, wanted: ReadonlySet<number>): Marks {
  if (found === null && wanted.size === 0) return nothing;
  const isWanted = (row: number): boolean => wanted.size === 0 || wanted.has(tree.kind[row] ?? -1);
  const flags = new Uint8Array(tree.rows);
  const rows: number[] = [];
  const mark = (row: number) => {
    if (!isWanted(row)) return;
    flags[row] = 1;
    rows.push(row);
  };
  if (found) for (const row of found) mark(row);
  else for (let row = 0; row < tree.rows; row += 1) mark(row);
  return { flags, rows };
}

export type KindCount = { kind: number; count: number };

// The kinds that the trace has, in their order.
export function kindsIn(tree: SpanTree): KindCount[] {
  const counts = new Int32Array(kinds.length);
  for (let row = 0; row < tree.rows; row += 1) {
    const kind = tree.kind[row] ?? 0;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return Array.from(counts, (count, kind) => ({ kind, count })).filter(({ count }) => count > 0);
}

const oneField =
  'kind|name|status(?:\\.message)?|exception(?:\\.message)?|model|provider|operation|finish_reason|tool|agent|' +
  'prompt(?:\\.version)?|user|session|service|dialect|tag|duration|first_token|cost|tokens(?:\\.\\w+)?|start|end|' +
  'parent|span|has|(?:attributes|resource|metadata|score|annotation)\\.[\\w."-]+';
const condition = new RegExp(`(?:^|[\\s(-])(?:(?:${oneField})(?:!=|[:=<>~])(?=\\S)|within\\()`, 'i');

// Whether the text is a question in the query language rather than words: it names a field and what that is to be.
export const asksByField = (text: string): boolean => condition.test(text);
