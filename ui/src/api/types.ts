// What the server sends. 64-bit times are decimal strings, durations are numbers in ns, unknown is null.
import type { SpanKind } from '../base/kinds';

export type Json = string | number | bigint | boolean | null | Json[] | { [key: string]: Json };
export type Attributes = Record<string, Json>;

export type EngineState = 'ready' | 'restarting';

export type Status = {
  version: string;
  engine: { state: EngineState; version: string; restarts: number; sandboxed: boolean };
  // Refusing and read-only: nothing is received, and `failure` says why.
  journal: { state: 'ready' | 'refusing' | 'read_only'; failure: string | null };
  durability: string;
  uptime_s: number;
  storage_bytes: number;
  listen: { http: string | null; otlp_http: string | null; grpc: string | null };
  ingest: {
    requests: number;
    bytes: number;
    spans: number;
    rejected_spans: number;
    refused_requests: number;
    last_span_unix_ns: string | null;
  };
};

export type Project = { name: string; trace_count: number; span_count: number; last_seen_unix_ns: string | null };

// Repeats of one sender are one row. Status 200: taken, with a warning.
export type Rejected = {
  time_unix_ns: string;
  first_time_unix_ns: string;
  count: number;
  status: number;
  path: string | null;
  signal: 'traces' | 'logs' | 'metrics' | null;
  remote: string;
  reason: string;
  fix: string;
};

// `pending_requests`: acknowledged ones that the list lacks yet.
export type Page<T> = { data: T[]; next_cursor: string | null; pending_requests: number };

export type StatusCode = 'UNSET' | 'OK' | 'ERROR';

export type TraceRow = {
  trace_id: string;
  project: string;
  name: string;
  kind: SpanKind;
  service_name: string | null;
  session_id: string | null;
  user_id: string | null;
  start_unix_ns: string;
  end_unix_ns: string;
  duration_ns: number;
  span_count: number;
  error_count: number;
  status: StatusCode;
  tokens: { prompt: number | null; completion: number | null; total: number | null } | null;
  cost: { total_usd: number } | null;
  unpriced_calls: number;
  models: string[];
  input_preview: string | null;
  output_preview: string | null;
  root_span_id: string | null;
};

export type SpanRow = {
  project: string;
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  name: string;
  kind: SpanKind;
  status: StatusCode;
  status_message: string | null;
  start_unix_ns: string;
  duration_ns: number;
  service_name: string | null;
  model: string | null;
  provider: string | null;
  agent_name: string | null;
  tool_name: string | null;
  session_id: string | null;
  user_id: string | null;
  finish_reason: string | null;
  exception: { type: string | null; message: string | null } | null;
  tokens: { prompt: number | null; completion: number | null; total: number | null } | null;
  cost: { total_usd: number } | null;
  input_preview: string | null;
  output_preview: string | null;
};

export type ListRow = TraceRow | SpanRow;

export const rowIdOf = (row: ListRow): string => ('span_id' in row ? `${row.trace_id}.${row.span_id}` : row.trace_id);

// Bytes of the query's UTF-8, the end exclusive.
export type ByteRange = { begin: number; end: number };
export type Mistake = ByteRange & { message: string };

export type QueryField = { name: string; meaning: string; example: string; words: string[] };
export type ValueCount = { value: string; count: number };
export type Facet = { field: string; values: ValueCount[] };

export type Suggestions = { replace: ByteRange; field: string | null } & (
  | { wanted: 'field'; data: { value: string; meaning: string; example: string }[] }
  | { wanted: 'key' | 'value'; data: ValueCount[] }
);

// Those without a span are left out.
export type Bucket = { start_unix_ns: string; count: number; errors: number };
export type Histogram = { data: Bucket[]; bucket_ns: string; pending_requests: number };

export type Part =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool_call'; id: string | null; name: string | null; arguments: Json }
  | { type: 'tool_result'; id: string | null; result: Json }
  | { type: 'image' | 'audio' | 'file'; url?: string | null; blob?: string | null; mime_type?: string | null };

export type Message = {
  role: string | null;
  name?: string | null;
  tool_call_id?: string | null;
  finish_reason?: string | null;
  content: Part[];
};

