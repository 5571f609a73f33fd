import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namedInAnswersQuery } from '../../../api/trace_sql';
import type { RetrievedDocument, Span } from '../../../api/types';
import { unknown } from '../../../base/format';
import { ValueText } from '../../../panels/transcript/ValueText';
import { Button } from '../../../widgets/Button';
import { CopyButton } from '../../../widgets/CopyButton';
import { LongText } from '../../../widgets/LongText';
import { wordsPattern } from '../../../widgets/marked';
import { citableIds, citedIds, type RankedDocument, rankedDocuments, scoreScale } from '../model/documents';
import detail from './detail.module.css';
import styles from './documents.module.css';

// `spans`: of the trace, for what the model made of the documents; of a large one none, and the server is asked.
export function Documents({ span, spans }: { span: Span; spans: readonly (Span | undefined)[] }) {
  const query = span.reranker?.query ?? span.retrieval?.query ?? span.input?.value ?? null;
  const ranked = rankedDocuments(span);
  const documents = ranked.map((one) => one.document);
  const scale = scoreScale(documents);
  const answers = useAnswers(span, spans, documents);
  const marks = wordsPattern(query);
  return (
    <div className={detail.sections}>
      <section>
        <h3 className={detail.sectionTitle}>{span.reranker ? 'After rerank' : 'Retrieved'}</h3>
        {query && (
          <div className={styles.query}>
            <LongText text={query} />
          </div>
        )}
        <ol className={styles.documents}>
          {ranked.map((one, index) => (
            <li key={index} className={`${styles.document} ${one.rank === 0 ? styles.leftOut : ''}`}>
              <Rank ranked={one} scale={scale} />
              <Body document={one.document} marks={marks} cited={answers.named.has(one.document.id ?? '')} />
            </li>
          ))}
        </ol>
        <p className={styles.scaleNote}>A full bar is a score of {Number(scale.toPrecision(4))}.</p>
        {spans.length === 0 && citableIds(documents).length > 0 && <Answers answers={answers} />}
      </section>
    </div>
  );
}

type AnswersState = { named: ReadonlySet<string>; state: 'not asked' | 'asked' | 'known' | Error; look: () => void };

// What answers name of the documents. In a large trace it costs the server seconds to read them: somebody has to want it.
function useAnswers(
  span: Span,
  spans: readonly (Span | undefined)[],
  documents: readonly RetrievedDocument[],
): AnswersState {
  const [wanted, setWanted] = useState(false);
  const asked = useQuery({
    ...namedInAnswersQuery(span.project, span.trace_id, citableIds(documents)),
    enabled: wanted,
  });
  const look = () => {
    setWanted(true);
    if (asked.error) void asked.refetch();
  };
  if (spans.length > 0) return { named: citedIds(spans, documents), state: 'known', look };
  const state = asked.data ? 'known' : asked.isFetching ? 'asked' : (asked.error ?? 'not asked');
  return { named: asked.data ?? new Set(), state, look };
}

function Answers({ answers: { named, state, look } }: { answers: AnswersState }) {
  return (
    <div className={styles.answers} role="status">
      {state === 'asked' && 'Reading the answers…'}
      {state === 'known' && named.size === 0 && 'No answer of this trace names one of them.'}
      {state instanceof Error && `The answers were not read: ${state.message}`}
      {state !== 'asked' && state !== 'known' && (
        <Button onClick={look}>{state === 'not asked' ? 'Look which an answer names' : 'Try again'}</Button>
      )}
    </div>
  );
}

const printScore = (score: number | null): string => (score === null ? unknown : String(Number(score.toPrecision(4))));

function Rank({ ranked: { document, rank, before, scoreBefore }, scale }: { ranked: RankedDocument; scale: number }) {
  return (
    <div className={styles.rank}>
      <span>{rank === 0 ? 'left out' : `#${rank}`}</span>
      <span className={styles.score}>{printScore(document.score)}</span>
      {document.score !== null && (
        <span className={styles.scale} aria-hidden="true">
          <span style={{ width: `${Math.max(0, Math.min(1, document.score / scale)) * 100}%` }} />
        </span>
      )}
      {before !== null && (
        <span title={`before the rerank: rank ${before}, score ${printScore(scoreBefore)}`}>{move(before, rank)}</span>
      )}
      {scoreBefore !== null && rank !== 0 && <span>was {printScore(scoreBefore)}</span>}
    </div>
  );
}

function move(before: number, rank: number): string {
  if (rank === 0) return `was #${before}`;
  if (rank === before) return `as before`;
  return rank < before ? `↑ from #${before}` : `↓ from #${before}`;
}

type BodyProps = { document: RetrievedDocument; marks: RegExp | null; cited: boolean };

function Body({ document, marks, cited }: BodyProps) {
  return (
    <div className={styles.body}>
      <header className={detail.sectionHead}>
        <span className={styles.id}>{document.id ?? '(no id)'}</span>
        {cited && <span className={styles.cited}>named in an answer</span>}
        <CopyButton text={document.content ?? ''} label="Copy this document" />
      </header>
      {document.content !== null && <LongText text={document.content} marks={marks} />}
      <Metadata document={document} />
    </div>
  );
}

// Plain values stand open, others are folded.
function Metadata({ document: { metadata } }: { document: RetrievedDocument }) {
  if (metadata === null || (typeof metadata === 'object' && Object.keys(metadata).length === 0)) return null;
  const entries = typeof metadata === 'object' && !Array.isArray(metadata) ? Object.entries(metadata) : null;
  if (entries?.every(([, value]) => typeof value !== 'object' && String(value).length <= 80)) {
    return (
      <dl className={styles.metadata}>
        {entries.map(([key, value]) => (
          <div key={key}>
            <dt>{key}</dt>
            <dd>{String(value)}</dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <details>
      <summary>Metadata</summary>
      <ValueText value={metadata} mono />
    </details>
  );
}
