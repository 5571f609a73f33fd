import { useMemo, useState } from 'react';
import type { TraceRow } from '../../api/types';
import { formatCount, plural } from '../../base/format';
import { useKeys } from '../../base/keys';
import { announce } from '../../widgets/Announcer';
import { Choice } from '../../widgets/Choice';
import type { CompareSearch } from './ComparePage';
import styles from './compare.module.css';
import { PairDetail } from './detail/PairDetail';
import { isWhole, type OutlineSpan } from './outline';
import { RowList } from './RowList';
import { compareTraces, countOf, onlyDifferences } from './row';
import { Totals } from './Totals';

export type ComparedSide = { trace: TraceRow; spans: readonly OutlineSpan[] };

type ComparisonProps = {
  a: ComparedSide;
  b: ComparedSide;
  search: CompareSearch;
  onSearch: (search: CompareSearch, how: 'push' | 'replace') => void;
};

type Shown = 'all' | 'differences';
const shownOptions: readonly [Shown, string][] = [
  ['all', 'All spans'],
  ['differences', 'Differences'],
];

export function Comparison({ a, b, search, onSearch }: ComparisonProps) {
  const all = useMemo(() => compareTraces(a.spans, b.spans), [a.spans, b.spans]);
  const [shown, setShown] = useState<Shown>('all');
  const rows = useMemo(() => (shown === 'all' ? all : onlyDifferences(all)), [all, shown]);
  const first = rows.find(({ outcome }) => outcome !== 'same') ?? rows[0];
  const selected = rows.find(({ id }) => id === search.span) ?? first;
  const select = (id: string | undefined) => onSearch({ ...search, span: id }, 'replace');
  const toDifference = (step: number) => {
    let at = selected ? rows.indexOf(selected) + step : 0;
    while (rows[at]?.outcome === 'same') at += step;
    if (rows[at]) select(rows[at]?.id);
    else announce('No further difference');
  };
  useKeys('Compare', [
    { keys: ['n'], help: 'next difference', run: () => toDifference(1) },
    { keys: ['p'], help: 'previous difference', run: () => toDifference(-1) },
    { keys: ['f'], help: 'all spans or differences', run: () => setShown(shown === 'all' ? 'differences' : 'all') },
    { keys: ['x'], help: 'swap the traces', run: () => swap() },
  ]);
  const swap = () => onSearch({ a: search.b, b: search.a }, 'push');
  const changed = countOf(all, 'changed');
  const [added, removed] = [countOf(all, 'added'), countOf(all, 'removed')];
  return (
    <div className={styles.page}>
      <h1 className={styles.spoken}>Compare traces</h1>
      <Totals a={a.trace} b={b.trace} onSwap={swap} onOther={() => onSearch({ a: search.a }, 'push')} />
      <div className={styles.columns}>
        <section className={styles.tree} aria-label="Spans of both">
          <div className={styles.bar}>
            <Choice label="Spans shown" options={shownOptions} current={shown} onChoose={setShown} />
            <p className={styles.counts}>
              {plural(changed, 'span')} changed, {formatCount(added)} added, {formatCount(removed)} removed
            </p>
            <NotRead a={a} b={b} />
          </div>
          {rows.length > 0 ? (
            <RowList rows={rows} selectedId={selected?.id ?? ''} onSelect={select} />
          ) : (
            <p className={styles.none}>The two do not differ but in time.</p>
          )}
        </section>
        <aside className={styles.detail} aria-label="Selected span">
          {selected && <PairDetail key={selected.id} row={selected} />}
        </aside>
      </div>
    </div>
  );
}

// What a comparison of outlines leaves out.
function NotRead({ a, b }: { a: ComparedSide; b: ComparedSide }) {
  const large = [a, b].find(({ spans }) => spans[0] && !isWhole(spans[0]));
  if (!large) return null;
  return (
    <p role="note" className={styles.notRead}>
      {formatCount(large.trace.span_count)} spans are too many for their texts to be loaded: compared are kind, name,
      status, tokens and cost; texts and parameters only of the selected span.
    </p>
  );
}
