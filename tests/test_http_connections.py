"""Connections as strangers open them: slow, idle, pipelined, many, ambiguous, or more than there are files for."""

import os
import resource
import socket
import threading

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import Server, until
from harness.wire import Wire, post

GET = b"GET /healthz HTTP/1.1\r\nhost: tests\r\n\r\n"


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


@pytest.fixture(scope="module")
def quick_server(tmp_path_factory):
    """One with short timeouts."""
    timeouts = {"NIGHTJAR_HEADER_TIMEOUT": "300ms", "NIGHTJAR_BODY_TIMEOUT": "600ms", "NIGHTJAR_IDLE_TIMEOUT": "900ms"}
    with Server(tmp_path_factory.mktemp("quick") / "data", env=timeouts) as running:
        yield running


def span_of(ids):
    return otlp.Span(ids.trace(), ids.span())


def test_keep_alive(server, ids):
    spans = [span_of(ids) for _ in range(20)]
    with Wire(server.ready["http"]) as wire:
        for span in spans:
            answer = wire.ask(post(otlp.request([span])))
            assert (answer.status, answer.body) == (200, b"")
            assert "connection" not in answer.headers
    for span in spans:
        assert len(server.trace(span.trace_id.hex())) == 1


def test_pipelined_requests_are_answered_in_order(server, ids):
    good = post(otlp.request([span_of(ids)]))
    with Wire(server.ready["http"]) as wire:
        wire.send(good + post(b"\xff") + GET + post(b"", path="/v1/nothing") + good)
        assert [wire.answer().status for _ in range(5)] == [200, 400, 200, 404, 200]


def test_slow_clients_are_cut_off_alone(quick_server, ids):
    """Headers and bodies that drip, and silence; meanwhile others are served."""
    address = quick_server.ready["http"]
    starts = {"header": b"POST /v1/traces HTTP/1.1\r\nx: ", "body": post(bytes(1000))[:-900], "silent": b""}
    closed, stop = {}, threading.Event()

    def drip(kind, start):
        with Wire(address) as wire:
            wire.send(start)
            while kind != "silent" and not stop.wait(0.05) and wire.send(b"a"):
                pass
            closed[kind] = wire.rest()

    clients = [threading.Thread(target=drip, args=item) for item in starts.items()]
    for client in clients:
        client.start()
    while any(client.is_alive() for client in clients):
        quick_server.accept(otlp.request([span_of(ids)]))
    assert closed == {"header": b"", "body": b"", "silent": b""}


def open_files(server):
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def test_a_thousand_idle_connections_and_a_crowd_that_comes_and_goes(tmp_path, ids):
    """Ten thousand come and go, silent or with a request. Each of the idle ones is served afterwards, and nothing is left of the
    others."""
    spans = [span_of(ids) for _ in range(20)]
    with Server(tmp_path / "data", {"NIGHTJAR_MAX_CONNECTIONS": "2000", "NIGHTJAR_IDLE_TIMEOUT": "10min"}) as server:
        address = server.ready["http"]
        files = open_files(server)
        idle = [Wire(address) for _ in range(1000)]
        for wire in idle:
            assert wire.ask(GET).status == 200
        before = server.memory_peak_mib()
        for span in spans:
            for _ in range(450):
                socket.create_connection(address.split(":")).close()
            for _ in range(50):
                with Wire(address) as wire:
                    assert wire.ask(GET).status == 200
            server.accept(otlp.request([span]))
        for wire in idle:
            assert wire.ask(GET).status == 200
        assert server.memory_peak_mib() - before < 64
        for span in spans:
            assert len(server.trace(span.trace_id.hex())) == 1
        for wire in idle:
            wire.close()
        until(lambda: open_files(server) < files + 50, "the end of what they held")


