import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { countQuery } from '../../api/list_queries';
import { turnsQuery } from '../../api/talk_queries';
import type { TraceRow } from '../../api/types';
import { formatCount, plural, unknown } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { writtenValue } from '../../base/query_text';
import { formatAgo, formatDay, formatInstant } from '../../base/time';
import { MoreTurns } from '../../panels/turns/MoreTurns';
import { TurnList } from '../../panels/turns/TurnList';
import { Button } from '../../widgets/Button';
import { CopyButton } from '../../widgets/CopyButton';
import { Loading, Notice } from '../../widgets/Notice';
import { Figures, Page, Section } from '../../widgets/Page';
import { bySession, type TurnsOfSession } from './by_session';
import styles from './user.module.css';

// What a user said and was answered: their sessions, the latest first, turn by turn.
export function UserPage({ project, userId }: { project: string; userId: string }) {
  usePageTitle(`User ${userId}`);
  const q = `user:${writtenValue(userId)}`;
  const turns = useInfiniteQuery(turnsQuery(project, q, '-start'));
  const rows = turns.data?.pages.flatMap((page) => page.data) ?? [];
  const count = useQuery({ ...countQuery(project, { of: 'traces', q, t: 'all' }), enabled: turns.hasNextPage });
  if (turns.isPending) return <Loading what="Loading what the user said" />;
  if (rows.length === 0)
    return <NoTurns project={project} userId={userId} error={turns.error} onRetry={turns.refetch} />;
  const sessions = bySession(rows);
  return (
    <Page
      title={`User ${userId}`}
      beside={
        <>
          <CopyButton text={userId} label="Copy the user id" />
          <Link to="/p/$project/traces" params={{ project }} search={{ q }}>
            As a list
          </Link>
        </>
      }
    >
      <UserFigures rows={rows} all={turns.hasNextPage ? (count.data ?? null) : rows.length} />
      <div className={styles.talks}>
        {sessions.map((group) => (
          <SessionTurns key={group.session ?? ''} project={project} group={group} isWhole={!turns.hasNextPage} />
        ))}
      </div>
      {turns.hasNextPage && (
        <div>
          <p role="status">
            The latest {plural(rows.length, 'turn')}
            {count.data !== undefined && ` of ${formatCount(count.data)}`}; earlier ones are not loaded.
          </p>
          <MoreTurns turns={turns} word="Show earlier turns" />
        </div>
      )}
    </Page>
  );
}

type NoTurnsProps = { project: string; userId: string; error: Error | null; onRetry: () => unknown };

function NoTurns({ project, userId, error, onRetry }: NoTurnsProps) {
  return (
    <Notice
      tone={error ? 'error' : 'plain'}
      title={error ? 'The user could not be loaded' : `No user ${userId} in project ${project}`}
      action={
        <>
          <Button onClick={() => onRetry()}>Try again</Button>
          <Link to="/p/$project/users" params={{ project }}>
            All users
          </Link>
        </>
      }
    >
      <p>{error?.message ?? 'No trace carries this user id.'}</p>
    </Notice>
  );
}

// `all`: how many turns there are, null while that is not known.
function UserFigures({ rows, all }: { rows: readonly TraceRow[]; all: number | null }) {
  const partly = all === rows.length ? undefined : `of the latest ${rows.length}`;
  const failed = rows.filter((row) => row.error_count > 0).length;
  const sessions = new Set(rows.flatMap((row) => row.session_id ?? [])).size;
  const latest = rows[0]?.start_unix_ns;
  return (
    <Figures
      figures={[
        { label: 'Turns', value: formatCount(all) },
        { label: 'Sessions', value: formatCount(sessions), note: partly },
        { label: 'Turns with errors', value: formatCount(failed), alarming: failed > 0, note: partly },
        {
          label: 'Last seen',
          value: latest ? formatAgo(latest, Date.now()) : unknown,
          title: latest && formatInstant(latest),
        },
      ]}
    />
  );
}

type SessionTurnsProps = { project: string; group: TurnsOfSession; isWhole: boolean };

function SessionTurns({ project, group: { session, rows }, isWhole }: SessionTurnsProps) {
  const [first] = rows;
  const title = session === null ? 'Without a session' : `Session ${session}`;
  return (
    <Section
      title={title}
      note={`${first ? formatDay(first.start_unix_ns) : ''}, ${plural(rows.length, 'turn')}${isWhole ? '' : ' loaded'}`}
      beside={
        session !== null && (
          <Link to="/p/$project/sessions/$sessionId" params={{ project, sessionId: session }}>
            Open the session
          </Link>
        )
      }
    >
      <TurnList rows={rows} label={`Turns of ${title.toLowerCase()}`} />
    </Section>
  );
}
