import type { Conversation } from '../../api/insight_types';
import type { Span } from '../../api/types';
import { formatDuration, formatTokenFlow, formatUsd, plural } from '../../base/format';
import { KindChip } from '../../widgets/KindChip';
import { LongText } from '../../widgets/LongText';
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
        <SceneView
          key={scene.span.span_id}
          scene={scene}
          selected={scene.span.span_id === selectedSpanId}
          onSelect={onSelect}
        />
      ))}
    </ol>
  );
}

type SceneProps = { scene: Scene; selected: boolean; onSelect: (spanId: string) => void };

function SceneView({ scene: { span, said, answered, unchanged }, selected, onSelect }: SceneProps) {
  const { exception } = span;
  return (
    <li className={`${styles.scene} ${selected ? styles.selected : ''}`}>
      <header className={styles.head}>
        <KindChip kind={span.kind} />
        <button type="button" className={styles.name} onClick={() => onSelect(span.span_id)}>
          {span.name || '(no name)'}
        </button>
        <span className={styles.figures}>
          {formatDuration(span.duration_ns)}
          {span.tokens && `, ${formatTokenFlow(span.tokens)} tokens`}
          {span.cost && `, ${formatUsd(span.cost.total_usd)}`}
        </span>
      </header>
      {unchanged > 0 && <p className={styles.unchanged}>{plural(unchanged, 'message')} as before</p>}
      {said.map((turn) => (
        <TurnBlock key={turn.index} turn={turn} at={span.span_id} />
      ))}
      {answered.map((turn) => (
        <TurnBlock key={turn.index} turn={turn} at={span.span_id} finish={span.llm?.finish_reasons.join(', ') ?? ''} />
      ))}
      {span.status.code === 'ERROR' && (
        <div className={styles.failure}>
          <strong>{exception?.type ?? 'Error'}</strong>
          <LongText text={exception?.message ?? span.status.message ?? ''} />
        </div>
      )}
    </li>
  );
}
