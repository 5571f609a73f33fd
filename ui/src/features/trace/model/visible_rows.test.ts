import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { buildSpanTree } from './span_tree';
import { errorRow, VisibleRows } from './visible_rows';

// root > (step1 > call1), (step2 > call2)
const tree = buildSpanTree([
  makeSpan({ id: 'root', start: 0, duration: 100 }),
  makeSpan({ id: 'step1', name: 'step', parent: 'root', start: 1, duration: 10 }),
  makeSpan({ id: 'call1', parent: 'step1', start: 2, duration: 1, failed: true }),
  makeSpan({ id: 'step2', name: 'step', parent: 'root', start: 20, duration: 10 }),
  makeSpan({ id: 'call2', parent: 'step2', start: 21, duration: 1, failed: true }),
]);

const shown = (rows: VisibleRows): string[] =>
  Array.from({ length: rows.count }, (_, index) => tree.spans[rows.rowAt(index)]?.span_id ?? '');

it('folds one subtree and finds the nearest row that shows', () => {
  const rows = new VisibleRows(tree);
  rows.setCollapsed(1, true);
  expect(shown(rows)).toEqual(['root', 'step1', 'step2', 'call2']);
  expect(rows.indexNear(2)).toBe(1);
  expect(rows.rowAt(4)).toBe(-1);
});

it('folds all spans of one name', () => {
  const rows = new VisibleRows(tree);
  rows.setCollapsedAlike(3, true);
  expect(shown(rows)).toEqual(['root', 'step1', 'step2']);
});

it('unfolds what hides a row', () => {
  const rows = new VisibleRows(tree);
  rows.setCollapsed(1, true);
  rows.setCollapsed(0, true);
  expect(shown(rows)).toEqual(['root']);
  rows.reveal(2);
  expect(shown(rows)).toEqual(['root', 'step1', 'call1', 'step2', 'call2']);
});

it('carries the folded spans over to a tree that grew', () => {
  const rows = new VisibleRows(tree);
  rows.setCollapsed(3, true);
  const grown = new VisibleRows(tree);
  grown.restore(rows);
  expect(shown(grown)).toEqual(['root', 'step1', 'call1', 'step2']);
});

it('lists what is marked and what it is below', () => {
  const rows = new VisibleRows(tree);
  rows.keepOnly(Uint8Array.of(0, 0, 0, 0, 1));
  expect(shown(rows)).toEqual(['root', 'step2', 'call2']);
  expect(rows.indexNear(2)).toBe(0);
  rows.setCollapsed(3, true);
  expect(shown(rows)).toEqual(['root', 'step2']);
  expect(rows.rangeAt(1)).toEqual({ from: 3, to: 5 });
  expect(rows.rangeAt(0)).toEqual({ from: 0, to: 1 });
  rows.keepOnly(null);
  expect(shown(rows)).toEqual(['root', 'step1', 'call1', 'step2']);
});

it('takes a folded group apart where only some of it are wanted', () => {
  const calls = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    ...[1, 2, 3, 4, 5, 6].map((at) => makeSpan({ id: `c${at}`, name: 'call', parent: 'root', start: at, duration: 1 })),
  ]);
  const rows = new VisibleRows(calls);
  expect([rows.count, rows.rangeAt(1)]).toEqual([2, { from: 1, to: 7 }]);
  rows.keepOnly(Uint8Array.of(0, 0, 1, 0, 1, 0, 0));
  expect([0, 1, 2, 3].map((index) => rows.rowAt(index))).toEqual([0, 2, 4, -1]);
});

it('goes round the errors', () => {
  expect(errorRow(tree, 0, 1)).toBe(2);
  expect(errorRow(tree, 2, 1)).toBe(4);
  expect(errorRow(tree, 4, 1)).toBe(2);
  expect(errorRow(tree, 2, -1)).toBe(4);
  expect(errorRow(buildSpanTree([makeSpan({ id: 'a', start: 0, duration: 1 })]), 0, 1)).toBe(-1);
});
