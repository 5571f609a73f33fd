// What stands in the columns of the lists.
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
import { type Column, columns } from './column_room';
import styles from './list.module.css';

export function columnOf(of: ListOf, id: string): Column | undefined {
  const column = columns[of][id];
  return column && id === 'start' ? { ...column, label: `Start, ${zoneLabel(Date.now())}` } : column;
}

// What is shown beside them counts: a name tells below itself what no column tells.
type Beside = { ids: readonly string[]; slowest: number };
type CellOf<Row> = (row: Row, beside: Beside) => ReactNode;

const both: Record<string, CellOf<ListRow>> = {
  start: (row) => <StartCell row={row} />,
  duration: (row, { slowest }) => <DurationCell row={row} slowest={slowest} />,
  tokens: (row) => <TokensCell row={row} />,
  cost: (row) => <CostCell row={row} />,
  input: (row) => <TextCell text={row.input_preview} className={styles.wrapped} />,
  found: (row) => <FoundCell row={row} />,
  output: (row) => <TextCell text={row.output_preview} className={styles.wrapped} />,
  service: (row) => <TextCell text={row.service_name} />,
  user: (row) => <TextCell text={row.user_id} />,
  trace: (row) => <TextCell text={row.trace_id} className={styles.id} />,
};

const ofTraces: Record<string, CellOf<TraceRow>> = {
  ...both,
  name: (row) => <NameCell row={row} below={row.models.join(', ')} />,
  spans: (row) => <Cell className={numbers}>{formatCount(row.span_count)}</Cell>,
  errors: (row) => (
    <Cell className={`${numbers} ${row.error_count > 0 ? styles.errors : styles.none}`}>
      {formatCount(row.error_count)}
    </Cell>
  ),
  session: (row) => (
    <Cell className={styles.two} title={[row.session_id, row.user_id].filter(Boolean).join(' / ')}>
      <span className={row.session_id ? styles.preview : styles.none}>{row.session_id ?? unknown}</span>
      <span className={styles.below}>{row.user_id}</span>
    </Cell>
  ),
  models: (row) => <TextCell text={row.models.join(', ') || null} />,
  status: (row) => <StatusCell row={row} said="" title={row.status} />,
};

const modelBelow = ({ model }: SpanRow, { ids }: Beside): string | null => (ids.includes('model') ? null : model);

const ofSpans: Record<string, CellOf<SpanRow>> = {
  ...both,
  name: (row, beside) => (
    <NameCell row={row} below={row.tool_name ?? modelBelow(row, beside) ?? row.agent_name ?? ''} />
  ),
  model: (row) => <TextCell text={row.model} />,
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

const count = (value: number | null | undefined, title?: string) => (
  <Cell className={`${numbers} ${value == null ? styles.none : ''}`} title={title}>
    {formatTokens(value)}
  </Cell>
);

const cachedShare = ({ tokens }: SpanRow): string | undefined =>
  tokens?.prompt && tokens.cache_read != null
    ? `${Math.round((tokens.cache_read / tokens.prompt) * 100)} % of the prompt was read from a cache`
    : undefined;

const ofCalls: Record<string, CellOf<SpanRow>> = {
  ...ofSpans,
  name: (row, beside) => (
    <PlainNameCell
      row={row}
      below={modelBelow(row, beside) ?? row.agent_name ?? row.service_name ?? ''}
      failed={row.status === 'ERROR' && !beside.ids.some((id) => id === 'finish_reason' || id === 'status')}
    />
  ),
  'tokens.prompt': (row) => count(row.tokens?.prompt),
  'tokens.cache_read': (row) => count(row.tokens?.cache_read, cachedShare(row)),
  'tokens.completion': (row) => count(row.tokens?.completion),
  duration: (row) => <Cell className={numbers}>{formatDuration(row.duration_ns)}</Cell>,
  first_token: ({ time_to_first_token_ns: ns }) => (
    <Cell className={`${numbers} ${ns === null ? styles.none : ''}`}>{formatDuration(ns)}</Cell>
  ),
  finish_reason: (row) => <FinishCell row={row} />,
};

// How a call ended; a failed one says that instead of a reason.
function FinishCell({ row: { status, finish_reason: reason, exception, status_message: message } }: { row: SpanRow }) {
  const failed = status === 'ERROR';
  const said = failed ? [exception?.type, exception?.message ?? message].filter(Boolean).join(': ') : reason;
  return (
    <Cell
      className={`${styles.preview} ${failed ? styles.errors : reason ? '' : styles.none}`}
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
  const beside = { ids, slowest };
  const spanCells = of === 'calls' ? ofCalls : ofSpans;
  return ids.map((id) => (
    <Fragment key={id}>{'span_id' in row ? spanCells[id]?.(row, beside) : ofTraces[id]?.(row, beside)}</Fragment>
  ));
});
