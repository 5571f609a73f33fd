import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { spanQuery } from '../../../api/trace_queries';
import type { Span } from '../../../api/types';
import { formatDuration, formatTokens, formatUsd } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import { KindChip } from '../../../widgets/KindChip';
import { Loading } from '../../../widgets/Notice';
import { deltaOf } from '../delta';
import { isWhole, type OutlineSpan } from '../outline';
import type { ComparedRow } from '../row';
import styles from './detail.module.css';
import { LongTexts } from './LongTexts';
import { Parameters } from './Parameters';
import { PromptDiff } from './PromptDiff';
import { TextDiff } from './TextDiff';

// Both spans with all they say, which of large traces is loaded only now.
export function PairDetail({ row: { a, b } }: { row: ComparedRow }) {
  const [wholeA, wholeB] = [useWhole(a), useWhole(b)];
  const failed = [wholeA, wholeB].filter(({ error }) => error);
  const [failure] = failed;
  if (failure) {
    return (
      <p role="alert" className={styles.failed}>
        The span could not be loaded: {failure.error?.message}{' '}
        <Button onClick={() => failed.map(({ retry }) => retry())}>Try again</Button>
      </p>
    );
  }
  if ((a && !wholeA.span) || (b && !wholeB.span)) return <Loading what="Loading what the spans say" />;
  return <Both a={wholeA.span} b={wholeB.span} />;
}

type WholeSpan = { span: Span | null; error: Error | null; retry: () => unknown };

function useWhole(span: OutlineSpan | null): WholeSpan {
  const known = span === null || isWhole(span);
  const asked = useQuery({
    ...spanQuery(span?.project ?? '', span?.trace_id ?? '', span?.span_id ?? ''),
    enabled: !known,
  });
  if (known) return { span, error: null, retry: () => undefined };
  return { span: asked.data ?? null, error: asked.error, retry: asked.refetch };
}

type Pair = { a: Span | null; b: Span | null };

function Both({ a, b }: Pair) {
  const span = b ?? a;
  if (!span) return null;
  return (
    <div className={styles.scroller} tabIndex={0} role="region" aria-label="What differs">
      <header className={styles.head}>
        <div className={styles.titleLine}>
          <KindChip kind={span.kind} word />
          <h2 className={styles.title}>{span.name || '(no name)'}</h2>
        </div>
        <p className={styles.links}>
          <SpanLink side="A" span={a} />
          <SpanLink side="B" span={b} />
        </p>
        <Figures a={a} b={b} />
      </header>
      <Parameters a={a} b={b} />
      <Content a={a} b={b} />
    </div>
  );
}

function SpanLink({ side, span }: { side: 'A' | 'B'; span: Span | null }) {
  if (!span) return <span className={styles.absent}>not in {side}</span>;
  return (
    <Link
      to="/p/$project/traces/$traceId"
      params={{ project: span.project, traceId: span.trace_id }}
      search={{ span: span.span_id }}
    >
      Open in {side}
    </Link>
  );
}

type Figure = readonly [label: string, read: (span: Span) => number | null, format: (value: number | null) => string];

const figures: readonly Figure[] = [
  ['Duration', ({ duration_ns }) => duration_ns, formatDuration],
  ['Tokens in', ({ tokens }) => tokens?.prompt ?? null, formatTokens],
  ['Tokens out', ({ tokens }) => tokens?.completion ?? null, formatTokens],
  ['Cached', ({ tokens }) => tokens?.cache_read ?? null, formatTokens],
  ['Cost', ({ cost }) => cost?.total_usd ?? null, formatUsd],
];

// Those that either span has.
function Figures({ a, b }: Pair) {
  const read = (span: Span | null, of: Figure[1]) => (span ? of(span) : null);
  const known = figures.filter(([, of]) => read(a, of) !== null || read(b, of) !== null);
  return (
    <table className={styles.figures} aria-label="Figures of both">
      <thead>
        <tr>
          <td />
          <th scope="col">A</th>
          <th scope="col">B</th>
          <th scope="col">B − A</th>
        </tr>
      </thead>
      <tbody>
        {known.map(([label, of, format]) => (
          <tr key={label}>
            <th scope="row">{label}</th>
            <td>{format(read(a, of))}</td>
            <td>{format(read(b, of))}</td>
            <td className={styles.delta}>{deltaOf(read(a, of), read(b, of), format)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const failureOf = (span: Span | null): string =>
  span?.status.code === 'ERROR'
    ? [span.exception?.type, span.exception?.message ?? span.status.message].filter(Boolean).join(': ') || 'ERROR'
    : '';

const documentsText = (span: Span | null): string =>
  (span?.retrieval?.documents ?? span?.reranker?.output_documents ?? [])
    .map(({ id, score, content }) => `${id ?? '(no id)'} ${score ?? ''}\n${content ?? ''}`)
    .join('\n\n');

function Content({ a, b }: Pair) {
  const hasMessages = [a, b].some(
    (span) => (span?.llm?.input_messages.length ?? 0) + (span?.llm?.output_messages.length ?? 0) > 0,
  );
  return (
    <>
      <TextDiff title="Failure" a={failureOf(a)} b={failureOf(b)} />
      {hasMessages ? (
        <>
          <PromptDiff title="Prompt" a={a?.llm?.input_messages ?? []} b={b?.llm?.input_messages ?? []} />
          <PromptDiff title="Answer" a={a?.llm?.output_messages ?? []} b={b?.llm?.output_messages ?? []} />
        </>
      ) : (
        <>
          <TextDiff title="Input" a={a?.input?.value ?? ''} b={b?.input?.value ?? ''} />
          <TextDiff title="Output" a={a?.output?.value ?? ''} b={b?.output?.value ?? ''} />
        </>
      )}
      <TextDiff title="Documents" a={documentsText(a)} b={documentsText(b)} />
      <LongTexts a={a} b={b} />
    </>
  );
}
