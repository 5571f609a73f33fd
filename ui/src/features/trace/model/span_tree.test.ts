import { describe, expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import {
  buildSpanTree,
  childIntervals,
  errorsBelow,
  flagCycle,
  flagError,
  flagOpen,
  flagOrphan,
  type SpanTree,
  selfNs,
} from './span_tree';

// "name@depth" in row order, with ? for an orphan and ~ for a cut cycle.
function outline(tree: SpanTree): string[] {
  return tree.spans.map((span, row) => {
    const flags = tree.flags[row] ?? 0;
    return `${span?.name ?? 'open'}@${tree.depth[row]}${flags & flagOrphan ? '?' : ''}${flags & flagCycle ? '~' : ''}`;
  });
}

describe('buildSpanTree', () => {
  it('nests by parent and orders siblings by start, whatever order spans come in', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'chat2', parent: 'agent', start: 60, duration: 40 }),
      makeSpan({ id: 'retrieval', parent: 'tool', start: 45, duration: 10 }),
      makeSpan({ id: 'agent', start: 0, duration: 100 }),
      makeSpan({ id: 'tool', parent: 'agent', start: 40, duration: 20 }),
      makeSpan({ id: 'chat1', parent: 'agent', start: 5, duration: 35 }),
    ]);
    expect(outline(tree)).toEqual(['agent@0', 'chat1@1', 'tool@1', 'retrieval@2', 'chat2@1']);
    expect([...tree.subtreeEnd]).toEqual([5, 2, 4, 4, 5]);
    expect([...tree.parent]).toEqual([-1, 0, 0, 2, 0]);
    expect([...tree.position]).toEqual([1, 1, 2, 1, 3]);
    expect([...tree.siblings]).toEqual([1, 3, 3, 1, 3]);
    expect(tree.totalNs).toBe(100);
  });

  it('keeps nanoseconds apart that a double of unix time cannot', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'a', start: 0, duration: 10 }),
      makeSpan({ id: 'b', parent: 'a', start: 3, duration: 1 }),
    ]);
    expect([...tree.start]).toEqual([0, 3]);
  });

  it('shows a span without its parent as a marked root', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'root', start: 0, duration: 10 }),
      makeSpan({ id: 'lost', parent: 'missing', start: 4, duration: 2 }),
      makeSpan({ id: 'child', parent: 'lost', start: 5, duration: 1 }),
    ]);
    expect(outline(tree)).toEqual(['root@0', 'lost@0?', 'child@1']);
  });

  it('has a row for a parent that is on its way, while the trace grows', () => {
    const tree = buildSpanTree(
      [
        makeSpan({ id: 'second', parent: 'agent', start: 14, duration: 6 }),
        makeSpan({ id: 'first', parent: 'agent', start: 4, duration: 2 }),
        makeSpan({ id: 'other', parent: 'tool', start: 30, duration: 1 }),
      ],
      'grows',
    );
    expect(outline(tree)).toEqual(['open@0', 'first@1', 'second@1', 'open@0', 'other@1']);
    expect([0, 3].map((row) => [tree.idOf(row), tree.start[row], tree.end[row], tree.flags[row]])).toEqual([
      ['agent', 0, 16, flagOpen],
      ['tool', 26, 27, flagOpen],
    ]);
  });

  it('cuts a circle of parents at its earliest span and keeps what hangs on it', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'c', parent: 'b', start: 30, duration: 5 }),
      makeSpan({ id: 'a', parent: 'c', start: 10, duration: 50 }),
      makeSpan({ id: 'leaf', parent: 'c', start: 5, duration: 1 }),
      makeSpan({ id: 'b', parent: 'a', start: 20, duration: 20 }),
    ]);
    expect(outline(tree)).toEqual(['a@0~', 'b@1', 'c@2', 'leaf@3']);
  });

  it('cuts a span that names itself as parent', () => {
    expect(outline(buildSpanTree([makeSpan({ id: 'me', parent: 'me', start: 0, duration: 1 })]))).toEqual(['me@0~']);
  });

  it('keeps a second span with the same id', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'x', name: 'first', start: 0, duration: 10 }),
      makeSpan({ id: 'x', name: 'second', start: 1, duration: 5 }),
      makeSpan({ id: 'y', parent: 'x', start: 2, duration: 1 }),
    ]);
    expect(outline(tree)).toEqual(['first@0', 'y@1', 'second@0']);
  });

  it('is empty for no spans', () => {
    expect(buildSpanTree([]).rows).toBe(0);
  });

  it('counts the errors below a row', () => {
    const tree = buildSpanTree([
      makeSpan({ id: 'root', start: 0, duration: 10, failed: true }),
      makeSpan({ id: 'a', parent: 'root', start: 1, duration: 5 }),
      makeSpan({ id: 'a1', parent: 'a', start: 2, duration: 1, failed: true }),
      makeSpan({ id: 'b', parent: 'root', start: 7, duration: 1, failed: true }),
    ]);
    expect([0, 1, 2, 3].map((row) => errorsBelow(tree, row))).toEqual([2, 1, 0, 0]);
    expect((tree.flags[0] ?? 0) & flagError).toBe(flagError);
  });

  it('builds a chain of 100,000 spans, each the child of the one before', () => {
    const spans = Array.from({ length: 100_000 }, (_, i) =>
      makeSpan({ id: `s${i}`, parent: i === 0 ? null : `s${i - 1}`, start: i, duration: 200_000 - 2 * i }),
    );
    const tree = buildSpanTree(spans.reverse());
    expect(tree.depth[99_999]).toBe(99_999);
    expect(tree.subtreeEnd[0]).toBe(100_000);
    expect(tree.spans[99_999]?.span_id).toBe('s99999');
  });

  it('builds a circle of 100,000 spans', () => {
    const spans = Array.from({ length: 100_000 }, (_, i) =>
      makeSpan({ id: `s${i}`, parent: `s${(i + 99_999) % 100_000}`, start: i, duration: 1 }),
    );
    const tree = buildSpanTree(spans);
    expect(tree.depth[99_999]).toBe(99_999);
    expect(tree.flags[0]).toBe(flagCycle);
  });
});

describe('self time', () => {
  const tree = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    makeSpan({ id: 'a', parent: 'root', start: 10, duration: 30 }), // 10-40
    makeSpan({ id: 'b', parent: 'root', start: 30, duration: 20 }), // 30-50 overlaps a
    makeSpan({ id: 'c', parent: 'root', start: 90, duration: 50 }), // 90-140 outlives the root
    makeSpan({ id: 'a1', parent: 'a', start: 15, duration: 5 }), // not a child of the root
  ]);

  it('merges children and cuts them to the span', () => {
    const intervals: number[][] = [];
    childIntervals(tree, 0, (from, to) => {
      intervals.push([from, to]);
      return true;
    });
    expect(intervals).toEqual([
      [10, 50],
      [90, 100],
    ]);
    expect(selfNs(tree, 0)).toBe(50);
  });

  it('is the whole span without children', () => {
    expect(selfNs(tree, tree.rowOfSpan.get('b') ?? -1)).toBe(20);
  });
});
