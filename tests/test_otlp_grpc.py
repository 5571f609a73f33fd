"""OTLP/gRPC, spoken by Google's Python client with raw bytes."""

import gzip

import grpc
import pytest

from generated import Ids
from harness import oracle, otlp_encode as otlp

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
MIB = 1 << 20


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.ready["grpc"], [("grpc.max_send_message_length", -1)]) as opened:
        yield opened


def export(channel, body, method=EXPORT, **options):
    return channel.unary_unary(method)(body, timeout=60, **options)


def refusal(channel, body, **options):
    with pytest.raises(grpc.RpcError) as failure:
        export(channel, body, **options)
    assert failure.value.details()
    return failure.value.code()


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_accepts(server, channel, ids, compression):
    span = otlp.Span(ids.trace(), ids.span(), attributes={"text": "owl " * 1000})
    assert export(channel, otlp.request([span]), compression=compression) == b""
    assert server.trace(span.trace_id.hex())[span.span_id.hex()]["attributes"] == {"text": "owl " * 1000}


def test_empty_request(channel):
    assert export(channel, b"") == b""


def test_project_from_metadata(server, channel, ids):
    span = otlp.Span(ids.trace(), ids.span())
    export(channel, otlp.request([span]), metadata=[("x-project-name", "by grpc")])
    assert server.trace(span.trace_id.hex())[span.span_id.hex()]["project"] == "by grpc"


def test_bad_spans_are_rejected_alone(server, channel, ids):
    trace = ids.trace()
    kept = otlp.Span(trace, ids.span())
    rejected, message = oracle.decode_response(export(channel, otlp.request([kept, otlp.Span(trace, b"short")])))
    assert rejected == 1
    assert message
    assert server.trace(trace.hex()).keys() == {kept.span_id.hex()}


@pytest.mark.parametrize("body", [b"\xff" * 100, b"not protobuf at all", gzip.compress(b"")])
def test_garbage(channel, body):
    assert refusal(channel, body) == grpc.StatusCode.INVALID_ARGUMENT


def test_too_large(channel):
    assert refusal(channel, bytes(65 * MIB)) == grpc.StatusCode.RESOURCE_EXHAUSTED
    zeros = bytes(200 * MIB)  # 200 KiB on the wire
    assert refusal(channel, zeros, compression=grpc.Compression.Gzip) == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_unknown_method(channel):
    profiles = "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"
    assert refusal(channel, b"", method=profiles) == grpc.StatusCode.UNIMPLEMENTED
