// What the tree knows of each span, as columns: of the spans themselves, or as the server sends the structure of a trace
// that is too large to be sent whole (docs/formats/trace_columns.md).
import type { Span } from '../../../api/types';
import { kindIndex } from '../../../base/kinds';

export const noParent = -1;
// This and below: the parent has not arrived; one less for each further one of `missing`.
export const firstMissing = -2;

// Ids by number and back; -1 for one that is not there. Of two that are equal the first is found.
export type SpanIds = { at: (index: number) => string; find: (id: string) => number };

export type TraceColumns = {
  readonly count: number;
  readonly startUnixNs: bigint; // earliest start: the zero of `start`
  readonly ids: SpanIds;
  readonly start: Float64Array; // ns since startUnixNs
  readonly duration: Float64Array; // ns
  readonly parent: Int32Array; // of the columns, noParent, or firstMissing and below
  readonly missing: readonly string[]; // ids that are named as parents and are not there
  readonly open: number; // how many of the rows, the last, are spans that have not arrived
  readonly texts: readonly string[];
  readonly name: Uint32Array; // index into `texts`
  readonly kind: Uint8Array; // index into `kinds`
  readonly failed: Uint8Array;
  readonly tokens: Float64Array; // NaN: unknown
  readonly completion: Float64Array; // tokens; NaN: unknown
  readonly firstToken: Float64Array; // ns from the start of the span; NaN: unknown
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
  const missing = new NumberedTexts();
  const parentOf = ({ parent_span_id: id }: Span): number =>
    id ? (indexOf.get(id) ?? firstMissing - missing.numberOf(id)) : noParent;
  return {
    count: spans.length,
    startUnixNs,
    ids: { at: (index) => spans[index]?.span_id ?? '', find: (id) => indexOf.get(id) ?? -1 },
    start,
    duration: Float64Array.from(spans, (span) => Math.max(0, span.duration_ns)),
    parent: Int32Array.from(spans, parentOf),
    missing: missing.texts,
    open: 0,
    name: Uint32Array.from(spans, (span) => names.numberOf(span.title ?? span.name)),
    texts: names.texts,
    kind: Uint8Array.from(spans, (span) => kindIndex(span.kind)),
    failed: Uint8Array.from(spans, (span) => (span.status.code === 'ERROR' ? 1 : 0)),
    tokens: Float64Array.from(spans, (span) => span.tokens?.total ?? Number.NaN),
    completion: Float64Array.from(spans, (span) => span.tokens?.completion ?? Number.NaN),
    firstToken: Float64Array.from(spans, (span) => span.llm?.time_to_first_token_ns ?? Number.NaN),
    cost: Float64Array.from(spans, (span) => span.cost?.total_usd ?? Number.NaN),
    documents: Uint32Array.from(
      spans,
      ({ retrieval, reranker }) => retrieval?.documents.length ?? reranker?.output_documents.length ?? 0,
    ),
  };
}

const headBytes = 32;
const version = 3;
const fixedRowBytes = 7 * 8 + 5 * 4 + 1;
const statusError = 2;

function idAt(words: Uint32Array, index: number): string {
  const hex = (word: number | undefined) => (word ?? 0).toString(16).padStart(8, '0');
  return hex(words[index * 2 + 1]) + hex(words[index * 2]);
}

// Ids of 64 bits, found by a table of their places, which costs 8 to 16 bytes a span.
class NumberIds implements SpanIds {
  private readonly words: Uint32Array; // low and high half of each; BigInts would take ten times as long
  private places = new Int32Array(0); // made when the first id is looked for

  constructor(
    buffer: ArrayBuffer,
    offset: number,
    private readonly count: number,
  ) {
    this.words = new Uint32Array(buffer, offset, count * 2);
  }

  private makePlaces(): void {
    let size = 16;
    while (size < this.count * 2) size *= 2;
    this.places = new Int32Array(size).fill(-1);
    for (let index = 0; index < this.count; index += 1) {
      const place = this.placeOf(this.words[index * 2] ?? 0, this.words[index * 2 + 1] ?? 0);
      if ((this.places[place] ?? -1) < 0) this.places[place] = index;
    }
  }

  at(index: number): string {
    return idAt(this.words, index);
  }

