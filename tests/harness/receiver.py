"""An OTLP/HTTP receiver that is not the server's: Python's HTTP, Google's protobuf library."""

import gzip
import http.server
import threading

from harness import oracle
from harness import server as harness


class Receiver:
    """An OTLP receiver in Python: keeps requests, and passes them on to `upstream` if there is one."""

    def __init__(self, upstream=None, tls=None):
        self.requests = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.requests.append((self.path, dict(self.headers.items()), body))
                headers = {name: value for name, value in self.headers.items() if name.lower().startswith("content-")}
                answer = harness.send(upstream, "POST", self.path, body, headers) if upstream else None
                reply = answer.body if answer else b""
                self.send_response(answer.status if answer else 200)
                self.send_header("content-length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *arguments):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if tls:
            self.http.socket = tls.wrap_socket(self.http.socket, server_side=True)
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.http.server_close()

    def only(self):
        """The decoded body of the one request."""
        assert len(self.requests) == 1
        path, headers, body = self.requests[0]
        assert path == "/v1/traces"
        return oracle.decode_request(gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body)
