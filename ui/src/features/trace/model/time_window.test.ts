import { expect, it } from 'vitest';
import { rulerLabel } from './ruler_label';
import { clampWindow, easeTo, tickStep, windowAround, zoomAbout } from './time_window';

it('stays inside the trace', () => {
  expect(clampWindow({ from: -50, to: 5_000 }, 10_000)).toEqual({ from: 0, to: 5050 });
  expect(clampWindow({ from: 9_000, to: 12_000 }, 10_000)).toEqual({ from: 7000, to: 10_000 });
  expect(clampWindow({ from: -9_000, to: 90_000 }, 10_000)).toEqual({ from: 0, to: 10_000 });
});

it('never gets narrower than a microsecond, also in a trace of no length', () => {
  expect(clampWindow({ from: 5000, to: 5001 }, 10_000)).toEqual({ from: 5000, to: 6000 });
  expect(clampWindow({ from: 0, to: 0 }, 0)).toEqual({ from: 0, to: 1000 });
});

it('zooms about a point and around a span', () => {
  expect(zoomAbout({ from: 0, to: 100 }, 25, 0.5)).toEqual({ from: 12.5, to: 62.5 });
  expect(windowAround(100, 200)).toEqual({ from: 90, to: 210 });
});

it.each([
  [772e6, 4, 200e6],
  [10e9, 4, 5e9],
  [187 * 60e9, 5, 60 * 60e9],
  [180e9, 3, 60e9],
  [1000, 4, 500],
])('a window of %d ns in %d parts has marks every %d ns', (width, count, step) => {
  expect(tickStep(width, count)).toBe(step);
});

it.each([
  [0, 200e6, '0'],
  [200e6, 200e6, '200ms'],
  [1.5e9, 500e6, '1.5s'],
  [2e9, 1e9, '2s'],
  [1.2e6, 200e3, '1.2ms'],
  [120e9, 60e9, '2m'],
  [75.5e9, 500e6, '1m 15.5s'],
  [3 * 3600e9, 3600e9, '3h 0m'],
])('the mark at %d ns with steps of %d reads %s', (ns, step, text) => {
  expect(rulerLabel(ns, step)).toBe(text);
});

it('eases to another window and arrives', () => {
  expect(easeTo({ from: 0, to: 1000 }, { from: 400, to: 600 }, 0.25)).toEqual({ from: 100, to: 900 });
  expect(easeTo({ from: 399.99, to: 600 }, { from: 400, to: 600 }, 0.25)).toEqual({ from: 400, to: 600 });
  expect(easeTo({ from: 0, to: 1000 }, { from: 400, to: 600 }, 1)).toEqual({ from: 400, to: 600 });
});
