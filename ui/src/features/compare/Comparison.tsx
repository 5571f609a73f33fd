import { useMemo, useState } from 'react';
import type { TraceRow } from '../../api/types';
import { formatCount, plural } from '../../base/format';
import { useKeys } from '../../base/keys';
import { announce } from '../../widgets/Announcer';
import { Choice } from '../../widgets/Choice';
import styles from './compare.module.css';
import { PairDetail } from './detail/PairDetail';
import { isWhole, type OutlineSpan } from './outline';
import { type Fold, RowList } from './RowList';
import { type ComparedRow, compareTraces, countOf, onlyDifferences, sameBelow, unfolded } from './row';
import type { CompareSearch } from './search';
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

// Rows of the comparison by number: those that are listed, and what is folded into them.
function useRows(a: ComparedSide, b: ComparedSide, shown: Shown, wantedId: string | undefined) {
  const all = useMemo(() => compareTraces(a.spans, b.spans), [a.spans, b.spans]);
  const below = useMemo(() => sameBelow(all), [all]);
  const counts = useMemo(
    () => [countOf(all, 'changed'), countOf(all, 'added'), countOf(all, 'removed')] as const,
    [all],
  );
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  // What was selected here is known; only what a link names is looked for.
  const [last, setLast] = useState<ComparedRow | null>(null);
  const wanted = useMemo(() => {
    if (wantedId === undefined) return undefined;
    const isLast = last?.id === wantedId && all[last.number] === last;
    return isLast ? last : all.find(({ id }) => id === wantedId);
  }, [all, last, wantedId]);
  const open = useMemo(() => {
    const rows = new Set(opened);
    for (let at = wanted?.parent ?? -1; at >= 0; at = all[at]?.parent ?? -1) rows.add(at);
    return rows;
  }, [all, opened, wanted]);
  const rows = useMemo(
    () => (shown === 'differences' ? onlyDifferences(all) : unfolded(all, below, (row) => open.has(row))),
    [all, below, shown, open],
  );
  const toggle = ({ number }: ComparedRow) => {
    const next = new Set(open);
    if (!next.delete(number)) next.add(number);
    setOpened(next);
  };
  // How many are the same below a row, as far as that can be folded.
  const foldOf = ({ number }: ComparedRow): Fold => ({
    count: shown === 'all' ? Math.max(0, below[number] ?? 0) : 0,
    open: open.has(number),
  });
  return { rows, counts, wanted, note: setLast, toggle, foldOf };
}

export function Comparison({ a, b, search, onSearch }: ComparisonProps) {
  const [shown, setShown] = useState<Shown>('all');
  const { rows, counts, wanted, note, toggle, foldOf } = useRows(a, b, shown, search.span);
  const first = rows.find(({ outcome }) => outcome !== 'same') ?? rows[0];
  const selected = wanted && (shown === 'all' || rows.includes(wanted)) ? wanted : first;
  const select = (row: ComparedRow) => {
    note(row);
    onSearch({ ...search, span: row.id }, 'replace');
  };
  const toDifference = (step: number) => {
    let at = selected ? rows.indexOf(selected) + step : 0;
    while (rows[at]?.outcome === 'same') at += step;
    const row = rows[at];
    if (row) select(row);
    else announce('No further difference');
  };
  const fold = (open: boolean) => {
    if (!selected) return;
    const { count, open: isOpen } = foldOf(selected);
    if (count > 0 && isOpen !== open) toggle(selected);
  };
  useKeys('Compare', [
    { keys: ['n'], help: 'next difference', run: () => toDifference(1) },
    { keys: ['p'], help: 'previous difference', run: () => toDifference(-1) },
    { keys: ['f'], help: 'all spans or differences', run: () => setShown(shown === 'all' ? 'differences' : 'all') },
    { keys: ['l', 'ArrowRight'], help: 'open what is the same below', run: () => fold(true) },
    { keys: ['h', 'ArrowLeft'], help: 'fold it', run: () => fold(false) },
    { keys: ['x'], help: 'swap the traces', run: () => swap() },
  ]);
  const swap = () => onSearch({ a: search.b, b: search.a }, 'push');
  const [changed, added, removed] = counts;
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
            <RowList rows={rows} selected={selected} foldOf={foldOf} onFold={toggle} onSelect={select} />
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
