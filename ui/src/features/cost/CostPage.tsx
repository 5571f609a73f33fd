import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { settledWindow, usageQuery } from '../../api/insight_queries';
import type { UsageRow } from '../../api/insight_types';
import { formatCount, formatDuration, formatTokens, formatUsd, plural, unknown } from '../../base/format';
import type { TimeWindow } from '../../base/listing';
import { usePageTitle } from '../../base/page_title';
import { writtenValue } from '../../base/query_text';
import { Button } from '../../widgets/Button';
import { Choice } from '../../widgets/Choice';
import { Loading, Notice } from '../../widgets/Notice';
import { Figures, Page, Section } from '../../widgets/Page';
import { type Column, Metered, Table } from '../../widgets/Table';
import { TimeRange, timeRangeLabel } from '../../widgets/TimeRange';
import styles from './cost.module.css';
import { DayChart } from './DayChart';
import { type CostGroup, costGroups } from './groups';
import { byCostOfResults, costOfResults, noteOfTools } from './tool_costs';

const rowsMax = 100;
const dayRowsMax = 1000;

type CostPageProps = {
  project: string;
  t: string;
  by: CostGroup;
  onShow: (change: { t?: string; by?: CostGroup }) => void;
};

export function CostPage({ project, t, by, onShow }: CostPageProps) {
  usePageTitle(`Cost of ${project}`);
  const window = useMemo(() => settledWindow(t), [t]);
  const sort = by === 'tool' ? 'calls' : by === 'day' ? 'group' : 'cost';
  const usage = useQuery(usageQuery(project, window, { by, sort, limit: rowsMax }));
  const rows = by === 'tool' ? byCostOfResults(usage.data?.data ?? []) : (usage.data?.data ?? []);
  return (
    <Page title="Cost" beside={<TimeRange t={t} onRange={(next) => onShow({ t: next })} />}>
      <Totals project={project} window={window} />
      {by !== 'tool' && <ByDay project={project} window={window} by={by === 'day' ? 'model' : by} />}
      <Section
        title={`Cost by ${by}`}
        note={[
          by === 'tool' && noteOfTools(usage.data),
          usage.data &&
            rows.length < usage.data.group_count &&
            `the first ${rows.length} of ${formatCount(usage.data.group_count)}`,
        ]
          .filter(Boolean)
          .join('; ')}
        beside={
          <Choice
            label="Group by"
            options={costGroups.map((group) => [group, `By ${group}`] as const)}
            current={by}
            onChoose={(next) => onShow({ by: next })}
          />
        }
      >
        {usage.isPending ? (
          <Loading what="Adding up" />
        ) : usage.error && !usage.data ? (
          <Notice
            tone="error"
            title="The usage could not be added up"
            action={<Button onClick={() => usage.refetch()}>Try again</Button>}
          >
            <p>{usage.error.message}</p>
          </Notice>
        ) : rows.length === 0 ? (
          <Nothing project={project} t={t} by={by} onShow={onShow} />
        ) : (
          <Table
            label={`Usage by ${by}`}
            columns={columnsOf({ project, t, by, rows })}
            rows={rows}
            keyOf={(row) => row.group[by] ?? ''}
            waiting={usage.isPlaceholderData}
          />
        )}
      </Section>
      <Unpriced project={project} t={t} window={window} />
      <Doubtful project={project} window={window} />
    </Page>
  );
}

function Nothing({ project, t, by, onShow }: CostPageProps) {
  return (
    <Notice
      title={by === 'tool' ? 'No tool was called' : 'No model was called'}
      action={t !== 'all' && <Button onClick={() => onShow({ t: 'all' })}>Look in all time</Button>}
    >
      <p>
        {timeRangeLabel(t)}, in project {project}. Counted are spans of kind{' '}
        {by === 'tool' ? 'TOOL' : 'LLM, EMBEDDING and RERANKER'}.
      </p>
    </Notice>
  );
}

