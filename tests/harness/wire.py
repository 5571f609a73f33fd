"""A client that writes HTTP/1.1 byte for byte, and may break its rules."""

import dataclasses
import socket


@dataclasses.dataclass
class RawAnswer:
    status: int
    headers: dict  # names in lower case; the last of each
    body: bytes


class Wire:
    """One connection. Reading gives up after `seconds`, so that a server that hangs fails the test."""

    def __init__(self, address, seconds=60):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=seconds)
        self._received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        """False when the server has closed the connection."""
        try:
            self.socket.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def _more(self):
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            return False
        self._received += data
        return bool(data)

    def answer(self):
        """The next answer; None at the end of the connection."""
        while b"\r\n\r\n" not in self._received:
            if not self._more():
                return None
        head, self._received = self._received.split(b"\r\n\r\n", 1)
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self._received) < length:
            assert self._more(), "the answer is cut off"
        body, self._received = self._received[:length], self._received[length:]
        return RawAnswer(int(status.split(" ")[1]), headers, body)

    def ask(self, data):
        self.send(data)
        return self.answer()

    def rest(self):
        """Everything until the end of the connection."""
        while self._more():
            pass
        return self._received


def post(body, path="/v1/traces", headers=()):
    """An export request, as protobuf."""
    lines = [f"POST {path} HTTP/1.1", "host: tests", "content-type: application/x-protobuf", *headers]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode("latin-1") + body
