// What the server sends. 64-bit times are decimal strings, durations are numbers in ns, unknown is null.
import type { components } from './schema';

export type Json = string | number | bigint | boolean | null | Json[] | { [key: string]: Json };
// What may be anything in the OpenAPI document is JSON.
type Known<T> = unknown extends T
  ? Json
  : T extends (infer Item)[]
    ? Known<Item>[]
    : T extends object
      ? { [Key in keyof T]: Known<T[Key]> }
      : T;
// The types of src/server/openapi.json.
export type Schemas = { [Name in keyof components['schemas']]: Known<components['schemas'][Name]> };
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

export type Project = Schemas['Project'];

export type Rejected = Schemas['Rejected'];

// `pending_requests`: acknowledged ones that the list lacks yet.
export type Page<T> = { data: T[]; next_cursor: string | null; pending_requests: number };

export type StatusCode = 'UNSET' | 'OK' | 'ERROR';

export type TraceRow = Schemas['TraceRow'];

export type SpanRow = Schemas['SpanRow'];

export type ListRow = TraceRow | SpanRow;

export type PlacedMatch = Schemas['PlacedMatch'];

// What a trace or a span is called: where its name is a template, what that says.
export const titleOf = ({ name, title }: { name: string; title: string | null }): string =>
  title ?? (name || '(no name)');

export const rowIdOf = (row: ListRow): string => ('span_id' in row ? `${row.trace_id}.${row.span_id}` : row.trace_id);

// Bytes of the query's UTF-8, the end exclusive.
export type ByteRange = { begin: number; end: number };
export type Mistake = ByteRange & { message: string };

export type QueryTable = Schemas['QueryTable'];
export type ValueCount = Schemas['ValueCount'];
export type Facet = Schemas['Facet'];

export type Suggestions = { replace: ByteRange; field: string | null } & (
  | { wanted: 'field'; data: { value: string; meaning: string; example: string }[] }
  | { wanted: 'key' | 'value'; data: ValueCount[] }
);

export type Bucket = Schemas['Bucket'];
export type Histogram = { data: Bucket[]; bucket_ns: string; pending_requests: number };

export type Part = Schemas['Part'];

export type Message = Schemas['Message'];

export type ToolSchema = Llm['tools'][number];
export type RetrievedDocument = Schemas['Document'];
export type SpanEvent = Schemas['SpanEvent'];
export type SpanEventRow = Schemas['EventRow'];
export type Repeated = Schemas['Repeated'];
export type SpanLink = Schemas['SpanLink'];
export type Payload = Schemas['Payload'];

export type Llm = Schemas['Llm'];

export type Tokens = Schemas['Tokens'];

export type CostLine = Schemas['CostLine'];

export type Cost = Schemas['Cost'];

export type LogRecord = Schemas['LogRecord'];

// As OpenTelemetry has it: when it happened, else when it was seen. null: its sender says neither.
export const logTimeOf = (log: LogRecord): string | null => log.time_unix_ns ?? log.observed_time_unix_ns;

export type Annotation = Schemas['Annotation'];

export type Span = Schemas['Span'];

// Where a text occurs; not `complete`: there are more places.
export type Found = { data: { span_id: string; path: string }[]; complete: boolean };

export type Trace = Schemas['Trace'];
