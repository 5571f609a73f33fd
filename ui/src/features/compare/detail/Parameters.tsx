import { printJson } from '../../../api/json';
import type { Json, Span } from '../../../api/types';
import { unknown } from '../../../base/format';
import styles from './detail.module.css';
import { parametersOf } from './parameters';

const textOf = (value: Json | undefined): string =>
  value === undefined ? unknown : typeof value === 'string' ? value : printJson(value, 0);

export function Parameters({ a, b }: { a: Span | null; b: Span | null }) {
  const rows = parametersOf(a, b);
  if (rows.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Parameters">
      <h3 className={styles.sectionTitle}>Parameters</h3>
      <table className={styles.parameters} aria-label="Parameters of both">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">A</th>
            <th scope="col">B</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, a: before, b: after, isSame }) => (
            <tr key={name} className={isSame ? styles.unchanged : undefined}>
              <th scope="row">{name}</th>
              {isSame ? (
                <td colSpan={2}>{textOf(before)}</td>
              ) : (
                <>
                  <td>{before === undefined ? unknown : <del>{textOf(before)}</del>}</td>
                  <td>{after === undefined ? unknown : <ins>{textOf(after)}</ins>}</td>
                </>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
