import { Link } from '@tanstack/react-router';
import { type TraceRow, titleOf } from '../../api/types';
import { formatCount, formatDuration, formatTokens, formatUsd, unknown } from '../../base/format';
import { formatInstant } from '../../base/time';
import { Button } from '../../widgets/Button';
import styles from './compare.module.css';
import { deltaOf } from './delta';

type Figure = {
  label: string;
  read: (trace: TraceRow) => number | null;
  format: (value: number | null) => string;
  drop?: boolean;
};

const figures: readonly Figure[] = [
  { label: 'Duration', read: (trace) => trace.duration_ns, format: formatDuration },
  { label: 'Spans', read: (trace) => trace.span_count, format: formatCount },
  { label: 'Errors', read: (trace) => trace.error_count, format: formatCount },
  { label: 'Tokens in', read: (trace) => trace.tokens?.prompt ?? null, format: formatTokens },
  { label: 'Tokens out', read: (trace) => trace.tokens?.completion ?? null, format: formatTokens },
  { label: 'Cost', read: (trace) => trace.cost?.total_usd ?? null, format: formatUsd },
];

type TotalsProps = { a: TraceRow; b: TraceRow; onSwap: () => void; onOther: () => void };

export function Totals({ a, b, onSwap, onOther }: TotalsProps) {
  return (
    <header className={styles.totals}>
      <table className={styles.table} aria-label="Totals of both traces">
        <thead>
          <tr>
            <th scope="col">Trace</th>
            <th scope="col" className={styles.optional}>
              Started
            </th>
            <th scope="col" className={styles.optional}>
              Models
            </th>
            {figures.map(({ label }) => (
              <th key={label} scope="col" className={styles.number}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          <Side side="A" trace={a} />
          <Side side="B" trace={b} />
          <tr>
            <th scope="row">
              <span className={styles.side}>B − A</span>
              <Button onClick={onSwap}>Swap</Button> <Button onClick={onOther}>Other trace…</Button>
            </th>
            <td className={styles.optional} />
            <td className={styles.optional} />
            {figures.map(({ label, read, format }) => (
              <td key={label} className={`${styles.number} ${styles.delta}`}>
                {deltaOf(read(a), read(b), format)}
              </td>
            ))}
          </tr>
        </tbody>
      </table>
    </header>
  );
}

function Side({ side, trace }: { side: 'A' | 'B'; trace: TraceRow }) {
  const { project, trace_id: traceId, models } = trace;
  return (
    <tr>
      <th scope="row">
        <span className={`${styles.side} ${side === 'A' ? styles.sideA : styles.sideB}`}>{side}</span>
        <Link to="/p/$project/traces/$traceId" params={{ project, traceId }} className={styles.traceName}>
          {titleOf(trace)}
        </Link>
        <code className={styles.traceId}>{traceId.slice(0, 8)}</code>
      </th>
      <td className={styles.optional}>{formatInstant(trace.start_unix_ns).replace(/(\.\d{3})\d{6}/, '$1')}</td>
      <td className={styles.optional}>{models.join(', ') || unknown}</td>
      {figures.map(({ label, read, format }) => (
        <td key={label} className={styles.number}>
          {format(read(trace))}
        </td>
      ))}
    </tr>
  );
}
