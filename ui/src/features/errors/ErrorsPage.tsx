import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { settledWindow } from '../../api/insight_queries';
import { type ErrorGroup, errorGroupsQuery } from '../../api/summary_queries';
import { formatCount, plural } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { writtenValue } from '../../base/query_text';
import { formatAgo, formatInstant } from '../../base/time';
import { ErrorTitle } from '../../panels/errors/ErrorTitle';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { Page } from '../../widgets/Page';
import { type Column, Metered, Table } from '../../widgets/Table';
import { TimeRange, timeRangeLabel } from '../../widgets/TimeRange';
import styles from './errors.module.css';

type ErrorsPageProps = { project: string; t: string; onRange: (t: string) => void };

export function ErrorsPage({ project, t, onRange }: ErrorsPageProps) {
  usePageTitle(`Errors of ${project}`);
  const window = useMemo(() => settledWindow(t), [t]);
  const groups = useQuery(errorGroupsQuery(project, window));
  return (
    <Page title="Errors" beside={<TimeRange t={t} onRange={onRange} />}>
      {groups.isPending ? (
        <Loading what="Grouping errors" />
      ) : groups.data ? (
        <Groups project={project} t={t} groups={groups.data} waiting={groups.isPlaceholderData} onRange={onRange} />
      ) : (
        <Notice
          tone="error"
          title="The errors could not be grouped"
          action={<Button onClick={() => groups.refetch()}>Try again</Button>}
        >
          <p>{groups.error.message}</p>
        </Notice>
      )}
    </Page>
  );
}

type GroupsProps = ErrorsPageProps & { groups: readonly ErrorGroup[]; waiting: boolean };

function Groups({ project, t, groups, waiting, onRange }: GroupsProps) {
  if (groups.length === 0) {
    return (
      <Notice
        title="No span failed"
        action={t !== 'all' && <Button onClick={() => onRange('all')}>Look in all time</Button>}
      >
        <p>
          {timeRangeLabel(t)}, in project {project}. Spans that end with status ERROR are listed here.
        </p>
      </Notice>
    );
  }
  const most = Math.max(...groups.map((group) => group.spans));
  return <Table label="Errors" columns={columnsOf(project, t, most)} rows={groups} keyOf={keyOf} waiting={waiting} />;
}

const keyOf = ({ type, shape, name, kind, service }: ErrorGroup): string =>
  JSON.stringify([type, shape, name, kind, service]);

export const spansOfGroup = ({ type, name, service }: ErrorGroup): string =>
  [
    'status:error',
    type && `exception:${writtenValue(type)}`,
    name && `name:${writtenValue(name)}`,
    service && `service:${writtenValue(service)}`,
  ]
    .filter(Boolean)
    .join(' ');

const columnsOf = (project: string, t: string, most: number): Column<ErrorGroup>[] => [
  { label: 'Error', cell: (group) => <ErrorTitle project={project} group={group} /> },
  {
    label: 'Spans',
    number: true,
    cell: (group) => (
      <Link
        to="/p/$project/traces"
        params={{ project }}
        search={{ of: 'spans', q: spansOfGroup(group), t: t === 'all' ? undefined : t }}
        title={`List ${plural(group.spans, 'span')}`}
      >
        <Metered share={group.spans / most}>{formatCount(group.spans)}</Metered>
      </Link>
    ),
  },
  { label: 'Traces', number: true, cell: (group) => formatCount(group.traces) },
  { label: 'Service', drop: 'wide', cell: (group) => group.service },
  { label: 'First', drop: 'wide', cell: (group) => <Ago unixNs={group.firstUnixNs} /> },
  { label: 'Last', drop: 'small', cell: (group) => <Ago unixNs={group.lastUnixNs} /> },
];

function Ago({ unixNs }: { unixNs: string }) {
  return (
    <span className={styles.ago} title={formatInstant(unixNs)}>
      {formatAgo(unixNs, Date.now())}
    </span>
  );
}
