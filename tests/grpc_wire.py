"""gRPC over HTTP/2 frame by frame, valid or broken on purpose. Shares no code with the server or a gRPC library."""

import contextlib
import dataclasses
import socket
import struct

import hpack

EXPORT = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
LOGS_EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export"
METRICS_EXPORT = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS = 1, 1, 4
PROTOCOL_ERROR, CANCEL, ENHANCE_YOUR_CALM = 1, 8, 11
FRAME_BYTES_MAX = 16384
INITIAL_WINDOW_SIZE = 4  # of SETTINGS
SECONDS = 60


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(name, value):
    """A field that enters no table. Lengths up to 126 take one byte, longer ones HPACK's continuation."""
    return b"\0" + _text(name) + _text(value)


def _text(text):
    content = text.encode() if isinstance(text, str) else text
    if len(content) < 127:
        return bytes([len(content)]) + content
    rest, out = len(content) - 127, bytearray([127])
    while rest > 127:
        out.append(rest & 127 | 128)
        rest >>= 7
    out.append(rest)
    return bytes(out) + content


def request_headers(path=EXPORT, *more, method="POST", content_type="application/grpc"):
    fields = [(":method", method), (":scheme", "http"), (":path", path), (":authority", "tests")]
    fields += [("content-type", content_type), ("te", "trailers"), *more]
    return b"".join(literal(name, value) for name, value in fields)


def message(content, *, compressed=0, announced=None):
    return bytes([compressed]) + struct.pack(">I", len(content) if announced is None else announced) + content


PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0)


@dataclasses.dataclass
class Answer:
    """What came on one stream until it ended."""

    headers: dict = dataclasses.field(default_factory=dict)  # of all header blocks together
    body: bytes = b""
    blocks: int = 0

    @property
    def status(self):
        return int(self.headers["grpc-status"])


class Wire:
    """One connection. Reads only when it is asked to."""

    def __init__(self, address, greeting=PREFACE):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=SECONDS)
        self.decoder = hpack.Decoder()
        self.next_stream = 1
        self.send(greeting)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *frames):
        self.socket.sendall(b"".join(frames))

    def open(self, headers, first_bytes=FRAME_BYTES_MAX):
        """Begins a stream; its number. `first_bytes`: of the HEADERS frame, before CONTINUATION."""
        stream = self.next_stream
        self.next_stream += 2
        rest = headers[first_bytes:]
        parts = [rest[at : at + FRAME_BYTES_MAX] for at in range(0, len(rest), FRAME_BYTES_MAX)]
        self.send(frame(HEADERS, 0 if parts else END_HEADERS, stream, headers[:first_bytes]))
        for part in parts:
            self.send(frame(CONTINUATION, END_HEADERS if part is parts[-1] else 0, stream, part))
        return stream

    def send_data(self, stream, content, *, end=True):
        """Without waiting for the window: enough for small bodies."""
        for at in range(0, len(content), FRAME_BYTES_MAX):
            last = end and at + FRAME_BYTES_MAX >= len(content)
            self.send(frame(DATA, END_STREAM if last else 0, stream, content[at : at + FRAME_BYTES_MAX]))
        if not content and end:
            self.send(frame(DATA, END_STREAM, stream))

    def call(self, content, *more, path=EXPORT, **options):
        """One whole call with `content` as the framed message."""
        stream = self.open(request_headers(path, *more, **options))
        self.send_data(stream, content)
        return self.answer(stream)

    def read_frame(self):
        """(kind, flags, stream, payload); None at the end of the connection."""
        head = self._read(9)
        if head is None:
            return None
        payload = self._read(int.from_bytes(head[:3], "big"))
        return None if payload is None else (head[3], head[4], int.from_bytes(head[5:9], "big"), payload)

    def _read(self, size):
        content = b""
        while len(content) < size:
            try:
                part = self.socket.recv(size - len(content))
            except ConnectionResetError:
                return None
            if not part:
                return None
            content += part
        return content

    def answer(self, stream):
        """Reads until the stream has ended."""
        answer = Answer()
        while True:
            got = self.read_frame()
            assert got is not None, f"the connection ended before stream {stream}: {answer}"
            kind, flags, of, payload = got
            if kind == HEADERS:
                fields = self.decoder.decode(payload)  # also of other streams: the table is shared
                if of == stream:
                    answer.blocks += 1
                    answer.headers.update(fields)
            elif kind == DATA and of == stream:
                answer.body += payload
            assert not (kind == RST_STREAM and of == stream), f"reset with {payload!r}: {answer}"
            if of == stream and kind in (HEADERS, DATA) and flags & END_STREAM:
                return answer

    def read_until(self, kind, flags=0):
        """The first frame of that kind that has those flags."""
        while (got := self.read_frame()) is not None:
            if got[0] == kind and got[1] & flags == flags:
                return got
        raise AssertionError(f"the connection ended before a frame of kind {kind}")

    def read_to_end(self):
        """The error code of GOAWAY, or None when the connection ended without one."""
        code = None
        while (got := self.read_frame()) is not None:
            if got[0] == GOAWAY:
                code = int.from_bytes(got[3][4:8], "big")
        return code

    def flood(self, chunks):
        """Sends until all is sent or the server has had enough; how many chunks went out."""
        count = 0
        with contextlib.suppress(ConnectionError):
            for chunk in chunks:
                self.socket.sendall(chunk)
                count += 1
        return count
