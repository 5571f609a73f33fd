// The lists bound to their routes: parameters in, navigation out. A chunk of its own.
import { getRouteApi } from '@tanstack/react-router';
import { listingOf, searchOf } from '../base/listing';
import { LivePage } from '../features/traces/live/LivePage';
import { TracesPage } from '../features/traces/TracesPage';

const tracesRoute = getRouteApi('/p/$project/traces');
const liveRoute = getRouteApi('/p/$project/live');

export function TracesRoute() {
  const { project } = tracesRoute.useParams();
  const search = tracesRoute.useSearch();
  const listing = listingOf(search);
  const navigate = tracesRoute.useNavigate();
  return (
    <TracesPage
      key={project}
      project={project}
      listing={listing}
      peek={search.peek ?? null}
      onList={(next, how) => navigate({ search: { ...searchOf(next), peek: search.peek }, replace: how === 'replace' })}
      onPeek={(rowId) => navigate({ search: { ...searchOf(listing), peek: rowId ?? undefined }, replace: true })}
    />
  );
}

export function LiveRoute() {
  const { project } = liveRoute.useParams();
  const { q, cols } = listingOf({ ...liveRoute.useSearch(), of: 'spans' });
  const navigate = liveRoute.useNavigate();
  return (
    <LivePage
      key={project}
      project={project}
      q={q}
      cols={cols}
      onShow={(change, how) => navigate({ search: (before) => ({ ...before, ...change }), replace: how === 'replace' })}
    />
  );
}
