import { expect, it } from 'vitest';
import { makeSpan } from '../../../api/test_spans';
import { buildSpanTree } from '../model/span_tree';
import { perfettoParts, tracksOf } from './perfetto';

it('gives what runs beside its siblings a track of its own', () => {
  const tree = buildSpanTree([
    makeSpan({ id: 'root', start: 0, duration: 100 }),
    makeSpan({ id: 'a', parent: 'root', start: 0, duration: 50 }),
    makeSpan({ id: 'b', parent: 'root', start: 10, duration: 60 }), // beside a, and longer
    makeSpan({ id: 'b1', parent: 'b', start: 20, duration: 5 }),
    makeSpan({ id: 'c', parent: 'root', start: 70, duration: 10 }),
    makeSpan({ id: 'late', parent: 'root', start: 90, duration: 30 }), // outlives its parent
  ]);
  expect(Array.from(tracksOf(tree), (track, row) => [tree.idOf(row), track])).toEqual([
    ['root', 1],
    ['a', 1],
    ['b', 2],
    ['b1', 2],
    ['c', 1],
    ['late', 2],
  ]);
});

it('writes events that a reader of JSON understands', () => {
  const failed = makeSpan({ id: '00000000000000ff', start: 2000, duration: 1500, name: 'say "hi"', failed: true });
  const tree = buildSpanTree([
    { ...makeSpan({ id: 'root', start: 0, duration: 5000 }), kind: 'AGENT' },
    { ...failed, kind: 'LLM', parent_span_id: 'root', tokens: { total: 7 } as never },
  ]);
  expect(JSON.parse(perfettoParts('run', 'abc', tree).join(''))).toEqual({
    displayTimeUnit: 'ms',
    traceEvents: [
      { name: 'process_name', ph: 'M', pid: 1, args: { name: 'run abc' } },
      { name: 'root', cat: 'agent', ph: 'X', ts: 0, dur: 5, pid: 1, tid: 1, args: { span_id: 'root' } },
      {
        name: 'say "hi"',
        cat: 'llm',
        ph: 'X',
        ts: 2,
        dur: 1.5,
        pid: 1,
        tid: 1,
        args: { span_id: '00000000000000ff', status: 'error', tokens: 7 },
      },
    ],
  });
});
