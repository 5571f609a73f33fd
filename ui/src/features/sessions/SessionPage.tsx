import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { conversationQuery, traceRowsQuery } from '../../api/insight_queries';
import type { Conversation, ToolCost } from '../../api/insight_types';
import { traceQuery } from '../../api/queries';
import type { TraceRow } from '../../api/types';
import {
  formatCount,
  formatDuration,
  formatTokenFlow,
  formatTokens,
  formatUsd,
  plural,
  unknown,
} from '../../base/format';
import { usePageTitle } from '../../base/page_title';
import { writtenValue } from '../../base/query_text';
import { formatClock, formatDay, formatInstant } from '../../base/time';
import { ContentText } from '../../panels/transcript/ContentText';
import { Transcript } from '../../panels/transcript/Transcript';
import { Button } from '../../widgets/Button';
import { CopyButton } from '../../widgets/CopyButton';
import { Loading, Notice } from '../../widgets/Notice';
import { Figures, Page, Section } from '../../widgets/Page';
import { type Column, Table } from '../../widgets/Table';
import styles from './sessions.module.css';

const turnsMax = 200;
const allTime = { fromMs: null, toMs: null };

const sum = (values: readonly (number | null | undefined)[]): number | null => {
  const known = values.filter((value) => value !== null && value !== undefined);
  return known.length > 0 ? known.reduce((total, value) => total + value, 0) : null;
};

export function SessionPage({ project, sessionId }: { project: string; sessionId: string }) {
  usePageTitle(`Session ${sessionId}`);
  const q = `session:${writtenValue(sessionId)}`;
  const turns = useQuery(traceRowsQuery(project, allTime, { q, sort: 'start', limit: turnsMax }));
  const conversation = useQuery(conversationQuery(project, { session: sessionId, trace: '' }));
  const rows = turns.data?.data ?? [];
  if (turns.isPending) return <Loading what="Loading the session" />;
  if (turns.error || rows.length === 0) {
    return (
      <Notice
        tone={turns.error ? 'error' : 'plain'}
        title={turns.error ? 'The session could not be loaded' : `No session ${sessionId} in project ${project}`}
        action={
          <>
            <Button onClick={() => turns.refetch()}>Try again</Button>
            <Link to="/p/$project/sessions" params={{ project }}>
              All sessions
            </Link>
          </>
        }
      >
        <p>{turns.error?.message ?? 'No trace carries this session id.'}</p>
      </Notice>
    );
  }
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
      <SessionFigures rows={rows} />
      <Section
        title="Turns"
        note={turns.data?.next_cursor ? `the first ${turnsMax}; the list has all` : plural(rows.length, 'turn')}
      >
        <ol className={styles.turns}>
          {rows.map((row, index) => (
            <TurnView
              key={row.trace_id}
              row={row}
              number={index + 1}
              conversation={conversation.data}
              startsOpen={rows.length === 1}
            />
          ))}
        </ol>
      </Section>
      <ToolCosts conversation={conversation.data} />
    </Page>
  );
}

function SessionFigures({ rows }: { rows: readonly TraceRow[] }) {
  const errors = sum(rows.map((row) => row.error_count)) ?? 0;
  const users = [...new Set(rows.flatMap((row) => row.user_id ?? []))];
  const first = rows[0];
  return (
    <Figures
      figures={[
        { label: 'Turns', value: formatCount(rows.length) },
        { label: 'Failed spans', value: formatCount(errors), alarming: errors > 0 },
        { label: 'Working time', value: formatDuration(sum(rows.map((row) => row.duration_ns))) },
        { label: 'Tokens', value: formatTokens(sum(rows.map((row) => row.tokens?.total))) },
        { label: 'Cost', value: formatUsd(sum(rows.map((row) => row.cost?.total_usd))) },
        { label: 'User', value: users.join(', ') || unknown },
        {
          label: 'Began',
          value: first ? `${formatDay(first.start_unix_ns)} ${formatClock(first.start_unix_ns).slice(0, 8)}` : unknown,
          title: first && formatInstant(first.start_unix_ns),
        },
      ]}
    />
  );
}

type TurnProps = { row: TraceRow; number: number; conversation: Conversation | undefined; startsOpen: boolean };

function TurnView({ row, number, conversation, startsOpen }: TurnProps) {
  const [open, setOpen] = useState(startsOpen);
  return (
    <li className={styles.turn}>
      <header className={styles.turnHead}>
        <span className={styles.number}>{number}</span>
        <Link to="/p/$project/traces/$traceId" params={{ project: row.project, traceId: row.trace_id }}>
          {row.name || '(no name)'}
        </Link>
        <span className={styles.figures} title={formatInstant(row.start_unix_ns)}>
          {formatClock(row.start_unix_ns).slice(0, 8)}, {formatDuration(row.duration_ns)}, {formatTokenFlow(row.tokens)}{' '}
          tokens, {formatUsd(row.cost?.total_usd)}
        </span>
        {row.error_count > 0 && <strong className="bad">{plural(row.error_count, 'error')}</strong>}
        <Button className={styles.open} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the calls' : 'Show the calls'}
        </Button>
      </header>
      {row.input_preview && (
        <div className={`${styles.said} ${styles.user}`}>
          <ContentText text={row.input_preview} />
        </div>
      )}
      {open && <Calls row={row} conversation={conversation} />}
      {row.output_preview ? (
        <div className={`${styles.said} ${styles.assistant}`}>
          <ContentText text={row.output_preview} />
        </div>
      ) : (
        <p className={styles.silent}>No answer was recorded.</p>
      )}
    </li>
  );
}

function Calls({ row, conversation }: { row: TraceRow; conversation: Conversation | undefined }) {
  const trace = useQuery(traceQuery(row.project, row.trace_id));
  if (trace.isPending) return <Loading what="Loading the calls" />;
  if (!trace.data) return <p role="alert">The calls could not be loaded: {trace.error.message}</p>;
  return (
    <Transcript
      spans={trace.data.spans}
      conversation={conversation}
      onSelect={(span) => location.assign(`/p/${encodeURIComponent(row.project)}/traces/${row.trace_id}?span=${span}`)}
    />
  );
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

function ToolCosts({ conversation }: { conversation: Conversation | undefined }) {
  if (!conversation || conversation.tools.length === 0) return null;
  return (
    <Section
      title="What results of tools cost"
      note={conversation.complete ? 'in the prompts that carry them' : 'of the calls that were read; there are more'}
    >
      <Table
        label="What results of tools cost"
        columns={toolColumns}
        rows={conversation.tools}
        keyOf={(tool) => tool.name ?? ''}
      />
    </Section>
  );
}
