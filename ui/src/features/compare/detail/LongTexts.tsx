// What came cut of the texts of two spans: how long it is, where the two differ behind their beginnings, and all of it.
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useRef, useState } from 'react';
import { type Cut, rangeQuery, textBytes } from '../../../api/cut_texts';
import type { Span } from '../../../api/types';
import { formatBytes } from '../../../base/format';
import { Button } from '../../../widgets/Button';
import fold from '../fold.module.css';
import { cutPairs, rangesOf } from './cut_pairs';
import styles from './detail.module.css';
import { DiffText } from './TextDiff';

const LongValue = lazy(() => import('../../../panels/long_value/LongValue'));

export function LongTexts({ a, b }: { a: Span | null; b: Span | null }) {
  const pairs = cutPairs(a, b);
  if (pairs.length === 0) return null;
  return (
    <section className={styles.section} aria-label="Long texts">
      <h3 className={styles.sectionTitle}>
        Long texts
        <span className={styles.note}>above they are compared by their first {formatBytes(textBytes)}</span>
      </h3>
      {pairs.map(({ path, cutA, cutB }) => (
        <article key={path} className={styles.message}>
          <header className={styles.role}>
            <code>{path.slice(1)}</code>
          </header>
          {a && b && cutA && cutB && <RestDiff a={a} b={b} cutA={cutA} cutB={cutB} />}
          {a && cutA && <Whole side="A" span={a} cut={cutA} />}
          {b && cutB && <Whole side="B" span={b} cut={cutB} />}
        </article>
      ))}
    </section>
  );
}

type Found = { offset: number; a: string; b: string };
type Searched = { found: Found | null; next: number; said: string };
type RestDiffProps = { a: Span; b: Span; cutA: Cut; cutB: Cut };

// Range by range, from behind the beginning on, until two differ.
function RestDiff({ a, b, cutA, cutB }: RestDiffProps) {
  const client = useQueryClient();
  const [state, setState] = useState<Searched>({ found: null, next: 1, said: '' });
  const running = useRef<AbortController>(null);
  const ranges = Math.max(rangesOf(cutA), rangesOf(cutB));
  const textOf = async (span: Span, cut: Cut, number: number): Promise<string> =>
    number < rangesOf(cut) ? (await client.fetchQuery(rangeQuery(span, cut.path, number))).text : '';
  const search = async () => {
    const control = new AbortController();
    running.current = control;
    try {
      for (let number = state.next; number < ranges && !control.signal.aborted; number += 1) {
        const offset = number * textBytes;
        setState({ found: null, next: number, said: `Comparing at ${formatBytes(offset)}` });
        const [ofA, ofB] = await Promise.all([textOf(a, cutA, number), textOf(b, cutB, number)]);
        if (ofA === ofB) continue;
        const said = `They differ within ${formatBytes(textBytes)} from ${formatBytes(offset)} on.`;
        setState({ found: { offset, a: ofA, b: ofB }, next: number + 1, said });
        return;
      }
      const said = control.signal.aborted ? 'Stopped.' : 'No further difference.';
      setState((before) => ({ ...before, next: control.signal.aborted ? before.next : ranges, said }));
    } catch (error) {
      setState((before) => ({ ...before, said: `Not compared: ${error instanceof Error ? error.message : error}` }));
    } finally {
      running.current = null;
    }
  };
  const isRunning = state.said.startsWith('Comparing');
  return (
    <div className={styles.beside}>
      <div className={styles.links}>
        {isRunning ? (
          <Button onClick={() => running.current?.abort()}>Stop</Button>
        ) : (
          state.next < ranges && (
            <Button onClick={() => void search()}>{state.next === 1 ? 'Compare the rest' : 'Next difference'}</Button>
          )
        )}
        <span role="status" className={styles.note}>
          {state.said}
        </span>
      </div>
      {state.found && <DiffText key={state.found.offset} a={state.found.a} b={state.found.b} />}
    </div>
  );
}

function Whole({ side, span, cut }: { side: 'A' | 'B'; span: Span; cut: Cut }) {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <button type="button" className={fold.fold} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? `Close ${side}` : `Read all ${formatBytes(cut.bytes)} of ${side}`}
      </button>
      {open && (
        <Suspense fallback={null}>
          <LongValue span={span} cut={cut} />
        </Suspense>
      )}
    </div>
  );
}
