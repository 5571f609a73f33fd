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
  // Of spans that are in the order of time, and know it: where the parent is among them, -1 for none.
  readonly parentIndex?: number;
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

// Reads the columns: a trace of 500,000 spans would not fit as objects with texts of their own.
class ColumnSpan implements OutlineSpan {
  constructor(
    private readonly of: Pick<TraceRow, 'project' | 'trace_id'>,
    private readonly columns: Columns,
    private readonly index: number,
  ) {}

  get project(): string {
    return this.of.project;
  }

  get trace_id(): string {
    return this.of.trace_id;
  }

  get span_id(): string {
    return this.columns.ids.at(this.index);
  }

  get parentIndex(): number {
    return Math.max(-1, this.columns.parent[this.index] ?? -1);
  }

  get parent_span_id(): string | null {
    return this.parentIndex < 0 ? null : this.columns.ids.at(this.parentIndex);
  }

  get kind(): OutlineSpan['kind'] {
    return kinds[this.columns.kind[this.index] ?? -1]?.[0] ?? 'UNKNOWN';
  }

  get name(): string {
    return this.columns.texts[this.columns.name[this.index] ?? -1] ?? '';
  }

  get start_unix_ns(): string {
    return String(this.columns.startUnixNs + BigInt(this.columns.start[this.index] ?? 0));
  }

  get duration_ns(): number {
    return this.columns.duration[this.index] ?? 0;
  }

  get status(): OutlineSpan['status'] {
    return { code: this.columns.failed[this.index] ? 'ERROR' : 'UNSET' };
  }

  get tokens(): OutlineSpan['tokens'] {
    const total = known(this.columns.tokens[this.index]);
    return total === null ? null : { total };
  }

  get cost(): OutlineSpan['cost'] {
    const usd = known(this.columns.cost[this.index]);
    return usd === null ? null : { total_usd: usd };
  }
}

// In the order of the columns, which is that of time.
export const outlineOf = (trace: TraceRow, columns: Columns): OutlineSpan[] =>
  Array.from({ length: columns.count }, (_, index) => new ColumnSpan(trace, columns, index));
