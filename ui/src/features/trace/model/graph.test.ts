import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { SpanKind } from '../../../base/kinds';
import { graphOf } from './graph';
import { buildSpanTree } from './span_tree';

const span = (id: string, kind: SpanKind, parent: string | null, [start, duration]: [number, number], name = id) => ({
  ...makeSpan({ id, parent, start, duration, name }),
  kind,
});

// An agent that calls a model twice and hands over to another agent, which calls the first one's model; a frame between.
const spans = [
  span('planner', 'AGENT', null, [0, 100]),
  span('chat1', 'LLM', 'planner', [0, 10], 'chat'),
  span('chat2', 'LLM', 'planner', [10, 20], 'chat'),
  span('frame', 'CHAIN', 'planner', [30, 60]),
  span('writer', 'AGENT', 'frame', [30, 50]),
  span('chat3', 'LLM', 'writer', [30, 5], 'chat'),
  span('search', 'TOOL', 'writer', [40, 5]),
];

it('joins spans of a name and passes over frames', () => {
  const { nodes, edges, nodeOfRow } = graphOf(buildSpanTree(spans));
  expect(
    nodes.map(({ name, rows, totalNs, longestRow, layer, place }) => [name, rows, totalNs, longestRow, layer, place]),
  ).toEqual([
    ['planner', [0], 100, 0, 0, 0],
    ['chat', [1, 2, 5], 35, 2, 1, 0],
    ['writer', [4], 50, 4, 1, 1],
    ['search', [6], 5, 6, 2, 0],
  ]);
  expect(edges).toEqual([
    { from: 0, to: 1, count: 2 },
    { from: 0, to: 2, count: 1 },
    { from: 2, to: 1, count: 1 },
    { from: 2, to: 3, count: 1 },
  ]);
  expect([...nodeOfRow]).toEqual([0, 1, 1, -1, 2, 1, 3]);
});

it('shows an agent that calls itself as one node', () => {
  const { nodes, edges } = graphOf(
    buildSpanTree([span('a', 'AGENT', null, [0, 9], 'solve'), span('b', 'AGENT', 'a', [1, 5], 'solve')]),
  );
  expect(nodes).toHaveLength(1);
  expect(edges).toEqual([{ from: 0, to: 0, count: 1 }]);
});
