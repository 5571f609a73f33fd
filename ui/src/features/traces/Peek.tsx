import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { spanWithinQuery, type Talk, talkQuery } from '../../api/talk_queries';
import { type PlacedMatch, type Span, type TraceRow, titleOf } from '../../api/types';
import { formatFigures, plural } from '../../base/format';
import { useKeyHint } from '../../base/keys';
import { formatInstant } from '../../base/time';
import { FoundPlaces } from '../../panels/found/FoundPlaces';
import { SpanTexts } from '../../panels/long_value/SpanTexts';
import { ContentText } from '../../panels/transcript/ContentText';
import { TraceTalk } from '../../panels/transcript/TraceTalk';
import { Button, IconButton } from '../../widgets/Button';
import { KindChip } from '../../widgets/KindChip';
import { Loading } from '../../widgets/Notice';
import styles from './peek.module.css';

type PeekProps = {
  project: string;
  rowId: string;
  found: readonly PlacedMatch[]; // of the query's words
  onClose: () => void;
};

// What a row's trace says, beside the list. Of a large trace only a part is read.
export function Peek({ project, rowId, found, onClose }: PeekProps) {
  const [traceId = '', spanId] = rowId.split('.');
  const peekHint = useKeyHint('Traces', 'peek at the row', 'p');
  const talk = useQuery(talkQuery(project, traceId));
  const shownId = spanId ?? talk.data?.trace.root_span_id ?? null;
  const isLarge = talk.data !== undefined && talk.data.spans === null;
  const asked = useQuery({
    ...spanWithinQuery(project, traceId, shownId ?? ''),
    enabled: isLarge && shownId !== null,
  });
  const span = isLarge ? (asked.data ?? undefined) : spanOf(talk.data?.spans ?? [], shownId);
  return (
    <aside className={styles.peek} aria-label="Peek">
      <header className={styles.head}>
        {talk.data && <Title trace={talk.data.trace} span={spanId === undefined ? undefined : span} />}
        <IconButton icon="cross" label={`Close the peek${peekHint}`} onClick={onClose} />
      </header>
      {talk.isPending ? (
        <Loading what="Loading the trace" />
      ) : talk.data ? (
        <Content key={rowId} talk={talk.data} span={span} spanId={spanId} found={found} />
      ) : (
        <p role="alert" className={styles.failure}>
          Not loaded: {talk.error.message} <Button onClick={() => talk.refetch()}>Try again</Button>
        </p>
      )}
    </aside>
  );
}

const spanOf = (spans: readonly Span[], id: string | null): Span | undefined =>
  spans.find((span) => span.span_id === id) ?? spans[0];

// `span`: the one that was asked for, where it was not the trace.
function Title({ trace, span }: { trace: TraceRow; span: Span | undefined }) {
  const { project, trace_id: traceId, kind } = trace;
  return (
    <>
      <KindChip kind={span?.kind ?? kind} />
      <h2 className={styles.name}>
        <Link
          to="/p/$project/traces/$traceId"
          params={{ project, traceId }}
          search={span ? { span: span.span_id } : {}}
        >
          {titleOf(span ?? trace)}
        </Link>
      </h2>
    </>
  );
}

type ContentProps = {
  talk: Talk;
  span: Span | undefined;
  spanId: string | undefined;
  found: readonly PlacedMatch[];
};

function Content({ talk: { trace, rows }, span, spanId, found }: ContentProps) {
  const { error_count: errors } = trace;
  // Of a span that is not here, or says too much, the beginnings.
  const row = spanId === undefined ? trace : rows?.data.find((one) => one.span_id === spanId);
  return (
    <div className={styles.content} tabIndex={0} role="region" aria-label="Trace beside the list">
      <p className={styles.figures}>
        {formatInstant(trace.start_unix_ns).replace(/(\.\d{3})\d{6}/, '$1')}, {plural(trace.span_count, 'span')},{' '}
        {formatFigures(trace)}
        {errors > 0 && <strong className="bad">, {plural(errors, 'error')}</strong>}
      </p>
      {found.length > 0 && (
        <section>
          <h3 className={styles.title}>Found in</h3>
          <FoundPlaces project={trace.project} found={found} />
        </section>
      )}
      {span ? (
        <SpanTexts span={span}>
          <Payload title="Input" text={span.input?.value} />
          <Payload title="Output" text={span.output?.value} />
        </SpanTexts>
      ) : (
        <>
          <Payload title="Input" text={row?.input_preview} />
          <Payload title="Output" text={row?.output_preview} />
        </>
      )}
      <h3 className={styles.title}>Calls</h3>
      <TraceTalk project={trace.project} traceId={trace.trace_id} selectedSpanId={spanId} />
    </div>
  );
}

function Payload({ title, text }: { title: string; text: string | null | undefined }) {
  if (!text) return null;
  return (
    <section>
      <h3 className={styles.title}>{title}</h3>
      <div className={styles.payload}>
        <ContentText text={text} />
      </div>
    </section>
  );
}
