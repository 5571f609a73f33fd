"""The OpenTelemetry collector's exporters: whatever goes through one arrives, once, also when the server is killed."""

import contextlib
import json
import re
import signal
import subprocess

import packages
import pytest

from generated import Ids
from harness import everything
from harness import otlp_encode as otlp
from harness import server as harness
from harness.server import PROTOBUF, until

SPANS = 5
PROJECT = "through a collector"
# name: (our listener, exporter, its settings)
EXPORTERS = {
    "grpc": ("grpc", "otlp", {"compression": "none"}),
    "grpc, gzip": ("grpc", "otlp", {"compression": "gzip"}),
    "grpc, zstd": ("grpc", "otlp", {"compression": "zstd"}),
    "http/protobuf": ("otlp_http", "otlphttp", {"compression": "none"}),
    "http/protobuf, gzip": ("otlp_http", "otlphttp", {"compression": "gzip"}),
    "http/protobuf, zstd": ("otlp_http", "otlphttp", {"compression": "zstd"}),
    "http/protobuf, deflate": ("otlp_http", "otlphttp", {"compression": "deflate"}),
    "http/json": ("otlp_http", "otlphttp", {"encoding": "json", "compression": "gzip"}),
}

pytestmark = pytest.mark.skipif(not packages.has_go(), reason="there is no Go compiler to build a collector with")


