// What is made of a trace for its page, once: the tree, the critical path, what was done in vain.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { conversationQuery } from '../../api/insight_queries';
import { type OpenTrace, repeatedQuery, spanQuery } from '../../api/trace_queries';
import { type Usual, usualQuery } from '../../api/trace_sql';
import type { TraceRow } from '../../api/types';
import { criticalPath } from './model/critical_path';
import { buildSpanTree, flagOpen, type SpanTree, treeOfColumns } from './model/span_tree';
import { decodeColumns } from './model/trace_columns';
import { wasteOf } from './model/waste';
import type { FoundWaste } from './toolbar/TraceToolbar';

export const isOpen = (tree: SpanTree, row: number): boolean => ((tree.flags[row] ?? 0) & flagOpen) !== 0;

// Of a large trace each span is asked for when it is selected.
export function useSpan({ trace, spans }: OpenTrace, tree: SpanTree, row: number) {
  const asked = useQuery({
    ...spanQuery(trace.project, trace.trace_id, tree.idOf(row)),
    enabled: spans === null && !isOpen(tree, row),
  });
  return { span: tree.spans[row] ?? (spans === null && !isOpen(tree, row) ? asked.data : undefined), asked };
}

export type KnownUsual = { known: Usual | null; failure: Error | null };

const restMs = 300;

// How long spans of the name usually take, once the reader rests on one. null: it has no name yet.
export function useUsual(trace: TraceRow, name: string | null): KnownUsual {
  const [rested, setRested] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setRested(name), restMs);
    return () => clearTimeout(timer);
  }, [name]);
  const asked = useQuery({ ...usualQuery(trace, name ?? ''), enabled: name !== null && rested === name });
  return { known: (name !== null && asked.data) || null, failure: asked.error };
}

// What is made of the trace, once.
export function useTree({ spans, columns }: OpenTrace, growing: boolean) {
  const tree = useMemo(() => {
    const growth = growing ? 'grows' : 'ended';
    return columns ? treeOfColumns(decodeColumns(columns), growth) : buildSpanTree(spans ?? [], growth);
  }, [spans, columns, growing]);
  const path = useMemo(() => criticalPath(tree), [tree]);
  return { tree, path };
}

// Of a large trace it costs the server seconds to find what was done in vain: somebody has to want it.
export function useWaste({ trace, spans }: OpenTrace, tree: SpanTree): FoundWaste {
  const [wanted, setWanted] = useState(false);
  const enabled = spans !== null || wanted;
  const conversation = useQuery({
    ...conversationQuery(trace.project, { session: trace.session_id, trace: trace.trace_id }),
    enabled,
  });
  const repeated = useQuery({ ...repeatedQuery(trace.project, trace.trace_id, trace.span_count), enabled });
  const found = useMemo(
    () => wasteOf(tree, conversation.data, repeated.data),
    [tree, conversation.data, repeated.data],
  );
  const failure = conversation.error ?? repeated.error;
  const state = !enabled
    ? 'not looked for'
    : failure
      ? 'failed'
      : repeated.data && conversation.data
        ? 'done'
        : 'looking';
  return {
    found,
    state: spans === null || state === 'failed' ? state : 'done',
    failure,
    complete: conversation.data?.complete ?? true,
    look: () => {
      setWanted(true);
      if (conversation.error) void conversation.refetch();
      if (repeated.error) void repeated.refetch();
    },
  };
}
