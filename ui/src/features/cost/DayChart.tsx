import type { UsageRow } from '../../api/insight_types';
import { formatUsd } from '../../base/format';
import styles from './cost.module.css';
import { type Days, daysOf } from './days';

// Columns by day, and the same as a table for those who do not see them.
export function DayChart({ rows, by }: { rows: readonly UsageRow[]; by: string }) {
  const days = daysOf(rows, by);
  if (days.highest === 0) return null;
  return (
    <figure className={styles.chart}>
      <div className={styles.columns} aria-hidden="true">
        {days.columns.map((column) => (
          <div key={column.day} className={styles.day} title={`${column.day}: ${formatUsd(column.total)}`}>
            <span className={styles.amount}>{formatUsd(column.total)}</span>
            <div className={styles.column} style={{ height: `${(column.total / days.highest) * 120}px` }}>
              {column.parts.map((usd, index) => (
                <span
                  key={index}
                  data-part={index}
                  style={{ flexGrow: usd / Math.max(column.total, Number.EPSILON) }}
                />
              ))}
            </div>
            <span className={styles.dayName}>{column.day.slice(5)}</span>
          </div>
        ))}
      </div>
      <figcaption className={styles.legend}>
        {days.groups.map((group, index) => (
          <span key={group}>
            <span className={styles.swatch} data-part={index} aria-hidden="true" />
            {group || '(none)'}
          </span>
        ))}
        <span className={styles.zone}>days in UTC</span>
      </figcaption>
      <AsTable days={days} />
    </figure>
  );
}

function AsTable({ days }: { days: Days }) {
  return (
    <div className={styles.spoken}>
      <table>
        <caption>Cost by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            {days.groups.map((group) => (
              <th key={group} scope="col">
                {group || '(none)'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {days.columns.map((column) => (
            <tr key={column.day}>
              <th scope="row">{column.day}</th>
              {column.parts.map((usd, index) => (
                <td key={index}>{formatUsd(usd)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
