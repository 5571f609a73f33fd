// How a list is asked of the server, which knows traces and spans. Calls of models are spans of a kind: what the reader asks
// of them stands in brackets behind that condition.
import type { Listing, ListOf } from './listing';

const callsOnly = 'kind:llm';
const opening = `${callsOnly} (`;

export const grainOf = (of: ListOf): Exclude<ListOf, 'calls'> => (of === 'calls' ? 'spans' : of);

// Whether each bracket that the text opens is closed in it, and none besides.
function isClosed(q: string): boolean {
  let depth = 0;
  for (const bracket of q.replaceAll(/"(?:\\.|[^"\\])*"?/g, '').match(/[()]/g) ?? []) {
    depth += bracket === '(' ? 1 : -1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

type Asked = Pick<Listing, 'of' | 'q'>;

// A text that would end the brackets is a mistake, and is sent as it is for the server to say so.
const isBracketed = ({ of, q }: Asked): boolean => of === 'calls' && q.trim() !== '' && isClosed(q);

export function serverQuery(asked: Asked): string {
  if (isBracketed(asked)) return `${opening}${asked.q})`;
  return asked.of === 'calls' && asked.q.trim() === '' ? callsOnly : asked.q;
}

// Where the reader's text begins in it.
export const bytesBefore = (asked: Asked): number => (isBracketed(asked) ? opening.length : 0);
