"""gRPC's framing over HTTP/2: what is broken on purpose gets an answer with trailers, a remedy, and no retry."""

import gzip
import socket
import zlib

import pytest

import grpc_wire as wire
from generated import Ids
from harness import otlp_encode as otlp
from harness.codings import CODINGS

OK, INVALID_ARGUMENT, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 4, 8, 12, 13
MIB = 1 << 20


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


@pytest.fixture
def connection(server):
    with wire.Wire(server.ready["grpc"]) as opened:
        yield opened


def body_of(ids):
    span = otlp.Span(ids.trace(), ids.span())
    return span, otlp.request([span])


def stored(server, span):
    return span.span_id.hex() in server.trace(span.trace_id.hex())


def test_a_good_call(server, connection, ids):
    span, body = body_of(ids)
    answer = connection.call(wire.message(body))
    assert (answer.headers[":status"], answer.headers["content-type"]) == ("200", "application/grpc")
    assert (answer.status, answer.body, answer.blocks) == (OK, bytes(5), 2)
    assert stored(server, span)


def test_a_byte_at_a_time(server, connection, ids):
    span, body = body_of(ids)
    stream = connection.open(wire.request_headers())
    for byte in wire.message(body):
        connection.send(wire.frame(wire.DATA, 0, stream, bytes([byte])))
    connection.send_data(stream, b"")
    assert connection.answer(stream).status == OK
    assert stored(server, span)


def test_headers_in_parts(connection):
    stream = connection.open(wire.request_headers(), first_bytes=20)
    connection.send_data(stream, wire.message(b""))
    assert connection.answer(stream).status == OK


@pytest.mark.parametrize("path", [wire.EXPORT, wire.LOGS_EXPORT, wire.METRICS_EXPORT])
@pytest.mark.parametrize("more", [(), (("grpc-encoding", "gzip"),)])
def test_every_signal_takes_an_empty_request(connection, path, more):
    content = wire.message(gzip.compress(b""), compressed=1) if more else wire.message(b"")
    answer = connection.call(content, *more, path=path)
    assert (answer.status, answer.body) == (OK, bytes(5))


@pytest.mark.parametrize("path, encoded, read", [
    (wire.LOGS_EXPORT, otlp.fixed64(1, 1) + otlp.block(5, otlp.any_value("hoot")),
     lambda server, project: [row["body"] for row in server.get_json(f"/api/v1/projects/{project}/logs")["data"]] == ["hoot"]),
    (wire.METRICS_EXPORT, otlp.block(1, "owls") + otlp.block(5, otlp.block(1, otlp.fixed64(3, 1) + otlp.fixed64(6, 42))),
     lambda server, project: server.get_json(f"/api/v1/projects/{project}/metrics/owls")["series"][0]["points"][0]["value"] == 42),
], ids=["logs", "metrics"])
def test_logs_and_metrics_read_back(server, connection, path, encoded, read):
    project = "grpc " + path.rsplit("/", 2)[-2]
    body = otlp.block(1, otlp.block(2, otlp.block(2, encoded)))
    assert connection.call(wire.message(body), ("x-project-name", project), path=path).status == OK
    assert read(server, project.replace(" ", "%20"))


@pytest.mark.parametrize("encoding, compress", [("gzip", gzip.compress), ("deflate", zlib.compress), ("zstd", CODINGS["zstd"])])
def test_compression(server, connection, ids, encoding, compress):
    span, body = body_of(ids)
    assert connection.call(wire.message(compress(body), compressed=1), ("grpc-encoding", encoding)).status == OK
    assert stored(server, span)


def test_an_encoding_need_not_be_used(server, connection, ids):
    span, body = body_of(ids)
    assert connection.call(wire.message(body), ("grpc-encoding", "gzip")).status == OK
    assert stored(server, span)


