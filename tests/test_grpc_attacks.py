"""HTTP/2 used to wear a server out: each attack costs one connection, little memory, and nobody else's service."""

import base64
import pathlib
import struct
import zlib

import pytest

import grpc_wire as wire
from harness import otlp_encode as otlp
from harness import server as harness

MIB = 1 << 20
OK, RESOURCE_EXHAUSTED, UNAVAILABLE = 0, 8, 14
RETRY_INFO = b"type.googleapis.com/google.rpc.RetryInfo"


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """A server of these tests' own: its memory is looked at."""
    with harness.Server(tmp_path_factory.mktemp("attacked") / "data") as running:
        yield running


@pytest.fixture
def bystander(target):
    """Another client, connected before, served after; the server has grown by at most 64 MiB meanwhile."""
    before = target.memory_peak_mib()
    with wire.Wire(target.ready["grpc"]) as connection:
        assert connection.call(wire.message(b"")).status == OK
        yield connection
        assert connection.call(wire.message(b"")).status == OK
    assert target.memory_peak_mib() < before + 64
    assert target.process.poll() is None


def cpu_seconds(server):
    fields = pathlib.Path(f"/proc/{server.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def flooded(target, chunks):
    """How many of the chunks the server let in before it closed the connection."""
    with wire.Wire(target.ready["grpc"]) as attacker:
        attacker.socket.settimeout(10)
        return attacker.flood(chunks)


def streams_that_are_reset(first, count):
    head, reset = wire.request_headers(), struct.pack(">I", wire.CANCEL)
    return b"".join(
        wire.frame(wire.HEADERS, wire.END_HEADERS, n, head) + wire.frame(wire.RST_STREAM, 0, n, reset)
        for n in range(first, first + 2 * count, 2)
    )


def test_rapid_reset(target, bystander):
    """1,000 at once are borne; of 100,000 the first thousands end the connection, which is told why."""
    before = cpu_seconds(target)
    with wire.Wire(target.ready["grpc"]) as attacker:
        attacker.send(streams_that_are_reset(1, 1000))
        attacker.next_stream = 2001
        assert attacker.call(wire.message(b"")).status == OK
        chunks = (streams_that_are_reset(first, 100) for first in range(2003, 202_003, 200))
        assert attacker.flood(chunks) < 1000
        assert attacker.read_to_end() == wire.ENHANCE_YOUR_CALM
    assert cpu_seconds(target) - before < 2


def test_streams_that_the_server_resets(target, bystander):
    """A frame that is wrong on an open stream makes the server reset it: rapid reset without RST_STREAM."""
    head = wire.request_headers()
    zero = struct.pack(">I", 0)  # WINDOW_UPDATE by nothing is an error of the stream

    def pairs():
        for n in range(1, 200_001, 2):
            yield wire.frame(wire.HEADERS, wire.END_HEADERS, n, head) + wire.frame(wire.WINDOW_UPDATE, 0, n, zero)

    assert flooded(target, pairs()) < 100_000


def test_continuation_flood(target, bystander):
    def frames():
        yield wire.frame(wire.HEADERS, 0, 1, wire.request_headers())
        field = b"".join(wire.literal(f"a{i}", "v" * 100) for i in range(140))
        for _ in range(20_000):
            yield wire.frame(wire.CONTINUATION, 0, 1, field)

    assert flooded(target, frames()) < 20_000


def headers_in_frames(stream, continuations):
    """A whole header block, most of whose CONTINUATION frames are empty."""
    empty = [wire.frame(wire.CONTINUATION, 0, stream)] * (continuations - 1)
    return [
        wire.frame(wire.HEADERS, 0, stream, wire.request_headers()), *empty,
        wire.frame(wire.CONTINUATION, wire.END_HEADERS, stream),
    ]  # fmt: skip


def test_continuations_of_one_header_block(target, bystander):
    """8 are borne, in each block; the ninth ends the connection."""
    with wire.Wire(target.ready["grpc"]) as client:
        for stream in (1, 3):
            client.send(*headers_in_frames(stream, 8))
            client.send_data(stream, wire.message(b""))
            assert client.answer(stream).status == OK
        client.send(*headers_in_frames(5, 9))
        assert client.read_to_end() == wire.ENHANCE_YOUR_CALM


def test_settings_of_one_frame(target, bystander):
    """32 are borne, 33 end the connection."""
    setting = struct.pack(">HI", wire.INITIAL_WINDOW_SIZE, 65535)
    with wire.Wire(target.ready["grpc"]) as client:
        client.send(wire.frame(wire.SETTINGS, 0, 0, setting * 32))
        assert client.call(wire.message(b"")).status == OK
        client.send(wire.frame(wire.SETTINGS, 0, 0, setting * 33))
        assert client.read_to_end() == wire.ENHANCE_YOUR_CALM


def test_metadata_that_is_no_mistake(target, bystander):
    """Over 32 KiB a call is refused; over four times that the connection ends."""
    entry = b"\x40" + wire.literal("x", "v" * 3967)[1:]  # 4,000 bytes with what RFC 9113 adds, 62 in the dynamic table
    with wire.Wire(target.ready["grpc"]) as client:
        client.send(wire.frame(wire.HEADERS, wire.END_HEADERS, 1, wire.request_headers() + entry + b"\xbe" * 31))
        client.next_stream = 3
        assert client.answer(1).status == RESOURCE_EXHAUSTED
        assert client.call(wire.message(b"")).status == OK
        client.send(wire.frame(wire.HEADERS, wire.END_HEADERS, 5, wire.request_headers() + b"\xbe" * 33))
        assert client.read_to_end() == wire.ENHANCE_YOUR_CALM


def test_empty_continuations(target, bystander):
    def frames():
        yield wire.frame(wire.HEADERS, 0, 1, wire.request_headers())
        for _ in range(10_000):
            yield wire.frame(wire.CONTINUATION, 0, 1) * 100

    assert flooded(target, frames()) < 10_000


@pytest.mark.parametrize("kind, stream, payload", [
    (wire.PING, 0, b"12345678"),
    (wire.SETTINGS, 0, b""),
    (wire.SETTINGS, 0, struct.pack(">HI", wire.INITIAL_WINDOW_SIZE, 1000) * 30),
    (wire.PRIORITY, 1, struct.pack(">IB", 0, 16)),
    (wire.WINDOW_UPDATE, 0, struct.pack(">I", 1)),
])  # fmt: skip
def test_control_frame_flood(target, bystander, kind, stream, payload):
    """With and without a reader for the answers."""
    chunk = wire.frame(kind, 0, stream, payload) * 100
    assert flooded(target, (chunk for _ in range(20_000))) < 20_000
    with wire.Wire(target.ready["grpc"]) as attacker:
        attacker.flood(chunk for _ in range(1000))
        assert attacker.read_to_end() == wire.ENHANCE_YOUR_CALM
    with wire.Wire(target.ready["grpc"]) as attacker:
        attacker.send(wire.frame(kind, 0, stream, payload) * 900)
        assert attacker.call(wire.message(b"")).status == OK  # so many are borne


def test_empty_data_flood(target, bystander):
    def frames():
        yield wire.frame(wire.HEADERS, wire.END_HEADERS, 1, wire.request_headers())
        for _ in range(20_000):
            yield wire.frame(wire.DATA, 0, 1) * 100

    assert flooded(target, frames()) < 20_000


def test_too_many_streams(target, bystander):
    """100 may be open. A client that could not know so far has the next one refused; one that knew is sent away."""
    with wire.Wire(target.ready["grpc"]) as client:
        streams = [client.open(wire.request_headers()) for _ in range(101)]
        _, _, stream, payload = client.read_until(wire.RST_STREAM)
        assert (stream, payload) == (streams[100], struct.pack(">I", 7))  # REFUSED_STREAM: safe to send again
        client.send_data(streams[0], wire.message(b""))
        assert client.answer(streams[0]).status == OK
        client.send(wire.frame(wire.SETTINGS, wire.ACK, 0))
        client.open(wire.request_headers())
        client.open(wire.request_headers())
        assert client.read_to_end() == wire.PROTOCOL_ERROR


def test_hpack_bomb(target, bystander):
    """One field of 4,000 bytes in the table, named a hundred thousand times in a byte each."""
    with wire.Wire(target.ready["grpc"]) as attacker:
        entry = b"\x40" + wire.literal("x", "v" * 4000)[1:]  # enters the dynamic table as number 62
        attacker.flood([
            wire.frame(wire.HEADERS, 0, 1, wire.request_headers() + entry + b"\xbe" * 8000),
            *[wire.frame(wire.CONTINUATION, 0, 1, b"\xbe" * 16000)] * 7,
        ])  # fmt: skip
        assert attacker.read_to_end() == wire.ENHANCE_YOUR_CALM


def test_window_stall(target, bystander):
    """A client that grants no window, and does not read, holds its answers up, not the server."""
    zero_window = wire.frame(wire.SETTINGS, 0, 0, struct.pack(">HI", wire.INITIAL_WINDOW_SIZE, 0))
    with wire.Wire(target.ready["grpc"], wire.PREFACE + zero_window) as client:
        streams = [client.open(wire.request_headers()) for _ in range(50)]
        for stream in streams:
            client.send_data(stream, wire.message(b""))
        assert bystander.call(wire.message(b"")).status == OK
        client.send(wire.frame(wire.SETTINGS, 0, 0, struct.pack(">HI", wire.INITIAL_WINDOW_SIZE, 5)))
        assert client.answer(streams[-1]).status == OK


def test_gzip_bomb(tmp_path):
    """5 MiB that would be 1 GiB: 64 MiB of it are made, and then it is given up."""
    squeeze = zlib.compressobj(1, zlib.DEFLATED, 31)
    bomb = b"".join(squeeze.compress(bytes(MIB)) for _ in range(1024)) + squeeze.flush()
    with harness.Server(tmp_path / "data") as bombed, wire.Wire(bombed.ready["grpc"]) as client:
        before = bombed.memory_peak_mib()
        stream = client.open(wire.request_headers(wire.EXPORT, ("grpc-encoding", "gzip")))
        content = wire.message(bomb, compressed=1)
        for at in range(0, len(content), MIB // 2):
            client.send_data(stream, content[at : at + MIB // 2], end=at + MIB // 2 >= len(content))
        answer = client.answer(stream)
        assert answer.status == RESOURCE_EXHAUSTED
        assert "grpc-status-details-bin" not in answer.headers
        assert bombed.memory_peak_mib() < before + 2 * 64 + 8


def test_budget_of_bytes(tmp_path):
    """What one client holds back counts for all, until it is gone: four MiB of messages that never end."""
    chunk = bytes(wire.FRAME_BYTES_MAX)
    limits = {"NIGHTJAR_MAX_BODY_BYTES": str(2 * MIB), "NIGHTJAR_MAX_BUFFERED_BYTES": str(4 * MIB)}
    with harness.Server(tmp_path / "data", env=limits) as full:
        with wire.Wire(full.ready["grpc"]) as hog, wire.Wire(full.ready["grpc"]) as other:
            hog.read_until(wire.SETTINGS, wire.ACK)  # the windows of 1 MiB and more have come before it
            for stream in [hog.open(wire.request_headers()) for _ in range(5)]:
                hog.send(wire.frame(wire.DATA, 0, stream, wire.message(b"", announced=2 * MIB)))
                hog.send(*[wire.frame(wire.DATA, 0, stream, chunk)] * 60)
            refused = hog.decoder.decode(hog.read_until(wire.HEADERS)[3])
            assert dict(refused)["grpc-status"] == str(UNAVAILABLE)
            assert RETRY_INFO in base64.b64decode(dict(refused)["grpc-status-details-bin"])
            body = wire.message(otlp.request([otlp.Span(b"t" * 16, b"s" * 8, attributes={"text": "owl" * 300_000})]))
            answer = other.call(body)
            assert (answer.status, RETRY_INFO in base64.b64decode(answer.headers["grpc-status-details-bin"])) == (14, True)
            newest = full.get_json("/api/v1/rejected")["data"][0]
            assert (newest["status"], newest["signal"]) == (503, "traces")
            assert newest["fix"]
            hog.socket.close()
            harness.until(lambda: other.call(body).status == OK, "room for others")
