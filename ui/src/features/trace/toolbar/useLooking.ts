// What the reader looks for in the trace; the address holds it.
import { useMemo, useState } from 'react';
import type { OpenTrace } from '../../../api/trace_queries';
import { kinds } from '../../../base/kinds';
import { useSettled } from '../../../base/useSettled';
import { marksOf } from '../model/marks';
import type { SpanTree } from '../model/span_tree';
import type { Looking } from './TraceToolbar';
import { useMatches } from './useMatches';

// Browsers refuse more than about 100 address changes in 30 s.
const addressDelayMs = 120;

export type LookingSearch = { find?: string | undefined; kinds?: string | undefined; only?: 'yes' | undefined };

type Change = Partial<Pick<Looking, 'words' | 'kinds' | 'others'>>;

function kindsOf(text: string | undefined): Set<number> {
  const wanted = new Set(text?.split(','));
  return new Set(kinds.flatMap(([name], kind) => (wanted.has(name.toLowerCase()) ? [kind] : [])));
}

const printKinds = (wanted: ReadonlySet<number>): string | undefined =>
  Array.from(wanted, (kind) => kinds[kind]?.[0].toLowerCase()).join() || undefined;

export function useLooking(
  data: OpenTrace,
  tree: SpanTree,
  search: LookingSearch,
  show: (change: LookingSearch) => void,
): { looking: Looking; look: (change: Change) => void } {
  const [words, setWords] = useState(search.find ?? '');
  const wanted = useMemo(() => kindsOf(search.kinds), [search.kinds]);
  const { rows: found, said } = useMatches(data, tree, words);
  const marks = useMemo(() => marksOf(tree, found, wanted), [tree, found, wanted]);
  const findSoon = useSettled((text: string) => show({ find: text || undefined }), addressDelayMs);
  const look = (change: Change) => {
    if (change.words !== undefined) {
      setWords(change.words);
      findSoon(change.words);
    }
    if (change.kinds) show({ kinds: printKinds(change.kinds) });
    if (change.others) show({ only: change.others === 'left out' ? 'yes' : undefined });
  };
  const others = search.only === 'yes' ? 'left out' : 'dimmed';
  return { looking: { words, kinds: wanted, marks, said, others }, look };
}
