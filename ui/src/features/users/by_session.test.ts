import { expect, it } from 'vitest';
import type { TraceRow } from '../../api/types';
import { bySession } from './by_session';

const row = (trace_id: string, session_id: string | null) => ({ trace_id, session_id }) as TraceRow;

it('puts the latest session first, and each talk as it went', () => {
  const rows = [row('5', 'b'), row('4', 'a'), row('3', null), row('2', 'b'), row('1', null)];
  expect(bySession(rows).map(({ session, rows: turns }) => [session, turns.map((turn) => turn.trace_id)])).toEqual([
    ['b', ['2', '5']],
    ['a', ['4']],
    [null, ['1', '3']],
  ]);
  expect(bySession([])).toEqual([]);
});