export type ToolSchema = { name: string | null; description: string | null; parameters: Json };
export type RetrievedDocument = {
  id: string | null;
  score: number | null;
  content: string | null;
  metadata: Json;
};
export type SpanEvent = { name: string; time_unix_ns: string; attributes: Attributes };
export type SpanLink = { trace_id: string; span_id: string; trace_state?: string; attributes: Attributes };
export type Payload = { value: string; mime_type: string | null };

export type Llm = {
  operation: string | null;
  provider: string | null;
  model: string | null;
  request_model: string | null;
  response_model: string | null;
  response_id: string | null;
  invocation_parameters: Json;
  input_messages: Message[];
  output_messages: Message[];
  tools: ToolSchema[];
  finish_reasons: string[];
  service_tier: string | null;
  time_to_first_token_ns: number | null;
  prompt_template: { name: string | null; template: string | null; variables: Json; version: string | null } | null;
};

export type Tokens = {
  prompt: number | null;
  completion: number | null;
  total: number | null;
  cache_read: number | null;
  cache_write: number | null;
  reasoning: number | null;
  rule: string | null;
  estimated: boolean;
};

export type CostLine = { tokens: number; usd_per_million: number; usd: number };

export type Cost = {
  total_usd: number;
  prompt_usd: number | null;
  completion_usd: number | null;
  cache_savings_usd: number | null;
  details: Record<string, CostLine>;
  price: { id: string; date: string | null; source: string } | null;
  origin: 'computed' | 'reported';
  reported: { total_usd: number | null } | null;
};

export type LogRecord = {
  span_id: string | null;
  time_unix_ns: string | null;
  observed_time_unix_ns?: string | null;
  severity_text: string | null;
  severity_number: number;
  event_name: string | null;
  body: Json;
  attributes: Attributes;
};

// As OpenTelemetry has it: when it happened, else when it was seen. null: its sender says neither.
export const logTimeOf = (log: LogRecord): string | null => log.time_unix_ns ?? log.observed_time_unix_ns ?? null;

export type Annotation = {
  name: string | null;
  label: string | null;
  score: number | null;
  explanation: string | null;
  source: string;
  target: string;
};

export type Span = {
  project: string;
  trace_id: string;
  span_id: string;
  parent_span_id: string | null;
  name: string;
  otel_kind: string;
  start_unix_ns: string;
  end_unix_ns: string;
  duration_ns: number;
  status: { code: StatusCode; message: string | null };
  trace_state: string | null;
  flags: number;
  dropped: { attributes: number; events: number; links: number };
  resource: Attributes;
  scope: { name: string | null; version: string | null; attributes: Attributes };
  attributes: Attributes;
  events: SpanEvent[];
  links: SpanLink[];
  kind: SpanKind;
  service_name: string | null;
  session_id: string | null;
  user_id: string | null;
  agent_name: string | null;
  tags: string[];
  metadata: Json;
  dialect: string | null;
  input: Payload | null;
  output: Payload | null;
  llm: Llm | null;
  tokens: Tokens | null;
  cost: Cost | null;
  unpriced: string | null;
  // The span that tells the same call; this one's own figures are then null.
  repeats: { trace_id: string; span_id: string } | null;
  origins: Record<string, string>;
  notes: string[];
  annotations: Annotation[];
  logs: LogRecord[];
  tool: {
    name: string | null;
    call_id: string | null;
    description: string | null;
    arguments: Json;
    result: Json;
  } | null;
  retrieval: { query: string | null; documents: RetrievedDocument[] } | null;
  reranker: {
    query: string | null;
    model: string | null;
    top_k: number | null;
    input_documents: RetrievedDocument[];
    output_documents: RetrievedDocument[];
  } | null;
  embedding: { model: string | null; texts: string[] } | null;
  exception: { type: string | null; message: string | null; stacktrace: string | null } | null;
};

// Where a text occurs; not `complete`: there are more places.
export type Found = { data: { span_id: string; path: string }[]; complete: boolean };

export type Trace = { trace: TraceRow & { logs: LogRecord[]; logs_complete: boolean }; spans: Span[] };
