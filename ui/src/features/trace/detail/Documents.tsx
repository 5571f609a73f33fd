import type { RetrievedDocument, Span } from '../../../api/types';
import { unknown } from '../../../base/format';
import { CopyButton } from '../../../widgets/CopyButton';
import { LongText } from '../../../widgets/LongText';
import styles from './detail.module.css';
import { ValueText } from './ValueText';

export function Documents({ span }: { span: Span }) {
  const { retrieval, reranker } = span;
  return (
    <div className={styles.sections}>
      {retrieval && <DocumentList title="Retrieved" query={retrieval.query} documents={retrieval.documents} />}
      {reranker && (
        <>
          <DocumentList title="After rerank" query={reranker.query} documents={reranker.output_documents} />
          <DocumentList title="Before rerank" query={null} documents={reranker.input_documents} />
        </>
      )}
    </div>
  );
}

type ListProps = { title: string; query: string | null; documents: readonly RetrievedDocument[] };

const hasMetadata = ({ metadata }: RetrievedDocument): boolean =>
  metadata !== null && (typeof metadata !== 'object' || Object.keys(metadata).length > 0);

function DocumentList({ title, query, documents }: ListProps) {
  if (documents.length === 0) return null;
  // One scale for the list, from zero, so that the bars compare.
  const highest = Math.max(...documents.map((document) => document.score ?? 0), Number.EPSILON);
  return (
    <section>
      <h3 className={styles.sectionTitle}>{title}</h3>
      {query && (
        <div className={styles.query}>
          <LongText text={query} />
        </div>
      )}
      <ol className={styles.documents}>
        {documents.map((document, index) => (
          <li key={index} className={styles.document}>
            <div className={styles.rank}>
              <span>#{index + 1}</span>
              <span className={styles.score}>
                {document.score === null ? unknown : Number(document.score.toPrecision(4))}
              </span>
              {document.score !== null && (
                <span className={styles.scale} aria-hidden="true">
                  <span style={{ width: `${Math.max(0, (document.score / highest) * 100)}%` }} />
                </span>
              )}
            </div>
            <div className={styles.documentBody}>
              <header className={styles.turnHead}>
                <span className={styles.documentId}>{document.id ?? '(no id)'}</span>
                <CopyButton text={document.content ?? ''} label="Copy this document" />
              </header>
              {document.content !== null && <LongText text={document.content} />}
              {hasMetadata(document) && (
                <details>
                  <summary>Metadata</summary>
                  <ValueText value={document.metadata} mono />
                </details>
              )}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
