import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { type CriticalPath, criticalPath, eachSegment, nextOnPath, pathNs } from './critical_path';
import { buildSpanTree, type SpanTree } from './span_tree';

const named = (tree: SpanTree, { rows, froms, tos }: CriticalPath) =>
  Array.from(rows, (row, number) => [tree.spans[row]?.name, froms[number], tos[number]]);

it('follows what finished last', () => {
  const tree = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    makeSpan({ id: 'search', parent: 'root', start: 10, duration: 30 }),
    makeSpan({ id: 'beside', parent: 'root', start: 15, duration: 10 }),
    makeSpan({ id: 'chat', parent: 'root', start: 50, duration: 45 }),
    makeSpan({ id: 'http', parent: 'chat', start: 60, duration: 20 }),
  ]);
  const path = criticalPath(tree);
  expect(named(tree, path)).toEqual([
    ['root', 0, 10],
    ['search', 10, 40],
    ['root', 40, 50],
    ['chat', 50, 60],
    ['http', 60, 80],
    ['chat', 80, 95],
    ['root', 95, 100],
  ]);
  const ofChat: number[][] = [];
  eachSegment(path, tree.rowOfSpan.get('chat') ?? -1, (from, to) => ofChat.push([from, to]));
  expect(ofChat).toEqual([
    [50, 60],
    [80, 95],
  ]);
  expect(path.lengthNs).toBe(100);
  expect(pathNs(path, tree.rowOfSpan.get('chat') ?? -1)).toBe(25);
  expect(pathNs(path, tree.rowOfSpan.get('beside') ?? -1)).toBe(0);
  const after = nextOnPath(path, tree.rowOfSpan.get('search') ?? -1);
  expect(tree.spans[after]?.name).toBe('root');
});

it('takes of children that overlap the one that ends last', () => {
  const tree = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    makeSpan({ id: 'a', parent: 'root', start: 0, duration: 60 }),
    makeSpan({ id: 'b', parent: 'root', start: 20, duration: 80 }),
  ]);
  const path = criticalPath(tree);
  expect(named(tree, path)).toEqual([
    ['a', 0, 20],
    ['b', 20, 100],
  ]);
});

it('bears a chain of 50,000 spans', () => {
  const spans = Array.from({ length: 50_000 }, (_, i) =>
    makeSpan({ id: String(i), parent: i === 0 ? null : String(i - 1), start: i, duration: 100_000 - i }),
  );
  expect(criticalPath(buildSpanTree(spans)).count).toBe(50_000);
});
