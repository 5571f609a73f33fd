import type { UseQueryResult } from '@tanstack/react-query';
import { isMistake } from '../../api/client';
import type { Histogram as Counts } from '../../api/types';
import { formatCount, plural } from '../../base/format';
import type { ListOf, TimeWindow } from '../../base/listing';
import { Button } from '../../widgets/Button';
import { barsOf, totalsOf } from './histogram/bars';
import { Histogram } from './histogram/Histogram';
import styles from './traces.module.css';

export type CountsQuery = UseQueryResult<{ histogram: Counts; window: TimeWindow }>;

// "2,500 traces, 50 with errors"
export function Totals({ counts, of }: { counts: CountsQuery; of: ListOf }) {
  if (!counts.data) return <span className={styles.totals}>{counts.isPending ? 'Counting' : ''}</span>;
  const { count, errors } = totalsOf(counts.data.histogram);
  return (
    <span className={`${styles.totals} ${counts.isPlaceholderData ? styles.waiting : ''}`}>
      {plural(count, of === 'traces' ? 'trace' : 'span')}
      {errors > 0 && <span className={styles.errors}>, {formatCount(errors)} with errors</span>}
    </span>
  );
}

type OverTimeProps = { counts: CountsQuery; of: ListOf; onRange: (fromMs: number, toMs: number) => void };

// As high as the histogram, whatever there is to show.
export function OverTime({ counts, of, onRange }: OverTimeProps) {
  const bars = counts.data && barsOf(counts.data.histogram, counts.data.window);
  if (bars) return <Histogram bars={bars} of={of} waiting={counts.isPlaceholderData} onRange={onRange} />;
  return (
    <div className={styles.noBars}>
      {counts.error && !isMistake(counts.error) && (
        <p role="alert">
          Not counted over time: {counts.error.message} <Button onClick={() => counts.refetch()}>Try again</Button>
        </p>
      )}
    </div>
  );
}
