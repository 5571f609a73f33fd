import { expect, it } from 'vitest';
import { columnsIn, trackStyle } from './column_room';

const left = (of: 'traces' | 'spans' | 'calls', listPx: number, cols?: string) =>
  columnsIn(listPx, { of, cols }).join(' ');

it('shows every usual column where there is room', () => {
  expect(left('calls', 1274)).toBe(
    'start name model provider tokens.prompt tokens.cache_read tokens.completion cost duration first_token ' +
      'finish_reason input output',
  );
  // 1,274 px is what they take at least.
  expect(left('calls', 1273)).not.toContain('provider');
  expect(left('traces', 1400)).toBe('start name duration spans errors tokens cost input output service session');
});

// 1,028 px is a list beside the facets on a screen of 1,440 px, 764 px one of 1,024 px, 390 px a phone.
it('leaves out what tells least, and never what a row is', () => {
  expect(left('calls', 1028)).toBe('start name model tokens.prompt tokens.completion cost duration input output');
  expect(left('calls', 764)).toBe('start name tokens.prompt tokens.completion cost duration input');
  expect(left('calls', 390)).toBe('start name cost duration');
  expect(left('calls', 1)).toBe('start name duration');
  expect(left('traces', 1028)).toBe('start name duration spans errors tokens cost input output');
  expect(left('traces', 764)).toBe('start name duration errors tokens cost input');
  expect(left('traces', 390)).toBe('start name duration errors');
  expect(left('traces', 320)).toBe('start name duration errors');
  expect(left('spans', 1028)).toBe('start name duration tokens cost status input output');
  expect(left('spans', 764)).toBe('start name duration cost status input');
  expect(left('spans', 320)).toBe('start name duration status');
});

it('keeps all that were chosen', () => {
  expect(left('spans', 1, 'start,name,trace')).toBe('start name trace');
  expect(left('calls', 1, 'all')).toContain('provider');
  expect(trackStyle({ of: 'spans', cols: 'start,name,trace' }, ['start', 'name', 'trace'], 390)).toEqual({
    '--columns': '92px minmax(132px, 1fr) 244px',
    '--gap': '8px',
    '--least': '508px',
  });
  expect(trackStyle({ of: 'spans' }, ['start', 'name'], 320)).toMatchObject({ '--columns': '92px minmax(0px, 1fr)' });
});
