import { expect, it } from 'vitest';
import type { SpanRow } from '../../../api/types';
import { cleared, emptyTail, followed, paused, perSecond, received, rowsMax, type Tail } from './tail';

const span = (spanId: string, name = spanId): SpanRow => ({ trace_id: 't', span_id: spanId, name }) as SpanRow;
const names = (rows: readonly SpanRow[]) => rows.map(({ name }) => name);
const many = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => span(`${prefix}${i}`));

it('puts what arrives on top, and a later copy in the place of the former', () => {
  let tail: Tail = received(emptyTail, [span('a'), span('b')], 0);
  tail = received(tail, [span('c'), span('a', 'a, ended')], 1);
  expect(names(tail.rows)).toEqual(['a, ended', 'c', 'b']);
});

it('holds still while it is paused, and shows what came meanwhile when it follows again', () => {
  let tail: Tail = paused(received(emptyTail, [span('a')], 0));
  tail = received(tail, [span('b'), span('c')], 1);
  expect([names(tail.rows), tail.heldCount]).toEqual([['a'], 2]);
  tail = followed(tail);
  expect([names(tail.rows), tail.heldCount, tail.paused]).toEqual([['c', 'b', 'a'], 0, false]);
});

it('holds 500 rows, on screen and aside, and counts the rest', () => {
  let tail: Tail = received(emptyTail, many(600, 'x'), 0);
  expect(tail.rows.length).toBe(500);
  expect(tail.rows[0]?.name).toBe('x599');
  tail = received(paused(tail), many(700, 'y'), 1);
  expect([tail.held.length, tail.heldCount]).toEqual([500, 700]);
  expect(names(followed(tail).rows)).toEqual(names(tail.held));
  expect(rowsMax).toBe(500);
});

it('counts per second over the last ten', () => {
  let tail: Tail = received(emptyTail, many(30, 'x'), 1000);
  tail = received(tail, many(20, 'y'), 8000);
  expect(perSecond(tail, 10_000)).toBe(5);
  expect(perSecond(tail, 11_000)).toBe(2);
  expect(perSecond(tail, 18_000)).toBe(0);
});

it('forgets what it shows and holds', () => {
  const tail = cleared(received(paused(received(emptyTail, [span('a')], 0)), [span('b')], 1));
  expect([tail.rows, tail.held, tail.heldCount, tail.paused]).toEqual([[], [], 0, true]);
});