BROKEN = {
    "compressed without grpc-encoding": (INTERNAL, wire.message(b"x", compressed=1), ()),
    "compressed, identity": (INTERNAL, wire.message(b"x", compressed=1), (("grpc-encoding", "identity"),)),
    "not gzip": (INVALID_ARGUMENT, wire.message(b"not gzip", compressed=1), (("grpc-encoding", "gzip"),)),
    "gzip cut off": (INVALID_ARGUMENT, wire.message(gzip.compress(b"owl")[:-4], compressed=1), (("grpc-encoding", "gzip"),)),
    "unknown compression": (UNIMPLEMENTED, wire.message(b"x", compressed=1), (("grpc-encoding", "snappy"),)),
    "flag is 7": (INVALID_ARGUMENT, wire.message(b"", compressed=7), ()),
    "longer than announced": (INVALID_ARGUMENT, wire.message(b"0123456789", announced=9), ()),
    "shorter than announced": (INVALID_ARGUMENT, wire.message(b"0123456789", announced=11), ()),
    "prefix cut off": (INVALID_ARGUMENT, b"\0\0\0", ()),
    "no message": (INVALID_ARGUMENT, b"", ()),
    "two messages": (INVALID_ARGUMENT, wire.message(b"") * 2, ()),
    "not protobuf": (INVALID_ARGUMENT, wire.message(b"\xff" * 100), ()),
    "announces 64 MiB and a byte": (RESOURCE_EXHAUSTED, wire.message(b"", announced=64 * MIB + 1), ()),
    "announces 4 GiB": (RESOURCE_EXHAUSTED, wire.message(b"", announced=0xFFFF_FFFF), ()),
    "metadata of 40 KiB": (RESOURCE_EXHAUSTED, wire.message(b""), tuple((f"x-{i}", "v" * 1000) for i in range(40))),
    "timeout is no time": (INVALID_ARGUMENT, wire.message(b""), (("grpc-timeout", "soon"),)),
    "project name of 257 bytes": (INVALID_ARGUMENT, None, (("x-project-name", "p" * 257),)),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_refused_for_good(server, connection, ids, case):
    status, content, more = BROKEN[case]
    answer = connection.call(wire.message(body_of(ids)[1]) if content is None else content, *more)
    assert answer.status == status
    assert answer.headers[":status"] == "200"
    assert answer.headers["grpc-message"]
    assert "grpc-status-details-bin" not in answer.headers  # without RetryInfo nobody sends it again
    assert {"identity", "gzip", "deflate", "zstd"} <= set(answer.headers["grpc-accept-encoding"].split(","))
    newest = server.get_json("/api/v1/rejected")["data"][0]
    assert newest["path"] == wire.EXPORT
    assert newest["reason"] and newest["fix"]
    assert connection.call(wire.message(b"")).status == OK  # the connection goes on


@pytest.mark.parametrize("path", ["/opentelemetry.proto.collector.trace.v1.TraceService/Import", "/no.Service/Export", "/"])
def test_unknown_method(connection, path):
    answer = connection.call(wire.message(b""), path=path)
    assert (answer.status, answer.headers[":status"], answer.blocks) == (UNIMPLEMENTED, "200", 1)


def test_the_callers_timeout(connection):
    stream = connection.open(wire.request_headers(wire.EXPORT, ("grpc-timeout", "100m")))
    assert connection.answer(stream).status == DEADLINE_EXCEEDED


@pytest.mark.parametrize("options, http_status", [({"content_type": "application/json"}, "415"), ({"method": "GET"}, "405")])
def test_other_http_on_this_port(connection, options, http_status):
    answer = connection.call(b"{}", **options)
    assert answer.headers[":status"] == http_status
    assert answer.status != OK


def talk(server, content):
    """What a client that does not speak HTTP/2 gets."""
    host, port = server.ready["grpc"].rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=wire.SECONDS) as client:
        client.sendall(content)
        client.shutdown(socket.SHUT_WR)
        got = b""
        while part := client.recv(4096):
            got += part
        return got


def test_http1_on_the_grpc_port(server):
    got = talk(server, b"POST /v1/traces HTTP/1.1\r\nhost: tests\r\ncontent-length: 2\r\n\r\n{}")
    assert got.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"this is the gRPC port" in got
    newest = server.get_json("/api/v1/rejected")["data"][0]
    assert (newest["path"], newest["status"]) == ("/v1/traces", 400)
    assert "OTEL_EXPORTER_OTLP_PROTOCOL" in newest["fix"]
    talk(server, b"GET /" + b"x" * 300 + b" HTTP/1.1\r\n\r\n")
    assert server.get_json("/api/v1/rejected")["data"][0]["path"] == "/" + "x" * 199


def test_tls_on_the_grpc_port(server):
    assert talk(server, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03") == b""
    newest = server.get_json("/api/v1/rejected")["data"][0]
    assert newest["reason"] == "TLS was spoken to the gRPC port, which is plain text"
    assert "http://" in newest["fix"]
