import { useMemo, useState } from 'react';
import { formatCount } from '../../../base/format';
import { LongText } from '../../../widgets/LongText';
import fold from '../fold.module.css';
import { diffTexts, foldSame } from '../text_diff';
import styles from './detail.module.css';

// Nothing where neither has such a text.
export function TextDiff({ title, a, b }: { title: string; a: string; b: string }) {
  if (a === '' && b === '') return null;
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.sectionTitle}>
        {title}
        {a === b && <span className={styles.note}>the same in both</span>}
      </h3>
      {a === b ? <LongText text={a} fold="tight" /> : <DiffText a={a} b={b} />}
    </section>
  );
}

export function DiffText({ a, b }: { a: string; b: string }) {
  const pieces = useMemo(() => diffTexts(a, b), [a, b]);
  if (!pieces) {
    return (
      <div className={styles.beside}>
        <p className={styles.note}>They share too little to be compared word by word.</p>
        <del className={styles.whole}>
          <LongText text={a} fold="tight" />
        </del>
        <ins className={styles.whole}>
          <LongText text={b} fold="tight" />
        </ins>
      </div>
    );
  }
  return (
    <div className={styles.diff} dir="auto">
      {foldSame(pieces).map(({ change, text }, index) => {
        if (change === 'removed') return <del key={index}>{text}</del>;
        if (change === 'added') return <ins key={index}>{text}</ins>;
        return change === 'folded' ? <Folded key={index} text={text} /> : <span key={index}>{text}</span>;
      })}
    </div>
  );
}

function Folded({ text }: { text: string }) {
  const [open, setOpen] = useState(false);
  if (open) return <span>{text}</span>;
  return (
    <button type="button" className={fold.fold} onClick={() => setOpen(true)}>
      {formatCount(text.length)} characters unchanged
    </button>
  );
}
