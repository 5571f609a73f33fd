// Where the words of a query were found, in words.
import type { PlacedMatch } from '../../api/types';

// "input message 3, user", "tool argument search_docs in message 4, assistant", "attribute app.note". Positions count from
// 1, as pages do.
export function placeText({ place, position, role, key }: PlacedMatch): string {
  const number = position === null ? '' : place.endsWith('message') || role === null ? ` ${position + 1}` : '';
  const inMessage = position !== null && number === '' ? ` in message ${position + 1}` : '';
  return `${place}${number}${key === null ? '' : ` ${key}`}${inMessage}${role === null ? '' : `, ${role}`}`;
}

export const foundText = ({ before, found, after }: PlacedMatch): string => `${before}${found}${after}`;

const nearChars = 12;

// What stands right before the words, from a word's beginning on, so that they are seen where little room is.
export function nearBefore(before: string): string {
  if (before.length <= nearChars) return before;
  const near = before.slice(-nearChars);
  return `…${near.slice(near.indexOf(' ') + 1)}`;
}
