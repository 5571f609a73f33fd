// Cost by day as stacked columns: the groups that cost most, and the rest as one.
import type { UsageRow } from '../../api/insight_types';

export type DayColumn = { day: string; total: number; parts: number[] }; // parts as in `groups`
export type Days = { groups: string[]; columns: DayColumn[]; highest: number };

const groupsMax = 5;
export const rest = 'the rest';

export function daysOf(rows: readonly UsageRow[], by: string): Days {
  const sums = new Map<string, number>();
  for (const row of rows) {
    const name = row.group[by] ?? '';
    sums.set(name, (sums.get(name) ?? 0) + (row.cost?.total_usd ?? 0));
  }
  const ordered = [...sums].filter(([, usd]) => usd > 0).sort(([, a], [, b]) => b - a);
  const groups = ordered.slice(0, groupsMax).map(([name]) => name);
  const hasRest = ordered.length > groupsMax;
  const columns = new Map<string, DayColumn>();
  for (const row of rows) {
    const day = row.group.day ?? '';
    const column = columns.get(day) ?? { day, total: 0, parts: Array(groups.length + (hasRest ? 1 : 0)).fill(0) };
    columns.set(day, column);
    const usd = row.cost?.total_usd ?? 0;
    const at = groups.indexOf(row.group[by] ?? '');
    const index = at < 0 ? groups.length : at;
    if (index < column.parts.length) column.parts[index] = (column.parts[index] ?? 0) + usd;
    column.total += usd;
  }
  const inOrder = [...columns.values()].sort((a, b) => (a.day < b.day ? -1 : 1));
  return {
    groups: hasRest ? [...groups, rest] : groups,
    columns: inOrder,
    highest: Math.max(0, ...inOrder.map((column) => column.total)),
  };
}
