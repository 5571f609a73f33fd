import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { usersQuery } from '../../api/insight_queries';
import type { UserRow } from '../../api/insight_types';
import { formatCount, formatTokens, formatUsd, unknown } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { formatAgo, formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import { Loading, Notice } from '../../widgets/Notice';
import { Page } from '../../widgets/Page';
import { type Column, errorsCell, Table } from '../../widgets/Table';

export function UsersPage({ project }: { project: string }) {
  usePageTitle(`Users of ${project}`);
  const users = useInfiniteQuery(usersQuery(project));
  const rows = users.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <Page title="Users">
      {users.isPending ? (
        <Loading what="Loading users" />
      ) : users.error && rows.length === 0 ? (
        <Notice
          tone="error"
          title="The users could not be loaded"
          action={<Button onClick={() => users.refetch()}>Try again</Button>}
        >
          <p>{users.error.message}</p>
        </Notice>
      ) : rows.length === 0 ? (
        <Notice
          title="No users yet"
          action={
            <Link to="/p/$project/traces" params={{ project }}>
              Show the traces
            </Link>
          }
        >
          <p>
            A user appears when spans of project {project} carry <code>user.id</code>.
          </p>
        </Notice>
      ) : (
        <>
          <Table label="Users" columns={columnsOf(project)} rows={rows} keyOf={(row) => row.user_id} />
          {users.hasNextPage && (
            <div>
              <Button disabled={users.isFetchingNextPage} onClick={() => users.fetchNextPage()}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </Page>
  );
}

const columnsOf = (project: string): Column<UserRow>[] => [
  {
    label: 'User',
    atLeastPx: 160,
    cell: (row) => (
      <Link to="/p/$project/users/$userId" params={{ project, userId: row.user_id }}>
        {row.user_id}
      </Link>
    ),
  },
  {
    label: 'Last activity',
    cell: (row) => <span title={formatInstant(row.last_unix_ns)}>{formatAgo(row.last_unix_ns, Date.now())}</span>,
  },
  { label: 'Sessions', number: true, drop: 'small', cell: (row) => formatCount(row.session_count) },
  { label: 'Traces', number: true, cell: (row) => formatCount(row.trace_count) },
  { label: 'Errors', number: true, cell: (row) => errorsCell(row.error_count) },
  { label: 'Tokens', number: true, drop: 'small', cell: (row) => formatTokens(row.tokens.total ?? row.tokens.prompt) },
  { label: 'Cost', number: true, drop: 'small', cell: (row) => formatUsd(row.cost.total_usd) },
  { label: 'Last said', drop: 'wide', grows: true, cell: (row) => row.last_input_preview ?? unknown },
];
