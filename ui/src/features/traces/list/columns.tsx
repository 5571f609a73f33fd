// The columns of both lists. A narrow list leaves some out: `drop` is the first width that does, in list.module.css.
import { memo } from 'react';
import type { ListRow, SpanRow, TraceRow } from '../../../api/types';
import { formatCount, unknown } from '../../../base/format';
import type { ListOf } from '../../../base/listing';
import { zoneLabel } from '../../../base/time';
import { Cell, CostCell, DurationCell, NameCell, StartCell, TextCell, TokensCell } from './cells';
import styles from './list.module.css';

type Drop = 'wide' | 'middle' | 'small' | 'narrow' | 'least';
export type Column = { id: string; label: string; number?: boolean; drop?: Drop };

const start = (): Column => ({ id: 'start', label: `Start, ${zoneLabel(Date.now())}` });

const columns: Record<ListOf, () => readonly Column[]> = {
  traces: () => [
    start(),
    { id: 'name', label: 'Name' },
    { id: 'duration', label: 'Duration', number: true },
    { id: 'spans', label: 'Spans', number: true, drop: 'small' },
    { id: 'errors', label: 'Errors', number: true },
    { id: 'tokens', label: 'Tokens in → out', number: true, drop: 'narrow' },
    { id: 'cost', label: 'Cost', number: true, drop: 'least' },
    { id: 'input', label: 'Input', drop: 'narrow' },
    { id: 'output', label: 'Output', drop: 'middle' },
    { id: 'service', label: 'Service', drop: 'wide' },
    { id: 'session', label: 'Session / user', drop: 'wide' },
  ],
  spans: () => [
    start(),
    { id: 'name', label: 'Name' },
    { id: 'model', label: 'Model', drop: 'small' },
    { id: 'duration', label: 'Duration', number: true },
    { id: 'tokens', label: 'Tokens in → out', number: true, drop: 'narrow' },
    { id: 'cost', label: 'Cost', number: true, drop: 'least' },
    { id: 'status', label: 'Status' },
    { id: 'input', label: 'Input', drop: 'narrow' },
    { id: 'output', label: 'Output', drop: 'middle' },
    { id: 'service', label: 'Service', drop: 'wide' },
  ],
};

export const columnsOf = (of: ListOf): readonly Column[] => columns[of]();

// Memoised: a scroll renders all rows on screen anew, and their cells are most of it.
export const Cells = memo(({ row, slowest }: { row: ListRow; slowest: number }) =>
  'span_id' in row ? <SpanCells row={row} slowest={slowest} /> : <TraceCells row={row} slowest={slowest} />,
);

function TraceCells({ row, slowest }: { row: TraceRow; slowest: number }) {
  return (
    <>
      <StartCell row={row} />
      <NameCell row={row} below={row.models.join(', ')} />
      <DurationCell row={row} slowest={slowest} />
      <Cell className={`${styles.number} ${styles.small}`}>{formatCount(row.span_count)}</Cell>
      <Cell className={`${styles.number} ${row.error_count > 0 ? styles.errors : styles.none}`}>
        {formatCount(row.error_count)}
      </Cell>
      <TokensCell row={row} className={styles.narrow} />
      <CostCell row={row} className={styles.least} />
      <TextCell text={row.input_preview} className={`${styles.wrapped} ${styles.narrow}`} />
      <TextCell text={row.output_preview} className={`${styles.wrapped} ${styles.middle}`} />
      <TextCell text={row.service_name} className={styles.wide} />
      <Cell
        className={`${styles.two} ${styles.wide}`}
        title={[row.session_id, row.user_id].filter(Boolean).join(' / ')}
      >
        <span className={row.session_id ? styles.preview : styles.none}>{row.session_id ?? unknown}</span>
        <span className={styles.below}>{row.user_id}</span>
      </Cell>
    </>
  );
}

function SpanCells({ row, slowest }: { row: SpanRow; slowest: number }) {
  const said = row.exception?.type ?? row.status_message ?? '';
  return (
    <>
      <StartCell row={row} />
      <NameCell row={row} below={row.tool_name ?? row.agent_name ?? ''} />
      <TextCell text={row.model} className={styles.small} />
      <DurationCell row={row} slowest={slowest} />
      <TokensCell row={row} className={styles.narrow} />
      <CostCell row={row} className={styles.least} />
      <Cell
        className={`${styles.two} ${row.status === 'ERROR' ? styles.errors : styles.none}`}
        title={[row.status, row.exception?.message ?? row.status_message].filter(Boolean).join(': ')}
      >
        <span>{row.status === 'ERROR' ? 'Error' : row.status === 'OK' ? 'Ok' : unknown}</span>
        <span className={styles.below}>{said}</span>
      </Cell>
      <TextCell text={row.input_preview} className={`${styles.wrapped} ${styles.narrow}`} />
      <TextCell text={row.output_preview} className={`${styles.wrapped} ${styles.middle}`} />
      <TextCell text={row.service_name} className={styles.wide} />
    </>
  );
}
