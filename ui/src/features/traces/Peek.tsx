import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { conversationQuery } from '../../api/insight_queries';
import { traceQuery } from '../../api/queries';
import type { Span, Trace } from '../../api/types';
import { formatDuration, formatTokenFlow, formatUsd, plural } from '../../base/format';
import { useKeyOf } from '../../base/key_choice';
import { formatInstant } from '../../base/time';
import { ContentText } from '../../panels/transcript/ContentText';
import { Transcript } from '../../panels/transcript/Transcript';
import { Button, IconButton } from '../../widgets/Button';
import { KindChip } from '../../widgets/KindChip';
import { Loading } from '../../widgets/Notice';
import styles from './peek.module.css';

// Reading all of a large trace for a look beside the list is not worth it.
const spansMax = 2000;

type PeekProps = { project: string; rowId: string; onClose: () => void };

// What a row's trace says, beside the list.
export function Peek({ project, rowId, onClose }: PeekProps) {
  const [traceId = '', spanId] = rowId.split('.');
  const peekKey = useKeyOf('Traces', 'peek at the row', 'p');
  const trace = useQuery(traceQuery(project, traceId));
  return (
    <aside className={styles.peek} aria-label="Peek">
      <header className={styles.head}>
        {trace.data && <Title trace={trace.data} spanId={spanId} />}
        <IconButton icon="cross" label={`Close the peek (${peekKey})`} onClick={onClose} />
      </header>
      {trace.isPending ? (
        <Loading what="Loading the trace" />
      ) : trace.data ? (
        <Content key={rowId} trace={trace.data} spanId={spanId} />
      ) : (
        <p role="alert" className={styles.failure}>
          Not loaded: {trace.error.message} <Button onClick={() => trace.refetch()}>Try again</Button>
        </p>
      )}
    </aside>
  );
}

type OfTrace = { trace: Trace; spanId: string | undefined };

const shownSpan = ({ trace: { trace, spans }, spanId }: OfTrace): Span | undefined =>
  spans.find((span) => span.span_id === (spanId ?? trace.root_span_id)) ?? spans[0];

function Title({ trace, spanId }: OfTrace) {
  const { project, trace_id: traceId, kind, name } = trace.trace;
  const span = spanId === undefined ? undefined : shownSpan({ trace, spanId });
  return (
    <>
      <KindChip kind={span?.kind ?? kind} />
      <h2 className={styles.name}>
        <Link to="/p/$project/traces/$traceId" params={{ project, traceId }} search={spanId ? { span: spanId } : {}}>
          {(span?.name ?? name) || '(no name)'}
        </Link>
      </h2>
    </>
  );
}

function Content({ trace, spanId }: OfTrace) {
  const { project, session_id: session, trace_id: id } = trace.trace;
  const conversation = useQuery(conversationQuery(project, { session, trace: id }));
  const span = shownSpan({ trace, spanId });
  const { error_count: errors } = trace.trace;
  return (
    <div className={styles.content} tabIndex={0} role="region" aria-label="Trace beside the list">
      <p className={styles.figures}>
        {formatInstant(trace.trace.start_unix_ns).replace(/(\.\d{3})\d{6}/, '$1')},{' '}
        {formatDuration(trace.trace.duration_ns)}, {plural(trace.trace.span_count, 'span')},{' '}
        {formatTokenFlow(trace.trace.tokens)} tokens, {formatUsd(trace.trace.cost?.total_usd)}
        {errors > 0 && <strong className="bad">, {plural(errors, 'error')}</strong>}
      </p>
      {span?.input && <Payload title="Input" text={span.input.value} />}
      {span?.output && <Payload title="Output" text={span.output.value} />}
      <h3 className={styles.title}>Calls</h3>
      {trace.trace.span_count > spansMax ? (
        <p className={styles.figures}>Too many to be shown here: open the trace.</p>
      ) : (
        !conversation.isPending && (
          <Transcript
            spans={trace.spans}
            conversation={conversation.data}
            selectedSpanId={spanId ?? ''}
            onSelect={(chosen) => location.assign(`/p/${encodeURIComponent(project)}/traces/${id}?span=${chosen}`)}
          />
        )
      )}
    </div>
  );
}

function Payload({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <div className={styles.payload}>
        <ContentText text={text} />
      </div>
    </section>
  );
}
