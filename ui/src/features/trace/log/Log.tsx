import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { LogRecord } from '../../../api/types';
import { formatDuration } from '../../../base/format';
import { KindChip } from '../../../widgets/KindChip';
import { momentsOf, severityOf } from '../model/moments';
import type { SpanTree } from '../model/span_tree';
import styles from './log.module.css';

const rowPx = 28;

type LogProps = {
  tree: SpanTree;
  logs: readonly LogRecord[];
  complete: boolean;
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

export function Log({ tree, logs, complete, selectedRow, onSelect }: LogProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const moments = useMemo(() => momentsOf(tree, logs), [tree, logs]);
  const virtual = useVirtualizer({
    count: moments.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 12,
  });
  return (
    <div ref={scroller} className={styles.box} tabIndex={0} role="region" aria-label="Log">
      {!complete && <p className={styles.note}>The trace has more log records than are shown.</p>}
      <ol className={styles.moments} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const moment = moments[index];
          if (!moment) return null;
          const span = tree.spans[moment.row];
          return (
            <li
              key={key}
              className={`${styles.moment} ${moment.row === selectedRow ? styles.selected : ''}`}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className={styles.at}>+{formatDuration(moment.ns)}</span>
              <span className={styles.what}>{moment.what}</span>
              {span ? <KindChip kind={span.kind} /> : <span />}
              <button
                type="button"
                className={`${styles.text} ${styles[severityOf(moment) ?? 'plain']}`}
                disabled={!span}
                title={moment.text}
                onClick={() => span && onSelect(span.span_id)}
              >
                {moment.text}
              </button>
            </li>
          );
        })}
      </ol>
    </div>
  );
}
