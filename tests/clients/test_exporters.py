"""The exporters that people have, as published: what they send is acknowledged, readable by id, and there once."""

import itertools
import json
import os
import pathlib
import subprocess
import sys

import packages
import pytest

from harness import otlp_encode as otlp
from harness import server as harness

HERE = pathlib.Path(__file__).resolve().parent
SPANS = 20
SIGNALS = ("traces", "logs", "metrics")
SECONDS = 90


def python(protocol, compression="none", spans=SPANS):
    return [sys.executable, HERE / "python_sender.py", protocol, compression, str(spans)]


def node(protocol, compression="none", spans=SPANS):
    return ["node", HERE / "js_sender.mjs", protocol, compression, str(spans)]


SENDERS = {
    "python grpc": ("grpc", python("grpc")),
    "python grpc, gzip": ("grpc", python("grpc", "gzip")),
    "python http": ("otlp_http", python("http/protobuf")),
    "python http, gzip": ("otlp_http", python("http/protobuf", "gzip")),
    "js grpc": ("grpc", node("grpc")),
    "js grpc, gzip": ("grpc", node("grpc", "gzip")),
    "js http/protobuf": ("otlp_http", node("proto")),
    "js http/protobuf, gzip": ("otlp_http", node("proto", "gzip")),
    "js http/json": ("otlp_http", node("json")),
}


def start(command, address, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    clean |= {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}", **environment}
    clean |= {"PYTHONPATH": str(packages.python()), "NODE_PATH": str(packages.node())}
    return subprocess.Popen(command, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=SECONDS)
    assert process.returncode == 0, err
    return json.loads(out)


def refusals(server):
    return server.get_json("/api/v1/rejected")["data"]


@pytest.mark.parametrize("sender", SENDERS)
def test_everything_arrives_once(server, sender):
    listener, command = SENDERS[sender]
    before = len(refusals(server))
    sent = finish(start(command, server.ready[listener]))
    assert sent["results"] == {signal: ["SUCCESS"] for signal in SIGNALS}
    shown = server.trace(sent["trace_id"])  # fails when a span is there twice
    assert sorted(shown) == sorted(sent["span_ids"])
    children = [span for span in shown.values() if span["parent_span_id"]]
    assert {span["parent_span_id"] for span in children} == {sent["span_ids"][0]}
    assert sorted(span["attributes"]["number"] for span in children) == list(range(SPANS - 1))
    assert len(refusals(server)) == before


# JavaScript's gRPC exporter is not here: it gives up at once when nobody listens.
@pytest.mark.parametrize("sender", ["python grpc", "python http", "js http/protobuf", "js http/json"])
def test_a_server_that_comes_later(tmp_path, free_ports, sender):
    """What the exporter could not deliver it sends again."""
    listener, command = SENDERS[sender]
    addresses = dict(zip(("http", "otlp_http", "grpc"), free_ports))
    sending = start(command, f"127.0.0.1:{addresses[listener]}", OTEL_EXPORTER_OTLP_TIMEOUT="60000" if "js" in sender else "60")
    late = harness.Server(tmp_path / "data")
    with pytest.raises(subprocess.TimeoutExpired):
        sending.wait(1.5)  # it has begun, and waits
    flags = {"--port": "http", "--otlp-http-port": "otlp_http", "--grpc-port": "grpc"}
    late.start_with([item for flag, name in flags.items() for item in (flag, addresses[name])] + ["--data-dir", late.data_dir])
    try:
        sent = finish(sending)
        assert sent["results"]["traces"] == ["SUCCESS"]
        assert sorted(late.trace(sent["trace_id"])) == sorted(sent["span_ids"])
    finally:
        late.stop()


@pytest.mark.parametrize("sender", ["python grpc", "python http"])
def test_a_server_that_is_full_for_a_while(tmp_path, sender):
    """The engine takes nothing and the journal is full: 503, which the exporter hears, and sends again until it is taken."""
    listener, command = SENDERS[sender]
    limits = {"NIGHTJAR_MAX_BODY_BYTES": "512KiB", "NIGHTJAR_JOURNAL_MAX_BYTES": "1MiB"}
    with harness.Server(tmp_path / "data", env=limits) as server:
        server.sql("ALTER TABLE nightjar.spans MODIFY SETTING table_readonly = 1")
        numbers = itertools.count(1)
        for size in (345_000, 10_000, 500):  # until not even the smallest fits
            status = 200
            while status == 200:
                span = otlp.Span(next(numbers).to_bytes(16, "big"), bytes(7) + b"1", attributes={"text": "x" * size})
                status = server.export(otlp.request([span])).status
            assert status == 503
        sending = start(command, server.ready[listener], OTEL_EXPORTER_OTLP_TIMEOUT="60")
        for line in sending.stderr:
            if "UNAVAILABLE" in line or "Service Unavailable" in line:
                break
        assert sending.poll() is None, "it gave up"
        server.sql("ALTER TABLE nightjar.spans RESET SETTING table_readonly")
        sent = finish(sending)
        assert sent["results"]["traces"] == ["SUCCESS"]
        assert sorted(server.trace(sent["trace_id"])) == sorted(sent["span_ids"])


@pytest.mark.parametrize("sender", ["python grpc", "python http", "js grpc", "js http/protobuf", "js http/json"])
def test_what_is_refused_for_good_is_not_sent_again(own_server, sender):
    listener, command = SENDERS[sender]
    too_long = "x-project-name=" + "p" * 257
    sent = finish(start(command, own_server.ready[listener], OTEL_EXPORTER_OTLP_HEADERS=too_long))
    assert all(names and names != ["SUCCESS"] for names in sent["results"].values())
    rows = refusals(own_server)
    assert sorted(row["signal"] for row in rows) == sorted(SIGNALS)
    assert {(row["status"], row["count"]) for row in rows} == {(400, 1)}
    assert all(row["fix"] for row in rows)


@pytest.mark.skipif(not packages.has_go(), reason="there is no Go compiler to build telemetrygen with")
@pytest.mark.parametrize("listener, more", [("grpc", []), ("otlp_http", ["--otlp-http"])])
def test_telemetrygen(server, listener, more):
    program = packages.telemetrygen()
    project = f"telemetrygen {listener}"
    for signal in SIGNALS:
        command = [program, signal, f"--{signal}", "5", "--rate", "0", "--otlp-insecure", "--workers", "1"]
        command += ["--otlp-endpoint", server.ready[listener], "--otlp-header", f'x-project-name="{project}"', *more]
        subprocess.run(command, check=True, timeout=SECONDS, capture_output=True)
    projects = {row["name"]: row for row in server.get_json("/api/v1/projects")["data"]}
    assert (projects[project]["trace_count"], projects[project]["span_count"]) == (5, 10)
