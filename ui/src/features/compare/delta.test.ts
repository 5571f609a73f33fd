import { expect, it } from 'vitest';
import { formatDuration, formatUsd } from '../../base/format';
import { deltaOf } from './delta';

it.each([
  [1e9, 1.5e9, '+500ms'],
  [1.5e9, 1e9, '−500ms'],
  [5, 5, '='],
  [null, 5, '-'],
  [5, null, '-'],
])('from %j to %j is %s', (a, b, text) => {
  expect(deltaOf(a, b, formatDuration)).toBe(text);
});

it('takes sums that differ in their last bits for the same', () => {
  expect(deltaOf(0.3, 0.1 + 0.2, formatUsd)).toBe('=');
  expect(deltaOf(0.0301, 0.0201, formatUsd)).toBe('−$0.0100');
});
