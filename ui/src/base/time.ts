// Unix nanoseconds (decimal strings, as on the wire) to text in a named time zone. Every absolute time carries its zone.

import { shownZone } from './zone';

type Fields = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'timeZoneName', string>;

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
  formatters.set(zone, made);
  return made;
}

function fieldsOf(unixMs: number, zone: string): Fields {
  const parts = formatter(zone).formatToParts(unixMs);
  return Object.fromEntries(parts.map((part) => [part.type, part.value])) as Fields;
}

const unixMsOf = (unixNs: string): number => Number(BigInt(unixNs) / 1_000_000n);

// "UTC", "GMT+5:45", "CET": the zone as it applies at that moment.
export function zoneLabel(unixMs: number, zone = shownZone()): string {
  return fieldsOf(unixMs, zone).timeZoneName;
}

// "22:25:29.374"
export function formatClock(unixNs: string, zone = shownZone()): string {
  const ms = unixMsOf(unixNs);
  const f = fieldsOf(ms, zone);
  return `${f.hour}:${f.minute}:${f.second}.${String(((ms % 1000) + 1000) % 1000).padStart(3, '0')}`;
}

// "2026-11-22"
export function formatDay(unixNs: string, zone = shownZone()): string {
  const f = fieldsOf(unixMsOf(unixNs), zone);
  return `${f.year}-${f.month}-${f.day}`;
}

// "2026-11-22 22:25:29.374146000 UTC"
export function formatInstant(unixNs: string, zone = shownZone()): string {
  const ms = unixMsOf(unixNs);
  const f = fieldsOf(ms, zone);
  const fraction = BigInt.asUintN(64, ((BigInt(unixNs) % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n);
  return `${f.year}-${f.month}-${f.day} ${f.hour}:${f.minute}:${f.second}.${String(fraction).padStart(9, '0')} ${f.timeZoneName}`;
}

const steps: readonly [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
  [1, 's'],
];

// "now", "42s ago", "3d ago"; a time ahead of this clock reads "in 3h".
export function formatAgo(unixNs: string, nowMs: number): string {
  const seconds = Math.trunc((nowMs - unixMsOf(unixNs)) / 1000);
  const size = Math.abs(seconds);
  for (const [length, unit] of steps) {
    if (size >= length) {
      const amount = `${Math.floor(size / length)}${unit}`;
      return seconds > 0 ? `${amount} ago` : `in ${amount}`;
    }
  }
  return 'now';
}

const dayMs = 86_400_000;

// Below an axis: "22:25:29", "22:25", and "11-22" where a day begins or the steps are days.
export function formatTick(unixMs: number, stepMs: number, zone = shownZone()): string {
  const f = fieldsOf(unixMs, zone);
  if (stepMs >= dayMs || (f.hour === '00' && f.minute === '00' && f.second === '00')) return `${f.month}-${f.day}`;
  return stepMs < 60_000 ? `${f.hour}:${f.minute}:${f.second}` : `${f.hour}:${f.minute}`;
}

// "2026-11-22 22:25:00 to 22:26:00 UTC"; the day again where it is another one, milliseconds where there are some.
export function formatRange(fromMs: number, toMs: number, zone = shownZone()): string {
  const [from, to] = [fieldsOf(fromMs, zone), fieldsOf(toMs, zone)];
  const day = (f: Fields) => `${f.year}-${f.month}-${f.day}`;
  const isWhole = fromMs % 1000 === 0 && toMs % 1000 === 0;
  const clock = (f: Fields, ms: number) =>
    `${f.hour}:${f.minute}:${f.second}${isWhole ? '' : `.${String(ms % 1000).padStart(3, '0')}`}`;
  const end = day(from) === day(to) ? clock(to, toMs) : `${day(to)} ${clock(to, toMs)}`;
  return `${day(from)} ${clock(from, fromMs)} to ${end} ${to.timeZoneName}`;
}

// What a datetime-local input holds, to the second: "2026-11-22T22:25:29".
export function localInput(unixMs: number, zone = shownZone()): string {
  const f = fieldsOf(unixMs, zone);
  return `${f.year}-${f.month}-${f.day}T${f.hour}:${f.minute}:${f.second}`;
}

// The moment at which a clock of the zone shows what localInput() prints; NaN for other text. A time that the clock skips
// is taken an hour later, one that it shows twice is the first.
export function parseLocalInput(text: string, zone = shownZone()): number {
  const asUtc = Date.parse(`${text}Z`);
  if (Number.isNaN(asUtc)) return Number.NaN;
  const offsetAt = (unixMs: number) => Date.parse(`${localInput(unixMs, zone)}Z`) - Math.floor(unixMs / 1000) * 1000;
  const candidates = [asUtc - offsetAt(asUtc - dayMs), asUtc - offsetAt(asUtc + dayMs)];
  return candidates.find((unixMs) => unixMs + offsetAt(unixMs) === asUtc) ?? candidates[0] ?? Number.NaN;
}

// When the day began.
export const dayBegin = (unixMs: number, zone = shownZone()): number =>
  parseLocalInput(`${localInput(unixMs, zone).slice(0, 10)}T00:00:00`, zone);