class Collector:
    """It takes OTLP on `port`, batches, and exports; what it cannot deliver it tries again. `to`: one of EXPORTERS, and
    the address of that listener."""

    def __init__(self, folder, port, to, project=PROJECT):
        (_, exporter, own), address = EXPORTERS[to[0]], to[1]
        scheme = "" if exporter == "otlp" else "http://"
        settings = own | {"endpoint": scheme + address, "tls": {"insecure": True}}
        settings["headers"] = {"x-project-name": project}
        settings["retry_on_failure"] = {"initial_interval": "100ms", "max_interval": "500ms", "max_elapsed_time": "0s"}
        settings["sending_queue"] = {"queue_size": 100_000}
        pipeline = {"receivers": ["otlp"], "processors": ["batch"], "exporters": [exporter]}
        config = {
            "receivers": {"otlp": {"protocols": {"http": {"endpoint": f"127.0.0.1:{port}"}}}},
            "processors": {"batch": {"timeout": "50ms"}},
            "exporters": {exporter: settings},
            "service": {
                "telemetry": {"metrics": {"level": "none"}},
                "pipelines": {"traces": pipeline, "logs": pipeline, "metrics": pipeline},
            },
        }
        self.address, self.log_path, file = f"127.0.0.1:{port}", folder / "collector.log", folder / "collector.yaml"
        file.write_text(json.dumps(config))  # which is YAML
        with open(self.log_path, "wb") as log:
            command = [packages.collector(), "--config", file]
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def __enter__(self):
        until(lambda: "Everything is ready" in self.log() or self.process.poll() is not None, "a collector")
        assert self.process.poll() is None, self.log()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def log(self):
        return self.log_path.read_text(errors="replace")

    def accept(self, body, path="/v1/traces"):
        answer = harness.send(self.address, "POST", path, body, {"content-type": PROTOBUF})
        assert answer.status == 200, answer.body

    def stop(self):
        """It drops, and says so, what it was about to try again."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == 0, self.log()


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def traces_of(ids, count):
    """{trace id: the ids of its spans}, and the requests that hold them, one each."""
    traces, requests = {}, []
    for number in range(count):
        spans = [otlp.Span(ids.trace(), ids.span(), attributes={"number": number})]
        spans += [otlp.Span(spans[0].trace_id, ids.span(), parent=spans[0].span_id) for _ in range(SPANS - 1)]
        traces[spans[0].trace_id.hex()] = sorted(span.span_id.hex() for span in spans)
        requests.append(otlp.request(spans))
    return traces, requests


def project_of(server):
    rows = {row["name"]: row for row in server.get_json("/api/v1/projects")["data"]}
    return rows.get(PROJECT, {"trace_count": 0, "span_count": 0})


def check_all_arrived(server, traces):
    until(lambda: project_of(server)["span_count"] >= SPANS * len(traces), "all spans")
    assert (project_of(server)["trace_count"], project_of(server)["span_count"]) == (len(traces), SPANS * len(traces))
    for trace, spans in traces.items():
        assert sorted(server.trace(trace)) == spans  # fails when a span is there twice


@pytest.mark.parametrize("exporter", EXPORTERS)
def test_everything_arrives_once(own_server, tmp_path, free_ports, ids, exporter):
    listener = EXPORTERS[exporter][0]
    traces, requests = traces_of(ids, 100)
    record = otlp.log_record(body="owl", time=1, trace_id=bytes.fromhex(next(iter(traces))))
    metric = otlp.metric("owls", 5, [otlp.number_point(7, time=1)])
    with Collector(tmp_path, free_ports[0], (exporter, own_server.ready[listener])) as collector:
        for body in requests:
            collector.accept(body)
        collector.accept(otlp.logs_request([record]), "/v1/logs")
        collector.accept(otlp.metrics_request([metric]), "/v1/metrics")
        collector.stop()
        assert not re.findall("Exporting failed|Dropping data|rejected", collector.log()), collector.log()
    check_all_arrived(own_server, traces)
    ingest = own_server.get_json("/api/v1/status")["ingest"]
    assert (ingest["spans"], ingest["log_records"], ingest["data_points"]) == (SPANS * len(traces), 1, 1)
    assert own_server.get_json("/api/v1/rejected")["data"] == []


@pytest.mark.parametrize("exporter", ["grpc", "http/protobuf", "http/json"])
def test_a_server_that_is_killed(tmp_path, free_ports, ids, exporter):
    """Three times in the midst of it, and started again on the same ports."""
    listener = EXPORTERS[exporter][0]
    addresses = dict(zip(("http", "otlp_http", "grpc"), free_ports))
    flags = {"--port": "http", "--otlp-http-port": "otlp_http", "--grpc-port": "grpc"}
    arguments = [item for flag, name in flags.items() for item in (flag, addresses[name])]
    server = harness.Server(tmp_path / "data")
    server.start_with([*arguments, "--data-dir", server.data_dir])
    traces, requests = traces_of(ids, 600)
    with contextlib.closing(server):
        with Collector(tmp_path, free_ports[3], (exporter, f"127.0.0.1:{addresses[listener]}")) as collector:
            for number, body in enumerate(requests):
                collector.accept(body)
                if number in (150, 300, 450):
                    until(lambda: server.get_json("/api/v1/status")["ingest"]["spans"] > 0, "a span")
                    server.kill9()
                    retries = collector.log().count("Will retry")
                if number in (200, 350, 500):
                    until(lambda: collector.log().count("Will retry") > retries, "a retry")
                    server.start_with([*arguments, "--data-dir", server.data_dir])
            check_all_arrived(server, traces)
            collector.stop()
            assert not re.findall("Dropping data|rejected", collector.log()), collector.log()


@pytest.mark.parametrize("exporter", ["grpc", "http/protobuf", "http/json"])
def test_what_is_refused_for_good_is_not_sent_again(own_server, tmp_path, free_ports, ids, exporter):
    listener = EXPORTERS[exporter][0]
    _, (body,) = traces_of(ids, 1)
    with Collector(tmp_path, free_ports[0], (exporter, own_server.ready[listener]), project="p" * 257) as collector:
        collector.accept(body)
        until(lambda: "Dropping data" in collector.log(), "the end of it")
        collector.stop()
        assert "Will retry" not in collector.log()
    (row,) = own_server.get_json("/api/v1/rejected")["data"]
    assert (row["status"], row["count"], row["signal"]) == (400, 1, "traces")


@pytest.mark.parametrize("exporter", ["grpc", "http/protobuf", "http/json"])
def test_what_the_cpp_sdk_sends_arrives_as_it_was(own_server, tmp_path, free_ports, exporter):
    """The collector is the SDK's receiver, and the server the collector's."""
    with Collector(tmp_path, free_ports[0], (exporter, own_server.ready[EXPORTERS[exporter][0]])) as collector:
        ended = everything.run(f"http://{collector.address}")
        assert ended.returncode == 0, ended.stderr
        collector.stop()
        assert not re.findall("Exporting failed|Dropping data|rejected", collector.log()), collector.log()
    everything.check(own_server.trace(everything.TRACE))
