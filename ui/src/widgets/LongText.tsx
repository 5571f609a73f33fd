import { lazy, Suspense, useContext, useState } from 'react';
import { formatBytes } from '../base/format';
import styles from './LongText.module.css';
import { marked } from './marked';
import { Rests } from './rest';

const foldedChars = 1600;
const foldedLines = { normal: 16, tight: 8 };
// Beyond this a plain element makes the browser lay out everything at once; the viewer lays out what is visible.
const plainCharsMax = 100_000;

const TextViewer = lazy(() => import('./TextViewer'));

function foldAt(text: string, lines: number): number {
  let at = -1;
  for (let line = 0; line < lines; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at < 0 || at > foldedChars) return Math.min(text.length, foldedChars);
  }
  return at;
}

type LongTextProps = {
  text: string;
  mono?: boolean;
  language?: 'json';
  fold?: keyof typeof foldedLines;
  marks?: RegExp | null; // global: what it finds is highlighted
};

// Text from outside, as text. Long text is folded.
export function LongText({ text, mono = false, language, fold: folding = 'normal', marks = null }: LongTextProps) {
  const [open, setOpen] = useState(false);
  const rest = useContext(Rests)(text);
  const fold = foldAt(text, foldedLines[folding]);
  const long = fold < text.length || rest !== null;
  if (rest && open) return rest.view();
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
        {marked(long && !open ? `${text.slice(0, fold)}…` : text, marks)}
      </div>
      {long && (
        <button type="button" className={styles.more} aria-expanded={open} onClick={() => setOpen(!open)}>
          {open
            ? 'Show less'
            : rest
              ? `Show more of ${formatBytes(rest.bytes)}`
              : `Show all, ${formatBytes(text.length)}`}
        </button>
      )}
    </div>
  );
}
