import { expect, it } from 'vitest';
import type { Suggestions } from '../../../api/types';
import { isHalfTyped, piecesOf, takeSuggestion } from './completion';

const field = (value: string, example: string, begin: number, end: number): Suggestions => ({
  wanted: 'field',
  field: null,
  data: [{ value, example, meaning: '' }],
  replace: { begin, end },
});
const value = (text: string, begin: number, end: number, wanted: 'value' | 'key' = 'value'): Suggestions => ({
  wanted,
  field: 'model',
  data: [{ value: text, count: 1 }],
  replace: { begin, end },
});

it.each([
  ['mo', field('model', 'model:gpt-4*', 0, 2), 'model:', 6],
  ['kind:llm dur', field('duration', 'duration>2s', 9, 12), 'kind:llm duration>', 18],
  ['sta', field('start', 'start>=2026-01-31', 0, 3), 'start>=', 7],
  ['attr', field('attributes.', 'attributes."http.route":/chat', 0, 4), 'attributes.', 11],
  ['has:ex', field('exception', 'exception:TimeoutError', 4, 6), 'has:exception ', 14],
  ['model:gp', value('gpt-4o', 6, 8), 'model:gpt-4o ', 13],
  ['model:gp kind:llm', value('gpt 4', 6, 8), 'model:"gpt 4" kind:llm', 14],
  ['model:"gp', value('gpt 4', 6, 9), 'model:"gpt 4" ', 14],
  ['attributes.', value('http route', 11, 11, 'key'), 'attributes."http route":', 24],
  // é has two bytes: byte 8 is the third character of the value.
  ['name:é mod', field('model', 'model:gpt-4*', 8, 11), 'name:é model:', 13],
])('takes a suggestion for %j', (text, suggestions, after, caret) => {
  expect(takeSuggestion(text, suggestions, 0)).toEqual({ text: after, caret });
});

it('knows what is half-typed', () => {
  expect(isHalfTyped('model:gp', value('gpt-4o', 6, 8))).toBe(true);
  expect(isHalfTyped('model:gpt-4o', value('gpt-4o', 6, 12))).toBe(false);
  expect(isHalfTyped('model:', value('gpt-4o', 6, 6))).toBe(false);
  expect(isHalfTyped('refund', { ...value('', 0, 6), data: [] })).toBe(false);
});

it('marks mistakes at their place, counted in bytes', () => {
  const mistake = (begin: number, end: number) => ({ begin, end, message: '' });
  expect(piecesOf('é bogus:x', [mistake(3, 8)])).toEqual([
    { text: 'é ', wrong: false },
    { text: 'bogus', wrong: true },
    { text: ':x', wrong: false },
  ]);
  expect(piecesOf('a(b', [mistake(1, 3), mistake(1, 2), mistake(3, 3)])).toEqual([
    { text: 'a', wrong: false },
    { text: '(b', wrong: true },
  ]);
  expect(piecesOf('', [mistake(0, 0)])).toEqual([]);
});
