"""Writes OTLP requests by field number, valid or broken on purpose. No code in common with server or oracle."""

import dataclasses
import struct

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def tag(field, wire_type):
    return varint(field << 3 | wire_type)


def uint(field, number):
    """A varint field; negative numbers as 64-bit two's complement, as protobuf's int64 does."""
    return tag(field, VARINT) + varint(number & 0xFFFF_FFFF_FFFF_FFFF)


def fixed64(field, number):
    return tag(field, FIXED64) + struct.pack("<Q", number)


def fixed32(field, number):
    return tag(field, FIXED32) + struct.pack("<I", number)


def block(field, content):
    """A length-delimited field: text, bytes or an encoded message."""
    if isinstance(content, str):
        content = content.encode("utf-8")
    return tag(field, BYTES) + varint(len(content)) + content


@dataclasses.dataclass(frozen=True)
class KvList:
    """A key-value list that may repeat keys, which a dict cannot."""

    pairs: tuple


@dataclasses.dataclass(frozen=True)
class RawText:
    """A string value given as bytes, so that it need not be UTF-8."""

    content: bytes


def any_value(value):
    match value:
        case None:
            return b""
        case bool():
            return uint(2, int(value))
        case int():
            return uint(3, value)
        case float():
            return tag(4, FIXED64) + struct.pack("<d", value)
        case str():
            return block(1, value)
        case RawText():
            return block(1, value.content)
        case bytes():
            return block(7, value)
        case list() | tuple():
            return block(5, b"".join(block(1, any_value(item)) for item in value))
        case dict():
            return block(6, key_values(1, value.items()))
        case KvList():
            return block(6, key_values(1, value.pairs))
    raise TypeError(f"no OTLP value for {type(value).__name__}")


def key_values(field, pairs):
    return b"".join(block(field, block(1, key) + block(2, any_value(value))) for key, value in pairs)


def _pairs(attributes):
    return attributes.items() if isinstance(attributes, dict) else attributes


def event(name, time, attributes=(), dropped=0):
    return fixed64(1, time) + block(2, name) + key_values(3, _pairs(attributes)) + uint(4, dropped)


def link(trace_id, span_id, attributes=(), *, trace_state="", flags=0, dropped=0):
    head = block(1, trace_id) + block(2, span_id) + block(3, trace_state)
    return head + key_values(4, _pairs(attributes)) + uint(5, dropped) + fixed32(6, flags)


@dataclasses.dataclass
class Span:
    """The fields of an OTLP span. Ids are bytes of any length; attributes a dict or a list of pairs; events and links
    are encoded already. `extra` is appended as it is."""

    trace_id: bytes
    span_id: bytes
    name: str = "span"
    parent: bytes = b""
    start: int = 1_767_225_600_000_000_000  # 2026-01-01T00:00:00Z
    end: int = 1_767_225_600_001_000_000
    kind: int = 1
    attributes: object = ()
    events: tuple = ()
    links: tuple = ()
    status: int = 0
    status_message: str = ""
    trace_state: str = ""
    flags: int = 0
    dropped: tuple = (0, 0, 0)  # attributes, events, links
    extra: bytes = b""

    def encode(self):
        parts = [block(1, self.trace_id), block(2, self.span_id), block(3, self.trace_state), block(4, self.parent)]
        parts += [block(5, self.name), uint(6, self.kind), fixed64(7, self.start), fixed64(8, self.end)]
        parts += [key_values(9, _pairs(self.attributes)), uint(10, self.dropped[0])]
        parts += [block(11, item) for item in self.events] + [uint(12, self.dropped[1])]
        parts += [block(13, item) for item in self.links] + [uint(14, self.dropped[2])]
        parts += [block(15, block(2, self.status_message) + uint(3, self.status)), fixed32(16, self.flags), self.extra]
        return b"".join(parts)