  find(id: string): number {
    if (!/^[0-9a-f]{16}$/.test(id)) return -1;
    if (this.places.length === 0) this.makePlaces();
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

// Signed 64-bit numbers by their halves: BigInts would take ten times as long. `negative` stands for those below 0.
function numbersOf(words: Uint32Array, negative: number): Float64Array {
  const numbers = new Float64Array(words.length / 2);
  for (let index = 0; index < numbers.length; index += 1) {
    const high = words[index * 2 + 1] ?? 0;
    numbers[index] = high < 0x80000000 ? high * 0x100000000 + (words[index * 2] ?? 0) : negative;
  }
  return numbers;
}

export function decodeColumns(buffer: ArrayBuffer): TraceColumns {
  const head = new DataView(buffer);
  if (buffer.byteLength < headBytes || head.getUint32(0) !== 0x4e4a5443)
    throw new Error('the server sent no columns of a trace');
  if (head.getUint32(4, true) !== version)
    throw new Error('the columns of the trace have another version than this page');
  const count = head.getUint32(8, true);
  const textCount = head.getUint32(12, true);
  const missingCount = Number(head.getBigUint64(24, true));
  if (buffer.byteLength < headBytes + count * fixedRowBytes + missingCount * 8 + textCount * 4)
    throw new Error('the columns of the trace came cut off');
  let at = headBytes;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const ids = new NumberIds(buffer, take(count * 8), count);
  const numbers = (negative: number) => numbersOf(new Uint32Array(buffer, take(count * 8), count * 2), negative);
  const start = numbers(0);
  const duration = numbers(0);
  const tokens = numbers(Number.NaN);
  const completion = numbers(Number.NaN);
  const firstToken = numbers(Number.NaN);
  const cost = new Float64Array(buffer, take(count * 8), count);
  const missing = new Uint32Array(buffer, take(missingCount * 8), missingCount * 2);
  const parent = new Int32Array(buffer, take(count * 4), count);
  const name = new Uint32Array(buffer, take(count * 4), count);
  take(count * 8); // services and models: the list of traces and the span itself tell them
  const kindTexts = new Uint32Array(buffer, take(count * 4), count);
  const status = new Uint8Array(buffer, take(count), count);
  const texts = readTexts(head, at, textCount);
  return {
    count,
    startUnixNs: head.getBigUint64(16, true),
    ids,
    start,
    duration,
    parent,
    missing: Array.from({ length: missingCount }, (_, index) => idAt(missing, index)),
    open: 0,
    texts,
    name,
    kind: kindsOf(kindTexts, texts),
    failed: status.map((code) => (code === statusError ? 1 : 0)),
    tokens,
    completion,
    firstToken,
    cost,
    documents: new Uint32Array(count),
  };
}

// Few texts are kinds: each of those is looked up once.
function kindsOf(numbers: Uint32Array, texts: readonly string[]): Uint8Array {
  const unseen = 255;
  const kindOfText = new Uint8Array(texts.length).fill(unseen);
  const kind = new Uint8Array(numbers.length);
  for (let index = 0; index < numbers.length; index += 1) {
    const number = numbers[index] ?? 0;
    if (kindOfText[number] === unseen) kindOfText[number] = kindIndex(texts[number] ?? '');
    kind[index] = kindOfText[number] ?? 0;
  }
  return kind;
}

const notAscii = /[\u0080-\uffff]/;

// All bytes are decoded at once, one character a byte, and cut; what is not ASCII is decoded again for itself. A decoder's
// call for each of 500,000 names would take as long as all the rest of the page.
function readTexts(view: DataView, from: number, count: number): string[] {
  const utf8 = new TextDecoder();
  const begin = from + count * 4;
  const whole = new TextDecoder('latin1').decode(new Uint8Array(view.buffer, begin));
  const isAscii = !notAscii.test(whole);
  const texts: string[] = new Array(count);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(from + index * 4, true);
    if (at + length > whole.length) throw new Error('the columns of the trace came cut off');
    const text = whole.slice(at, at + length);
    texts[index] =
      isAscii || !notAscii.test(text) ? text : utf8.decode(new Uint8Array(view.buffer, begin + at, length));
    at += length;
  }
  return texts;
}

const longer = <Column extends Float64Array | Uint8Array | Uint32Array | Int32Array>(
  column: Column,
  by: number,
  value: number,
): Column => {
  const out = new (column.constructor as new (length: number) => Column)(column.length + by);
  out.set(column);
  out.fill(value, column.length);
  return out;
};

// With a row for each span that others name as their parent and that has not arrived: it runs since the first of them
// began. Nothing else is known of it.
export function withOpenSpans(columns: TraceColumns): TraceColumns {
  const { count, missing, ids } = columns;
  if (missing.length === 0) return columns;
  const numberOf = new Map(missing.map((id, number) => [id, count + number]));
  const start = longer(columns.start, missing.length, Number.POSITIVE_INFINITY);
  const duration = longer(columns.duration, missing.length, 0);
  const end = new Float64Array(missing.length);
  const parent = longer(columns.parent, missing.length, noParent);
  for (let index = 0; index < count; index += 1) {
    const number = firstMissing - (parent[index] ?? noParent);
    if (number < 0) continue;
    parent[index] = count + number;
    start[count + number] = Math.min(start[count + number] ?? 0, start[index] ?? 0);
    end[number] = Math.max(end[number] ?? 0, (start[index] ?? 0) + (duration[index] ?? 0));
  }
  for (const [number, ns] of end.entries()) duration[count + number] = ns - (start[count + number] ?? 0);
  return {
    ...columns,
    count: count + missing.length,
    open: missing.length,
    missing: [],
    ids: {
      at: (index) => (index < count ? ids.at(index) : (missing[index - count] ?? '')),
      find: (id) => numberOf.get(id) ?? ids.find(id),
    },
    start,
    duration,
    parent,
    texts: [...columns.texts, ''],
    name: longer(columns.name, missing.length, columns.texts.length),
    kind: longer(columns.kind, missing.length, kindIndex('UNKNOWN')),
    failed: longer(columns.failed, missing.length, 0),
    tokens: longer(columns.tokens, missing.length, Number.NaN),
    completion: longer(columns.completion, missing.length, Number.NaN),
    firstToken: longer(columns.firstToken, missing.length, Number.NaN),
    cost: longer(columns.cost, missing.length, Number.NaN),
    documents: longer(columns.documents, missing.length, 0),
  };
}
