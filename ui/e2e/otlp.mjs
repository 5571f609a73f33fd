// Encodes spans as an OTLP ExportTraceServiceRequest in protobuf, by the field numbers of opentelemetry-proto 1.x, and
// posts them. Only what the scenarios need.

function varint(value) {
  const bytes = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

const tag = (field, wire) => varint((field << 3) | wire);
const number = (field, value) => Buffer.concat([tag(field, 0), varint(value)]);
const bytes = (field, value) => Buffer.concat([tag(field, 2), varint(value.length), value]);
const text = (field, value) => bytes(field, Buffer.from(value));

function fixed64(field, value) {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(value));
  return Buffer.concat([tag(field, 1), buffer]);
}

function double(field, value) {
  const buffer = Buffer.alloc(8);
  buffer.writeDoubleLE(value);
  return Buffer.concat([tag(field, 1), buffer]);
}

// string -> string_value, bigint -> int_value, number -> double_value
function anyValue(value) {
  if (typeof value === 'string') return text(1, value);
  if (typeof value === 'boolean') return number(2, value ? 1 : 0);
  if (typeof value === 'bigint') return number(3, value);
  if (typeof value === 'number') return double(4, value);
  if (Array.isArray(value)) return bytes(5, Buffer.concat(value.map((item) => bytes(1, anyValue(item)))));
  throw new Error(`no attribute value of type ${typeof value}`);
}

const attributes = (field, values = {}) =>
  Object.entries(values).map(([key, value]) => bytes(field, Buffer.concat([text(1, key), bytes(2, anyValue(value))])));

function spanBytes(span) {
  const parts = [bytes(1, Buffer.from(span.traceId, 'hex')), bytes(2, Buffer.from(span.spanId, 'hex'))];
  if (span.traceState) parts.push(text(3, span.traceState));
  if (span.parentId) parts.push(bytes(4, Buffer.from(span.parentId, 'hex')));
  parts.push(text(5, span.name), fixed64(7, span.startNs), fixed64(8, span.endNs));
  parts.push(...attributes(9, span.attributes));
  for (const event of span.events ?? []) {
    parts.push(
      bytes(11, Buffer.concat([fixed64(1, event.timeNs), text(2, event.name), ...attributes(3, event.attributes)])),
    );
  }
  for (const link of span.links ?? []) {
    const ids = [bytes(1, Buffer.from(link.traceId, 'hex')), bytes(2, Buffer.from(link.spanId, 'hex'))];
    const state = link.traceState ? [text(3, link.traceState)] : [];
    parts.push(bytes(13, Buffer.concat([...ids, ...state, ...attributes(4, link.attributes)])));
  }
  if (span.status)
    parts.push(bytes(15, Buffer.concat([text(2, span.status.message ?? ''), number(3, span.status.code)])));
  return Buffer.concat(parts);
}

// `schema`: the address of one, of the scope and of the resource.
export function encodeRequest(
  spans,
  resource = {},
  { name = 'e2e', version = '', attributes: said, schema = '' } = {},
) {
  const scope = Buffer.concat([text(1, name), text(2, version), ...attributes(3, said)]);
  const scopeSpans = [bytes(1, scope), ...spans.map((span) => bytes(2, spanBytes(span))), text(3, schema)];
  const parts = [
    bytes(1, Buffer.concat(attributes(1, resource))),
    bytes(2, Buffer.concat(scopeSpans)),
    text(3, schema),
  ];
  return bytes(1, Buffer.concat(parts));
}

export async function postRequest(url, body) {
  const headers = { 'content-type': 'application/x-protobuf' };
  const response = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`the server refused the spans: ${response.status} ${await response.text()}`);
}

export const postSpans = (url, spans, resource) => postRequest(url, encodeRequest(spans, resource));

let serial = 0;

// An id no other span of this run has: hex digits of a fixed prefix and a counter.
export function freshId(digits) {
  serial += 1;
  return `e2e${serial.toString(16).padStart(digits - 3, '0')}`;
}

export const nowNs = () => BigInt(Date.now()) * 1_000_000n;
