import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import type { ToolCost } from '../../api/insight_types';
import { countQuery } from '../../api/list_queries';
import { turnsQuery } from '../../api/talk_queries';
import type { TraceRow } from '../../api/types';
import { formatCount, formatDuration, formatTokens, formatUsd, plural, unknown } from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { writtenValue } from '../../base/query_text';
import { formatClock, formatDay, formatInstant } from '../../base/time';
import { MoreTurns } from '../../panels/turns/MoreTurns';
import { TurnList } from '../../panels/turns/TurnList';
import { Button } from '../../widgets/Button';
import { CopyButton } from '../../widgets/CopyButton';
import { Loading, Notice } from '../../widgets/Notice';
import { Figures, Page, Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';

const sum = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
};

export function SessionPage({ project, sessionId }: { project: string; sessionId: string }) {
  usePageTitle(`Session ${sessionId}`);
  const q = `session:${writtenValue(sessionId)}`;
  const turns = useInfiniteQuery(turnsQuery(project, q, 'start'));
  const rows = turns.data?.pages.flatMap((page) => page.data) ?? [];
  // Only of those that are not all there is it worth asking how many there are.
  const count = useQuery({
    ...countQuery(project, { of: 'traces', q, t: 'all' }),
    enabled: turns.hasNextPage,
  });
  const [callsWanted, setCallsWanted] = useState(false);
  if (turns.isPending) return <Loading what="Loading the session" />;
  if (rows.length === 0)
    return <NoTurns project={project} sessionId={sessionId} error={turns.error} onRetry={turns.refetch} />;
  const all = turns.hasNextPage ? (count.data ?? null) : rows.length;
  return (
    <Page
      title={`Session ${sessionId}`}
      beside={
        <>
          <CopyButton text={sessionId} label="Copy the session id" />
          <Link to="/p/$project/traces" params={{ project }} search={{ q }}>
            As a list
          </Link>
        </>
      }
    >
      <SessionFigures rows={rows} all={all} />
      <Section
        title="Turns"
        note={
          turns.hasNextPage
            ? `the first ${rows.length}${all === null ? '' : ` of ${formatCount(all)}`}`
            : plural(rows.length, 'turn')
        }
      >
        <TurnList rows={rows} label="Turns" numbered onOpen={() => setCallsWanted(true)} />
        <MoreTurns turns={turns} word="Show more turns" />
      </Section>
      <ToolCosts
        project={project}
        sessionId={sessionId}
        wanted={callsWanted || !turns.hasNextPage}
        onWant={() => setCallsWanted(true)}
      />
    </Page>
  );
}

type NoTurnsProps = { project: string; sessionId: string; error: Error | null; onRetry: () => unknown };

function NoTurns({ project, sessionId, error, onRetry }: NoTurnsProps) {
  return (
    <Notice
      tone={error ? 'error' : 'plain'}
      title={error ? 'The session could not be loaded' : `No session ${sessionId} in project ${project}`}
      action={
        <>
          <Button onClick={() => onRetry()}>Try again</Button>
          <Link to="/p/$project/sessions" params={{ project }}>
            All sessions
          </Link>
        </>
      }
    >
      <p>{error?.message ?? 'No trace carries this session id.'}</p>
    </Notice>
  );
}

// `all`: how many turns there are, null while that is not known.
function SessionFigures({ rows, all }: { rows: readonly TraceRow[]; all: number | null }) {
  const partly = all === rows.length ? undefined : `of the first ${rows.length}`;
  const errors = sum(rows.map((row) => row.error_count)) ?? 0;
  const first = rows[0];
  return (
    <Figures
      figures={[
        { label: 'Turns', value: formatCount(all) },
        { label: 'Failed spans', value: formatCount(errors), alarming: errors > 0, note: partly },
        { label: 'Working time', value: formatDuration(sum(rows.map((row) => row.duration_ns))), note: partly },
        { label: 'Tokens', value: formatTokens(sum(rows.map((row) => row.tokens?.total))), note: partly },
        { label: 'Cost', value: formatUsd(sum(rows.map((row) => row.cost?.total_usd))), note: partly },
        { label: 'User', value: <Users rows={rows} /> },
        {
          label: 'Began',
          value: first ? `${formatDay(first.start_unix_ns)} ${formatClock(first.start_unix_ns).slice(0, 8)}` : unknown,
          title: first && formatInstant(first.start_unix_ns),
        },
      ]}
    />
  );
}

function Users({ rows }: { rows: readonly TraceRow[] }) {
  const users = new Map(rows.flatMap(({ project, user_id }) => (user_id ? [[user_id, project] as const] : [])));
  if (users.size === 0) return unknown;
  return [...users].map(([userId, project], index) => (
    <Fragment key={userId}>
      {index > 0 && ', '}
      <Link to="/p/$project/users/$userId" params={{ project, userId }}>
        {userId}
      </Link>
    </Fragment>
  ));
}

const tokensOf = ({ measured_tokens, estimated_tokens }: ToolCost): string =>
  measured_tokens === null && estimated_tokens !== null
    ? `about ${formatTokens(estimated_tokens)}`
    : formatTokens(sum([measured_tokens, estimated_tokens]));

const toolColumns: Column<ToolCost>[] = [
  { label: 'Tool', cell: (tool) => tool.name ?? '(unknown tool)' },
  { label: 'Results', number: true, cell: (tool) => formatCount(tool.results) },
  { label: 'Prompts that carry one', number: true, drop: 'small', cell: (tool) => formatCount(tool.carried) },
  { label: 'Characters', number: true, drop: 'wide', cell: (tool) => formatCount(tool.characters) },
  { label: 'Tokens', number: true, cell: tokensOf },
  { label: 'Cost', number: true, cell: (tool) => formatUsd(tool.cost_usd) },
];

type ToolCostsProps = { project: string; sessionId: string; wanted: boolean; onWant: () => void };

// All calls of the session are read for it: of a long one only when that is wanted.
function ToolCosts({ project, sessionId, wanted, onWant }: ToolCostsProps) {
  const title = 'What results of tools cost';
  const conversation = useQuery({
    ...conversationQuery(project, { session: sessionId, trace: '' }),
    enabled: wanted,
  });
  if (!wanted) {
    return (
      <Section title={title} note="not added up yet: all calls of the session are read for it">
        <Button onClick={onWant}>Add up</Button>
      </Section>
    );
  }
  const { data, error } = conversation;
  if (error) {
    return (
      <Section title={title}>
        <p role="alert">
          Not added up: {error.message} <Button onClick={() => conversation.refetch()}>Try again</Button>
        </p>
      </Section>
    );
  }
  if (conversation.isLoading) return <Loading what="Reading the calls" />;
  if (!data || data.tools.length === 0) return null;
  return (
    <Section
      title={title}
      note={data.complete ? 'in the prompts that carry them' : 'of the calls that were read; there are more'}
    >
      <Table label={title} columns={toolColumns} rows={data.tools} keyOf={(tool) => tool.name ?? ''} />
    </Section>
  );
}
