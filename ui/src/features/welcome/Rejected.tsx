import { useQuery } from '@tanstack/react-query';
import { rejectedQuery } from '../../api/queries';
import { RejectedRow } from '../../widgets/RejectedRow';
import styles from './welcome.module.css';

const shownRows = 8;

export function RejectedPanel() {
  const { data: rejected = [] } = useQuery(rejectedQuery);
  if (rejected.length === 0) return null;
  return (
    <section className={styles.rejected} aria-labelledby="rejected">
      <h2 id="rejected" className={styles.subtitle}>
        Refused requests
      </h2>
      <ul>
        {rejected.slice(0, shownRows).map((row) => (
          <RejectedRow key={`${row.first_time_unix_ns} ${row.path} ${row.reason}`} row={row} nowMs={Date.now()} />
        ))}
      </ul>
    </section>
  );
}
