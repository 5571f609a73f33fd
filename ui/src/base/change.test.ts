import { expect, it } from 'vitest';
import { changeOf, changeText } from './change';

it.each([
  [112, 100, '+12 %'],
  [80, 100, '−20 %'],
  [1000, 100, '10 times'],
  [100.2, 100, 'as before'],
  [3, 0, 'new'],
  [0, 3, 'gone'],
  [0, 0, '-'],
  [null, 3, '-'],
  [3, null, '-'],
])('%j after %j is %s', (now, before, text) => {
  expect(changeText(now, before)).toBe(text);
});

it('notes changes of a fifth and more', () => {
  expect(changeOf(119, 100)?.isNotable).toBe(false);
  expect(changeOf(121, 100)?.isNotable).toBe(true);
});
