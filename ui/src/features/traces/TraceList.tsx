import { useNavigate } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef, useState } from 'react';
import type { TraceRow } from '../../api/types';
import { formatCount, formatDuration, formatTokenFlow, formatUsd, unknown } from '../../base/format';
import { type KeyBinding, useKeys } from '../../base/keys';
import { lastTrace } from '../../base/last_trace';
import { formatAgo, formatClock, formatDay, formatInstant, zoneLabel } from '../../base/time';
import { KindChip } from '../../widgets/KindChip';
import styles from './traces.module.css';

const rowPx = 36;
const loadMoreRows = 30;

type More = { exists: boolean; loading: boolean; load: () => unknown };
type TraceListProps = { project: string; rows: readonly TraceRow[]; more: More; onRefresh: () => void };

export function TraceList({ project, rows, more, onRefresh }: TraceListProps) {
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const [selectedId, setSelectedId] = useState(() => lastTrace.get(project) ?? null);
  const selected = rows.findIndex((row) => row.trace_id === selectedId);
  const slowest = Math.max(1, ...rows.map((row) => row.duration_ns));

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPx,
    getItemKey: (index) => rows[index]?.trace_id ?? index,
    overscan: 8,
    initialOffset: () => Math.max(0, (selected - 6) * rowPx),
    onChange: ({ range }) => {
      if (range && more.exists && !more.loading && range.endIndex > rows.length - loadMoreRows) more.load();
    },
  });

  const select = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setSelectedId(row.trace_id);
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const open = (row: TraceRow | undefined) => {
    if (!row) return;
    lastTrace.set(project, row.trace_id);
    navigate({ to: '/p/$project/traces/$traceId', params: { project, traceId: row.trace_id } });
  };
  const bindings: KeyBinding[] = [
    { keys: ['j', 'ArrowDown'], help: 'next trace', run: () => select(selected + 1) },
    { keys: ['k', 'ArrowUp'], help: 'previous trace', run: () => select(selected < 0 ? 0 : selected - 1) },
    { keys: ['Enter'], help: 'open the trace', run: () => open(rows[selected]) },
    { keys: ['Home'], help: 'newest', run: () => select(0) },
    { keys: ['End'], help: 'last loaded', run: () => select(rows.length - 1) },
    { keys: ['r'], help: 'refresh', run: onRefresh },
  ];
  useKeys('Traces', bindings);

  return (
    <div
      id="trace-list"
      ref={scroller}
      className={styles.list}
      role="grid"
      aria-label="Traces"
      aria-rowcount={more.exists ? -1 : rows.length + 1}
      aria-activedescendant={selected >= 0 ? `trace-${selectedId}` : undefined}
      data-main-keys=""
      tabIndex={0}
    >
      <ColumnHeads />
      <div className={styles.rows} role="rowgroup" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <Row
                key={item.key}
                row={row}
                index={item.index}
                top={item.start}
                selected={row.trace_id === selectedId}
                slowest={slowest}
                onOpen={open}
              />
            )
          );
        })}
      </div>
      {more.loading && (
        <div className={styles.more} role="status">
          Loading more
        </div>
      )}
    </div>
  );
}

function ColumnHeads() {
  const heads: [label: string, className?: string | undefined][] = [
    [`Start, ${zoneLabel(Date.now())}`],
    ['Name'],
    ['Duration', styles.number],
    ['Spans', `${styles.number} ${styles.third}`],
    ['Errors', styles.number],
    ['Tokens in → out', `${styles.number} ${styles.third}`],
    ['Cost', styles.number],
    ['Input'],
    ['Output', styles.second],
    ['Service', styles.second],
    ['Session / user', styles.second],
  ];
  return (
    <div role="row" className={styles.heads} aria-rowindex={1}>
      {heads.map(([label, className]) => (
        <span key={label} role="columnheader" className={className}>
          {label}
        </span>
      ))}
    </div>
  );
}