const add = (rows: readonly UsageRow[], of: (row: UsageRow) => number | null | undefined): number | null => {
  const known = rows.map(of).filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
};

const byModel = { by: 'model,provider', sort: 'cost', limit: dayRowsMax };

function Totals({ project, window }: { project: string; window: TimeWindow }) {
  const { data } = useQuery(usageQuery(project, window, byModel));
  if (!data) return null;
  const rows = data.data;
  const [prompt, cached] = [add(rows, (row) => row.tokens?.prompt), add(rows, (row) => row.tokens?.cache_read)];
  const unpriced = add(rows, (row) => row.cost?.unpriced_calls) ?? 0;
  return (
    <Figures
      figures={[
        {
          label: 'Cost',
          value: formatUsd(add(rows, (row) => row.cost?.total_usd)),
          note:
            unpriced > 0
              ? `without ${plural(unpriced, 'call')} that ${unpriced === 1 ? 'has' : 'have'} no price`
              : undefined,
        },
        { label: 'Saved by caches', value: formatUsd(add(rows, (row) => row.cost?.cache_savings_usd)) },
        {
          label: 'Read from caches',
          value: prompt && cached !== null ? `${((cached / prompt) * 100).toFixed(0)} %` : unknown,
          note: 'of the prompts’ tokens',
        },
        { label: 'Calls', value: formatCount(add(rows, (row) => row.calls)) },
        { label: 'Tokens in', value: formatTokens(prompt) },
        { label: 'Tokens out', value: formatTokens(add(rows, (row) => row.tokens?.completion)) },
      ]}
    />
  );
}

function ByDay({ project, window, by }: { project: string; window: TimeWindow; by: string }) {
  const days = useQuery(usageQuery(project, window, { by: `day,${by}`, sort: 'cost', limit: dayRowsMax }));
  if (!days.data?.data.some((row) => row.cost?.total_usd)) return null;
  return (
    <Section title="By day" note={days.data.group_count > dayRowsMax && 'of the groups that cost most'}>
      <DayChart rows={days.data.data} by={by} />
    </Section>
  );
}

// The query that lists a group's traces; null where the query language has no such field.
function queryOf(by: CostGroup, value: string | null): string | null {
  if (value === null || value === '' || by === 'day') return null;
  return `${by}:${writtenValue(value)}`;
}

type ColumnsFor = { project: string; t: string; by: CostGroup; rows: readonly UsageRow[] };

function columnsOf({ project, t, by, rows }: ColumnsFor): Column<UsageRow>[] {
  const name: Column<UsageRow> = {
    label: `${by.charAt(0).toUpperCase()}${by.slice(1)}`,
    cell: (row) => <GroupName project={project} t={t} by={by} value={row.group[by] ?? null} />,
  };
  const calls: Column<UsageRow>[] = [
    { label: 'Calls', number: true, cell: (row) => formatCount(row.calls) },
    {
      label: 'Errors',
      number: true,
      drop: by === 'tool' ? undefined : 'wide',
      cell: (row) => (row.errors > 0 ? <strong className="bad">{formatCount(row.errors)}</strong> : '0'),
    } as Column<UsageRow>,
    { label: 'p50', number: true, drop: 'wide', cell: (row) => ms(row.latency_ms?.p50) },
    { label: 'p95', number: true, drop: 'small', cell: (row) => ms(row.latency_ms?.p95) },
  ];
  if (by === 'tool') return [name, ...costOfResults(rows), ...calls];
  const most = Math.max(...rows.map((row) => row.cost?.total_usd ?? 0), Number.EPSILON);
  return [
    name,
    {
      label: 'Cost',
      number: true,
      cell: (row) => <Metered share={(row.cost?.total_usd ?? 0) / most}>{formatUsd(row.cost?.total_usd)}</Metered>,
    },
    { label: 'Saved by caches', number: true, drop: 'wide', cell: (row) => formatUsd(row.cost?.cache_savings_usd) },
    { label: 'Tokens in', number: true, drop: 'small', cell: (row) => formatTokens(row.tokens?.prompt) },
    { label: 'Cached', number: true, drop: 'wide', cell: cachedShare },
    { label: 'Tokens out', number: true, drop: 'small', cell: (row) => formatTokens(row.tokens?.completion) },
    ...calls,
  ];
}

