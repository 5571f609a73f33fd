// Spans for the tests of this folder: what matters to a test is given, the rest is plain.
import type { Span } from '../../api/types';

type Given = Partial<Pick<Span, 'name' | 'kind' | 'duration_ns' | 'tokens' | 'cost' | 'llm' | 'input' | 'output'>> & {
  id: string;
  parent?: string;
  start?: number;
  failed?: boolean;
};

export function makeSpan({ id, parent, start = 0, failed = false, ...given }: Given): Span {
  const span: Partial<Span> = {
    project: 'default',
    trace_id: '932dc062b37c427ae027547955ae7031',
    span_id: id,
    parent_span_id: parent ?? null,
    name: id,
    start_unix_ns: String(1_795_386_329_000_000_000n + BigInt(start)),
    duration_ns: 10,
    status: { code: failed ? 'ERROR' : 'UNSET', message: null },
    attributes: {},
    kind: 'CHAIN',
    input: null,
    output: null,
    llm: null,
    tokens: null,
    cost: null,
    tool: null,
    retrieval: null,
    reranker: null,
    embedding: null,
    exception: null,
    ...given,
  };
  return span as Span;
}
