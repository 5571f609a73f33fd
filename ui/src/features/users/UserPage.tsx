import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { userTotalsQuery } from '../../api/insight_queries';
import type { UserRow } from '../../api/insight_types';
import { turnsQuery } from '../../api/talk_queries';
import { formatCount, formatTokens, formatUsd, plural } from '../../base/format';
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
  const totals = useQuery(userTotalsQuery(project, userId, q));
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
      {totals.data && <UserFigures totals={totals.data} />}
      {totals.error && (
        <p role="alert">
          Not added up: {totals.error.message} <Button onClick={() => totals.refetch()}>Try again</Button>
        </p>
      )}
      <div className={styles.talks}>
        {sessions.map((group) => (
          <SessionTurns key={group.session ?? ''} project={project} group={group} isWhole={!turns.hasNextPage} />
        ))}
      </div>
      {turns.hasNextPage && (
        <div>
          <p role="status">
            The latest {plural(rows.length, 'turn')}
            {totals.data && ` of ${formatCount(totals.data.trace_count)}`}; earlier ones are not loaded.
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

function UserFigures({ totals }: { totals: UserRow }) {
  const { error_count: errors, cost } = totals;
  return (
    <Figures
      figures={[
        { label: 'Turns', value: formatCount(totals.trace_count) },
        { label: 'Sessions', value: formatCount(totals.session_count) },
        { label: 'Failed spans', value: formatCount(errors), alarming: errors > 0 },
        {
          label: 'Tokens',
          value: formatTokens(totals.tokens.total ?? totals.tokens.prompt),
          title: explainFlow(totals),
        },
        {
          label: 'Cost',
          value: formatUsd(cost.total_usd),
          note: cost.unpriced_calls > 0 && `without ${plural(cost.unpriced_calls, 'call')} that have no price`,
        },
        {
          label: 'Last seen',
          value: formatAgo(totals.last_unix_ns, Date.now()),
          title: formatInstant(totals.last_unix_ns),
        },
      ]}
    />
  );
}

const explainFlow = ({ tokens: { prompt, completion } }: UserRow): string =>
  `${formatCount(prompt)} in, ${formatCount(completion)} out`;

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
