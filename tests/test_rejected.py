"""/api/v1/rejected: whoever sends wrongly finds there what arrived, why it was not taken, and what to change."""

import json
import socket
import time

import grpc
import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import JSON, PROTOBUF
from harness.wire import Wire

USE_GRPC_PORT = "gRPC on the HTTP port: use 4317 (--grpc-port), or set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf"
ADD_PATH = "add /v1/traces, /v1/logs or /v1/metrics to the exporter's endpoint"
SPAN = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "a", "kind": 2}


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def newest(server):
    return server.get_json("/api/v1/rejected")["data"][0]


def json_request(span):
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}).encode()


# name: (path, content-type, body), (status, signal, part of the reason, fix)
CASES = {
    "no path": (("/", PROTOBUF, b""), (404, None, "nothing", ADD_PATH)),
    "a path that is nearly right": (("/v1/trace", PROTOBUF, b""), (404, None, "nothing", ADD_PATH)),
    "slash at the end": (("/v1/traces/", PROTOBUF, b""), (404, None, "nothing", "remove the slash at the end")),
    "path twice": (
        ("/v1/traces/v1/traces", PROTOBUF, b""),
        (404, None, "nothing", "remove /v1/traces from OTEL_EXPORTER_OTLP_ENDPOINT: exporters add it themselves"),
    ),
    "another server's prefix": (
        ("/api/public/otel/v1/traces", PROTOBUF, b""),
        (404, None, "nothing", "send to /v1/traces, without what is before it"),
    ),
    "Zipkin": (
        ("/api/v2/spans", JSON, b"[]"),
        (404, None, "nothing", "this is Zipkin's path: export OTLP to /v1/traces"),
    ),
    "Jaeger": (("/api/traces", JSON, b""), (404, None, "nothing", "this is Jaeger's path: export OTLP to /v1/traces")),
    "gRPC's path": (
        ("/opentelemetry.proto.collector.trace.v1.TraceService/Export", PROTOBUF, b""),
        (404, None, "nothing", USE_GRPC_PORT),
    ),
    "gRPC's content-type": (
        ("/v1/traces", "application/grpc", b""),
        (415, "traces", "application/grpc", USE_GRPC_PORT),
    ),
    "content-type": (
        ("/v1/logs", "text/plain", b"hello"),
        (415, "logs", 'content-type "text/plain"', "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json"),
    ),
    "content-type that is not UTF-8": (
        ("/v1/metrics", b"\xff", b""),
        (415, "metrics", 'content-type "\ufffd"', "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json"),
    ),
    "malformed": (
        ("/v1/traces", PROTOBUF, b"\xff"),
        (400, "traces", "", "check that the body is what its content-type says and that no proxy cuts it"),
    ),
    "enum names": (
        ("/v1/traces", JSON, json_request(SPAN | {"kind": "SPAN_KIND_SERVER"})),
        (200, "traces", "SPAN_KIND_SERVER", 'enum names are not OTLP/JSON: send numbers, such as "kind": 3'),
    ),
    "bad ids": (
        ("/v1/traces", JSON, json_request(SPAN | {"spanId": "abc"})),
        (200, "traces", "spanId", "the rest was stored; correct the program or library that made what was rejected"),
    ),
    "snake_case": (
        ("/v1/traces", JSON, b'{"resource_spans": [{"scope_spans": []}]}'),
        (200, "traces", "the request holds no span", "write OTLP/JSON's keys as resourceSpans, scopeSpans and spans"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_case(server, case):
    (path, content_type, body), (status, signal, reason, fix) = CASES[case]
    before = time.time_ns()
    answer = server.request("POST", path, body, {"content-type": content_type})
    assert answer.status == status
    entry = newest(server)
    assert before <= int(entry.pop("time_unix_ns")) <= time.time_ns()
    assert int(entry.pop("first_time_unix_ns")) <= time.time_ns()
    assert entry.pop("remote").startswith("127.0.0.1:")
    assert reason in entry.pop("reason")
    assert entry.pop("count") >= 1
    assert entry == {"status": status, "path": path, "signal": signal, "fix": fix}


def test_grpc_on_the_http_port(server):
    """The client learns at once that this is no gRPC; the fix is here."""
    with grpc.insecure_channel(server.ready["otlp_http"]) as channel:
        export = channel.unary_unary("/opentelemetry.proto.collector.trace.v1.TraceService/Export")
        with pytest.raises(grpc.RpcError) as failure:
            export(b"", timeout=20)
    assert "Trying to connect an http1.x server" in failure.value.details()
    entry = newest(server)
    assert (entry["status"], entry["path"], entry["fix"]) == (505, None, USE_GRPC_PORT)
    assert entry["reason"] == "HTTP/2, as gRPC speaks it, on a port of HTTP/1.1"


def test_tls_on_the_plain_port(server):
    with socket.create_connection(server.ready["http"].split(":")) as client:
        client.sendall(bytes.fromhex("160301020001000001fc0303"))  # how a ClientHello begins
        assert client.recv(100).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    entry = newest(server)
    assert (entry["status"], entry["path"], entry["reason"]) == (400, None, "TLS on a port of plain HTTP")
    assert entry["fix"].startswith("https:// on a plain port: begin the exporter's endpoint with http://")


AHEAD = [(9, None), (11, "clock 11 min ahead"), (180, "clock 3 h ahead"), (2880, "clock 2 d ahead")]


@pytest.mark.parametrize("minutes, reason", AHEAD)
def test_clock_ahead(server, ids, minutes, reason):
    """Taken like any other span; listed when it is more than ten minutes."""
    start = time.time_ns() + minutes * 60 * 10**9 + 10**9
    span = otlp.Span(ids.trace(), ids.span(), start=start, end=start + 1)
    server.accept(otlp.request([span]))
    assert len(server.trace(span.trace_id.hex())) == 1
    entry = newest(server)
    if reason is None:
        assert "clock 9" not in entry["reason"]
    else:
        assert (entry["reason"], entry["status"], entry["signal"]) == (reason, 200, "traces")
        assert entry["fix"] == "check the sender's clock: a span starts later than it arrived here"


def test_repeats_are_counted(own_server):
    for _ in range(5):
        own_server.request("POST", "/v1/tracez", b"", {"content-type": PROTOBUF})
    own_server.request("POST", "/", b"", {"content-type": PROTOBUF})
    own_server.request("POST", "/v1/tracez", b"", {"content-type": PROTOBUF})
    repeated, single = own_server.get_json("/api/v1/rejected")["data"]
    assert (repeated["path"], repeated["count"]) == ("/v1/tracez", 6)
    assert int(repeated["first_time_unix_ns"]) < int(single["time_unix_ns"]) < int(repeated["time_unix_ns"])
    assert (single["path"], single["count"]) == ("/", 1)
    assert own_server.get_json("/api/v1/status")["ingest"]["refused_requests"] == 7


def test_what_is_remembered_is_bounded(own_server):
    for number in range(105):
        own_server.request("POST", f"/{number}", b"", {})
    own_server.request("POST", "/" + "x" * 20_000, b"", {})
    entries = own_server.get_json("/api/v1/rejected")["data"]
    assert len(entries) == 100
    assert entries[0]["path"] == "/" + "x" * 499 + "…"
    assert (entries[1]["path"], entries[99]["path"]) == ("/104", "/6")


@pytest.mark.parametrize("request_line", ["GET /nothing.txt", "POST /api/v1/nothing", "PUT /"])
def test_what_no_exporter_sends_is_not_listed(own_server, request_line):
    with Wire(own_server.ready["http"]) as wire:
        assert wire.ask(f"{request_line} HTTP/1.1\r\nhost: tests\r\ncontent-length: 0\r\n\r\n").status == 404
    assert own_server.get_json("/api/v1/rejected")["data"] == []


def test_a_refusal_by_the_transport_is_listed(server):
    with Wire(server.ready["http"]) as wire:
        assert wire.ask("POST /v1/traces HTTP/1.1\r\nhost: a\r\nx: " + "a" * 40_000 + "\r\n\r\n").status == 431
    entry = newest(server)
    assert (entry["status"], entry["path"]) == (431, "/v1/traces")
    assert entry["fix"] == "send fewer or shorter headers, or raise --max-header-bytes"
