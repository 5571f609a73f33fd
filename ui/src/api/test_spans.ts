// Spans for tests: what matters to a test is given, the rest is plain.
import type { Span } from './types';

const traceStart = 1_795_386_329_000_000_000n;

type Given = { id: string; parent?: string | null; start: number; duration: number; name?: string; failed?: boolean };

export function makeSpan({ id, parent = null, start, duration, name = id, failed = false }: Given): Span {
  return {
    project: 'default',
    trace_id: '932dc062b37c427ae027547955ae7031',
    span_id: id,
    parent_span_id: parent,
    name,
    otel_kind: 'INTERNAL',
    start_unix_ns: String(traceStart + BigInt(start)),
    end_unix_ns: String(traceStart + BigInt(start + duration)),
    duration_ns: duration,
    status: { code: failed ? 'ERROR' : 'UNSET', message: null },
    trace_state: null,
    flags: 0,
    dropped: { attributes: 0, events: 0, links: 0 },
    resource: {},
    resource_dropped_attributes: 0,
    resource_schema_url: null,
    scope: { name: null, version: null, attributes: {}, dropped_attributes: 0, schema_url: null },
    attributes: {},
    events: [],
    links: [],
    title: null,
    kind: 'CHAIN',
    rules_version: 1,
    sampling: null,
    service_name: null,
    session_id: null,
    user_id: null,
    agent_name: null,
    tags: [],
    metadata: null,
    dialect: null,
    input: null,
    output: null,
    llm: null,
    tokens: null,
    cost: null,
    unpriced: null,
    repeats: null,
    origins: {},
    notes: [],
    annotations: [],
    logs: [],
    tool: null,
    retrieval: null,
    reranker: null,
    embedding: null,
    exception: null,
  };
}
