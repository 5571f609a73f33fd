import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { conversationQuery } from '../../api/insight_queries';
import { type Talk, talkQuery } from '../../api/talk_queries';
import type { Page, SpanRow, TraceRow } from '../../api/types';
import { formatCount, formatFigures, plural } from '../../base/format';
import { Button } from '../../widgets/Button';
import { KindChip } from '../../widgets/KindChip';
import { Loading } from '../../widgets/Notice';
import { Transcript } from './Transcript';
import styles from './trace_talk.module.css';

type TraceTalkProps = { project: string; traceId: string; selectedSpanId?: string | undefined };

// The calls of a trace, wherever a page shows one beside other things.
export function TraceTalk({ project, traceId, selectedSpanId = '' }: TraceTalkProps) {
  const talk = useQuery(talkQuery(project, traceId));
  if (talk.isPending) return <Loading what="Loading the calls" />;
  if (!talk.data) {
    return (
      <p role="alert">
        The calls could not be loaded: {talk.error.message} <Button onClick={() => talk.refetch()}>Try again</Button>
      </p>
    );
  }
  const { trace, spans, rows } = talk.data;
  if (rows) return <FirstRows trace={trace} rows={rows} selectedSpanId={selectedSpanId} />;
  return <Whole trace={trace} spans={spans ?? []} selectedSpanId={selectedSpanId} />;
}

type WholeProps = { trace: TraceRow; spans: NonNullable<Talk['spans']>; selectedSpanId: string };

function Whole({ trace, spans, selectedSpanId }: WholeProps) {
  const { project, trace_id: traceId, session_id: session } = trace;
  const navigate = useNavigate();
  const of = { session, trace: session === null ? traceId : '' }; // one question for all turns of a session
  const conversation = useQuery(conversationQuery(project, of));
  if (conversation.isPending) return <Loading what="Loading the calls" />;
  return (
    <Transcript
      spans={spans}
      conversation={conversation.data}
      selectedSpanId={selectedSpanId}
      onSelect={(span) =>
        navigate({ to: '/p/$project/traces/$traceId', params: { project, traceId }, search: { span } })
      }
    />
  );
}

type FirstRowsProps = { trace: TraceRow; rows: Page<SpanRow>; selectedSpanId: string };

// Of a trace that is too large to be read beside other things.
function FirstRows({ trace, rows, selectedSpanId }: FirstRowsProps) {
  const params = { project: trace.project, traceId: trace.trace_id };
  const shown = plural(rows.data.length, 'call or failure', 'calls and failures');
  return (
    <>
      <ol className={styles.rows} aria-label="Calls and failures">
        {rows.data.map((row) => (
          <li key={row.span_id} className={row.span_id === selectedSpanId ? styles.selected : undefined}>
            <header className={styles.head}>
              <KindChip kind={row.kind} />
              <Link
                to="/p/$project/traces/$traceId"
                params={params}
                search={{ span: row.span_id }}
                className={styles.name}
              >
                {row.name || '(no name)'}
              </Link>
              <span className={styles.figures}>{formatFigures(row)}</span>
            </header>
            <RowText row={row} />
          </li>
        ))}
      </ol>
      <p className={styles.figures}>
        {rows.next_cursor === null ? `All ${shown}` : `The first ${shown}`} of {formatCount(trace.span_count)} spans,
        with the beginnings of their texts; the rest is not loaded.{' '}
        <Link to="/p/$project/traces/$traceId" params={params}>
          Open the trace
        </Link>
      </p>
    </>
  );
}

function RowText({ row }: { row: SpanRow }) {
  const failure = [row.exception?.type, row.exception?.message ?? row.status_message].filter(Boolean).join(': ');
  if (row.status === 'ERROR') return <p className={styles.failure}>{failure || 'Error'}</p>;
  return row.output_preview && <p className={styles.text}>{row.output_preview}</p>;
}