def scope_spans(spans, scope=("tests", "1.0", ())):
    name, version, attributes = scope
    head = block(1, block(1, name) + block(2, version) + key_values(3, _pairs(attributes)))
    return head + b"".join(block(2, span.encode() if isinstance(span, Span) else span) for span in spans)


def request(spans, *, resource=None, scope=("tests", "1.0", ())):
    """One ExportTraceServiceRequest with one resource and one scope. `spans` are Span or encoded spans."""
    attributes = {"service.name": "tests"} if resource is None else resource
    return block(1, block(1, key_values(1, _pairs(attributes))) + block(2, scope_spans(spans, scope)))


def log_record(body=None, *, time=0, observed=0, trace_id=b"", span_id=b"", event="", attributes=(), **fields):
    """`fields`: severity (number), severity_text, dropped, flags."""
    parts = [fixed64(1, time), uint(2, fields.get("severity", 0)), block(3, fields.get("severity_text", ""))]
    parts += [block(5, any_value(body)), key_values(6, _pairs(attributes)), uint(7, fields.get("dropped", 0))]
    parts += [fixed32(8, fields.get("flags", 0)), block(9, trace_id), block(10, span_id), fixed64(11, observed)]
    return b"".join([*parts, block(12, event)])


def logs_request(records, *, resource=None, scope=("tests", "1.0", ())):
    """One ExportLogsServiceRequest; `records` are encoded. Its envelopes have the field numbers of a trace request."""
    return request(records, resource=resource, scope=scope)


def double(field, number):
    return tag(field, FIXED64) + struct.pack("<d", number)


def sint(field, number):
    """A varint field of type sint32."""
    return uint(field, number << 1 if number >= 0 else (-number << 1) - 1)


def packed(field, code, numbers):
    """A packed repeated field of 8-byte numbers; `code` is struct's: Q or d."""
    return block(field, struct.pack(f"<{len(numbers)}{code}", *numbers))


# Where the fields of a data point lie that all types have: attributes, flags, exemplars.
NUMBER_POINT, HISTOGRAM_POINT, EXPONENTIAL_POINT, SUMMARY_POINT = (7, 8, 5), (9, 10, 8), (1, 10, 11), (7, 8, None)


def point(fields, content, *, time, start=0, attributes=(), flags=0, exemplars=()):
    """A data point whose own fields are `content`, encoded already, as exemplars are."""
    in_attributes, in_flags, in_exemplars = fields
    head = key_values(in_attributes, _pairs(attributes)) + fixed64(2, start) + fixed64(3, time)
    return head + content + b"".join(block(in_exemplars, one) for one in exemplars) + uint(in_flags, flags)


def number_point(value, **more):
    """`value`: int, float, or None for a point without one."""
    content = b"" if value is None else double(4, value) if isinstance(value, float) else _sfixed64(6, value)
    return point(NUMBER_POINT, content, **more)


def exemplar(value, time, *, trace_id=b"", span_id=b"", attributes=()):
    number = double(3, value) if isinstance(value, float) else _sfixed64(6, value)
    return fixed64(2, time) + number + block(4, span_id) + block(5, trace_id) + key_values(7, _pairs(attributes))


def _sfixed64(field, number):
    return tag(field, FIXED64) + struct.pack("<q", number)


def metric(name, kind, points, *, unit="", description="", temporality=0, monotonic=False, metadata=()):
    """`kind`: the field of its data: 5 gauge, 7 sum, 9 histogram, 10 exponential histogram, 11 summary."""
    inner = b"".join(block(1, one) for one in points)
    inner += uint(2, temporality) * (kind in (7, 9, 10)) + uint(3, int(monotonic)) * (kind == 7)
    head = block(1, name) + block(2, description) + block(3, unit)
    return head + block(kind, inner) + key_values(12, _pairs(metadata))


def metrics_request(metrics, *, resource=None, scope=("tests", "1.0", ())):
    """One ExportMetricsServiceRequest; `metrics` are encoded. Its envelopes have the field numbers of a trace request."""
    return request(metrics, resource=resource, scope=scope)
