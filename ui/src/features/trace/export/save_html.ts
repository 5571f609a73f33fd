// Reads a trace span by span and makes the file of its parts, which the browser may keep on disk: neither the trace nor
// the file lies in memory whole.
import { streamSpans } from '../../../api/span_stream';
import type { TraceRow } from '../../../api/types';
import type { SpanTree } from '../model/span_tree';
import { htmlBegin, htmlEnd, spanHtml } from './trace_html';

const newNonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

type Progress = { onSpans: (done: number) => void; signal: AbortSignal };

// Spans that arrived since the tree was made are left out, as they are on the page.
export async function traceFile(trace: TraceRow, tree: SpanTree, { onSpans, signal }: Progress): Promise<Blob> {
  const parts: (Blob | undefined)[] = new Array(tree.rows);
  const utf8 = new TextEncoder();
  let done = 0;
  for await (const spans of streamSpans(trace.project, trace.trace_id, signal)) {
    const places: { row: number; bytes: Uint8Array<ArrayBuffer> }[] = [];
    for (const span of spans) {
      const row = tree.rowOfSpan.get(span.span_id);
      if (row !== undefined) places.push({ row, bytes: utf8.encode(spanHtml(tree, span, row)) });
    }
    const page = new Blob(places.map(({ bytes }) => bytes));
    let at = 0;
    for (const { row, bytes } of places) {
      parts[row] = page.slice(at, at + bytes.length);
      at += bytes.length;
    }
    done += spans.length;
    onSpans(done);
  }
  const begin = htmlBegin(trace.name, trace.trace_id, tree, newNonce());
  return new Blob([begin, ...parts.filter((part) => part !== undefined), htmlEnd], { type: 'text/html' });
}
