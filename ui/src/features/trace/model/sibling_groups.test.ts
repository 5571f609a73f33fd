import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { groupNote, groupSiblings, summarizeGroup } from './sibling_groups';
import { buildSpanTree } from './span_tree';
import { VisibleRows } from './visible_rows';

const search = (index: number, failed = false) =>
  makeSpan({ id: `s${index}`, parent: 'root', start: index * 10, duration: index + 1, name: 'search', failed });
const root = makeSpan({ id: 'root', start: 0, duration: 200 });
const shown = (rows: VisibleRows) => Array.from({ length: rows.count }, (_, at) => rows.tree.idOf(rows.rowAt(at)));

it('joins six and more alike that follow each other', () => {
  const six = [0, 1, 2, 3, 4, 5].map((index) => search(index, index === 2));
  const inside = makeSpan({ id: 'inside', parent: 's5', start: 51, duration: 1, failed: true });
  const other = makeSpan({ id: 'other', parent: 'root', start: 70, duration: 1 });
  const five = [8, 9, 10, 11, 12].map((index) => search(index));
  const tree = buildSpanTree([root, ...six, inside, other, ...five]);
  const groups = groupSiblings(tree);
  expect([...groups.firstOf]).toEqual([-1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1]);
  expect(groups.endOf[1]).toBe(8);
  const summary = summarizeGroup(tree, 1, 8);
  expect(summary).toEqual({ count: 6, p50Ns: 3, maxNs: 6, endNs: 56, usd: Number.NaN, errors: 2 });
  expect(groupNote(summary)).toBe('6 calls, p50 3ns, max 6ns');
});

it('shows a group as its first row until it is opened, or one of it is wanted', () => {
  const tree = buildSpanTree([root, ...[0, 1, 2, 3, 4, 5].map((index) => search(index))]);
  const rows = new VisibleRows(tree);
  expect(shown(rows)).toEqual(['root', 's0']);
  expect(rows.groupAt(1)).toMatchObject({ count: 6 });
  expect(rows.indexNear(4)).toBe(1);
  rows.setGroupFolded(1, false);
  expect(shown(rows)).toEqual(['root', 's0', 's1', 's2', 's3', 's4', 's5']);
  expect(rows.groupAt(1)).toBe(null);
  rows.setGroupFolded(4, true);
  rows.reveal(4);
  expect(shown(rows)).toHaveLength(7);
});

it('keeps opened what was opened when the trace grows', () => {
  const spans = [root, ...[0, 1, 2, 3, 4, 5].map((index) => search(index))];
  const before = new VisibleRows(buildSpanTree(spans));
  before.setGroupFolded(1, false);
  const after = new VisibleRows(buildSpanTree([...spans, search(6)]));
  after.restore(before);
  expect(shown(after)).toHaveLength(8);
});
