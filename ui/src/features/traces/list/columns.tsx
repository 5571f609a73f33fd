// The columns of both lists. As they usually are, a narrow list leaves some out: `drop` is the first width that does, in
// list.module.css. Those that a reader has chosen all stay, and the list scrolls sideways where they do not fit.
import { Fragment, memo, type ReactNode } from 'react';
import type { ListRow, SpanRow, TraceRow } from '../../../api/types';
import { formatCount, unknown } from '../../../base/format';
import type { ListOf } from '../../../base/listing';
import { zoneLabel } from '../../../base/time';
import { Cell, CostCell, DurationCell, NameCell, StartCell, TextCell, TokensCell } from './cells';
import styles from './list.module.css';

type Drop = 'wide' | 'middle' | 'small' | 'narrow' | 'least';
// `px` is its width, or the least one where it `grows` by that share of what is left.
export type Column = { label: string; number?: boolean; drop?: Drop; px: number; grows?: number };

const common: Record<string, Column> = {
  start: { label: 'Start', px: 104 },
  name: { label: 'Name', px: 164, grows: 1 },
  duration: { label: 'Duration', number: true, px: 108 },
  tokens: { label: 'Tokens in → out', number: true, drop: 'narrow', px: 98 },
  cost: { label: 'Cost', number: true, drop: 'least', px: 76 },
  input: { label: 'Input', drop: 'narrow', px: 120, grows: 1.4 },
  output: { label: 'Output', drop: 'middle', px: 120, grows: 1.4 },
  service: { label: 'Service', drop: 'wide', px: 88 },
  status: { label: 'Status', px: 76 },
  user: { label: 'User', px: 120 },
  trace: { label: 'Trace id', px: 244 },
};

const columns: Record<ListOf, Record<string, Column>> = {
  traces: {
    ...common,
    spans: { label: 'Spans', number: true, drop: 'small', px: 44 },
    errors: { label: 'Errors', number: true, px: 46 },
    session: { label: 'Session / user', drop: 'wide', px: 96 },
    models: { label: 'Models', px: 120 },
  },
  spans: {
    ...common,
    model: { label: 'Model', drop: 'small', px: 120 },
    provider: { label: 'Provider', px: 80 },
    finish: { label: 'Finish reason', px: 88 },
    session: { label: 'Session', px: 96 },
  },
};

export function columnOf(of: ListOf, id: string): Column | undefined {
  const column = columns[of][id];
  return column && id === 'start' ? { ...column, label: `Start, ${zoneLabel(Date.now())}` } : column;
}

const gapPx = 12;

// For columns that are not the usual ones: the grid's tracks, and what it takes to show them.
export function tracksOf(of: ListOf, ids: readonly string[]): { tracks: string; leastPx: number } {
  const shown = ids.map((id) => columns[of][id]).filter((column) => column !== undefined);
  return {
    tracks: shown.map(({ px, grows }) => (grows ? `minmax(${px}px, ${grows}fr)` : `${px}px`)).join(' '),
    leastPx: shown.reduce((sum, { px }) => sum + px + gapPx, gapPx),
  };
}

type CellOf<Row> = (row: Row, slowest: number) => ReactNode;

const both: Record<string, CellOf<ListRow>> = {
  start: (row) => <StartCell row={row} />,
  duration: (row, slowest) => <DurationCell row={row} slowest={slowest} />,
  tokens: (row) => <TokensCell row={row} className={styles.narrow} />,
  cost: (row) => <CostCell row={row} className={styles.least} />,
  input: (row) => <TextCell text={row.input_preview} className={`${styles.wrapped} ${styles.narrow}`} />,
  output: (row) => <TextCell text={row.output_preview} className={`${styles.wrapped} ${styles.middle}`} />,
  service: (row) => <TextCell text={row.service_name} className={styles.wide} />,
  user: (row) => <TextCell text={row.user_id} />,
  trace: (row) => <TextCell text={row.trace_id} className={styles.id} />,
};

const ofTraces: Record<string, CellOf<TraceRow>> = {
  ...both,
  name: (row) => <NameCell row={row} below={row.models.join(', ')} />,
  spans: (row) => <Cell className={`${styles.number} ${styles.small}`}>{formatCount(row.span_count)}</Cell>,
  errors: (row) => (
    <Cell className={`${styles.number} ${row.error_count > 0 ? styles.errors : styles.none}`}>
      {formatCount(row.error_count)}
    </Cell>
  ),
  session: (row) => (
    <Cell className={`${styles.two} ${styles.wide}`} title={[row.session_id, row.user_id].filter(Boolean).join(' / ')}>
      <span className={row.session_id ? styles.preview : styles.none}>{row.session_id ?? unknown}</span>
      <span className={styles.below}>{row.user_id}</span>
    </Cell>
  ),
  models: (row) => <TextCell text={row.models.join(', ') || null} />,
  status: (row) => <StatusCell row={row} said="" title={row.status} />,
};

const ofSpans: Record<string, CellOf<SpanRow>> = {
  ...both,
  name: (row) => <NameCell row={row} below={row.tool_name ?? row.agent_name ?? ''} />,
  model: (row) => <TextCell text={row.model} className={styles.small} />,
  status: (row) => (
    <StatusCell
      row={row}
      said={row.exception?.type ?? row.status_message ?? ''}
      title={[row.status, row.exception?.message ?? row.status_message].filter(Boolean).join(': ')}
    />
  ),
  provider: (row) => <TextCell text={row.provider} />,
  finish: (row) => <TextCell text={row.finish_reason} />,
  session: (row) => <TextCell text={row.session_id} />,
};

function StatusCell({ row: { status }, said, title }: { row: ListRow; said: string; title: string }) {
  return (
    <Cell className={`${styles.two} ${status === 'ERROR' ? styles.errors : styles.none}`} title={title}>
      <span>{status === 'ERROR' ? 'Error' : status === 'OK' ? 'Ok' : unknown}</span>
      <span className={styles.below}>{said}</span>
    </Cell>
  );
}

type CellsProps = { ids: readonly string[]; row: ListRow; slowest: number };

// Memoised: a scroll renders all rows on screen anew, and their cells are most of it.
export const Cells = memo(({ ids, row, slowest }: CellsProps) =>
  ids.map((id) => (
    <Fragment key={id}>{'span_id' in row ? ofSpans[id]?.(row, slowest) : ofTraces[id]?.(row, slowest)}</Fragment>
  )),
);
