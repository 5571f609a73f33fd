// What is not as it was: groups whose errors, latency or cost differ most from the period before.
import type { UsageRow } from '../../api/insight_types';
import { changeOf } from '../../base/change';
import { formatDuration, formatUsd, plural } from '../../base/format';

export type Difference = { group: string; figure: string; now: string; before: string; change: string; weight: number };

// Fewer calls than this tell nothing of a share or a percentile.
const callsMin = 5;
const nsPerMs = 1e6;
const differencesMax = 6;

type Side = UsageRow | undefined;
type Figure = {
  name: string;
  of: (row: UsageRow) => number | null;
  text: (value: number) => string;
  weigh: (now: number, before: number, calls: number) => number;
};

const ratio = (now: number, before: number): number => Math.abs(Math.log((now + 1e-9) / (before + 1e-9)));

const figures: readonly Figure[] = [
  {
    name: 'errors',
    of: (row) => row.errors / Math.max(1, row.calls),
    text: (share) => `${(share * 100).toFixed(share < 0.1 && share > 0 ? 1 : 0)} % failed`,
    weigh: (now, before, calls) => (Math.abs(now - before) >= 0.02 ? Math.abs(now - before) * 10 + calls / 1e6 : 0),
  },
  {
    name: 'latency',
    of: (row) => row.latency_ms?.p95 ?? null,
    text: (ms) => `p95 ${formatDuration(ms * nsPerMs)}`,
    weigh: (now, before) => (ratio(now, before) >= 0.2 && Math.abs(now - before) >= 10 ? ratio(now, before) : 0),
  },
  {
    name: 'cost',
    of: (row) => row.cost?.total_usd ?? null,
    text: formatUsd,
    weigh: (now, before) => (ratio(now, before) >= 0.2 && Math.abs(now - before) >= 0.001 ? ratio(now, before) / 2 : 0),
  },
];

export function differencesOf(now: readonly UsageRow[], before: readonly UsageRow[], by: string): Difference[] {
  const nameOf = (row: UsageRow): string => row.group[by] ?? '';
  const names = new Set([...now, ...before].map(nameOf).filter(Boolean));
  const found: Difference[] = [];
  for (const group of names) {
    const [one, other] = [now, before].map((rows): Side => rows.find((row) => nameOf(row) === group));
    found.push(...appeared(group, one, other));
    if (!one || !other || one.calls < callsMin || other.calls < callsMin) continue;
    for (const figure of figures) {
      const [value, was] = [figure.of(one), figure.of(other)];
      if (value === null || was === null) continue;
      const weight = figure.weigh(value, was, one.calls);
      const change = changeOf(value, was)?.text ?? '';
      if (weight > 0)
        found.push({ group, figure: figure.name, now: figure.text(value), before: figure.text(was), change, weight });
    }
  }
  return found.sort((a, b) => b.weight - a.weight).slice(0, differencesMax);
}

function appeared(group: string, one: Side, other: Side): Difference[] {
  const calls = (row: Side) => plural(row?.calls ?? 0, 'call');
  const isNew = one && !other && one.calls >= callsMin;
  const isGone = other && !one && other.calls >= callsMin;
  if (!isNew && !isGone) return [];
  return [{ group, figure: 'calls', now: calls(one), before: calls(other), change: isNew ? 'new' : 'gone', weight: 1 }];
}
