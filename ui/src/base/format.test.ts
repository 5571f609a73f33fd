import { expect, it } from 'vitest';
import {
  explainTokens,
  formatBytes,
  formatCount,
  formatDuration,
  formatFigures,
  formatTokenFlow,
  formatTokens,
  formatUsd,
  plural,
} from './format';

it.each([
  [null, '-'],
  [0, '0ms'],
  [7, '7ns'],
  [999, '999ns'],
  [1000, '1.00µs'],
  [4_800_000, '4.80ms'],
  [63_244_000, '63.2ms'],
  [412_000_000, '412ms'],
  [999_600_000, '1.00s'],
  [1_820_000_000, '1.82s'],
  [18_400_000_000, '18.4s'],
  [59_940_000_000, '59.9s'],
  [59_960_000_000, '1m 00s'],
  [125_000_000_000, '2m 05s'],
  [3_599_700_000_000, '1h 00m'],
  [11_272_000_000_000, '3h 08m'],
  [-1_500_000, '-1.50ms'],
])('%d ns reads %s', (ns, text) => {
  expect(formatDuration(ns)).toBe(text);
});

it.each([
  [null, '-'],
  [0, '0'],
  [956, '956'],
  [9999, '9,999'],
  [41_100, '41.1k'],
  [999_900, '1.00M'],
  [41_080_000, '41.1M'],
])('%d tokens read %s', (count, text) => {
  expect(formatTokens(count)).toBe(text);
});

it.each([
  [null, '-'],
  [0, '$0'],
  [0.00004, '<$0.0001'],
  [0.000123, '$0.000123'],
  [0.0201, '$0.0201'],
  [0.5, '$0.500'],
  [0.9996, '$1.00'],
  [140.45, '$140.45'],
  [12345.6, '$12,345.60'],
])('%d dollars read %s', (usd, text) => {
  expect(formatUsd(usd)).toBe(text);
});

it('shows tokens as they flow, or what is known of them', () => {
  expect(formatTokenFlow({ prompt: 341, completion: 22, total: 363 })).toBe('341 → 22');
  expect(formatTokenFlow({ prompt: 341, completion: null, total: null })).toBe('341 → -');
  expect(formatTokenFlow({ prompt: null, completion: null, total: 363 })).toBe('363');
  expect(formatTokenFlow({ prompt: 341, completion: 22, total: 363, estimated: true })).toBe('~341 → 22');
  expect(formatTokenFlow({ prompt: null, completion: null, total: 363, estimated: true })).toBe('~363');
  expect(formatTokenFlow(null)).toBe('-');
});

it('explains tokens', () => {
  expect(explainTokens({ prompt: 341, completion: 22, total: 363, estimated: false })).toBe('total 363');
  expect(explainTokens({ prompt: 341, completion: 22, total: 363, estimated: true })).toBe(
    'total 363, estimated by a library',
  );
  expect(explainTokens({ prompt: 341, completion: null, total: null })).toBe('total unknown');
  expect(explainTokens(null)).toBe('no span reports tokens');
});

it('reads bytes and counts', () => {
  expect(formatBytes(427)).toBe('427 B');
  expect(formatBytes(7165)).toBe('7.00 KiB');
  expect(formatBytes(18_234_567)).toBe('17.4 MiB');
  expect(formatCount(100_000)).toBe('100,000');
  expect(formatCount(undefined)).toBe('-');
  expect(plural(1, 'span')).toBe('1 span');
  expect(plural(0, 'span')).toBe('0 spans');
});

it('tells what is known of a call, and nothing of what is not', () => {
  const tokens = { prompt: 341, completion: 22, total: 363 };
  expect(formatFigures({ duration_ns: 1_820_000_000, tokens, cost: { total_usd: 0.0201 } })).toBe(
    '1.82s, 341 → 22 tokens, $0.0201',
  );
  expect(formatFigures({ duration_ns: 412_000_000, tokens: null, cost: { total_usd: null } })).toBe('412ms');
});
