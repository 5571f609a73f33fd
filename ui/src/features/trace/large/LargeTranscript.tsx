// The transcript of a trace that is too large to be held whole: its calls of models and what failed, by the tree, each
// read when it comes on screen.
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import { conversationQuery } from '../../../api/insight_queries';
import type { Conversation } from '../../../api/insight_types';
import { spanQuery } from '../../../api/trace_queries';
import type { Trace } from '../../../api/types';
import { formatCount, plural } from '../../../base/format';
import { kindIndex } from '../../../base/kinds';
import { sceneOf } from '../../../panels/transcript/scenes';
import { SceneView } from '../../../panels/transcript/Transcript';
import { Button } from '../../../widgets/Button';
import { KindChip } from '../../../widgets/KindChip';
import { flagError, kindOf, nameOf, type SpanTree } from '../model/span_tree';
import styles from './large.module.css';

const scenePx = 220;
// A scene that is only scrolled past is not asked for.
const restMs = 120;

const llm = kindIndex('LLM');

// In time.
export function sceneRows(tree: SpanTree): number[] {
  const rows: number[] = [];
  for (let row = 0; row < tree.rows; row += 1)
    if (tree.kind[row] === llm || (tree.flags[row] ?? 0) & flagError) rows.push(row);
  return rows.sort((a, b) => (tree.start[a] ?? 0) - (tree.start[b] ?? 0) || a - b);
}

type LargeTranscriptProps = {
  trace: Trace['trace'];
  tree: SpanTree;
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

export function LargeTranscript({ trace, tree, selectedRow, onSelect }: LargeTranscriptProps) {
  const { project, trace_id: id, session_id: session } = trace;
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => sceneRows(tree), [tree]);
  const conversation = useQuery(conversationQuery(project, { session, trace: id }));
  const selectedAt = rows.indexOf(selectedRow);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => scenePx,
    getItemKey: (index) => rows[index] ?? index,
    initialOffset: Math.max(0, selectedAt) * scenePx,
    overscan: 2,
  });
  return (
    <div ref={scroller} className={styles.box} tabIndex={0} role="region" aria-label="Transcript">
      <p className={styles.note}>
        {plural(rows.length, 'call of a model or failure', 'calls of models and failures')}, each read as it comes on
        screen.
        {conversation.isPending && ' Which messages are new is still being looked for; until then prompts are whole.'}
        {conversation.error && ` Prompts are whole: ${conversation.error.message}.`}
        {conversation.data?.complete === false &&
          ` Of the first ${formatCount(conversation.data.calls.length)} calls what was said before is left out, later ones are whole.`}
      </p>
      <ol className={styles.scenes} style={{ height: virtual.getTotalSize() }} aria-label="Transcript">
        {virtual.getVirtualItems().map(({ index, start, key }) => (
          <li
            key={key}
            ref={virtual.measureElement}
            data-index={index}
            className={styles.scene}
            style={{ transform: `translateY(${start}px)` }}
          >
            <LargeScene
              trace={trace}
              tree={tree}
              row={rows[index] ?? 0}
              conversation={conversation.data}
              selected={rows[index] === selectedRow}
              onSelect={onSelect}
            />
          </li>
        ))}
      </ol>
    </div>
  );
}

type LargeSceneProps = {
  trace: Trace['trace'];
  tree: SpanTree;
  row: number;
  conversation: Conversation | undefined;
  selected: boolean;
  onSelect: (spanId: string) => void;
};

function LargeScene({ trace, tree, row, conversation, selected, onSelect }: LargeSceneProps) {
  const [rested, setRested] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setRested(true), restMs);
    return () => clearTimeout(timer);
  }, []);
  const span = useQuery({ ...spanQuery(trace.project, trace.trace_id, tree.idOf(row)), enabled: rested });
  if (span.data) return <SceneView scene={sceneOf(span.data, conversation)} selected={selected} onSelect={onSelect} />;
  return (
    <div className={styles.waiting}>
      <KindChip kind={kindOf(tree, row)} />
      <strong>{nameOf(tree, row) || '(no name)'}</strong>
      {span.error ? (
        <span role="alert">
          not loaded: {span.error.message} <Button onClick={() => span.refetch()}>Try again</Button>
        </span>
      ) : (
        <span>Loading…</span>
      )}
    </div>
  );
}
