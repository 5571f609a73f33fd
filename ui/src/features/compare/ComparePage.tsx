import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { ApiError } from '../../api/client';
import { type ComparedTrace, comparedSpansMax, comparedTraceQuery } from '../../api/compare_queries';
import { locateTraceQuery } from '../../api/trace_queries';
import { titleOf } from '../../api/types';
import { formatCount } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { type ComparedSide, Comparison } from './Comparison';
import styles from './compare.module.css';
import { outlineOf, type ReadColumns } from './outline';
import { Picker } from './Picker';
import { type CompareSearch, usualSide } from './search';
import { UsualComparison } from './UsualComparison';

type ComparePageProps = {
  project: string;
  readColumns: ReadColumns;
  search: CompareSearch;
  onSearch: (search: CompareSearch, how: 'push' | 'replace') => void;
};

export function ComparePage({ project, readColumns, search, onSearch }: ComparePageProps) {
  usePageTitle('Compare traces');
  const { a, b } = search;
  if (a === undefined) {
    return (
      <div className={styles.picking}>
        <h1 className={styles.title}>Compare two traces</h1>
        <Picker project={project} side="A" like={null} onPick={(id) => onSearch({ ...search, a: id }, 'push')} />
      </div>
    );
  }
  if (b === undefined) return <OtherTrace project={project} a={a} onPick={(id) => onSearch({ a, b: id }, 'push')} />;
  if (b === usualSide) return <OneTrace a={a} readColumns={readColumns} onOther={() => onSearch({ a }, 'push')} />;
  return <BothTraces a={a} b={b} readColumns={readColumns} search={search} onSearch={onSearch} />;
}

type OtherTraceProps = { project: string; a: string; onPick: (traceId: string) => void };

function OtherTrace({ project, a, onPick }: OtherTraceProps) {
  const query = useQuery(locateTraceQuery(a));
  if (query.isPending) return <Loading what="Loading the trace" />;
  if (!query.data) return <NotLoaded traceId={a} error={query.error} onRetry={query.refetch} />;
  const { trace } = query.data;
  return (
    <div className={styles.picking}>
      <h1 className={styles.title}>Compare {titleOf(trace)} with…</h1>
      <Picker project={trace.project || project} side="B" like={trace} onPick={onPick} />
    </div>
  );
}

type OneTraceProps = { a: string; readColumns: ReadColumns; onOther: () => void };

function OneTrace({ a, readColumns, onOther }: OneTraceProps) {
  const query = useQuery(comparedTraceQuery(a));
  const side = useMemo(() => sideOf(query.data, readColumns), [query.data, readColumns]);
  if (side) return <UsualComparison side={side} onOther={onOther} />;
  if (query.data) return <TooLarge side={query.data} />;
  if (query.isPending) return <Loading what="Loading the trace" />;
  return <NotLoaded traceId={a} error={query.error} onRetry={query.refetch} />;
}

type BothTracesProps = { a: string; b: string } & Pick<ComparePageProps, 'readColumns' | 'search' | 'onSearch'>;

function BothTraces({ a, b, readColumns, search, onSearch }: BothTracesProps) {
  const queryA = useQuery(comparedTraceQuery(a));
  const queryB = useQuery(comparedTraceQuery(b));
  const sideA = useMemo(() => sideOf(queryA.data, readColumns), [queryA.data, readColumns]);
  const sideB = useMemo(() => sideOf(queryB.data, readColumns), [queryB.data, readColumns]);
  if (sideA && sideB) {
    return <Comparison key={`${a} ${b}`} a={sideA} b={sideB} search={search} onSearch={onSearch} />;
  }
  const tooLarge = [queryA.data, queryB.data].find((side) => side && !side.spans && !side.columns);
  if (tooLarge) return <TooLarge side={tooLarge} />;
  const failed = [
    { traceId: a, query: queryA },
    { traceId: b, query: queryB },
  ].find(({ query }) => query.isError);
  if (!failed) return <Loading what="Loading both traces" />;
  return <NotLoaded traceId={failed.traceId} error={failed.query.error} onRetry={failed.query.refetch} />;
}

function sideOf(side: ComparedTrace | undefined, readColumns: ReadColumns): ComparedSide | null {
  if (side?.spans) return { trace: side.trace, spans: side.spans };
  if (side?.columns) return { trace: side.trace, spans: outlineOf(side.trace, readColumns(side.columns)) };
  return null;
}

function TooLarge({ side: { trace } }: { side: ComparedTrace }) {
  const { project, trace_id: traceId } = trace;
  return (
    <Notice
      title="Too large to be compared"
      action={
        <Link to="/p/$project/traces/$traceId" params={{ project, traceId }}>
          Open the trace
        </Link>
      }
    >
      <p>
        {titleOf(trace)} has {formatCount(trace.span_count)} spans; traces of up to {formatCount(comparedSpansMax)} are
        compared.
      </p>
    </Notice>
  );
}

type NotLoadedProps = {
  traceId: string;
  error: Error | null;
  onRetry: () => unknown;
};

function NotLoaded({ traceId, error, onRetry }: NotLoadedProps) {
  const isUnknown = error instanceof ApiError && error.status === 404;
  return (
    <Notice
      tone={isUnknown ? 'plain' : 'error'}
      title={isUnknown ? 'One of the traces is unknown' : 'A trace could not be loaded'}
      action={
        <>
          <Button onClick={() => onRetry()}>Try again</Button>
          <Link to="/">All traces</Link>
        </>
      }
    >
      <p>
        {isUnknown ? 'No project has a trace ' : `${error?.message ?? 'No answer'}: `}
        <code>{traceId}</code>
      </p>
    </Notice>
  );
}
