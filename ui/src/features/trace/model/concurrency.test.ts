import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { atWork, isParallel } from './concurrency';
import { buildSpanTree, type SpanTree } from './span_tree';

// Sums of parts of a column are off by a few of the last bits.
const counts = (tree: SpanTree, columns: number): number[] =>
  Array.from(atWork(tree, columns), (count) => Number(count.toFixed(9)));

it('counts what has no children, by its share of the time', () => {
  const tree = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    makeSpan({ id: 'a', parent: 'root', start: 0, duration: 50 }),
    makeSpan({ id: 'b', parent: 'root', start: 10, duration: 60 }),
    makeSpan({ id: 'c', parent: 'root', start: 22, duration: 1 }),
  ]);
  expect(counts(tree, 5)).toEqual([1.5, 2.05, 1.5, 0.5, 0]);
  expect(isParallel(tree)).toBe(true);
});

it('is not fooled by many that follow each other', () => {
  const steps = Array.from({ length: 100 }, (_, i) => makeSpan({ id: `s${i}`, parent: 'root', start: i, duration: 1 }));
  const tree = buildSpanTree([makeSpan({ id: 'root', start: 0, duration: 100 }), ...steps]);
  expect(counts(tree, 4)).toEqual([1, 1, 1, 1]);
  expect(isParallel(tree)).toBe(false);
});
