"""Health (grpc.health.v1) and reflection (grpc.reflection.v1, v1alpha), asked with bytes written by field number."""

import signal

import grpc
import pytest
from google.protobuf import descriptor_pb2

from harness import otlp_encode as otlp
from harness import server as harness

SERVICES = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "opentelemetry.proto.collector.logs.v1.LogsService",
    "opentelemetry.proto.collector.metrics.v1.MetricsService",
    "opentelemetry.proto.collector.trace.v1.TraceService",
]
SERVING, NOT_SERVING, SERVICE_UNKNOWN = b"\x08\x01", b"\x08\x02", b"\x08\x03"  # HealthCheckResponse{status = 1}


@pytest.fixture
def channel(server):
    with grpc.insecure_channel(server.ready["grpc"]) as opened:
        yield opened


def check(channel, service):
    return channel.unary_unary("/grpc.health.v1.Health/Check")(otlp.block(1, service), timeout=60)


def watch(channel, service):
    return channel.unary_stream("/grpc.health.v1.Health/Watch")(otlp.block(1, service), timeout=120)


def reflect(channel, version, *requests):
    method = channel.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
    return [fields(answer) for answer in method(iter(requests), timeout=60)]


def fields(encoded):
    """{field number: [contents]} of a message whose fields have a length or are varints of one byte."""
    found, at = {}, 0
    while at < len(encoded):
        number, kind = encoded[at] >> 3, encoded[at] & 7
        at += 1
        size, shift = 0, 0
        while True:
            size |= (encoded[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if encoded[at - 1] < 128:
                break
        if kind == 0:
            found.setdefault(number, []).append(size)
        else:
            found.setdefault(number, []).append(encoded[at : at + size])
            at += size
    return found


@pytest.mark.parametrize("service", ["", "grpc.health.v1.Health", *SERVICES[3:]])
def test_health(channel, service):
    assert check(channel, service) == SERVING


def test_health_of_a_service_that_is_not_there(channel):
    with pytest.raises(grpc.RpcError) as failure:
        check(channel, "no.Service")
    assert failure.value.code() == grpc.StatusCode.NOT_FOUND
    watching = watch(channel, "no.Service")
    assert next(watching) == SERVICE_UNKNOWN
    watching.cancel()


def test_health_request_that_is_not_protobuf(channel):
    with pytest.raises(grpc.RpcError) as failure:
        channel.unary_unary("/grpc.health.v1.Health/Check")(b"\xff", timeout=60)
    assert failure.value.code() == grpc.StatusCode.INVALID_ARGUMENT


def test_size_of_a_request(channel):
    """64 KiB, of health and of reflection."""
    service = "s" * ((64 << 10) - 4)  # with a tag and three bytes of length
    with pytest.raises(grpc.RpcError) as unknown:
        check(channel, service)
    assert unknown.value.code() == grpc.StatusCode.NOT_FOUND
    assert reflect(channel, "v1", otlp.block(4, service))
    for ask in (lambda: check(channel, service + "s"), lambda: reflect(channel, "v1", otlp.block(4, service + "s"))):
        with pytest.raises(grpc.RpcError) as refused:
            ask()
        assert refused.value.code() == grpc.StatusCode.RESOURCE_EXHAUSTED


def test_health_follows_readyz(own_server):
    with grpc.insecure_channel(own_server.ready["grpc"]) as channel:
        watching = watch(channel, "")
        assert next(watching) == SERVING
        own_server.kill_engine(signal.SIGSTOP)
        assert next(watching) == NOT_SERVING
        assert check(channel, "") == NOT_SERVING
        assert own_server.get("/readyz").status == 503
        assert next(watching) == SERVING  # the engine that hangs was replaced
        assert own_server.get("/readyz").status == 200


def test_a_watcher_is_told_of_the_end(tmp_path):
    with harness.Server(tmp_path / "data") as stopping, grpc.insecure_channel(stopping.ready["grpc"]) as channel:
        watching = watch(channel, "")
        assert next(watching) == SERVING
        assert stopping.stop() == 0
        assert next(watching) == NOT_SERVING
        with pytest.raises(grpc.RpcError) as end:
            next(watching)
        assert end.value.code() == grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_lists_services(channel, version):
    [answer] = reflect(channel, version, otlp.block(7, ""))
    assert sorted(fields(row)[1][0].decode() for row in fields(answer[6][0])[1]) == SERVICES


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
def test_reflection_finds_files(channel, version):
    symbol = "opentelemetry.proto.trace.v1.Span.Event"
    name = "opentelemetry/proto/trace/v1/trace.proto"
    answers = reflect(channel, version, otlp.block(4, symbol), otlp.block(3, name), otlp.block(1, "me") + otlp.block(3, name))
    contents = [fields(answer[4][0])[1] for answer in answers]
    assert contents[0] == contents[1] == contents[2]
    assert answers[2][1] == [b"me"]
    file = descriptor_pb2.FileDescriptorProto.FromString(contents[0][0])
    assert (file.name, file.package, file.syntax) == (name, "opentelemetry.proto.trace.v1", "proto3")
    [span] = [message for message in file.message_type if message.name == "Span"]
    assert [(field.name, field.number) for field in span.field][:4] == [
        ("trace_id", 1),
        ("span_id", 2),
        ("trace_state", 3),
        ("parent_span_id", 4),
    ]


@pytest.mark.parametrize("request_", [otlp.block(3, "no.proto"), otlp.block(4, "no.Symbol"), otlp.block(6, "no.Type")])
def test_reflection_does_not_find(channel, request_):
    [answer] = reflect(channel, "v1", request_)
    error = fields(answer[7][0])
    assert error[1] == [5]  # NOT_FOUND
    assert error[2][0]
