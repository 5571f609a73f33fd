import type { UseQueryResult } from '@tanstack/react-query';
import { isMistake } from '../../api/client';
import type { Histogram as Counts } from '../../api/types';
import type { ListOf, TimeWindow } from '../../base/listing';
import { Button } from '../../widgets/Button';
import { barsOf } from './bars';
import { Histogram } from './Histogram';
import styles from './histogram.module.css';

export type CountsQuery = UseQueryResult<{ histogram: Counts; window: TimeWindow }>;

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
