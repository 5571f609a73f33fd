import { describe, expect, it } from 'vitest';
import {
  dayBegin,
  formatAgo,
  formatClock,
  formatDay,
  formatInstant,
  formatRange,
  formatTick,
  parseLocalInput,
  zoneLabel,
} from './time';

// 2026-11-22T22:25:29.374145794Z, the start of the recorded seed trace.
const start = '1795386329374145794';
const startMs = 1_795_386_329_374;

describe('an instant in several zones', () => {
  it.each([
    ['UTC', '2026-11-22 22:25:29.374145794 UTC', '22:25:29.374', '2026-11-22'],
    ['Europe/Berlin', '2026-11-22 23:25:29.374145794 CET', '23:25:29.374', '2026-11-22'],
    ['Asia/Kathmandu', '2026-11-23 04:10:29.374145794 GMT+5:45', '04:10:29.374', '2026-11-23'],
    ['America/Los_Angeles', '2026-11-22 14:25:29.374145794 GMT-8', '14:25:29.374', '2026-11-22'],
  ])('%s', (zone, instant, clock, day) => {
    expect(formatInstant(start, zone)).toBe(instant);
    expect(formatClock(start, zone)).toBe(clock);
    expect(formatDay(start, zone)).toBe(day);
  });

  it('names the zone as it was at that time', () => {
    expect(zoneLabel(Date.UTC(2026, 6, 1), 'Europe/Berlin')).toBe('CEST');
    expect(zoneLabel(Date.UTC(2026, 0, 1), 'Europe/Berlin')).toBe('CET');
  });

  it('shows midnight as 00', () => {
    expect(formatClock('1795305600000000000', 'UTC')).toBe('00:00:00.000');
  });
});

it.each([
  [0, 'now'],
  [999, 'now'],
  [42_000, '42s ago'],
  [125_000, '2m ago'],
  [7_300_000, '2h ago'],
  [260_000_000, '3d ago'],
  [-7_300_000, 'in 2h'],
])('%d ms later it reads %s', (laterMs, text) => {
  expect(formatAgo(start, startMs + laterMs)).toBe(text);
});

it('writes ranges of time with their zone', () => {
  const noon = Date.UTC(2026, 0, 31, 12);
  expect(formatRange(noon, noon + 60_000, 'Europe/Berlin')).toBe('2026-01-31 13:00:00 to 13:01:00 CET');
  expect(formatRange(noon, noon + 43_200_000, 'UTC')).toBe('2026-01-31 12:00:00 to 2026-02-01 00:00:00 UTC');
  expect(formatRange(noon, noon + 50, 'UTC')).toBe('2026-01-31 12:00:00.000 to 12:00:00.050 UTC');
});

it('writes ticks as short as their steps allow', () => {
  const evening = Date.UTC(2026, 0, 31, 22, 30);
  expect(formatTick(evening, 10_000, 'UTC')).toBe('22:30:00');
  expect(formatTick(evening, 1_800_000, 'UTC')).toBe('22:30');
  expect(formatTick(evening + 1_800_000, 1_800_000, 'Europe/Berlin')).toBe('02-01');
  expect(formatTick(evening, 86_400_000, 'UTC')).toBe('01-31');
});

it.each([
  ['2026-11-22T22:25:29', 'UTC', '2026-11-22T22:25:29Z'],
  ['2026-11-22T22:25', 'Asia/Kathmandu', '2026-11-22T16:40:00Z'],
  ['2026-07-01T00:30:00', 'Europe/Berlin', '2026-06-30T22:30:00Z'],
  // Skipped and repeated by the change of clocks in Berlin.
  ['2026-03-29T02:30:00', 'Europe/Berlin', '2026-03-29T01:30:00Z'],
  ['2026-10-25T02:30:00', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
])('takes %s in %s for %s', (text, zone, instant) => {
  expect(parseLocalInput(text, zone)).toBe(Date.parse(instant));
});

it.each([
  ['2026-11-22T22:25:29Z', 'UTC', '2026-11-22T00:00:00Z'],
  ['2026-11-22T23:25:29Z', 'Europe/Berlin', '2026-11-22T23:00:00Z'],
  ['2026-11-22T18:20:00Z', 'Asia/Kathmandu', '2026-11-22T18:15:00Z'],
  ['2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T23:00:00Z'],
])('begins the day of %s in %s at %s', (instant, zone, begin) => {
  expect(dayBegin(Date.parse(instant), zone)).toBe(Date.parse(begin));
});

it('takes nothing for a time that is none', () => {
  expect(parseLocalInput('', 'UTC')).toBeNaN();
});
