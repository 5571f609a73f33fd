// What the tree knows of each span, as columns: of the spans themselves, or as the server sends the structure of a trace
// that is too large to be sent whole (docs/formats/trace_columns.md).
import type { Span } from '../../../api/types';
import { kindIndex } from '../../../base/kinds';

export const noParent = -1;
export const missingParent = -2;

// Ids by number and back; -1 for one that is not there. Of two that are equal the first is found.
export type SpanIds = { at: (index: number) => string; find: (id: string) => number };

export type TraceColumns = {
  readonly count: number;
  readonly startUnixNs: bigint; // earliest start: the zero of `start`
  readonly ids: SpanIds;
  readonly start: Float64Array; // ns since startUnixNs
  readonly duration: Float64Array; // ns
  readonly parent: Int32Array; // of the columns, noParent or missingParent
  readonly texts: readonly string[];
  readonly name: Uint32Array; // index into `texts`
  readonly kind: Uint8Array; // index into `kinds`
  readonly failed: Uint8Array;
  readonly tokens: Float64Array; // NaN: unknown
  readonly cost: Float64Array; // NaN: unknown
  readonly documents: Uint32Array;
};

class NumberedTexts {
  readonly texts: string[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(text: string): number {
    let number = this.numbers.get(text);
    if (number === undefined) {
      number = this.texts.push(text) - 1;
      this.numbers.set(text, number);
    }
    return number;
  }
}

export function columnsOfSpans(spans: readonly Span[]): TraceColumns {
  const starts = spans.map((span) => BigInt(span.start_unix_ns));
  const startUnixNs = starts.reduce((first, start) => (start < first ? start : first), starts[0] ?? 0n);
  const start = Float64Array.from(starts, (ns) => Number(ns - startUnixNs));
  // Of two spans with one id the earlier is the parent that their children mean.
  const indexOf = new Map<string, number>();
  for (const [index, { span_id: id }] of spans.entries()) {
    const known = indexOf.get(id);
    if (known === undefined || (start[index] ?? 0) < (start[known] ?? 0)) indexOf.set(id, index);
  }
  const names = new NumberedTexts();
  return {
    count: spans.length,
    startUnixNs,
    ids: { at: (index) => spans[index]?.span_id ?? '', find: (id) => indexOf.get(id) ?? -1 },
    start,
    duration: Float64Array.from(spans, (span) => Math.max(0, span.duration_ns)),
    parent: Int32Array.from(spans, ({ parent_span_id: id }) => (id ? (indexOf.get(id) ?? missingParent) : noParent)),
    name: Uint32Array.from(spans, (span) => names.numberOf(span.name)),
    texts: names.texts,
    kind: Uint8Array.from(spans, (span) => kindIndex(span.kind)),
    failed: Uint8Array.from(spans, (span) => (span.status.code === 'ERROR' ? 1 : 0)),
    tokens: Float64Array.from(spans, (span) => span.tokens?.total ?? Number.NaN),
    cost: Float64Array.from(spans, (span) => span.cost?.total_usd ?? Number.NaN),
    documents: Uint32Array.from(
      spans,
      ({ retrieval, reranker }) => retrieval?.documents.length ?? reranker?.output_documents.length ?? 0,
    ),
  };
}

const headBytes = 24;
const version = 2;
const fixedRowBytes = 5 * 8 + 5 * 4 + 1;
const statusError = 2;

// Ids of 64 bits, found by a table of their places, which costs 8 to 16 bytes a span.
class NumberIds implements SpanIds {
  private readonly words: Uint32Array; // low and high half of each; BigInts would take ten times as long
  private readonly places: Int32Array;

  constructor(buffer: ArrayBuffer, offset: number, count: number) {
    this.words = new Uint32Array(buffer, offset, count * 2);
    let size = 16;
    while (size < count * 2) size *= 2;
    this.places = new Int32Array(size).fill(-1);
    for (let index = 0; index < count; index += 1) {
      const place = this.placeOf(this.words[index * 2] ?? 0, this.words[index * 2 + 1] ?? 0);
      if ((this.places[place] ?? -1) < 0) this.places[place] = index;
    }
  }

  at(index: number): string {
    const hex = (word: number | undefined) => (word ?? 0).toString(16).padStart(8, '0');
    return hex(this.words[index * 2 + 1]) + hex(this.words[index * 2]);
  }

  find(id: string): number {
    if (!/^[0-9a-f]{16}$/.test(id)) return -1;
    return this.places[this.placeOf(Number.parseInt(id.slice(8), 16), Number.parseInt(id.slice(0, 8), 16))] ?? -1;
  }

  // Where the id is, or would be.
  private placeOf(low: number, high: number): number {
    const mask = this.places.length - 1;
    const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
    let place = (mixed ^ (mixed >>> 15)) & mask;
    for (let index = this.places[place] ?? -1; index >= 0; index = this.places[place] ?? -1) {
      if (this.words[index * 2] === low && this.words[index * 2 + 1] === high) return place;
      place = (place + 1) & mask;
    }
    return place;
  }
}

export function decodeColumns(buffer: ArrayBuffer): TraceColumns {
  const head = new DataView(buffer);
  if (buffer.byteLength < headBytes || head.getUint32(0) !== 0x4e4a5443)
    throw new Error('the server sent no columns of a trace');
  if (head.getUint32(4, true) !== version)
    throw new Error('the columns of the trace have another version than this page');
  const count = head.getUint32(8, true);
  const textCount = head.getUint32(12, true);
  if (buffer.byteLength < headBytes + count * fixedRowBytes + textCount * 4)
    throw new Error('the columns of the trace came cut off');
  let at = headBytes;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const ids = new NumberIds(buffer, take(count * 8), count);
  const start = Float64Array.from(new BigUint64Array(buffer, take(count * 8), count), Number);
  const duration = Float64Array.from(new BigInt64Array(buffer, take(count * 8), count), (ns) =>
    Math.max(0, Number(ns)),
  );
  const tokens = Float64Array.from(new BigInt64Array(buffer, take(count * 8), count), (sum) =>
    sum < 0n ? Number.NaN : Number(sum),
  );
  const cost = new Float64Array(buffer, take(count * 8), count);
  const parent = new Int32Array(buffer, take(count * 4), count);
  const name = new Uint32Array(buffer, take(count * 4), count);
  take(count * 8); // services and models: the list of traces and the span itself tell them
  const kindTexts = new Uint32Array(buffer, take(count * 4), count);
  const status = new Uint8Array(buffer, take(count), count);
  const texts = readTexts(head, at, textCount);
  const kindOfText = texts.map(kindIndex);
  return {
    count,
    startUnixNs: head.getBigUint64(16, true),
    ids,
    start,
    duration,
    parent,
    texts,
    name,
    kind: Uint8Array.from(kindTexts, (text) => kindOfText[text] ?? 0),
    failed: status.map((code) => (code === statusError ? 1 : 0)),
    tokens,
    cost,
    documents: new Uint32Array(count),
  };
}

function readTexts(view: DataView, from: number, count: number): string[] {
  const utf8 = new TextDecoder();
  const texts: string[] = [];
  let at = from + count * 4;
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(from + index * 4, true);
    if (at + length > view.byteLength) throw new Error('the columns of the trace came cut off');
    texts.push(utf8.decode(new Uint8Array(view.buffer, at, length)));
    at += length;
  }
  return texts;
}
