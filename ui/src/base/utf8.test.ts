import { expect, it } from 'vitest';
import { byteAt, utf16At } from './utf8';

// Bytes: a 1, é 2, € 3, 😀 4 (two units of UTF-16).
const text = 'aé€😀b';

it.each([
  [0, 0],
  [1, 1],
  [3, 2],
  [6, 3],
  [10, 5],
  [11, 6],
])('byte %i is unit %i, and back', (byte, unit) => {
  expect(utf16At(text, byte)).toBe(unit);
  expect(byteAt(text, unit)).toBe(byte);
});

it('takes a byte inside a character for its beginning', () => {
  expect(utf16At(text, 2)).toBe(1);
  expect(utf16At(text, 8)).toBe(3);
});

it('ends at the end', () => {
  expect(utf16At(text, 99)).toBe(6);
  expect(utf16At('', 3)).toBe(0);
});

it('counts half a surrogate pair as the replacement character that is sent for it', () => {
  expect(byteAt('\ud83d', 1)).toBe(3);
});
