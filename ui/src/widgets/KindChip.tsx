import { kindLetter, kindSlug } from '../base/kinds';
import styles from './KindChip.module.css';

export const kindLetterClass = (kind: string): string => `${styles.chip} ${styles.letter} kind-${kindSlug(kind)}`;

// The letter alone in dense rows, the word where there is room.
export function KindChip({ kind, word = false }: { kind: string; word?: boolean }) {
  return (
    <span
      className={word ? `${styles.chip} ${styles.word} kind-${kindSlug(kind)}` : kindLetterClass(kind)}
      title={kind}
    >
      {word ? kind : kindLetter(kind)}
    </span>
  );
}
