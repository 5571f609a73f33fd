// Makes the files that need no more of a trace than its tree and a few of its spans.
import type { Span, TraceRow } from '../../../api/types';
import type { SpanTree } from '../model/span_tree';
import { perfettoParts } from './perfetto';
import { toldRows, traceMarkdown } from './trace_markdown';

export const perfettoFile = (trace: TraceRow, tree: SpanTree): Blob =>
  new Blob(perfettoParts(trace.name, trace.trace_id, tree), { type: 'application/json' });

type Looked = { selectedRow: number; readSpan: (spanId: string) => Promise<Span> };

export async function markdownFile(trace: TraceRow, tree: SpanTree, { selectedRow, readSpan }: Looked): Promise<Blob> {
  const spans = await Promise.all(
    toldRows(tree, selectedRow).map((row) => tree.spans[row] ?? readSpan(tree.idOf(row))),
  );
  return new Blob([traceMarkdown(trace, tree, spans, location.href)], { type: 'text/markdown' });
}