const ms = (value: number | null | undefined): string => (value == null ? unknown : formatDuration(value * 1e6));

function cachedShare({ tokens }: UsageRow): string {
  if (!tokens?.prompt || tokens.cache_read === null) return unknown;
  return `${((tokens.cache_read / tokens.prompt) * 100).toFixed(0)} %`;
}

type GroupNameProps = { project: string; t: string; by: CostGroup; value: string | null };

function GroupName({ project, t, by, value }: GroupNameProps) {
  const q = queryOf(by, value);
  if (q === null) return value || '(none)';
  return (
    <Link to="/p/$project/traces" params={{ project }} search={{ q, t: t === 'all' ? undefined : t }}>
      {value}
    </Link>
  );
}

// What no sum of costs holds.
function Unpriced({ project, t, window }: { project: string; t: string; window: TimeWindow }) {
  const { data } = useQuery(usageQuery(project, window, byModel));
  const rows = data?.data.filter((row) => (row.cost?.unpriced_calls ?? 0) > 0) ?? [];
  if (rows.length === 0) return null;
  const listed = t === 'all' ? undefined : t;
  const columns: Column<UsageRow>[] = [
    {
      label: 'Model',
      cell: ({ group: { model } }) => (
        <Link
          to="/p/$project/traces"
          params={{ project }}
          search={{ of: 'spans', q: `model:${writtenValue(model ?? '')} has:tokens -has:cost`, t: listed }}
        >
          {model || '(no model)'}
        </Link>
      ),
    },
    { label: 'Provider', drop: 'small', cell: (row) => row.group.provider || unknown },
    { label: 'Calls without a price', number: true, cell: (row) => formatCount(row.cost?.unpriced_calls) },
    {
      label: 'Tokens',
      number: true,
      drop: 'small',
      cell: (row) => formatTokens(row.tokens?.total ?? row.tokens?.prompt),
    },
    {
      label: 'What to do',
      cell: () => (
        <Link to="/p/$project/settings/$section" params={{ project, section: 'prices' }}>
          Set a price
        </Link>
      ),
    },
  ];
  return (
    <Section title="Not priced" note="their cost is unknown, and in no sum">
      <div className={styles.beside}>
        <Table label="Calls without a price" columns={columns} rows={rows} keyOf={(row) => JSON.stringify(row.group)} />
      </div>
    </Section>
  );
}

// What the sums of tokens hold, and should not be taken for what the provider counted.
function Doubtful({ project, window }: { project: string; window: TimeWindow }) {
  const { data } = useQuery(usageQuery(project, window, byModel));
  const rows = data?.data.filter((row) => row.estimated_calls + row.impossible_calls > 0) ?? [];
  if (rows.length === 0) return null;
  const columns: Column<UsageRow>[] = [
    { label: 'Model', cell: ({ group: { model } }) => model || '(no model)' },
    { label: 'Provider', drop: 'small', cell: (row) => row.group.provider || unknown },
    { label: 'Calls', number: true, cell: (row) => formatCount(row.calls) },
    { label: 'Estimated by a library', number: true, cell: (row) => formatCount(row.estimated_calls) },
    { label: 'Contradict themselves', number: true, cell: (row) => formatCount(row.impossible_calls) },
  ];
  return (
    <Section title="Token counts to doubt" note="they are in the sums of tokens">
      <div className={styles.beside}>
        <Table label="Token counts to doubt" columns={columns} rows={rows} keyOf={(row) => JSON.stringify(row.group)} />
      </div>
    </Section>
  );
}
