import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { flameOf } from './flame';
import { buildSpanTree } from './span_tree';

const shape = (spans: Parameters<typeof buildSpanTree>[0]) =>
  flameOf(buildSpanTree(spans)).nodes.map(({ name, count, depth, left, width }) => [name, count, depth, left, width]);

it('merges spans of a name at a place', () => {
  expect(
    shape([
      makeSpan({ id: 'root', start: 0, duration: 100 }),
      makeSpan({ id: 'a', parent: 'root', start: 0, duration: 20, name: 'search' }),
      makeSpan({ id: 'b', parent: 'root', start: 20, duration: 30, name: 'search' }),
      makeSpan({ id: 'c', parent: 'root', start: 60, duration: 25, name: 'chat' }),
    ]),
  ).toEqual([
    ['root', 1, 0, 0, 1],
    ['search', 2, 1, 0, 0.5],
    ['chat', 1, 1, 0.5, 0.25],
  ]);
});

it('scales what ran side by side', () => {
  expect(
    shape([
      makeSpan({ id: 'root', start: 0, duration: 100 }),
      makeSpan({ id: 'a', parent: 'root', start: 0, duration: 100, name: 'x' }),
      makeSpan({ id: 'b', parent: 'root', start: 0, duration: 100, name: 'y' }),
    ]),
  ).toEqual([
    ['root', 1, 0, 0, 1],
    ['x', 1, 1, 0, 0.5],
    ['y', 1, 1, 0.5, 0.5],
  ]);
});

it('counts what is too narrow to draw', () => {
  const spans = [
    makeSpan({ id: 'root', start: 0, duration: 10_000 }),
    makeSpan({ id: 'a', parent: 'root', start: 0, duration: 1 }),
  ];
  expect(flameOf(buildSpanTree(spans)).leftOut).toBe(1);
});
