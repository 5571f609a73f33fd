import { lazy, Suspense, useState } from 'react';
import { formatBytes } from '../base/format';
import styles from './LongText.module.css';

const foldedChars = 1600;
const foldedLines = 16;
// Beyond this a plain element makes the browser lay out everything at once; the viewer lays out what is visible.
const plainCharsMax = 100_000;

const TextViewer = lazy(() => import('./TextViewer'));

function foldAt(text: string): number {
  let at = -1;
  for (let line = 0; line < foldedLines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at > foldedChars) return Math.min(text.length, foldedChars);
  }
  return at;
}

// Text from outside, as text. Long text is folded.
export function LongText({ text, mono = false, language }: { text: string; mono?: boolean; language?: 'json' }) {
  const [open, setOpen] = useState(false);
  const fold = foldAt(text);
  const long = fold < text.length;
  if (long && open && text.length > plainCharsMax) {
    return (
      <div className={styles.viewer}>
        <Suspense fallback={null}>
          <TextViewer text={text} language={language ?? 'text'} />
        </Suspense>
      </div>
    );
  }
  return (
    <div>
      <div dir="auto" className={`${styles.text} ${mono ? styles.mono : ''}`}>
        {long && !open ? `${text.slice(0, fold)}…` : text}
      </div>
      {long && (
        <button type="button" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : `Show all, ${formatBytes(text.length)}`}
        </button>
      )}
    </div>
  );
}
