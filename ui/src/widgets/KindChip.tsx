import { kindLetter, kindSlug } from '../base/kinds';
import styles from './KindChip.module.css';

// The letter alone in dense rows, the word where there is room.
export function KindChip({ kind, word = false }: { kind: string; word?: boolean }) {
  return (
    <span className={`${styles.chip} ${word ? styles.word : styles.letter} kind-${kindSlug(kind)}`} title={kind}>
      {word ? kind : kindLetter(kind)}
    </span>
  );
}
