import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef } from 'react';
import type { LogRecord } from '../../../api/types';
import { formatDuration } from '../../../base/format';
import { KindChip } from '../../../widgets/KindChip';
import { type Moment, momentsOf, severityOf } from '../model/moments';
import { kindOf, type SpanTree } from '../model/span_tree';
import styles from './log.module.css';

export const rowPx = 28;

type LogProps = {
  tree: SpanTree;
  logs: readonly LogRecord[];
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

export function Log({ tree, logs, selectedRow, onSelect }: LogProps) {
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
      <ol className={styles.moments} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const moment = moments[index];
          if (!moment) return null;
          return (
            <li key={key} className={styles.place} style={{ transform: `translateY(${start}px)` }}>
              <MomentLine tree={tree} moment={moment} selectedRow={selectedRow} onSelect={onSelect} />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

type MomentLineProps = {
  tree: SpanTree;
  moment: Moment;
  selectedRow: number;
  onSelect: (spanId: string) => void;
};

export function MomentLine({ tree, moment, selectedRow, onSelect }: MomentLineProps) {
  const known = moment.row >= 0;
  return (
    <div className={`${styles.moment} ${moment.row === selectedRow ? styles.selected : ''}`}>
      <span className={styles.at}>+{formatDuration(moment.ns)}</span>
      <span className={styles.what}>{moment.what}</span>
      {known ? <KindChip kind={kindOf(tree, moment.row)} /> : <span />}
      <button
        type="button"
        className={`${styles.text} ${styles[severityOf(moment) ?? 'plain']}`}
        disabled={!known}
        title={moment.text}
        onClick={() => known && onSelect(tree.idOf(moment.row))}
      >
        {moment.text}
      </button>
    </div>
  );
}
