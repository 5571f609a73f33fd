import type { Conversation } from '../../api/insight_types';
import { type Span, titleOf } from '../../api/types';
import { formatFigures, plural } from '../../base/format';
import { KindChip } from '../../widgets/KindChip';
import { LongText } from '../../widgets/LongText';
import { SpanTexts } from '../long_value/SpanTexts';
import { type Scene, scenesOf } from './scenes';
import { TurnBlock } from './TurnBlock';
import styles from './transcript.module.css';

type TranscriptProps = {
  spans: readonly Span[];
  conversation: Conversation | undefined;
  selectedSpanId?: string;
  onSelect: (spanId: string) => void;
};

export function Transcript({ spans, conversation, selectedSpanId = '', onSelect }: TranscriptProps) {
  const scenes = scenesOf(spans, conversation);
  if (scenes.length === 0) {
    return <p className={styles.none}>No call of a model with messages, and nothing that failed with an exception.</p>;
  }
  return (
    <ol className={styles.transcript} aria-label="Transcript">
      {scenes.map((scene) => (
        <li key={scene.span.span_id}>
          <SceneView scene={scene} selected={scene.span.span_id === selectedSpanId} onSelect={onSelect} />
        </li>
      ))}
    </ol>
  );
}

type SceneProps = { scene: Scene; selected: boolean; onSelect: (spanId: string) => void };

export function SceneView({ scene: { span, said, answered, unchanged }, selected, onSelect }: SceneProps) {
  const { exception } = span;
  return (
    <SpanTexts span={span}>
      <article className={`${styles.scene} ${selected ? styles.selected : ''}`}>
        <header className={styles.head}>
          <KindChip kind={span.kind} />
          <button type="button" className={styles.name} onClick={() => onSelect(span.span_id)}>
            {titleOf(span)}
          </button>
          <span className={styles.figures}>{formatFigures(span)}</span>
        </header>
        {unchanged > 0 && <p className={styles.unchanged}>{plural(unchanged, 'message')} as before</p>}
        {said.map((turn) => (
          <TurnBlock key={turn.index} turn={turn} at={span.span_id} />
        ))}
        {answered.map((turn) => (
          <TurnBlock
            key={turn.index}
            turn={turn}
            at={span.span_id}
            finish={span.llm?.finish_reasons.join(', ') ?? ''}
          />
        ))}
        {said.length + answered.length === 0 && span.kind === 'LLM' && (
          <p className={styles.unchanged}>This call recorded no messages.</p>
        )}
        {span.status.code === 'ERROR' && (
          <div className={styles.failure}>
            <strong>{exception?.type ?? 'Error'}</strong>
            <LongText text={exception?.message ?? span.status.message ?? ''} />
          </div>
        )}
      </article>
    </SpanTexts>
  );
}
