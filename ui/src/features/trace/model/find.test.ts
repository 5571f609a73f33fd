import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { findRows, rowBeside } from './find';
import { buildSpanTree } from './span_tree';

const spans = ['a', 'b', 'c'].map((id, index) => makeSpan({ id, start: index, duration: 1 }));
if (spans[1]) spans[1].attributes = { 'http.url': 'Https://X', nested: [{ deep: 'needle "quoted"' }] };
if (spans[2]) spans[2].events = [{ name: 'NEEDLE', time_unix_ns: '0', attributes: {} }];
const tree = buildSpanTree(spans);

it('finds in keys, values and events, whatever the case', () => {
  expect(findRows(tree, 'needle')).toEqual([1, 2]);
  expect(findRows(tree, 'HTTP.url')).toEqual([1]);
  expect(findRows(tree, 'needle "quoted"')).toEqual([1]);
  expect(findRows(tree, ' ')).toEqual([]);
  expect(findRows(tree, 'absent')).toEqual([]);
});

it('goes round', () => {
  expect(rowBeside([1, 4], 1, 1)).toBe(4);
  expect(rowBeside([1, 4], 4, 1)).toBe(1);
  expect(rowBeside([1, 4], 3, -1)).toBe(1);
  expect(rowBeside([1, 4], 1, -1)).toBe(4);
  expect(rowBeside([], 1, 1)).toBe(-1);
});
