import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { projectsQuery } from '../api/queries';
import { plural } from '../base/format';
import { Notice } from '../widgets/Notice';

export function EmptyProject({ project }: { project: string }) {
  const { data: projects = [] } = useQuery(projectsQuery);
  const others = projects.filter((other) => other.name !== project && other.trace_count > 0);
  return (
    <Notice
      title={`No traces in project ${project}`}
      action={
        <>
          <Link to="/welcome">Show me how to send one</Link>
          {others.map((other) => (
            <Link key={other.name} to="/p/$project/traces" params={{ project: other.name }}>
              {other.name}: {plural(other.trace_count, 'trace')}
            </Link>
          ))}
        </>
      }
    >
      <p>No span with this project name has arrived. This page fills by itself when one does.</p>
      {others.length > 0 && <p>Traces did arrive in other projects.</p>}
    </Notice>
  );
}
