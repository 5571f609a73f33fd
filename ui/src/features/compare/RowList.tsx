import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import { formatDuration, formatTokens, formatUsd, plural } from '../../base/format';
import { useKeys } from '../../base/keys';
import { KindChip } from '../../widgets/KindChip';
import styles from './compare.module.css';
import { deltaOf } from './delta';
import folds from './fold.module.css';
import type { ComparedRow, Outcome } from './row';

const rowPx = 32;
const headPx = 26;
const indentPx = 14;
const indentMax = 14;

const marks: Record<Outcome, string> = { same: '=', changed: '~', added: '+', removed: '−' };
const words: Record<Outcome, string> = {
  same: 'the same',
  changed: 'changed',
  added: 'only in B',
  removed: 'only in A',
};

// How many rows below one are the same, and whether they are listed nevertheless.
export type Fold = { count: number; open: boolean };

type RowListProps = {
  rows: readonly ComparedRow[];
  selected: ComparedRow | undefined;
  foldOf: (row: ComparedRow) => Fold;
  onFold: (row: ComparedRow) => void;
  onSelect: (row: ComparedRow) => void;
};

export function RowList({ rows, selected: selectedRow, foldOf, onFold, onSelect }: RowListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const selectedId = selectedRow?.id ?? '';
  const selected = selectedRow ? rows.indexOf(selectedRow) : -1;
  const longest = useMemo(
    () => rows.reduce((most, { a, b }) => Math.max(most, a?.duration_ns ?? 0, b?.duration_ns ?? 0), 1),
    [rows],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    overscan: 8,
    scrollPaddingEnd: headPx,
    initialOffset: () => Math.max(0, (selected - 6) * rowPx),
  });
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (selected >= 0) scrollToIndex(selected);
  }, [selected, scrollToIndex]);
  const move = (to: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, to))];
    if (row) onSelect(row);
  };
  useKeys('Compare', [
    { keys: ['j', 'ArrowDown'], help: 'next span', run: () => move(selected + 1) },
    { keys: ['k', 'ArrowUp'], help: 'previous span', run: () => move(selected - 1) },
    { keys: ['Home'], help: 'first span', run: () => move(0) },
    { keys: ['End'], help: 'last span', run: () => move(rows.length - 1) },
  ]);
  return (
    <div
      ref={scroller}
      className={styles.list}
      role="grid"
      aria-label="Spans of both traces"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={selected >= 0 ? `pair-${selectedId}` : undefined}
      data-main-keys=""
      tabIndex={0}
    >
      <div role="row" aria-rowindex={1} className={styles.heads}>
        <span role="columnheader">Span</span>
        <span role="columnheader" className={styles.differs}>
          Differs in
        </span>
        <span role="columnheader" className={styles.bars}>
          A over B
        </span>
        <span role="columnheader" className={styles.number}>
          Duration
        </span>
        <span role="columnheader" className={styles.number}>
          Tokens
        </span>
        <span role="columnheader" className={styles.number}>
          Cost
        </span>
      </div>
      <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <Row
                key={row.id}
                row={row}
                index={item.index}
                top={item.start}
                selected={item.index === selected}
                longest={longest}
                fold={foldOf(row)}
                onFold={onFold}
                onSelect={onSelect}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

type RowProps = {
  row: ComparedRow;
  index: number;
  top: number;
  selected: boolean;
  longest: number;
  fold: Fold;
  onFold: (row: ComparedRow) => void;
  onSelect: (row: ComparedRow) => void;
};

function Row({ row, index, top, selected, longest, fold, onFold, onSelect }: RowProps) {
  const { a, b, depth, outcome, changes } = row;
  const span = b ?? a;
  if (!span) return null;
  const failed = b?.status.code === 'ERROR' || (!b && a?.status.code === 'ERROR');
  return (
    <div
      id={`pair-${row.id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`${styles.row} ${styles[outcome]}`}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onSelect(row)}
    >
      <span role="gridcell" className={styles.name}>
        <span className={styles.mark} title={words[outcome]}>
          <span aria-hidden="true">{marks[outcome]}</span>
          <span className={styles.spoken}>{words[outcome]}: </span>
        </span>
        <span style={{ width: Math.min(depth, indentMax) * indentPx }} className={styles.indent} />
        <KindChip kind={span.kind} />
        <span className={styles.spanName}>{span.name || '(no name)'}</span>
        {failed && <span className={styles.failed}>error</span>}
        {fold.count > 0 && (
          <button
            type="button"
            className={folds.fold}
            aria-expanded={fold.open}
            aria-label={`${plural(fold.count, 'span')} below are the same`}
            title={`${plural(fold.count, 'span')} below are the same`}
            onClick={(event) => {
              event.stopPropagation();
              onFold(row);
            }}
          >
            {fold.open ? '−' : '+'}
            {fold.count}
          </button>
        )}
      </span>
      <span role="gridcell" className={styles.differs}>
        {outcome === 'added' || outcome === 'removed' ? words[outcome] : changes.join(', ')}
      </span>
      <span role="gridcell" className={styles.bars}>
        <Bar ns={a?.duration_ns} longest={longest} side="A" />
        <Bar ns={b?.duration_ns} longest={longest} side="B" />
      </span>
      <Delta a={a?.duration_ns} b={b?.duration_ns} format={formatDuration} />
      <Delta a={a && tokensOf(a.tokens)} b={b && tokensOf(b.tokens)} format={formatTokens} />
      <Delta a={a && (a.cost?.total_usd ?? null)} b={b && (b.cost?.total_usd ?? null)} format={formatUsd} />
    </div>
  );
}

const tokensOf = (tokens: { total: number | null } | null): number | null => tokens?.total ?? null;

function Bar({ ns, longest, side }: { ns: number | undefined; longest: number; side: 'A' | 'B' }) {
  if (ns === undefined) return <span className={styles.noBar} />;
  return (
    <span
      className={side === 'A' ? styles.barA : styles.barB}
      title={`${side}: ${formatDuration(ns)}`}
      style={{ width: `${(100 * ns) / longest}%` }}
    />
  );
}

type DeltaProps = {
  a: number | null | undefined;
  b: number | null | undefined;
  format: (value: number | null) => string;
};

// Of a span that only one trace has, its figure.
function Delta({ a = null, b = null, format }: DeltaProps) {
  const text = a === null ? format(b) : b === null ? format(a) : deltaOf(a, b, format);
  return (
    <span role="gridcell" className={styles.number} title={`A ${format(a)}, B ${format(b)}`}>
      {text}
    </span>
  );
}
