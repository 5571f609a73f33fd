import { formatCount, plural } from '../../base/format';
import { type ListOf, oneOf } from '../../base/listing';
import { totalsOf } from '../../panels/histogram/bars';
import type { CountsQuery } from '../../panels/histogram/OverTime';
import styles from './traces.module.css';

// "2,500 traces, 50 with errors"
export function Totals({ counts, of }: { counts: CountsQuery; of: ListOf }) {
  if (!counts.data) return <span className={styles.totals}>{counts.isPending ? 'Counting' : ''}</span>;
  const { count, errors } = totalsOf(counts.data.histogram);
  return (
    <span className={`${styles.totals} ${counts.isPlaceholderData ? styles.waiting : ''}`}>
      {plural(count, oneOf[of])}
      {errors > 0 && <span className={styles.errors}>, {formatCount(errors)} with errors</span>}
    </span>
  );
}
