// What the text of a query becomes when a suggestion is taken, and which mistakes are worth showing while one types.
import type { Mistake, Suggestions } from '../../../api/types';
import { writtenKey, writtenValue } from '../../../base/query_text';
import { utf16At } from '../../../base/utf8';

export type Edit = { text: string; caret: number };

// The sign that the field's example has: ":" of "kind:llm", ">" of "duration>2s".
const signOf = (field: string, example: string): string => /^[:<>=]+/.exec(example.slice(field.length))?.[0] ?? '';

function insertionOf(suggestions: Suggestions, index: number, before: string): string {
  if (suggestions.wanted === 'field') {
    const field = suggestions.data[index];
    if (!field) return '';
    if (/(^|[\s(-])has[:=]$/i.test(before)) return `${field.value} `;
    return field.value.endsWith('.') ? field.value : field.value + signOf(field.value, field.example);
  }
  const value = suggestions.data[index]?.value ?? '';
  return suggestions.wanted === 'key' ? `${writtenKey(value)}:` : `${writtenValue(value)} `;
}

export function takeSuggestion(text: string, suggestions: Suggestions, index: number): Edit {
  const before = text.slice(0, utf16At(text, suggestions.replace.begin));
  const behind = text.slice(utf16At(text, suggestions.replace.end));
  const inserted = insertionOf(suggestions, index, before);
  const rest = inserted.endsWith(' ') ? behind.replace(/^ /, '') : behind;
  return { text: before + inserted + rest, caret: before.length + inserted.length };
}

// Whether something half-typed stands at the caret that a suggestion would end.
export function isHalfTyped(text: string, suggestions: Suggestions): boolean {
  const { begin, end } = suggestions.replace;
  const typed = text.slice(utf16At(text, begin), utf16At(text, end));
  return typed !== '' && suggestions.data.length > 0 && suggestions.data.every(({ value }) => value !== typed);
}

export type Piece = { text: string; wrong: boolean };

// The text in pieces, in order; mistakes may lie in each other, and one at the end of the text has no character.
export function piecesOf(text: string, mistakes: readonly Mistake[]): Piece[] {
  const wrong = new Array<boolean>(text.length).fill(false);
  for (const { begin, end } of mistakes) wrong.fill(true, utf16At(text, begin), utf16At(text, end));
  const pieces: Piece[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const last = pieces.at(-1);
    if (last && last.wrong === wrong[i]) last.text += text[i];
    else pieces.push({ text: text[i] ?? '', wrong: wrong[i] ?? false });
  }
  return pieces;
}
