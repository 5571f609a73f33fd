// What tools cost: their results stand in prompts, and those tokens are paid for.
import type { Usage, UsageRow } from '../../api/insight_types';
import { formatTokens, formatUsd, plural } from '../../base/format';
import { type Column, Metered } from '../../widgets/Table';

const costOf = ({ in_prompts: results }: UsageRow): number => results?.cost_usd ?? 0;

export const byCostOfResults = (rows: readonly UsageRow[]): UsageRow[] =>
  rows.toSorted((a, b) => costOf(b) - costOf(a) || b.calls - a.calls);

export function noteOfTools(usage: Usage | undefined): string {
  const counted = usage?.in_prompts;
  if (!counted) return '';
  return `what results add to the prompts that carry them${counted.complete ? '' : `, of the latest ${plural(counted.traces, 'trace')}`}`;
}

export function costOfResults(rows: readonly UsageRow[]): Column<UsageRow>[] {
  const most = Math.max(...rows.map(costOf), Number.EPSILON);
  return [
    {
      label: 'Cost in prompts',
      number: true,
      cell: (row) => <Metered share={costOf(row) / most}>{formatUsd(row.in_prompts?.cost_usd)}</Metered>,
    },
    {
      label: 'Tokens measured',
      number: true,
      drop: 'wide',
      cell: (row) => formatTokens(row.in_prompts?.measured_tokens),
    },
    {
      label: 'Tokens estimated',
      number: true,
      drop: 'wide',
      cell: (row) => formatTokens(row.in_prompts?.estimated_tokens),
    },
    ...(rows.some((row) => row.in_prompts?.unpriced_tokens) ? [unpriced] : []),
  ];
}

// Those are in no cost.
const unpriced: Column<UsageRow> = {
  label: 'Without a price',
  number: true,
  drop: 'wide',
  cell: (row) => formatTokens(row.in_prompts?.unpriced_tokens || null),
};
