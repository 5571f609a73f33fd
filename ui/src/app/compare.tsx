// The comparison bound to its route. A chunk of its own.
import { getRouteApi } from '@tanstack/react-router';
import { ComparePage } from '../features/compare/ComparePage';
import { decodeColumns } from '../features/trace/model/trace_columns';

const route = getRouteApi('/p/$project/compare');

export function CompareRoute() {
  const { project } = route.useParams();
  const navigate = route.useNavigate();
  return (
    <ComparePage
      project={project}
      readColumns={decodeColumns}
      search={route.useSearch()}
      onSearch={(search, how) => navigate({ search, replace: how === 'replace' })}
    />
  );
}
