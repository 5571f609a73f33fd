import { useQuery } from '@tanstack/react-query';
import { rejectedQuery } from '../../api/queries';
import type { Rejected } from '../../api/types';
import { formatAgo, formatInstant } from '../../base/time';
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

// A row with status 200 was taken, but something about it is wrong.
export function RejectedRow({ row, nowMs }: { row: Rejected; nowMs: number }) {
  const repeated = row.count > 1;
  const since = repeated ? `${row.count} times since ${formatInstant(row.first_time_unix_ns)}, last ` : '';
  return (
    <li className={row.status === 200 ? styles.warning : styles.refusal}>
      <header>
        <strong>{row.status}</strong> {row.path && <code>{row.path}</code>}
        {repeated && <span title={`${since}${formatInstant(row.time_unix_ns)}`}>{row.count} times</span>}
        <span className={styles.detail} title={formatInstant(row.time_unix_ns)}>
          {row.remote}, {formatAgo(row.time_unix_ns, nowMs)}
        </span>
      </header>
      <p>{row.reason}</p>
      {row.fix && <p className={styles.fix}>Fix: {row.fix}</p>}
    </li>
  );
}
