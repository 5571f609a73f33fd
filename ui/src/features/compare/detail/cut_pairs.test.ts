import { expect, it } from 'vitest';
import { makeSpan } from '../test_spans';
import { cutPairs, rangesOf } from './cut_pairs';

it('pairs long texts by their place, and leaves out attributes that say them again', () => {
  const cut = (path: string, bytes: number) => ({ path, bytes });
  const a = {
    ...makeSpan({ id: 'a' }),
    cut: [cut('/input/value', 70_000), cut('/attributes/input.value', 70_000), cut('/output/value', 99_000)],
  };
  const b = { ...makeSpan({ id: 'b' }), cut: [cut('/input/value', 80_000)] };
  expect(cutPairs(a, b)).toEqual([
    { path: '/input/value', cutA: cut('/input/value', 70_000), cutB: cut('/input/value', 80_000) },
    { path: '/output/value', cutA: cut('/output/value', 99_000), cutB: null },
  ]);
  expect(cutPairs(null, null)).toEqual([]);
});

it('counts ranges of 64 KiB', () => {
  expect([1, 65_536, 65_537, 31_457_280].map((bytes) => rangesOf({ path: '/a', bytes }))).toEqual([1, 1, 2, 480]);
});
