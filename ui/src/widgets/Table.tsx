import type { ReactNode } from 'react';
import { formatCount } from '../base/format';
import styles from './Table.module.css';

export type Column<Row> = {
  label: string;
  cell: (row: Row) => ReactNode;
  number?: boolean;
  drop?: 'small' | 'wide'; // the narrow screen that leaves it out
  grows?: boolean; // takes what is left and is cut
  atLeastPx?: number; // else long words break wherever that makes it narrower
};

type TableProps<Row> = {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  waiting?: boolean;
};

const classOf = ({ number, drop, grows }: Column<never>): string =>
  [number && `${styles.number} figures`, drop && styles[drop], grows && styles.grows].filter(Boolean).join(' ');

const widthOf = ({ atLeastPx }: Column<never>) => (atLeastPx === undefined ? undefined : { minWidth: atLeastPx });

// Rows that fit one page; lists of any length are the traces' list.
export function Table<Row>({ label, columns, rows, keyOf, waiting = false }: TableProps<Row>) {
  return (
    <div className={styles.box}>
      <table className={`${styles.table} ${waiting ? styles.waiting : ''}`} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.label} scope="col" className={classOf(column)}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column, index) =>
                index === 0 ? (
                  <th key={column.label} scope="row" className={classOf(column)} style={widthOf(column)}>
                    {column.cell(row)}
                  </th>
                ) : (
                  <td key={column.label} className={classOf(column)} style={widthOf(column)}>
                    {column.cell(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

type MeteredProps = { share: number; children: ReactNode };

// A number behind its share of the largest.
export function Metered({ share, children }: MeteredProps) {
  return (
    <span className={styles.metered}>
      <span className={styles.meter} aria-hidden="true">
        {share > 0 && <span style={{ width: `${Math.min(1, share) * 100}%` }} />}
      </span>
      {children}
    </span>
  );
}

export const errorsCell = (count: number) => (count > 0 ? <strong className="bad">{formatCount(count)}</strong> : '0');
