// @vitest-environment happy-dom
import { renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useSettled } from './useSettled';

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, '', '/p/shop/traces');
});
afterEach(() => {
  vi.useRealTimers();
});

it('passes the first value on, and of quick ones the last', () => {
  const seen: number[] = [];
  const { result } = renderHook(() => useSettled((value: number) => seen.push(value), 100));
  vi.advanceTimersByTime(1000);
  for (const value of [1, 2, 3]) result.current(value);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([1, 3]);
});

it('says nothing of a page that is left', () => {
  const seen: number[] = [];
  const { result } = renderHook(() => useSettled((value: number) => seen.push(value), 100));
  vi.advanceTimersByTime(1000);
  result.current(1);
  result.current(2);
  history.pushState(null, '', '/p/shop/compare');
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([1]);
});
