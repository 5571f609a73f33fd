import { expect, it } from 'vitest';
import type { Conversation } from '../../../api/insight_types';
import { makeSpan } from '../../../api/test_spans';
import type { Span } from '../../../api/types';
import { buildSpanTree } from './span_tree';
import { wasteOf } from './waste';

function tool(id: string, start: number, input: string, failed = false): Span {
  const span = makeSpan({ id, parent: 'root', start, duration: 10, name: 'search', failed });
  return { ...span, kind: 'TOOL', input: { value: input, mime_type: null } };
}

const root = makeSpan({ id: 'root', start: 0, duration: 60 });

const said = (spans: Span[], conversation?: Conversation) => {
  const tree = buildSpanTree(spans);
  return wasteOf(tree, conversation).map(({ label, rows }) => [label, rows.map((row) => tree.spans[row]?.span_id)]);
};

it('tells retries from repeats', () => {
  const spans = [
    root,
    tool('a', 0, 'x', true),
    tool('b', 10, 'x'),
    tool('c', 20, 'y'),
    tool('d', 30, 'y'),
    tool('e', 40, 'z'),
  ];
  expect(said([...spans, tool('f', 50, 'w')])).toEqual([
    ['1 retry', ['b']],
    ['1 repeated tool call', ['d']],
  ]);
});

it('sees documents that were there before', () => {
  const retrieval = { query: 'q', documents: [{ id: 'k1', score: 1, content: null, metadata: null }] };
  const one = { ...makeSpan({ id: 'r1', parent: 'root', start: 0, duration: 30 }), retrieval };
  const other = { ...makeSpan({ id: 'r2', parent: 'root', start: 30, duration: 30 }), retrieval };
  expect(said([root, one, other])).toEqual([['1 retrieval of the same documents', ['r2']]]);
});

it('sees gaps of a fifth', () => {
  expect(said([root, tool('a', 0, 'x')])).toEqual([['50ns unexplained', ['root']]]);
  expect(said([root])).toEqual([]);
});

it('sees prompts that no cache held', () => {
  const call = { span_id: 'root', shared_prefix: { estimated_tokens: 2000 }, tokens: { cache_read: null } };
  const conversation = { calls: [call], tools: [], complete: true } as unknown as Conversation;
  expect(said([root], conversation)).toEqual([['2,000 tokens not cached', ['root']]]);
});
