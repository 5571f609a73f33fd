"""Compressed request bodies: every coding, broken in every way, and bombs, which must not cost memory."""

import gzip

import pytest

from generated import Ids
from harness import codings, oracle, otlp_encode as otlp
from harness.codings import CODINGS, MIB
from harness.server import PROTOBUF, Server
from harness.wire import Wire, post

COMPRESSED = [name for name in CODINGS if name != "identity"]
INVALID_ARGUMENT, RESOURCE_EXHAUSTED = 3, 8


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def refused(answer, status):
    assert (answer.status, answer.media_type) == (status, PROTOBUF), answer.body[:300]
    return oracle.decode_status(answer.body)


def encoded(server, coding, body):
    return server.export(body, headers={"content-encoding": coding})


def one_span(ids, **attributes):
    return otlp.Span(ids.trace(), ids.span(), attributes=attributes)


@pytest.mark.parametrize("coding", CODINGS)
def test_each_coding_is_undone(server, ids, coding):
    span = one_span(ids, text="x" * 300_000)
    server.accept(CODINGS[coding](otlp.request([span])), headers={"content-encoding": coding.upper()})
    assert server.trace(span.trace_id.hex()).keys() == {span.span_id.hex()}


def test_deflate_without_its_frame(server, ids):
    span = one_span(ids)
    server.accept(codings.raw_deflate(otlp.request([span])), headers={"content-encoding": "deflate"})
    assert len(server.trace(span.trace_id.hex())) == 1


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_body_in_several_parts(server, ids, coding):
    span = one_span(ids)
    body = otlp.request([span])
    server.accept(CODINGS[coding](body[:20]) + CODINGS[coding](body[20:]), headers={"content-encoding": coding})
    assert len(server.trace(span.trace_id.hex())) == 1


BREAK = {
    "cut": lambda body: body[:-3],
    "garbage after": lambda body: body + b"garbage",
    "zeros after": lambda body: body + bytes(8),
    "changed head": lambda body: bytes([body[0] ^ 1]) + body[1:],
    "not compressed": lambda body: b"not compressed at all",
}


@pytest.mark.parametrize("coding", COMPRESSED)
@pytest.mark.parametrize("how", BREAK)
def test_broken_bodies(server, ids, coding, how):
    body = BREAK[how](CODINGS[coding](otlp.request([one_span(ids)])))
    code, message = refused(encoded(server, coding, body), 400)
    assert code == INVALID_ARGUMENT and "body" in message


@pytest.mark.parametrize("at", [-5, -1], ids=["CRC", "ISIZE"])
def test_wrong_gzip_trailer(server, ids, at):
    body = bytearray(gzip.compress(otlp.request([one_span(ids)])))
    body[at] ^= 1
    assert refused(encoded(server, "gzip", bytes(body)), 400)[0] == INVALID_ARGUMENT


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "gzip,zstd", "compress", "gzip;q=1", "zlib"])
def test_unknown_coding(server, ids, coding):
    answer = encoded(server, coding, otlp.request([one_span(ids)]))
    assert "content-encoding" in refused(answer, 415)[1]
    assert answer.headers["accept-encoding"] == "gzip, deflate, zstd"


@pytest.mark.parametrize("coding", COMPRESSED)
def test_a_bomb_costs_no_memory(tmp_path, coding):
    with Server(tmp_path / "data", env={"NIGHTJAR_MAX_BODY_BYTES": "16MiB"}) as server:
        before = server.memory_peak_mib()
        code, message = refused(encoded(server, coding, codings.bomb(coding, 512 * MIB)), 413)
        assert (code, message) == (RESOURCE_EXHAUSTED, "the body is larger than 16777216 bytes when decompressed")
        assert server.memory_peak_mib() - before < 32  # twice the limit
        assert server.get("/healthz").status == 200


def test_the_zstd_window_is_bounded(own_server):
    before = own_server.memory_peak_mib()
    frame = bytes.fromhex("28b52ffd0098010000")  # nine bytes that ask for a window of 512 MiB
    assert "8 MiB" in refused(encoded(own_server, "zstd", frame), 400)[1]
    assert own_server.memory_peak_mib() - before < 32


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("small") / "data", env={"NIGHTJAR_MAX_BODY_BYTES": "1KiB"}) as running:
        yield running


@pytest.mark.parametrize("coding", ["identity", "gzip", "deflate"])
@pytest.mark.parametrize("size, status", [(1023, 200), (1024, 200), (1025, 413)])
def test_the_body_limit_is_exact(small_server, ids, coding, size, status):
    span = one_span(ids).encode()
    padding = size - len(otlp.request([span + otlp.block(1000, "x" * 800)])) + 800
    body = otlp.request([span + otlp.block(1000, "x" * padding)])
    assert len(body) == size
    assert encoded(small_server, coding, CODINGS[coding](body)).status == status


@pytest.mark.parametrize("size, status", [(1024, 400), (1025, 413)])
def test_the_body_limit_of_a_chunked_body(small_server, size, status):
    """No Content-Length tells; 1,024 bytes pass the limit and are then no protobuf."""
    with Wire(small_server.ready["http"]) as wire:
        head = post(b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
        answer = wire.ask(head + b"%x\r\n" % size + b"\xff" * size + b"\r\n0\r\n\r\n")
    assert answer.status == status
