import { formatAgo, formatInstant } from '../base/time';
import styles from './RejectedRow.module.css';

export type RejectedRequest = {
  time_unix_ns: string;
  first_time_unix_ns: string;
  count: number;
  status: number;
  path: string | null;
  remote: string;
  reason: string;
  fix: string;
};

// A row with status 200 was taken, but something about it is wrong.
export function RejectedRow({ row, nowMs }: { row: RejectedRequest; nowMs: number }) {
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
