"""Writes OTLP trace requests by field number, valid or broken on purpose. No code in common with server or oracle."""

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
