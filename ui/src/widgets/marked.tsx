import type { ReactNode } from 'react';

// The text with what the pattern finds as <mark>. REQUIRES: the pattern is global and matches no empty text.
export function marked(text: string, pattern: RegExp | null): ReactNode {
  if (!pattern) return text;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const found of text.matchAll(pattern)) {
    parts.push(text.slice(at, found.index), <mark key={found.index}>{found[0]}</mark>);
    at = found.index + found[0].length;
  }
  parts.push(text.slice(at));
  return parts;
}

const wordsMax = 24;
const letters = /[\p{L}\p{N}]{3,}/gu;
// Too frequent to tell anything.
const plainWords = new Set(
  'the and for are was not you with can how what when where who why does from that this have has'.split(' '),
);

// The words of a question, wherever they begin a word of a text.
export function wordsPattern(query: string | null): RegExp | null {
  const words = new Set((query?.toLowerCase().match(letters) ?? []).filter((word) => !plainWords.has(word)));
  if (words.size === 0) return null;
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${[...words].slice(0, wordsMax).join('|')})[\\p{L}\\p{N}]*`, 'giu');
}
