import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { sessionsQuery } from '../../api/insight_queries';
import type { SessionRow } from '../../api/insight_types';
import { formatCount, formatTokens, formatUsd, unknown } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { formatAgo, formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { Page } from '../../widgets/Page';
import { type Column, errorsCell, Table } from '../../widgets/Table';

export function SessionsPage({ project }: { project: string }) {
  usePageTitle(`Sessions of ${project}`);
  const sessions = useInfiniteQuery(sessionsQuery(project));
  const rows = sessions.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Page title="Sessions">
      {sessions.isPending ? (
        <Loading what="Loading sessions" />
      ) : sessions.error && rows.length === 0 ? (
        <Notice
          tone="error"
          title="The sessions could not be loaded"
          action={<Button onClick={() => sessions.refetch()}>Try again</Button>}
        >
          <p>{sessions.error.message}</p>
        </Notice>
      ) : rows.length === 0 ? (
        <NoSessions project={project} />
      ) : (
        <>
          <Table label="Sessions" columns={columnsOf(project)} rows={rows} keyOf={(row) => row.session_id} />
          {sessions.hasNextPage && (
            <div>
              <Button disabled={sessions.isFetchingNextPage} onClick={() => sessions.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </Page>
  );
}

function NoSessions({ project }: { project: string }) {
  return (
    <Notice
      title="No sessions yet"
      action={
        <Link to="/p/$project/traces" params={{ project }}>
          Show the traces
        </Link>
      }
    >
      <p>
        A session joins the turns of one talk. It appears when spans of project {project} carry <code>session.id</code>{' '}
        or <code>gen_ai.conversation.id</code>.
      </p>
    </Notice>
  );
}

const columnsOf = (project: string): Column<SessionRow>[] => [
  {
    label: 'Session',
    cell: (row) => (
      <Link to="/p/$project/sessions/$sessionId" params={{ project, sessionId: row.session_id }}>
        {row.session_id}
      </Link>
    ),
  },
  {
    label: 'Last activity',
    cell: (row) => <span title={formatInstant(row.last_unix_ns)}>{formatAgo(row.last_unix_ns, Date.now())}</span>,
  },
  { label: 'Turns', number: true, cell: (row) => formatCount(row.trace_count) },
  { label: 'Errors', number: true, cell: (row) => errorsCell(row.error_count) },
  { label: 'Calls', number: true, drop: 'wide', cell: (row) => formatCount(row.calls) },
  { label: 'Tokens', number: true, drop: 'small', cell: (row) => formatTokens(row.tokens.total ?? row.tokens.prompt) },
  { label: 'Cost', number: true, drop: 'small', cell: (row) => formatUsd(row.cost.total_usd) },
  { label: 'User', drop: 'wide', atLeastPx: 160, cell: (row) => <Users project={project} row={row} /> },
  { label: 'Last said', drop: 'wide', grows: true, cell: (row) => row.last_input_preview ?? unknown },
];

function Users({ project, row: { user_ids: ids, user_count: count } }: { project: string; row: SessionRow }) {
  const [userId] = ids;
  if (userId === undefined) return unknown;
  return (
    <>
      <Link to="/p/$project/users/$userId" params={{ project, userId }}>
        {userId}
      </Link>
      {count > 1 && ` and ${count - 1} more`}
    </>
  );
}
