import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { kindIndex } from '../../../base/kinds';
import { asksByField, kindsIn, marksOf } from './marks';
import { buildSpanTree } from './span_tree';

const tree = buildSpanTree(
  (['AGENT', 'LLM', 'TOOL', 'LLM'] as const).map((kind, at) => ({
    ...makeSpan({ id: `s${at}`, start: at, duration: 1 }),
    kind,
  })),
);
const [llm, tool] = [kindIndex('LLM'), kindIndex('TOOL')];

it('marks what words and kinds have in common', () => {
  expect(marksOf(tree, null, new Set())).toEqual({ flags: null, rows: [] });
  expect(marksOf(tree, [0, 1], new Set()).rows).toEqual([0, 1]);
  expect(marksOf(tree, null, new Set([llm])).rows).toEqual([1, 3]);
  expect(marksOf(tree, [0, 1], new Set([llm, tool]))).toEqual({ flags: Uint8Array.of(0, 1, 0, 0), rows: [1] });
  expect(marksOf(tree, [], new Set()).flags).toEqual(new Uint8Array(4));
});

it('counts the kinds there are', () => {
  expect(kindsIn(tree).map(({ kind, count }) => [kind, count])).toEqual([
    [kindIndex('AGENT'), 1],
    [llm, 2],
    [tool, 1],
  ]);
});

it.each([
  ['kind:llm', true],
  ['duration>2s -status:error', true],
  ['attributes."http.route":/chat', true],
  ['"refund" or score.relevance<0.5', true],
  ['within(span: kind:llm)', true],
  ['ReadTimeout', false],
  ['status: failed', false],
  ['{"model":"gpt-4o"}', false],
  ['https://example.com', false],
])('%s asks by field: %s', (text, asks) => {
  expect(asksByField(text)).toBe(asks);
});