const addressOf = (row: TraceRow): string => `/p/${encodeURIComponent(row.project)}/traces/${row.trace_id}`;

type RowProps = {
  row: TraceRow;
  index: number;
  top: number;
  selected: boolean;
  slowest: number;
  onOpen: (row: TraceRow) => void;
};

function Row({ row, index, top, selected, slowest, onOpen }: RowProps) {
  const onClick = (event: React.MouseEvent) => {
    // The name is a real link: a click with a modifier opens it the browser's way.
    if (event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    if (getSelection()?.isCollapsed !== false) onOpen(row);
  };
  return (
    <div
      id={`trace-${row.trace_id}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={styles.row}
      style={{ transform: `translateY(${top}px)` }}
      onClick={onClick}
    >
      <StartCell row={row} />
      <Cell className={styles.nameCell} title={row.name}>
        <KindChip kind={row.kind} />
        <span className={styles.two}>
          <a className={styles.name} href={addressOf(row)} tabIndex={-1}>
            {row.name || '(no name)'}
          </a>
          <span className={styles.below}>{row.models.join(', ')}</span>
        </span>
      </Cell>
      <Cell className={styles.number}>
        <span className={styles.meter} aria-hidden="true">
          <span style={{ width: `${(row.duration_ns / slowest) * 100}%` }} />
        </span>
        {formatDuration(row.duration_ns)}
      </Cell>
      <Cell className={`${styles.number} ${styles.third}`}>{formatCount(row.span_count)}</Cell>
      <Cell className={`${styles.number} ${row.error_count > 0 ? styles.errors : styles.none}`}>
        {formatCount(row.error_count)}
      </Cell>
      <Cell
        className={`${styles.number} ${styles.third} ${row.tokens ? '' : styles.none}`}
        title={row.tokens ? `total ${row.tokens.total ?? 'unknown'}` : 'no span reports tokens'}
      >
        {formatTokenFlow(row.tokens)}
      </Cell>
      <Cell
        className={`${styles.number} ${row.cost ? '' : styles.none}`}
        title={row.cost ? `$${row.cost.total_usd}` : 'no span has a known price'}
      >
        {formatUsd(row.cost?.total_usd)}
      </Cell>
      <Preview text={row.input_preview} className={styles.wrapped} />
      <Preview text={row.output_preview} className={`${styles.wrapped} ${styles.second}`} />
      <Preview text={row.service_name} className={styles.second} />
      <Cell
        className={`${styles.two} ${styles.second}`}
        title={[row.session_id, row.user_id].filter(Boolean).join(' / ')}
      >
        <span className={row.session_id ? styles.preview : styles.none}>{row.session_id ?? unknown}</span>
        <span className={styles.below}>{row.user_id}</span>
      </Cell>
    </div>
  );
}

type CellProps = { className?: string | undefined; title?: string | undefined; children: React.ReactNode };

function Cell({ className, title, children }: CellProps) {
  return (
    <span role="gridcell" className={className} title={title}>
      {children}
    </span>
  );
}

function Preview({ text, className = '' }: { text: string | null; className?: string | undefined }) {
  return (
    <Cell className={`${styles.preview} ${className} ${text ? '' : styles.none}`} title={text ?? undefined}>
      {text ?? unknown}
    </Cell>
  );
}

function StartCell({ row }: { row: TraceRow }) {
  const now = Date.now();
  const ago = formatAgo(row.start_unix_ns, now);
  const today = formatDay(row.start_unix_ns) === formatDay(`${now}000000`);
  return (
    <Cell className={`${styles.two} ${styles.start}`} title={`${ago}, ${formatInstant(row.start_unix_ns)}`}>
      <span>{formatClock(row.start_unix_ns)}</span>
      <span className={styles.below}>{today ? ago : formatDay(row.start_unix_ns)}</span>
    </Cell>
  );
}
