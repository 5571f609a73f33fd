import { expect, it } from 'vitest';
import { compareTraces, onlyDifferences, sameBelow, unfolded } from './row';
import { makeSpan } from './test_spans';

it('tells what was added, removed, changed and stayed, and what leads there', () => {
  const a = [
    makeSpan({ id: 'a1', name: 'run' }),
    makeSpan({ id: 'a2', parent: 'a1', name: 'plan', start: 1 }),
    makeSpan({ id: 'a3', parent: 'a2', name: 'chat', start: 2 }),
    makeSpan({ id: 'a4', parent: 'a1', name: 'old', start: 3 }),
    makeSpan({ id: 'a5', parent: 'a1', name: 'save', start: 4, duration_ns: 99 }),
  ];
  const b = [
    makeSpan({ id: 'b1', name: 'run' }),
    makeSpan({ id: 'b2', parent: 'b1', name: 'plan', start: 1 }),
    makeSpan({ id: 'b3', parent: 'b2', name: 'chat', start: 2, failed: true }),
    makeSpan({ id: 'b5', parent: 'b1', name: 'save', start: 4 }),
    makeSpan({ id: 'b6', parent: 'b5', name: 'new', start: 5 }),
  ];
  const rows = compareTraces(a, b);
  expect(rows.map(({ id, outcome, parent }) => [id, outcome, parent])).toEqual([
    ['a1', 'same', -1],
    ['a2', 'same', 0],
    ['a3', 'changed', 1],
    ['a4', 'removed', 0],
    ['a5', 'same', 0],
    ['b6', 'added', 4],
  ]);
  expect(rows[2]?.changes).toEqual(['status']);
  expect(onlyDifferences(rows).map(({ id }) => id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'b6']);
  expect(onlyDifferences(compareTraces(a, a))).toEqual([]);
  expect(onlyDifferences(rows.slice(0, 2))).toEqual([]);
});

it('folds what is the same below a row, until it is opened', () => {
  const run = (root: string, failed: boolean) => [
    makeSpan({ id: root, name: 'run' }),
    makeSpan({ id: `${root}1`, parent: root, name: 'plan', start: 1 }),
    makeSpan({ id: `${root}2`, parent: `${root}1`, name: 'read', start: 2 }),
    makeSpan({ id: `${root}3`, parent: `${root}2`, name: 'open', start: 3 }),
    makeSpan({ id: `${root}4`, parent: root, name: 'chat', start: 4 }),
    makeSpan({ id: `${root}5`, parent: `${root}4`, name: 'http', start: 5, failed }),
  ];
  const rows = compareTraces(run('a', false), run('b', true));
  const below = sameBelow(rows);
  expect([...below]).toEqual([-1, 2, 1, 0, -1, 0]);
  const listed = (open: number[]) => unfolded(rows, below, (row) => open.includes(row)).map(({ id }) => id);
  expect(listed([])).toEqual(['a', 'a1', 'a4', 'a5']);
  expect(listed([1])).toEqual(['a', 'a1', 'a2', 'a4', 'a5']);
  expect(listed([1, 2])).toEqual(['a', 'a1', 'a2', 'a3', 'a4', 'a5']);
});
