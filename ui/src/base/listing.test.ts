import { expect, it } from 'vitest';
import { columnsOf, isTimeRange, listingOf, printColumns, rangeOf, searchOf, sortedBy, windowOf } from './listing';

const usual = { of: 'traces', q: '', t: 'all', sort: '-start' } as const;

it('leaves what is usual out of the address', () => {
  expect(listingOf({})).toEqual(usual);
  expect(Object.values(searchOf(usual)).filter((value) => value !== undefined)).toEqual([]);
});

it('comes back from the address as it went in', () => {
  const listing = { of: 'spans', q: 'model:"a b" -user:bot', t: '24h', sort: 'cost' } as const;
  expect(searchOf(listing)).toEqual({ of: 'spans', q: 'model:"a b" -user:bot', t: '24h', sort: 'cost' });
  expect(listingOf(searchOf(listing))).toEqual(listing);
});

it('drops an order that the list has no column for', () => {
  expect(listingOf({ of: 'spans', sort: '-errors' }).sort).toBe('-start');
  expect(listingOf({ sort: '-errors' }).sort).toBe('-errors');
});

it('knows ranges of time', () => {
  expect(isTimeRange('7d')).toBe(true);
  expect(isTimeRange('8d')).toBe(false);
  expect(isTimeRange('2026-01-31T12:00:00Z..2026-01-31T12:00:00.500Z')).toBe(true);
  expect(isTimeRange('2026-01-31T12:00:00Z..2026-01-31T12:00:00Z')).toBe(false);
  expect(isTimeRange('2026-01-31T12:00:00Z..2026-13-31T12:00:00Z')).toBe(false);
  expect(isTimeRange('2026-01-31..2026-02-01')).toBe(false);
});

it('counts back from now, or takes what is written', () => {
  const now = Date.UTC(2026, 0, 31, 12);
  expect(windowOf('1h', now)).toEqual({ fromMs: Date.UTC(2026, 0, 31, 11), toMs: null });
  expect(windowOf('all', now)).toEqual({ fromMs: null, toMs: null });
  const fixed = rangeOf(Date.UTC(2026, 0, 30), Date.UTC(2026, 0, 30, 0, 0, 1, 250));
  expect(fixed).toBe('2026-01-30T00:00:00Z..2026-01-30T00:00:01.250Z');
  expect(windowOf(fixed, now)).toEqual({ fromMs: Date.UTC(2026, 0, 30), toMs: Date.UTC(2026, 0, 30, 0, 0, 1, 250) });
});

it('sorts by the biggest first, names from A, and turns around', () => {
  expect(sortedBy(usual, 'cost')).toBe('-cost');
  expect(sortedBy({ ...usual, sort: '-cost' }, 'cost')).toBe('cost');
  expect(sortedBy({ ...usual, sort: 'cost' }, 'cost')).toBe('-cost');
  expect(sortedBy({ ...usual, of: 'spans' }, 'name')).toBe('name');
  expect(sortedBy({ ...usual, of: 'spans', sort: 'name' }, 'name')).toBe('-name');
});

it('sorts by relevance as long as something is asked', () => {
  const found = { ...usual, q: 'zirconium', sort: 'relevance' };
  expect(listingOf({ q: 'zirconium', sort: 'relevance' })).toEqual(found);
  expect(listingOf({ sort: 'relevance' }).sort).toBe('-start');
  expect(sortedBy({ ...found, sort: '-cost' }, 'relevance')).toBe('relevance');
  expect(sortedBy(found, 'relevance')).toBe('-start');
});

it('keeps chosen columns in their order, and the name always', () => {
  expect(printColumns('spans', ['cost', 'start', 'nonsense'])).toBe('start,name,cost');
  expect(listingOf({ of: 'spans', cols: 'cost,<b>,start' }).cols).toBe('start,name,cost');
  expect(searchOf(listingOf({ of: 'spans', cols: 'cost' })).cols).toBe('name,cost');
  expect(columnsOf({ of: 'spans', cols: 'name,cost' })).toEqual(['name', 'cost']);
});

it('says nothing of columns that are as usual, or none of this list', () => {
  expect(printColumns('traces', columnsOf({ of: 'traces' }))).toBeUndefined();
  expect(listingOf({ cols: 'provider' }).cols).toBeUndefined(); // spans have one, traces do not
  expect(listingOf({ cols: 'all' }).cols).toBe('all');
  expect(columnsOf({ of: 'calls', cols: 'all' })).toEqual(columnsOf({ of: 'calls' }));
});

it('has calls of models as a list of its own', () => {
  const listing = { of: 'calls', q: 'model:gpt-4o', t: '24h', sort: '-tokens.cache_read' } as const;
  expect(listingOf(searchOf(listing))).toEqual(listing);
  expect(listingOf({ of: 'calls', sort: '-spans' }).sort).toBe('-start');
  expect(sortedBy({ ...usual, of: 'calls' }, 'finish_reason')).toBe('finish_reason');
  expect(sortedBy({ ...usual, of: 'calls' }, 'first_token')).toBe('-first_token');
  expect(listingOf({ of: 'calls', cols: 'output,tokens.prompt' }).cols).toBe('name,tokens.prompt,output');
});
