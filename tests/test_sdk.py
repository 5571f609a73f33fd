"""The C++ SDK read by receivers that are not its own: Google's protobuf library, Python's TLS, and the server, which must
all find the same spans, field by field. The spans are those of sdk/tests/everything.cc."""

import gzip
import http.server
import importlib.util
import json
import ssl
import subprocess
import threading

import pytest

from harness import compare, oracle
from harness import server as harness

PROGRAM = harness.ROOT / "build/release/sdk_everything"
SOAK = harness.ROOT / "build/release/sdk_soak"
TRACE = "0af7651916cd43dd8448eb211c80319c"
START = 1_790_000_000_000_000_000


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
        """The decoded trace of the one request."""
        assert len(self.requests) == 1
        path, headers, body = self.requests[0]
        assert path == "/v1/traces"
        plain = gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
        return oracle.traces_of([oracle.decode_request(plain)])[TRACE]


def run(endpoint, **env):
    settings = {"PHOENIX_COLLECTOR_ENDPOINT": endpoint} | env
    return subprocess.run([PROGRAM], env=harness.environment(settings), capture_output=True, text=True, timeout=60)


def by_name(spans):
    return {span["name"]: span for span in spans.values()}


def check(spans):
    named = by_name(spans)
    assert set(named) == {"everything", "child"}
    root, child = named["everything"], named["child"]
    assert root["parent_span_id"] == "b7ad6b7169203331"
    assert root["otel_kind"] == "SERVER"
    assert root["trace_state"] == "vendor=a,other=b"
    assert root["flags"] == 0x301  # sampled; the parent is known to be remote
    assert (root["start_unix_ns"], root["end_unix_ns"]) == (str(START), str(START + 40))
    assert root["attributes"] == {
        "text": "café 😀", "integer": -9_223_372_036_854_775_807, "real": 0.1, "yes": True, "texts": ["a", ""],
        "integers": [1, 2], "reals": [0.5, -0.25], "map": {"inner": 1},
    }
    assert root["events"] == [{"name": "event", "time_unix_ns": str(START + 10), "attributes": {"n": 1}} |
                              {key: root["events"][0][key] for key in root["events"][0] if key.startswith("dropped")}]
    assert root["links"][0]["trace_id"] == TRACE
    assert root["links"][0]["attributes"] == {"why": "test"}
    assert root["scope"]["name"] == "a library"
    assert root["scope"]["version"] == "1.2.3"
    assert root["resource"]["service.name"] == "everything"
    assert child["parent_span_id"] == root["span_id"]
    assert child["otel_kind"] == "CLIENT"
    assert child["status"] == {"code": "ERROR", "message": "it failed"}


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_both_receivers_read_the_same_spans(own_server, compression):
    with Receiver(upstream=own_server.ready["http"]) as receiver:
        ended = run(f"http://127.0.0.1:{receiver.port}", OTEL_EXPORTER_OTLP_COMPRESSION=compression)
        assert ended.returncode == 0, ended.stderr
        expected = receiver.only()
        assert receiver.requests[0][1].get("Content-Encoding", "none") == compression
    check(expected)
    shown = own_server.trace(TRACE)
    assert compare.raw_differences(expected, shown) == []
    check(shown)


def test_a_million_spans_arrive_once():
    """Of eight threads that make them as fast as they leave; memory does not grow with them."""
    spans = 1_000_000
    with Receiver() as receiver:
        ended = subprocess.run([SOAK, str(spans)], env=harness.environment({"PHOENIX_COLLECTOR_ENDPOINT": f"http://127.0.0.1:{receiver.port}"}),
                               capture_output=True, text=True, timeout=600)
        told = json.loads(ended.stdout)
    peak_kib = told.pop("peak_kib")
    assert told == {"exported": spans, "dropped": 0, "failed": 0, "queued": 0}
    assert peak_kib < 64 * 1024
    arrived = bytearray(spans)
    for _, _, body in receiver.requests:
        for resource in oracle.decode_request(body).resource_spans:
            for span in resource.scope_spans[0].spans:
                arrived[span.attributes[0].value.int_value] += 1
    assert arrived == b"\1" * spans


def certificate(folder, name):
    files = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
                   check=True, capture_output=True)
    return files


def test_tls_with_certificates_of_both_sides(tmp_path):
    server_cert, server_key = certificate(tmp_path, "server")
    client_cert, client_key = certificate(tmp_path, "client")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(server_cert, server_key)
    tls.load_verify_locations(client_cert)
    tls.verify_mode = ssl.CERT_REQUIRED
    with Receiver(tls=tls) as receiver:
        endpoint = f"https://127.0.0.1:{receiver.port}"
        stranger = run(endpoint)
        assert stranger.returncode == 1
        assert "certificate" in stranger.stderr.lower()
        assert receiver.requests == []
        known = run(endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE=str(server_cert),
                    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(client_cert),
                    OTEL_EXPORTER_OTLP_CLIENT_KEY=str(client_key))
        assert known.returncode == 0, known.stderr
        check(receiver.only())


def test_the_key_goes_along():
    with Receiver() as receiver:
        run(f"http://127.0.0.1:{receiver.port}", PHOENIX_API_KEY="secret")
        assert receiver.requests[0][1]["authorization"] == "Bearer secret"


def test_a_benchmark_that_loses_spans_fails(tmp_path, monkeypatch, capsys):
    place = harness.ROOT / "sdk/benchmarks/compare.py"
    spec = importlib.util.spec_from_file_location("sdk_benchmark", place)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    program = tmp_path / "release/sdk_peer_bench"
    program.parent.mkdir()
    program.write_text("""#!/bin/sh
echo '{"a span": 100, "spans that did not arrive": '$LOST'}'
""")
    program.chmod(0o755)
    monkeypatch.setattr(benchmark, "BUILD", tmp_path)
    monkeypatch.setattr(benchmark, "build_peers", lambda: ({}, {}))
    monkeypatch.setattr("sys.argv", ["compare.py", "--runs", "2"])
    monkeypatch.setenv("LOST", "0")
    benchmark.main()
    monkeypatch.setenv("LOST", "3")
    with pytest.raises(SystemExit, match="spans that did not arrive: {'nightjar': 6}"):
        benchmark.main()
