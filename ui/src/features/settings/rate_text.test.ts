import { expect, it } from 'vitest';
import { parseRate, printRate } from './rate_text';

it.each([
  ['', undefined],
  ['  ', undefined],
  ['0', 0],
  [' 2.5 ', 2.5],
  ['8; 12 above 200000', { base: 8, tiers: [{ above: 200_000, rate: 12 }] }],
  [
    '8; 12 above 200,000; 16.5 above 1_000_000',
    {
      base: 8,
      tiers: [
        { above: 200_000, rate: 12 },
        { above: 1_000_000, rate: 16.5 },
      ],
    },
  ],
  ['free', null],
  ['-1', null],
  ['$2', null],
  ['8; 12', null],
  ['; 12 above 3', null],
])('reads %j', (text, rate) => {
  expect(parseRate(text)).toEqual(rate);
});

it('prints what it reads', () => {
  expect(printRate(undefined)).toBe('');
  expect(printRate(0.075)).toBe('0.075');
  expect(printRate({ base: 8, tiers: [{ above: 200_000, rate: 12 }] })).toBe('8; 12 above 200000');
});
