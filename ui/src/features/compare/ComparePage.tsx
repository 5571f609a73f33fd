import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ApiError } from '../../api/client';
import { findTraceQuery } from '../../api/queries';
import type { Trace } from '../../api/types';
import { usePageTitle } from '../../base/page_title';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { Comparison } from './Comparison';
import styles from './compare.module.css';
import { Picker } from './Picker';

export type CompareSearch = { a?: string | undefined; b?: string | undefined; span?: string | undefined };

type ComparePageProps = {
  project: string;
  search: CompareSearch;
  onSearch: (search: CompareSearch, how: 'push' | 'replace') => void;
};

export function ComparePage({ project, search, onSearch }: ComparePageProps) {
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
  return <BothTraces a={a} b={b} search={search} onSearch={onSearch} />;
}

type OtherTraceProps = { project: string; a: string; onPick: (traceId: string) => void };

function OtherTrace({ project, a, onPick }: OtherTraceProps) {
  const query = useQuery(findTraceQuery(a));
  if (query.isPending) return <Loading what="Loading the trace" />;
  if (!query.data) return <NotLoaded traceId={a} error={query.error} onRetry={query.refetch} />;
  const { trace } = query.data;
  return (
    <div className={styles.picking}>
      <h1 className={styles.title}>Compare {trace.name || '(no name)'} with…</h1>
      <Picker project={trace.project || project} side="B" like={trace} onPick={onPick} />
    </div>
  );
}

type BothTracesProps = { a: string; b: string } & Pick<ComparePageProps, 'search' | 'onSearch'>;

function BothTraces({ a, b, search, onSearch }: BothTracesProps) {
  const queryA = useQuery(findTraceQuery(a));
  const queryB = useQuery(findTraceQuery(b));
  if (queryA.data && queryB.data) {
    return <Comparison key={`${a} ${b}`} a={queryA.data} b={queryB.data} search={search} onSearch={onSearch} />;
  }
  const failed = [
    { traceId: a, query: queryA },
    { traceId: b, query: queryB },
  ].find(({ query }) => query.isError);
  if (!failed) return <Loading what="Loading both traces" />;
  return <NotLoaded traceId={failed.traceId} error={failed.query.error} onRetry={failed.query.refetch} />;
}

type NotLoadedProps = {
  traceId: string;
  error: Error | null;
  onRetry: () => Promise<{ data: Trace | undefined }> | unknown;
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
