// The columns of the lists. As they usually are, a narrow list leaves some out: `drop` is the first width that does, in
// list.module.css. Those that a reader has chosen all stay, and the list scrolls sideways where they do not fit.
import { Fragment, memo, type ReactNode } from 'react';
import type { ListRow, SpanRow, TraceRow } from '../../../api/types';
import { formatCount, formatDuration, formatTokens, unknown } from '../../../base/format';
import type { ListOf } from '../../../base/listing';
import { zoneLabel } from '../../../base/time';
import {
  Cell,
  CostCell,
  DurationCell,
  FoundCell,
  NameCell,
  numbers,
  PlainNameCell,
  StartCell,
  TextCell,
  TokensCell,
} from './cells';
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
  found: { label: 'Found in', drop: 'narrow', px: 120, grows: 1.4 },
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
  calls: {
    ...common,
    start: { label: 'Start', px: 100 },
    name: { label: 'Name', px: 106, grows: 1 },
    duration: { label: 'Duration', number: true, px: 56 },
    model: { label: 'Model', px: 104 },
    provider: { label: 'Provider', drop: 'wide', px: 76 },
    'tokens.prompt': { label: 'Tokens in', number: true, drop: 'narrow', px: 54 },
    'tokens.cache_read': { label: 'Cached', number: true, drop: 'middle', px: 50 },
    'tokens.completion': { label: 'Tokens out', number: true, drop: 'narrow', px: 60 },
    cost: { label: 'Cost', number: true, drop: 'least', px: 72 },
    first_token: { label: 'First token', number: true, drop: 'small', px: 62 },
    finish_reason: { label: 'Finish', drop: 'small', px: 66 },
    input: { label: 'Prompt', drop: 'narrow', px: 100, grows: 1.4 },
    output: { label: 'Answer', drop: 'middle', px: 100, grows: 1.4 },
    status: { label: 'Status', px: 76 },
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
  found: (row) => <FoundCell row={row} className={styles.narrow} />,
  output: (row) => <TextCell text={row.output_preview} className={`${styles.wrapped} ${styles.middle}`} />,
  service: (row) => <TextCell text={row.service_name} className={styles.wide} />,
  user: (row) => <TextCell text={row.user_id} />,
  trace: (row) => <TextCell text={row.trace_id} className={styles.id} />,
};

const ofTraces: Record<string, CellOf<TraceRow>> = {
  ...both,
  name: (row) => <NameCell row={row} below={row.models.join(', ')} />,
  spans: (row) => <Cell className={`${numbers} ${styles.small}`}>{formatCount(row.span_count)}</Cell>,
  errors: (row) => (
    <Cell className={`${numbers} ${row.error_count > 0 ? styles.errors : styles.none}`}>
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

const count = (value: number | null | undefined, className: string | undefined, title?: string) => (
  <Cell className={`${numbers} ${className} ${value == null ? styles.none : ''}`} title={title}>
    {formatTokens(value)}
  </Cell>
);

const cachedShare = ({ tokens }: SpanRow): string | undefined =>
  tokens?.prompt && tokens.cache_read != null
    ? `${Math.round((tokens.cache_read / tokens.prompt) * 100)} % of the prompt was read from a cache`
    : undefined;

const ofCalls: Record<string, CellOf<SpanRow>> = {
  ...ofSpans,
  name: (row) => <PlainNameCell row={row} below={row.agent_name ?? row.service_name ?? ''} />,
  model: (row) => <TextCell text={row.model} />,
  provider: (row) => <TextCell text={row.provider} className={styles.wide} />,
  'tokens.prompt': (row) => count(row.tokens?.prompt, styles.narrow),
  'tokens.cache_read': (row) => count(row.tokens?.cache_read, styles.middle, cachedShare(row)),
  'tokens.completion': (row) => count(row.tokens?.completion, styles.narrow),
  duration: (row) => <Cell className={numbers}>{formatDuration(row.duration_ns)}</Cell>,
  first_token: ({ time_to_first_token_ns: ns }) => (
    <Cell className={`${numbers} ${styles.small} ${ns === null ? styles.none : ''}`}>{formatDuration(ns)}</Cell>
  ),
  finish_reason: (row) => <FinishCell row={row} />,
};

// How a call ended; a failed one says that instead of a reason.
function FinishCell({ row: { status, finish_reason: reason, exception, status_message: message } }: { row: SpanRow }) {
  const failed = status === 'ERROR';
  const said = failed ? [exception?.type, exception?.message ?? message].filter(Boolean).join(': ') : reason;
  return (
    <Cell
      className={`${styles.preview} ${styles.small} ${failed ? styles.errors : reason ? '' : styles.none}`}
      title={said || undefined}
    >
      {failed ? 'error' : (reason ?? unknown)}
    </Cell>
  );
}

function StatusCell({ row: { status }, said, title }: { row: ListRow; said: string; title: string }) {
  return (
    <Cell className={`${styles.two} ${status === 'ERROR' ? styles.errors : styles.none}`} title={title}>
      <span>{status === 'ERROR' ? 'Error' : status === 'OK' ? 'Ok' : unknown}</span>
      <span className={styles.below}>{said}</span>
    </Cell>
  );
}

type CellsProps = { of: ListOf; ids: readonly string[]; row: ListRow; slowest: number };

// Memoised: a scroll renders all rows on screen anew, and their cells are most of it.
export const Cells = memo(({ of, ids, row, slowest }: CellsProps) => {
  const spanCells = of === 'calls' ? ofCalls : ofSpans;
  return ids.map((id) => (
    <Fragment key={id}>{'span_id' in row ? spanCells[id]?.(row, slowest) : ofTraces[id]?.(row, slowest)}</Fragment>
  ));
});
