// The rows that say a text, looked for here when all spans are here, else by the server; or those that a query finds.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { findQuery, matchingSpansQuery, type OpenTrace } from '../../../api/trace_queries';
import { formatCount } from '../../../base/format';
import { findRows } from '../model/find';
import { asksByField } from '../model/marks';
import type { SpanTree } from '../model/span_tree';

// The server reads the whole trace for each question.
const typingMs = 400;

// `rows`: null while it is not known, and without words. `said`: instead of the count of rows.
export type Matches = { rows: readonly number[] | null; said: string | null };

function rowsOf(tree: SpanTree, ids: readonly string[] | undefined): number[] {
  const rows = (ids ?? []).map((id) => tree.rowOfSpan.get(id) ?? -1);
  return [...new Set(rows)].filter((row) => row >= 0).sort((a, b) => a - b);
}

export function useMatches({ trace, spans: loaded }: OpenTrace, tree: SpanTree, text: string): Matches {
  // Of texts that are cut the server has the rest.
  const isWhole = useMemo(() => loaded?.every(({ cut }) => !cut?.length) ?? false, [loaded]);
  const isQuery = asksByField(text);
  const spans = isWhole && !isQuery ? loaded : null;
  const deferred = useDeferredValue(text);
  const here = useMemo(() => (spans ? findRows(tree, deferred) : []), [spans, tree, deferred]);
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  const isAsked = spans === null && asked !== '' && asked === text.trim();
  const words = useQuery({ ...findQuery(trace.project, trace.trace_id, asked), enabled: isAsked && !isQuery });
  const query = useQuery({
    ...matchingSpansQuery(trace.project, trace.trace_id, { q: asked, count: trace.span_count }),
    enabled: isAsked && isQuery,
  });
  const there = isQuery ? query : words;
  const found = useMemo(
    () =>
      rowsOf(
        tree,
        there.data?.data.map(({ span_id: id }) => id),
      ),
    [there.data, tree],
  );

  if (text.trim() === '') return { rows: null, said: '' };
  if (spans) return { rows: here, said: here.length === 0 ? 'no span' : null };
  if (there.error && isAsked) return { rows: null, said: `not searched: ${there.error.message}` };
  if (!there.data || !isAsked) return { rows: null, said: 'searching' };
  if (!there.data.complete) return { rows: found, said: `the first ${formatCount(found.length)}` };
  return { rows: found, said: found.length === 0 ? 'no span' : null };
}
