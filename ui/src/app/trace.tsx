// The page of a trace bound to its routes. A chunk of its own.
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Navigate } from '@tanstack/react-router';
import { ApiError } from '../api/client';
import { locateTraceQuery } from '../api/trace_queries';
import { isTraceId } from '../base/ids';
import { TracePage, UnknownTrace } from '../features/trace/TracePage';
import { Button } from '../widgets/Button';
import { Loading, Notice } from '../widgets/Notice';

const traceRoute = getRouteApi('/p/$project/traces/$traceId');
const findRoute = getRouteApi('/traces/$traceId');

export function TraceRoute() {
  const { project, traceId } = traceRoute.useParams();
  const search = traceRoute.useSearch();
  const navigate = traceRoute.useNavigate();
  if (!isTraceId(traceId)) return <NotAnId text={traceId} />;
  return (
    <TracePage
      project={project}
      traceId={traceId}
      search={search}
      onSearch={(next) => navigate({ search: next, replace: true })}
    />
  );
}

export function FindTraceRoute() {
  const { traceId } = findRoute.useParams();
  const search = findRoute.useSearch();
  const query = useQuery({ ...locateTraceQuery(traceId), enabled: isTraceId(traceId) });
  if (!isTraceId(traceId)) return <NotAnId text={traceId} />;
  if (query.data) {
    const { project } = query.data.trace;
    return <Navigate to="/p/$project/traces/$traceId" params={{ project, traceId }} search={search} replace />;
  }
  if (query.isPending) return <Loading what="Looking in all projects" />;
  const retry = <Button onClick={() => query.refetch()}>Try again</Button>;
  return query.error instanceof ApiError && query.error.status === 404 ? (
    <UnknownTrace traceId={traceId} project={null} retry={retry} />
  ) : (
    <Notice tone="error" title="The trace could not be looked up" action={retry}>
      <p>{query.error.message}</p>
    </Notice>
  );
}

function NotAnId({ text }: { text: string }) {
  return (
    <Notice title="That is not a trace id" action={<a href="/">All traces</a>}>
      <p>
        A trace id has 32 hex digits in lower case; the address has <code>{text}</code>.
      </p>
    </Notice>
  );
}
