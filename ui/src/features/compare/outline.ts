// What a span is compared by: all it says, or, in a trace that is too large to be read at once, what its structure tells.
import type { Span, TraceRow } from '../../api/types';
import { kinds } from '../../base/kinds';

export type OutlineSpan = Pick<
  Span,
  'project' | 'trace_id' | 'span_id' | 'parent_span_id' | 'kind' | 'name' | 'start_unix_ns' | 'duration_ns'
> & {
  status: Pick<Span['status'], 'code'>;
  tokens: { total: number | null } | null;
  cost: { total_usd: number | null } | null;
};

export const isWhole = (span: OutlineSpan): span is Span => 'attributes' in span;

// The columns of a trace, docs/formats/trace_columns.md, as far as they are compared.
export type Columns = {
  readonly count: number;
  readonly startUnixNs: bigint;
  readonly ids: { at: (index: number) => string };
  readonly start: Float64Array;
  readonly duration: Float64Array;
  readonly parent: Int32Array; // below 0: none in this trace
  readonly texts: readonly string[];
  readonly name: Uint32Array;
  readonly kind: Uint8Array;
  readonly failed: Uint8Array;
  readonly tokens: Float64Array; // NaN: unknown
  readonly cost: Float64Array; // NaN: unknown
};
export type ReadColumns = (bytes: ArrayBuffer) => Columns;

const known = (value: number | undefined): number | null => (value === undefined || Number.isNaN(value) ? null : value);

export function outlineOf({ project, trace_id }: TraceRow, columns: Columns): OutlineSpan[] {
  return Array.from({ length: columns.count }, (_, index) => {
    const parent = columns.parent[index] ?? -1;
    const total = known(columns.tokens[index]);
    const usd = known(columns.cost[index]);
    return {
      project,
      trace_id,
      span_id: columns.ids.at(index),
      parent_span_id: parent < 0 ? null : columns.ids.at(parent),
      kind: kinds[columns.kind[index] ?? -1]?.[0] ?? 'UNKNOWN',
      name: columns.texts[columns.name[index] ?? -1] ?? '',
      start_unix_ns: String(columns.startUnixNs + BigInt(columns.start[index] ?? 0)),
      duration_ns: columns.duration[index] ?? 0,
      status: { code: columns.failed[index] ? 'ERROR' : 'UNSET' },
      tokens: total === null ? null : { total },
      cost: usd === null ? null : { total_usd: usd },
    };
  });
}
