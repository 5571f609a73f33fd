import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { buildSpanTree } from '../model/span_tree';
import { stretchesOf, stretchOfRow } from './stretches';

const tree = buildSpanTree([
  makeSpan({ id: 'root', start: 0, duration: 100, failed: true }),
  makeSpan({ id: 'a', parent: 'root', start: 10, duration: 5 }),
  makeSpan({ id: 'b', parent: 'root', start: 10, duration: 4, failed: true }),
  makeSpan({ id: 'c', parent: 'root', start: 40, duration: 5 }),
]);

it('cuts where time goes on, and leaves no time out', () => {
  const stretches = stretchesOf(tree, 2);
  expect(stretches.map(({ fromNs, toNs }) => [fromNs, toNs])).toEqual([
    [Number.NEGATIVE_INFINITY, 14],
    [14, 100],
    [100, Number.POSITIVE_INFINITY],
  ]);
  expect(
    stretches.map(({ moments }) => moments.map(({ row, fails }) => `${tree.idOf(row)}${fails ? '!' : ''}`)),
  ).toEqual([['root', 'a', 'b'], ['b!', 'c'], ['root!']]);
});

it('knows where a span begins', () => {
  const stretches = stretchesOf(tree, 2);
  expect([0, 1, 3].map((row) => stretchOfRow(tree, stretches, row))).toEqual([0, 0, 1]);
});
