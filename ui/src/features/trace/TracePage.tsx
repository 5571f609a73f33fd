import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/client';
import { openTraceQuery } from '../../api/trace_queries';
import { useSettled } from '../../base/useSettled';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { useArrivals, useGrowing } from './live/useArrivals';
import { type TraceSearch, TraceView } from './TraceView';

type TracePageProps = {
  project: string;
  traceId: string;
  search: TraceSearch;
  onSearch: (search: TraceSearch) => void;
};

// Of a trace that grows quickly, how often at most it is read again.
const lookAgainMs = (spans: number): number => Math.min(30_000, 400 * Math.max(1, spans / 2000));

export function TracePage({ project, traceId, search, onSearch }: TracePageProps) {
  const [told, setTold] = useState(false);
  const asked = openTraceQuery(project, traceId);
  const query = useQuery(told ? { ...asked, refetchInterval: false } : asked);
  const growing = useGrowing(query.data?.trace);
  const lookSoon = useSettled(() => void query.refetch(), lookAgainMs(query.data?.trace.span_count ?? 0));
  const connected = useArrivals({ project, traceId, follow: growing, onArrival: () => lookSoon(undefined) });
  if (connected !== told) setTold(connected);
  if (query.data)
    return (
      <TraceView key={traceId} data={query.data} growing={growing} told={told} search={search} onSearch={onSearch} />
    );
  if (query.isPending) return <Loading what="Loading the trace" />;
  const retry = <Button onClick={() => query.refetch()}>Try again</Button>;
  return query.error instanceof ApiError && query.error.status === 404 ? (
    <UnknownTrace traceId={traceId} project={project} retry={retry} />
  ) : (
    <Notice tone="error" title="The trace could not be loaded" action={retry}>
      <p>{query.error.message}</p>
    </Notice>
  );
}

type UnknownTraceProps = { traceId: string; project: string | null; retry: React.ReactNode };

export function UnknownTrace({ traceId, project, retry }: UnknownTraceProps) {
  return (
    <Notice
      title={project === null ? 'No such trace in any project' : `No such trace in project ${project}`}
      action={
        <>
          {retry}
          {project !== null && (
            <Link to="/traces/$traceId" params={{ traceId }}>
              Look in all projects
            </Link>
          )}
          <Link to="/">All traces</Link>
        </>
      }
    >
      <p>
        There is no trace <code>{traceId}</code>. Its spans may still be on their way: a span is sent when it ends, and
        exporters wait a few seconds to fill a batch.
      </p>
      <p>If it stays away, check the id, and whether the service samples its traces.</p>
    </Notice>
  );
}
