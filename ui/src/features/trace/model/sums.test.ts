import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import type { Cost, Span, Tokens } from '../../../api/types';
import { buildSpanTree } from './span_tree';
import { sumOf, unionNs } from './sums';

const call = (given: Parameters<typeof makeSpan>[0], kind: Span['kind'], total: number, usd: number | null): Span => ({
  ...makeSpan(given),
  kind,
  tokens: { total } as Tokens,
  cost: usd === null ? null : ({ total_usd: usd } as Cost),
});

// Rows: agent, chat, tool, http, embed.
const tree = buildSpanTree([
  call({ id: 'agent', start: 0, duration: 100 }, 'AGENT', 60, 0.5),
  call({ id: 'chat', parent: 'agent', start: 0, duration: 30 }, 'LLM', 50, 0.25),
  makeSpan({ id: 'tool', parent: 'agent', start: 20, duration: 20, failed: true }),
  makeSpan({ id: 'http', parent: 'tool', start: 25, duration: 5, failed: true }),
  call({ id: 'embed', parent: 'agent', start: 60, duration: 10 }, 'EMBEDDING', 10, null),
]);

it('sums calls, and not the agents that repeat them', () => {
  expect(sumOf(tree, [{ from: 0, to: 5 }])).toEqual({ spans: 5, tokens: 60, usd: 0.25, errors: 2 });
  expect(
    sumOf(tree, [
      { from: 1, to: 2 },
      { from: 4, to: 5 },
    ]),
  ).toEqual({ spans: 2, tokens: 60, usd: 0.25, errors: 0 });
});

it('does not call nothing known nothing', () => {
  expect(sumOf(tree, [{ from: 2, to: 4 }])).toEqual({ spans: 2, tokens: Number.NaN, usd: Number.NaN, errors: 2 });
  expect(sumOf(tree, [{ from: 4, to: 5 }]).usd).toBeNaN();
});

it('counts time that several share once, and gaps not at all', () => {
  expect(unionNs(tree, [{ from: 1, to: 4 }])).toBe(40); // 0-30, 20-40, 25-30
  expect(unionNs(tree, [{ from: 1, to: 5 }])).toBe(50); // and 60-70
  expect(
    unionNs(tree, [
      { from: 1, to: 2 },
      { from: 4, to: 5 },
    ]),
  ).toBe(40);
  expect(unionNs(tree, [])).toBe(0);
});