def test_out_of_file_descriptors(tmp_path, ids):
    """Accepting fails, what is connected goes on, and once there are files again everything does."""
    with Server(tmp_path / "data") as server:
        address = server.ready["http"]
        crowd = [Wire(address)]
        spans = [span_of(ids) for _ in range(3)]
        assert crowd[0].ask(post(otlp.request(spans[:1]))).status == 200
        hard = resource.prlimit(server.pid, resource.RLIMIT_NOFILE)[1]
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (64, hard))
        crowd += [Wire(address) for _ in range(100)]
        until(lambda: "cannot accept connections: Too many open files" in server.stderr(), "the failure to accept")
        assert crowd[0].ask(post(otlp.request(spans[1:2]))).status == 200
        for wire in crowd:
            wire.close()
        server.accept(otlp.request(spans[2:]))
        for span in spans:
            assert len(server.trace(span.trace_id.hex())) == 1
        assert server.get_json("/api/v1/status")["journal"]["state"] == "ready"


def test_expect_100_continue(server, ids):
    request = post(otlp.request([span_of(ids)]), headers=["expect: 100-continue"])
    head, body = request.split(b"\r\n\r\n", 1)
    with Wire(server.ready["http"]) as wire:
        assert wire.ask(head + b"\r\n\r\n").status == 100
        assert wire.ask(body).status == 200
    with Wire(server.ready["http"]) as wire:
        too_large = head.rsplit(b"content-length", 1)[0] + b"content-length: 99999999\r\n\r\n"
        assert wire.ask(too_large).status == 413  # instead of "continue"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "GET", "PUT", "DELETE", "PATCH", "CONNECT"])
def test_other_methods(server, method):
    with Wire(server.ready["http"]) as wire:
        wire.send(f"{method} /v1/traces HTTP/1.1\r\nhost: tests\r\nconnection: close\r\n\r\n")
        head = wire.rest().split(b"\r\n\r\n")[0]
    assert head.startswith(b"HTTP/1.1 405 ") and b"Allow: POST" in head


@pytest.mark.parametrize("size, status", [(30_000, 200), (33_000, 431), (70_000, 431)])
def test_size_of_headers(server, size, status):
    with Wire(server.ready["http"]) as wire:
        assert wire.ask(GET[:-2] + b"x: " + b"a" * size + b"\r\n\r\n").status == status


@pytest.mark.parametrize("size", [33_000, 70_000])
def test_size_of_the_request_line(server, size):
    with Wire(server.ready["http"]) as wire:
        assert wire.ask(b"GET /" + b"a" * size + b" HTTP/1.1\r\nhost: tests\r\n\r\n").status == 431


def test_a_thousand_headers(server):
    with Wire(server.ready["http"]) as wire:
        assert wire.ask(GET[:-2] + b"".join(b"x-%d: value\r\n" % i for i in range(1000)) + b"\r\n").status == 200


CONTROL_CHARACTERS = {"NUL": b"\0", "CR": b"\r", "LF": b"\n", "DEL": b"\x7f", "SOH": b"\x01"}


@pytest.mark.parametrize("name", CONTROL_CHARACTERS)
def test_control_characters_in_headers(server, name):
    with Wire(server.ready["http"]) as wire:
        answer = wire.ask(GET[:-2] + b"x: a" + CONTROL_CHARACTERS[name] + b"b\r\n\r\n")
        assert (answer.status, answer.headers["connection"]) == (400, "close")


SMUGGLED = b"GET /api/v1/status HTTP/1.1\r\nhost: tests\r\n\r\n"
CHUNKED_AND_LENGTH = [
    b"content-length: 5\r\ntransfer-encoding: chunked",
    b"transfer-encoding: chunked\r\ncontent-length: 5",
    b"content-length: 5\r\ncontent-length: 6",
    b"content-length: 5, 6",
    b"transfer-encoding: chunked\r\ntransfer-encoding: identity",
    b"transfer-encoding: xchunked",
    b"transfer-encoding : chunked",
    b"content-length: +5",
    b"content-length: 0x5",
]


@pytest.mark.parametrize("framing", CHUNKED_AND_LENGTH)
def test_ambiguous_framing_is_refused_and_closed(server, framing):
    with Wire(server.ready["http"]) as wire:
        head = b"POST /v1/traces HTTP/1.1\r\nhost: tests\r\ncontent-type: application/x-protobuf\r\n"
        wire.send(head + framing + b"\r\n\r\n0\r\n\r\n" + SMUGGLED)
        answer = wire.answer()
        assert answer.status in (400, 501) and answer.headers["connection"] == "close"
        assert wire.answer() is None  # what came after is no request
