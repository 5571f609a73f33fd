import { expect, it } from 'vitest';
import type { Conversation } from '../../../api/insight_types';
import { makeSpan } from '../../../api/test_spans';
import type { Repeated, Span } from '../../../api/types';
import { buildSpanTree } from './span_tree';
import { wasteOf } from './waste';

const tool = (id: string, start: number, failed = false): Span =>
  makeSpan({ id, parent: 'root', start, duration: 10, name: 'search', failed });

const root = makeSpan({ id: 'root', start: 0, duration: 60 });

const said = (spans: Span[], conversation?: Conversation, repeated?: Repeated) => {
  const tree = buildSpanTree(spans);
  return wasteOf(tree, conversation, repeated).map(({ label, rows }) => [label, rows.map((row) => tree.idOf(row))]);
};

it('tells retries from repeats', () => {
  const spans = [root, tool('a', 0, true), tool('b', 10), tool('c', 20), tool('d', 30), tool('e', 40), tool('f', 50)];
  const repeated = {
    tool_calls: [
      ['a', 'b'],
      ['c', 'd'],
    ],
    retrievals: [],
  };
  expect(said(spans, undefined, repeated)).toEqual([
    ['1 retry', ['b']],
    ['1 repeated tool call', ['d']],
  ]);
});

it('sees documents that were there before', () => {
  const one = makeSpan({ id: 'r1', parent: 'root', start: 0, duration: 30 });
  const other = makeSpan({ id: 'r2', parent: 'root', start: 30, duration: 30 });
  expect(said([root, one, other], undefined, { tool_calls: [], retrievals: [['r1', 'r2']] })).toEqual([
    ['1 retrieval of the same documents', ['r2']],
  ]);
});

it('sees gaps of a fifth', () => {
  expect(said([root, tool('a', 0)])).toEqual([['50ns unexplained', ['root']]]);
  expect(said([root])).toEqual([]);
});

it('sees prompts that no cache held', () => {
  const call = { span_id: 'root', shared_prefix: { estimated_tokens: 2000 }, tokens: { cache_read: null } };
  const conversation = { calls: [call], tools: [], complete: true } as unknown as Conversation;
  expect(said([root], conversation)).toEqual([['2,000 tokens not cached', ['root']]]);
});
