"""The C++ SDK read by receivers that are not its own: Google's protobuf library, Python's TLS, and the server, which must
all find the same spans, field by field."""

import importlib.util
import json
import ssl
import subprocess

import pytest

from harness import compare, everything, oracle
from harness import server as harness
from harness.receiver import Receiver

SOAK = harness.ROOT / "build/release/sdk_soak"


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_both_receivers_read_the_same_spans(own_server, compression):
    with Receiver(upstream=own_server.ready["http"]) as receiver:
        ended = everything.run(f"http://127.0.0.1:{receiver.port}", OTEL_EXPORTER_OTLP_COMPRESSION=compression)
        assert ended.returncode == 0, ended.stderr
        expected = everything.read(receiver.only())
        assert receiver.requests[0][1].get("Content-Encoding", "none") == compression
    everything.check(expected)
    shown = own_server.trace(everything.TRACE)
    assert compare.raw_differences(expected, shown) == []
    everything.check(shown)


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
        stranger = everything.run(endpoint)
        assert stranger.returncode == 1
        assert "certificate" in stranger.stderr.lower()
        assert receiver.requests == []
        known = everything.run(endpoint, OTEL_EXPORTER_OTLP_CERTIFICATE=str(server_cert),
                    OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=str(client_cert),
                    OTEL_EXPORTER_OTLP_CLIENT_KEY=str(client_key))
        assert known.returncode == 0, known.stderr
        everything.check(everything.read(receiver.only()))


def test_the_key_goes_along():
    with Receiver() as receiver:
        everything.run(f"http://127.0.0.1:{receiver.port}", PHOENIX_API_KEY="secret")
        assert receiver.requests[0][1]["authorization"] == "Bearer secret"


@pytest.fixture
def benchmark(tmp_path, monkeypatch):
    """sdk/benchmarks/compare.py without peers; the SDK's own program is a script that fills in what the test sets."""
    spec = importlib.util.spec_from_file_location("sdk_benchmark", harness.ROOT / "sdk/benchmarks/compare.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    program = tmp_path / "release/sdk_peer_bench"
    program.parent.mkdir()
    program.write_text("""#!/bin/sh
echo '{"a span": 100, "spans that did not arrive": '$LOST'}'
echo "$COMPLAINT" >&2
exit $CODE
""")
    program.chmod(0o755)
    monkeypatch.setattr(module, "BUILD", tmp_path)
    monkeypatch.setattr(module, "CACHE", tmp_path / "peers")
    monkeypatch.setenv("PATH", "/nowhere")  # no tools for peers
    monkeypatch.setattr("sys.argv", ["compare.py", "--runs", "2"])
    for name, value in {"LOST": "0", "COMPLAINT": "", "CODE": "0"}.items():
        monkeypatch.setenv(name, value)
    return module


def test_a_benchmark_tells_how_far_it_is_and_what_it_leaves_out(benchmark, capsys):
    benchmark.main()
    told = capsys.readouterr().out
    assert "Go is left out: there is no go in the PATH\n" in told
    assert "Rust is left out: there is no cargo in the PATH\n" in told
    assert "Java is left out: there is no mvn and no java in the PATH\n" in told
    assert "run 1 of 2: nightjar 0 s\nrun 2 of 2: nightjar 0 s\n" in told
    assert "a span                                         100\n" in told


def test_a_benchmark_that_loses_spans_fails(benchmark, monkeypatch):
    monkeypatch.setenv("LOST", "3")
    with pytest.raises(SystemExit, match="spans that did not arrive: {'nightjar': 6}"):
        benchmark.main()


def test_a_benchmark_whose_program_fails_says_why(benchmark, monkeypatch):
    monkeypatch.setenv("CODE", "7")
    monkeypatch.setenv("COMPLAINT", "no ENDPOINT")
    with pytest.raises(SystemExit, match="nightjar ended with 7: no ENDPOINT"):
        benchmark.main()
