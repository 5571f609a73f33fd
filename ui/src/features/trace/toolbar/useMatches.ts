// The rows that say a text: looked for here when all spans are here, else by the server.
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { findQuery, type OpenTrace } from '../../../api/trace_queries';
import { findRows } from '../model/find';
import type { SpanTree } from '../model/span_tree';

// The server reads the whole trace for each question.
const typingMs = 400;

// `said`: instead of the count of rows.
export type Matches = { rows: readonly number[]; said: string | null };

export function useMatches({ trace, spans: loaded }: OpenTrace, tree: SpanTree, text: string): Matches {
  // Of texts that are cut the server has the rest.
  const isWhole = useMemo(() => loaded?.every(({ cut }) => !cut?.length) ?? false, [loaded]);
  const spans = isWhole ? loaded : null;
  const deferred = useDeferredValue(text);
  const here = useMemo(() => (spans ? findRows(tree, deferred) : []), [spans, tree, deferred]);
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), typingMs);
    return () => clearTimeout(timer);
  }, [text]);
  const there = useQuery({
    ...findQuery(trace.project, trace.trace_id, asked),
    enabled: spans === null && asked !== '',
  });
  const found = useMemo(() => {
    const rows = there.data?.data.map(({ span_id: id }) => tree.rowOfSpan.get(id) ?? -1) ?? [];
    return [...new Set(rows)].filter((row) => row >= 0).sort((a, b) => a - b);
  }, [there.data, tree]);

  if (text.trim() === '') return { rows: [], said: '' };
  if (spans) return { rows: here, said: here.length === 0 ? 'no span' : null };
  if (there.error) return { rows: [], said: `not searched: ${there.error.message}` };
  if (!there.data || asked !== text.trim()) return { rows: [], said: 'searching' };
  if (!there.data.complete) return { rows: found, said: `the first ${found.length}` };
  return { rows: found, said: found.length === 0 ? 'no span' : null };
}
