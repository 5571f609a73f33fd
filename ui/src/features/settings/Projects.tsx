import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { projectsQuery } from '../../api/queries';
import { retentionQuery } from '../../api/settings_queries';
import type { Project } from '../../api/types';
import { formatCount, plural, unknown } from '../../base/format';
import { formatAgo, formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import { Asked } from './Asked';
import { EraseProject } from './EraseProject';
import { Retention } from './Retention';
import styles from './settings.module.css';

export function Projects() {
  const query = useQuery(projectsQuery);
  const client = useQueryClient();
  const heading = useRef<HTMLParagraphElement>(null);
  const [doomed, setDoomed] = useState<Project | null>(null);
  const [said, setSaid] = useState('');
  const kept = useQuery(retentionQuery);
  const [changing, setChanging] = useState<string | null>(null);
  const columns: Column<Project>[] = [
    {
      label: 'Project',
      cell: ({ name }) => (
        <Link to="/p/$project/traces" params={{ project: name }}>
          {name}
        </Link>
      ),
    },
    { label: 'Traces', number: true, cell: ({ trace_count }) => formatCount(trace_count) },
    { label: 'Spans', number: true, cell: ({ span_count }) => formatCount(span_count) },
    { label: 'Last span', cell: (project) => <LastSeen at={project.last_seen_unix_ns} />, drop: 'small' },
    {
      label: 'Keeps',
      cell: ({ name }) =>
        kept.data ? (
          <Button aria-label={`${keptText(kept.data.get(name))}: ${name}`} onClick={() => setChanging(name)}>
            {keptText(kept.data.get(name))}…
          </Button>
        ) : (
          unknown
        ),
    },
    {
      label: 'Action',
      number: true,
      cell: (project) => (
        <Button aria-label={`Delete ${project.name}`} onClick={() => setDoomed(project)}>
          Delete…
        </Button>
      ),
    },
  ];
  const done = (what: string) => {
    setDoomed(null);
    setChanging(null);
    setSaid(what);
    client.invalidateQueries();
    heading.current?.focus();
  };
  return (
    <Section title="All projects" note="A project appears with its first span: openinference.project.name names it">
      <p ref={heading} role="status" tabIndex={-1} className={styles.done}>
        {said}
      </p>
      <Asked query={query} what="projects">
        {(projects) =>
          projects.length === 0 ? (
            <p className={styles.empty}>
              No span has arrived yet. <Link to="/welcome">Show me how to send one</Link>
            </p>
          ) : (
            <Table label="Projects" columns={columns} rows={projects} keyOf={({ name }) => name} />
          )
        }
      </Asked>
      {kept.error && (
        <p role="alert" className={styles.alert}>
          How long projects keep is not known: {kept.error.message}
          <Button onClick={() => kept.refetch()}>Try again</Button>
        </p>
      )}
      {doomed && (
        <EraseProject project={doomed} onDone={() => done(`Deleted ${doomed.name}.`)} onLeave={() => setDoomed(null)} />
      )}
      {changing !== null && (
        <Retention
          project={changing}
          days={kept.data?.get(changing) ?? null}
          onDone={(days) => done(`${changing} keeps ${keptText(days ?? undefined).toLowerCase()}.`)}
          onLeave={() => setChanging(null)}
        />
      )}
    </Section>
  );
}

const keptText = (days: number | undefined): string => (days === undefined ? 'For ever' : plural(days, 'day'));

function LastSeen({ at }: { at: string | null }) {
  return at === null ? unknown : <span title={formatInstant(at)}>{formatAgo(at, Date.now())}</span>;
}
