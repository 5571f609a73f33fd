import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { settledWindow, traceRowsQuery, usageQuery, windowBefore } from '../../api/insight_queries';
import type { UsageRow } from '../../api/insight_types';
import { histogramQuery } from '../../api/list_queries';
import { errorGroupsQuery, totalsQuery } from '../../api/summary_queries';
import { type TraceRow, titleOf } from '../../api/types';
import { changeText } from '../../base/change';
import { formatCount, formatDuration, formatTokens, formatUsd, plural, unknown } from '../../base/format';
import { rangeOf, type TimeWindow } from '../../base/listing';
import { usePageTitle } from '../../base/page_title';
import { dayBegin, formatAgo, formatInstant } from '../../base/time';
import { EmptyProject } from '../../panels/EmptyProject';
import { ErrorTitle } from '../../panels/errors/ErrorTitle';
import { OverTime } from '../../panels/histogram/OverTime';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { type FigureOf, Figures, Page, Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import { TimeRange, timeRangeLabel } from '../../widgets/TimeRange';
import { differencesOf } from './changes';
import styles from './home.module.css';

type HomePageProps = { project: string; t: string; onRange: (t: string) => void; onList: (t: string) => void };

const groupsMax = 200;
const rowsMax = 6;

export function HomePage({ project, t, onRange, onList }: HomePageProps) {
  usePageTitle(`Home of ${project}`);
  const window = useMemo(() => settledWindow(t), [t]);
  const before = useMemo(() => windowBefore(window, Date.now()), [window]);
  const totals = useQuery(totalsQuery(project, window));
  const counts = useQuery(histogramQuery(project, { of: 'traces', q: '', t }));
  const isEmpty = totals.data?.traces === 0;
  if (isEmpty && t === 'all') return <EmptyProject project={project} />;
  return (
    <Page title="Home" beside={<TimeRange t={t} onRange={onRange} />}>
      <Strip project={project} window={window} before={before} />
      {isEmpty ? (
        <Notice
          title="No traces in this time"
          action={<Button onClick={() => onRange('all')}>Look in all time</Button>}
        >
          <p>
            {timeRangeLabel(t)}, in project {project}.
          </p>
        </Notice>
      ) : (
        <>
          <OverTime counts={counts} of="traces" onRange={(fromMs, toMs) => onList(rangeOf(fromMs, toMs))} />
          <div className={styles.columns}>
            <Changes project={project} window={window} before={before} />
            <NewestErrors project={project} t={t} window={window} />
            <Top project={project} window={window} sort="-duration" />
            <Top project={project} window={window} sort="-cost" />
          </div>
        </>
      )}
    </Page>
  );
}

type Period = { project: string; window: TimeWindow; before: TimeWindow | null };

const add = (
  rows: readonly UsageRow[] | undefined,
  of: (row: UsageRow) => number | null | undefined,
): number | null => {
  const known = (rows ?? []).map(of).filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
};

const byModel = { by: 'model', sort: 'cost', limit: groupsMax };

// Whatever time is looked at.
function useCostToday(project: string): number | null {
  const today = { fromMs: dayBegin(Date.now()), toMs: null };
  const { data } = useQuery(usageQuery(project, today, byModel));
  return add(data?.data, (row) => row.cost?.total_usd);
}

function Strip({ project, window, before }: Period) {
  const now = useQuery(totalsQuery(project, window));
  const then = useQuery(totalsQuery(project, before));
  const usage = useQuery(usageQuery(project, window, byModel));
  const was = useQuery({ ...usageQuery(project, before ?? window, byModel), enabled: before !== null });
  const costToday = useCostToday(project);
  if (now.error) {
    return (
      <p role="alert">
        Not summed up: {now.error.message} <Button onClick={() => now.refetch()}>Try again</Button>
      </p>
    );
  }
  if (!now.data) return <Loading what="Summing up" />;
  const past = before === null ? undefined : then.data;
  const compared = (value: number | null, old: number | null | undefined, title: string): Partial<FigureOf> =>
    before === null ? {} : { note: changeText(value, old ?? null), title };
  const share = now.data.traces > 0 ? now.data.failed / now.data.traces : 0;
  const rows = usage.data?.data;
  const old = before === null ? undefined : was.data?.data;
  const [tokens, cost] = [add(rows, (row) => row.tokens?.total), add(rows, (row) => row.cost?.total_usd)];
  const unpriced = add(rows, (row) => row.cost?.unpriced_calls) ?? 0;
  const ms = (value: number | null | undefined) => (value == null ? unknown : formatDuration(value * 1e6));
  const figures: FigureOf[] = [
    {
      label: 'Traces',
      value: formatCount(now.data.traces),
      ...compared(now.data.traces, past?.traces, `before: ${formatCount(past?.traces)}`),
    },
    {
      label: 'With errors',
      value: `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`,
      alarming: now.data.failed > 0,
      ...compared(now.data.failed, past?.failed, `${now.data.failed} now, ${past?.failed ?? 0} before`),
    },
    {
      label: 'Duration p50',
      value: ms(now.data.p50Ms),
      ...compared(now.data.p50Ms, past?.p50Ms, `before: ${ms(past?.p50Ms)}`),
    },
    {
      label: 'Duration p95',
      value: ms(now.data.p95Ms),
      ...compared(now.data.p95Ms, past?.p95Ms, `before: ${ms(past?.p95Ms)}`),
    },
    {
      label: 'Tokens',
      value: formatTokens(tokens),
      ...compared(
        tokens,
        add(old, (row) => row.tokens?.total),
        '',
      ),
    },
    {
      label: 'Cost',
      value: formatUsd(cost),
      ...compared(
        cost,
        add(old, (row) => row.cost?.total_usd),
        '',
      ),
    },
  ];
  figures.push({ label: 'Cost today', value: formatUsd(costToday), title: 'since midnight' });
  if (unpriced > 0)
    figures.push({ label: 'Calls without a price', value: formatCount(unpriced), note: 'not in the cost' });
  return <Figures figures={figures} />;
}

function Changes({ project, window, before }: Period) {
  const ask = (by: string) => ({ by, sort: 'calls', limit: groupsMax });
  const enabled = before !== null;
  const models = useQuery({ ...usageQuery(project, window, byModel), enabled });
  const modelsBefore = useQuery({ ...usageQuery(project, before ?? window, byModel), enabled });
  const tools = useQuery({ ...usageQuery(project, window, ask('tool')), enabled });
  const toolsBefore = useQuery({ ...usageQuery(project, before ?? window, ask('tool')), enabled });
  const ready = models.data && modelsBefore.data && tools.data && toolsBefore.data;
  const found = ready
    ? [
        ...differencesOf(models.data.data, modelsBefore.data.data, 'model'),
        ...differencesOf(tools.data.data, toolsBefore.data.data, 'tool'),
      ]
        .sort((a, b) => b.weight - a.weight)
        .slice(0, rowsMax)
    : [];
  return (
    <Section title="What changed" note={enabled ? 'against as long a time before' : undefined}>
      {!enabled ? (
        <p className={styles.none}>Choose a time that has a beginning to compare it with the time before.</p>
      ) : !ready ? (
        <Loading what="Comparing" />
      ) : found.length === 0 ? (
        <p className={styles.none}>No model or tool differs by a fifth.</p>
      ) : (
        <ul className={styles.changes}>
          {found.map((one) => (
            <li key={`${one.group} ${one.figure}`}>
              <span className={styles.group}>{one.group}</span>
              <span className={styles.values}>
                {one.now} <span className={styles.was}>was {one.before}</span>
              </span>
              <strong className={styles.change}>{one.change}</strong>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

function NewestErrors({ project, t, window }: { project: string; t: string; window: TimeWindow }) {
  const groups = useQuery(errorGroupsQuery(project, window));
  const newest = groups.data?.toSorted((a, b) => (a.lastUnixNs < b.lastUnixNs ? 1 : -1)).slice(0, rowsMax);
  return (
    <Section
      title="Newest errors"
      beside={
        <Link to="/p/$project/errors" params={{ project }} search={{ t }}>
          All errors
        </Link>
      }
    >
      {groups.error && !groups.data ? (
        <p role="alert">Not grouped: {groups.error.message}</p>
      ) : !newest ? (
        <Loading what="Grouping errors" />
      ) : newest.length === 0 ? (
        <p className={styles.none}>No span failed.</p>
      ) : (
        <ul className={styles.errors}>
          {newest.map((group) => (
            <li key={JSON.stringify([group.type, group.shape, group.name, group.service])}>
              <ErrorTitle project={project} group={group} />
              <span className={styles.aside} title={formatInstant(group.lastUnixNs)}>
                {plural(group.spans, 'span')}, {formatAgo(group.lastUnixNs, Date.now())}
              </span>
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const topTitles = { '-duration': 'Slowest', '-cost': 'Most expensive' } as const;

type TopProps = { project: string; window: TimeWindow; sort: keyof typeof topTitles };

function Top({ project, window, sort }: TopProps) {
  const rows = useQuery(traceRowsQuery(project, window, { q: '', sort, limit: rowsMax }));
  // One whose cost is unknown is not among the expensive ones.
  const shown = sort === '-cost' ? rows.data?.data.filter(({ cost }) => cost !== null) : rows.data?.data;
  return (
    <Section title={topTitles[sort]}>
      {shown ? (
        shown.length === 0 ? (
          <NothingPriced project={project} window={window} />
        ) : (
          <Table
            label={topTitles[sort]}
            columns={topColumns(project, sort)}
            rows={shown}
            keyOf={(row) => row.trace_id}
          />
        )
      ) : rows.error ? (
        <p role="alert">Not loaded: {rows.error.message}</p>
      ) : (
        <Loading what="Loading" />
      )}
    </Section>
  );
}

// Why no trace has a cost, and what to do.
function NothingPriced({ project, window }: { project: string; window: TimeWindow }) {
  const usage = useQuery(usageQuery(project, window, byModel));
  if (!usage.data) return <Loading what="Adding up" />;
  const unpriced = add(usage.data.data, (row) => row.cost?.unpriced_calls) ?? 0;
  if (unpriced === 0) return <p className={styles.none}>No call of a model with tokens is in this time.</p>;
  return (
    <p className={styles.none}>
      {plural(unpriced, 'call')} with tokens {unpriced === 1 ? 'has' : 'have'} no known price, so no trace has a cost.{' '}
      <Link to="/p/$project/settings/$section" params={{ project, section: 'prices' }}>
        Set prices
      </Link>
    </p>
  );
}

const topColumns = (project: string, sort: TopProps['sort']): Column<TraceRow>[] => [
  {
    label: 'Trace',
    cell: (row) => (
      <Link to="/p/$project/traces/$traceId" params={{ project, traceId: row.trace_id }}>
        {titleOf(row)}
      </Link>
    ),
  },
  { label: 'Input', grows: true, cell: (row) => row.input_preview ?? unknown },
  sort === '-cost'
    ? { label: 'Cost', number: true, cell: (row) => formatUsd(row.cost?.total_usd) }
    : { label: 'Duration', number: true, cell: (row) => formatDuration(row.duration_ns) },
];
