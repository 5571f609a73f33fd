import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type UsualFigure, type UsualRun, usualRunQuery } from '../../api/trace_sql';
import { type TraceRow, titleOf } from '../../api/types';
import { formatCount, formatDuration, formatTokens, formatUsd, plural } from '../../base/format';
import { Button } from '../../widgets/Button';
import { KindChip } from '../../widgets/KindChip';
import { Loading, Notice } from '../../widgets/Notice';
import { type Column, Table } from '../../widgets/Table';
import type { ComparedSide } from './Comparison';
import styles from './compare.module.css';
import { deltaOf } from './delta';
import { type UsualRow, usualRows } from './usual';
import look from './usual.module.css';

const runsMin = 5; // fewer do not tell what is usual

type UsualComparisonProps = { side: ComparedSide; onOther: () => void };

// One run beside the median of those of its name.
export function UsualComparison({ side, onOther }: UsualComparisonProps) {
  const query = useQuery(usualRunQuery(side.trace));
  const other = <Button onClick={onOther}>Other trace…</Button>;
  if (query.isPending) return <Loading what="Reading what such runs usually take" />;
  if (!query.data) {
    return (
      <Notice
        tone="error"
        title="Earlier runs could not be read"
        action={<Button onClick={() => query.refetch()}>Try again</Button>}
      >
        <p>{query.error.message}</p>
      </Notice>
    );
  }
  if (query.data.runs < runsMin) {
    return (
      <Notice title="Too few earlier runs" action={other}>
        <p>
          {plural(query.data.runs, 'trace')} named {side.trace.name || '(no name)'} began in the 7 days before this one;{' '}
          {runsMin} tell what is usual.
        </p>
      </Notice>
    );
  }
  return <Beside side={side} run={query.data} other={other} />;
}

type BesideProps = { side: ComparedSide; run: UsualRun; other: React.ReactNode };

function Beside({ side: { trace, spans }, run, other }: BesideProps) {
  const rows = useMemo(() => usualRows(spans, run), [spans, run]);
  const { project, trace_id: traceId } = trace;
  return (
    <div className={styles.picking}>
      <header className={look.head}>
        <h1 className={styles.title}>{titleOf(trace)} and what is usual</h1>
        <Link to="/p/$project/traces/$traceId" params={{ project, traceId }}>
          Open the trace
        </Link>
        {other}
        <p className={look.note}>
          Usual is the median of the {plural(run.runs, 'trace')} of this name that began in the 7 days before it, the
          latest 200 at most.
        </p>
      </header>
      <Table label="This run and the usual one" columns={totalColumns} rows={totalsOf(trace, run)} keyOf={keyOfTotal} />
      <Table label="Spans by kind and name" columns={columnsOf(trace, run)} rows={rows} keyOf={({ key }) => key} />
    </div>
  );
}

type Format = (value: number | null) => string;
type Total = { label: string; here: number | null; usual: UsualFigure; format: Format };

const keyOfTotal = ({ label }: Total): string => label;

const totalsOf = (trace: TraceRow, { totals }: UsualRun): Total[] => [
  { label: 'Duration', here: trace.duration_ns, usual: totals.ns, format: formatDuration },
  { label: 'Spans', here: trace.span_count, usual: totals.spans, format: formatCount },
  { label: 'Errors', here: trace.error_count, usual: totals.errors, format: formatCount },
  { label: 'Tokens', here: trace.tokens?.total ?? null, usual: totals.tokens, format: formatTokens },
  { label: 'Cost', here: trace.cost?.total_usd ?? null, usual: totals.usd, format: formatUsd },
];

const totalColumns: readonly Column<Total>[] = [
  { label: 'Whole trace', cell: ({ label }) => label },
  { label: 'This run', number: true, cell: ({ here, format }) => format(here) },
  { label: 'Median', number: true, cell: ({ usual: { p50 }, format }) => format(p50) },
  { label: '95 % within', number: true, drop: 'small', cell: ({ usual: { p95 }, format }) => format(p95) },
  { label: 'Difference', number: true, cell: (row) => <Delta {...row} /> },
];

// The difference to the median, and a word where 95 % stay below.
function Delta({ here, usual: { p50, p95 }, format }: Omit<Total, 'label'>) {
  const isRare = here !== null && p95 !== null && here > p95 && here > (p50 ?? 0);
  return (
    <span className={isRare ? look.rare : undefined}>
      {deltaOf(p50, here, format)}
      {isRare && <span className={look.word}> over 95 %</span>}
    </span>
  );
}

const none: UsualFigure = { p50: null, p95: null };

const columnsOf = ({ project, trace_id: traceId }: TraceRow, { runs }: UsualRun): Column<UsualRow>[] => [
  {
    label: 'Span',
    cell: ({ kind, name, here }) => (
      <span className={look.name}>
        <KindChip kind={kind} />
        {here ? (
          <Link to="/p/$project/traces/$traceId" params={{ project, traceId }} search={{ span: here.spanId }}>
            {name || '(no name)'}
          </Link>
        ) : (
          <span>{name || '(no name)'}, not in this run</span>
        )}
      </span>
    ),
  },
  {
    label: 'In runs',
    number: true,
    drop: 'small',
    cell: (row) => `${formatCount(row.usual?.runs ?? 0)} of ${formatCount(runs)}`,
  },
  {
    label: 'Calls',
    number: true,
    drop: 'small',
    cell: (row) => formatCount(row.here?.calls ?? 0),
  },
  {
    label: 'Median calls',
    number: true,
    drop: 'wide',
    cell: (row) => formatCount(row.usual?.calls.p50 ?? null),
  },
  { label: 'Duration', number: true, drop: 'small', cell: (row) => formatDuration(row.here?.ns ?? null) },
  { label: 'Median', number: true, drop: 'small', cell: (row) => formatDuration(row.usual?.ns.p50 ?? null) },
  {
    label: 'Difference',
    number: true,
    cell: (row) => <Delta here={row.here?.ns ?? null} usual={row.usual?.ns ?? none} format={formatDuration} />,
  },
  {
    label: 'Tokens',
    number: true,
    drop: 'wide',
    cell: (row) => <Delta here={row.here?.tokens ?? null} usual={row.usual?.tokens ?? none} format={formatTokens} />,
  },
  {
    label: 'Cost',
    number: true,
    drop: 'wide',
    cell: (row) => <Delta here={row.here?.usd ?? null} usual={row.usual?.usd ?? none} format={formatUsd} />,
  },
];
