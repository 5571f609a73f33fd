import { expect, it } from 'vitest';
import type { TraceRow } from '../../api/types';
import { isWhole, outlineOf } from './outline';
import { compareTraces } from './row';
import { makeSpan } from './test_spans';

const columns = {
  count: 2,
  startUnixNs: 1_795_386_329_000_000_000n,
  ids: { at: (index: number) => ['00000000000000a1', '00000000000000a2'][index] ?? '' },
  start: Float64Array.of(0, 5),
  duration: Float64Array.of(100, 20),
  parent: Int32Array.of(-1, 0),
  texts: ['run', 'chat'],
  name: Uint32Array.of(0, 1),
  kind: Uint8Array.of(0, 1),
  failed: Uint8Array.of(0, 1),
  tokens: Float64Array.of(Number.NaN, 12),
  cost: Float64Array.of(Number.NaN, 0.5),
};
const trace = { project: 'shop', trace_id: '932dc062b37c427ae027547955ae7031' } as TraceRow;

it('reads spans from columns', () => {
  const [run, chat] = outlineOf(trace, columns);
  expect({
    project: run?.project,
    trace_id: run?.trace_id,
    span_id: run?.span_id,
    parent_span_id: run?.parent_span_id,
    kind: run?.kind,
    name: run?.name,
    start_unix_ns: run?.start_unix_ns,
    duration_ns: run?.duration_ns,
    status: run?.status,
    tokens: run?.tokens,
    cost: run?.cost,
  }).toEqual({
    project: 'shop',
    trace_id: '932dc062b37c427ae027547955ae7031',
    span_id: '00000000000000a1',
    parent_span_id: null,
    kind: 'AGENT',
    name: 'run',
    start_unix_ns: '1795386329000000000',
    duration_ns: 100,
    status: { code: 'UNSET' },
    tokens: null,
    cost: null,
  });
  expect([chat?.parent_span_id, chat?.start_unix_ns, chat?.kind, chat?.status.code, chat?.tokens, chat?.cost]).toEqual([
    '00000000000000a1',
    '1795386329000000005',
    'LLM',
    'ERROR',
    { total: 12 },
    { total_usd: 0.5 },
  ]);
});

it('aligns two outlines by their columns', () => {
  const slower = { ...columns, duration: Float64Array.of(200, 20), texts: ['run', 'plan'] };
  const rows = compareTraces(outlineOf(trace, columns), outlineOf(trace, slower));
  expect(rows.map(({ a, b, depth, outcome }) => [a?.name, b?.name, depth, outcome])).toEqual([
    ['run', 'run', 0, 'same'],
    ['chat', undefined, 1, 'removed'],
    [undefined, 'plan', 1, 'added'],
  ]);
});

it('compares an outline with a whole trace by what both tell', () => {
  const whole = [
    makeSpan({ id: 'b1', name: 'run', kind: 'AGENT' }),
    makeSpan({ id: 'b2', parent: 'b1', name: 'chat', kind: 'LLM', start: 1, input: { value: 'x', mime_type: null } }),
  ];
  const rows = compareTraces(outlineOf(trace, columns), whole);
  expect(rows.map(({ outcome, changes }) => [outcome, changes])).toEqual([
    ['same', []],
    ['changed', ['status', 'tokens', 'cost']],
  ]);
  expect(rows.map(({ a, b }) => [a && isWhole(a), b && isWhole(b)])).toEqual([
    [false, true],
    [false, true],
  ]);
});
