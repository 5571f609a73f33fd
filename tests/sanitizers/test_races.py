"""Ingest of every signal over every transport, reads, an engine that dies, a backup and SIGTERM at once, on a server built with
the thread sanitizer: any report is a failure. Run by `./x test tsan`, which sets $NIGHTJAR_BIN."""

import contextlib
import http.client
import os
import pathlib
import subprocess
import threading
import time

import pytest

import grpc_wire as wire
from generated import Ids
from harness import otlp_encode as otlp
from harness.server import BINARY, Server, environment, until

SECONDS = 20
pytestmark = pytest.mark.skipif("NIGHTJAR_BIN" not in os.environ, reason="needs a program with the sanitizer")


def read_in_circles(server, stop):
    """What the UI asks for, over and over."""
    while not stop.is_set():
        with contextlib.suppress(OSError, http.client.HTTPException):
            server.get("/api/v1/status")
            server.get("/metrics")
            server.get("/api/v1/rejected")
            for project in server.get("/api/v1/projects").json().get("data", []):
                base = f"/api/v1/projects/{project['name']}"
                page = server.get(f"{base}/traces", limit=20).json()
                for row in page.get("data", [])[:3]:
                    server.get(f"/api/v1/traces/{row['trace_id']}")
                for name in ("logs", "metrics", "metrics/gauge", "usage?group_by=model"):
                    server.get(f"{base}/{name}")


class OtherSignals(threading.Thread):
    """Sends log records and metrics over HTTP and gRPC until it is stopped or the server is."""

    PATHS = {"/v1/logs": wire.LOGS_EXPORT, "/v1/metrics": wire.METRICS_EXPORT}

    def __init__(self, server, number, stop):
        super().__init__()
        self.server, self.project, self.stop = server, f"signals-{number}", stop
        self.ids = Ids(self.project)
        self.answers = {}  # {(path, transport): [status]}

    def body(self, path):
        now = time.time_ns()
        if path == "/v1/metrics":
            point = otlp.number_point(0.25, time=now, attributes={"series": self.project})
            return otlp.metrics_request([otlp.metric("gauge", 5, [point])])
        return otlp.logs_request([otlp.log_record(f"line {n}", time=now, trace_id=self.ids.trace()) for n in range(20)])

    def run(self):
        with contextlib.suppress(OSError, http.client.HTTPException), wire.Wire(self.server.ready["grpc"]) as grpc:
            while not self.stop.is_set():
                for path, method in self.PATHS.items():
                    answer = self.server.export(self.body(path), path=path, project=self.project)
                    self.answers.setdefault((path, "http"), []).append(answer.status)
                    stream = grpc.open(wire.request_headers(method, ("x-project-name", self.project)))
                    grpc.send_data(stream, wire.message(self.body(path)))
                    if not self.take_grpc(grpc, stream, path):
                        return

    def take_grpc(self, grpc, stream, path):
        """False when the server has ended the connection."""
        try:
            self.answers.setdefault((path, "grpc"), []).append(grpc.answer(stream).status)
        except AssertionError:
            return False
        return True


def selfcheck(server, project, seconds):
    command = [BINARY, "selfcheck", "--url", "http://" + server.ready["http"], "--project", project, "--traces", "10",
               "--otlp", "http://" + server.ready["otlp_http"], "--grpc", server.ready["grpc"],
               "--seconds", str(seconds)]
    return subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True)


def test_no_data_race(tmp_path):
    reports = tmp_path / "reports"
    reports.mkdir()
    server = Server(tmp_path / "data", env={"TSAN_OPTIONS": f"log_path={reports}/report exitcode=66"}).start()
    stop = threading.Event()
    readers = [threading.Thread(target=read_in_circles, args=(server, stop)) for _ in range(3)]
    signals = [OtherSignals(server, number, stop) for number in range(2)]
    for thread in (*readers, *signals):
        thread.start()
    try:
        checks = [selfcheck(server, f"races-{n}", SECONDS) for n in range(2)]
        for check in checks:
            out, _ = check.communicate(timeout=300)
            assert check.returncode == 0, out
        traffic = selfcheck(server, "until-the-end", 300)
        killed = server.kill_engine()
        until(lambda: server.engine_pid() not in (0, killed), "another engine")
        subprocess.run([BINARY, "backup", "--data-dir", server.data_dir, "--to", tmp_path / "backup"],
                       env=environment(), check=True, timeout=120, stdout=subprocess.DEVNULL)
        code = server.stop(seconds=60)
        traffic.kill()
        traffic.communicate()
    finally:
        stop.set()
        for thread in (*readers, *signals):
            thread.join()
        server.stop()
    found = [path.read_text(errors="replace") for path in sorted(reports.iterdir())]
    assert not found, f"{len(found)} reports\n" + found[0][:8000]
    assert code == 0
    for sender in signals:
        assert sender.answers.keys() == {(path, transport) for path in sender.PATHS for transport in ("http", "grpc")}
        for (_, transport), statuses in sender.answers.items():
            taken, refused = (200, 503) if transport == "http" else (0, 14)
            assert taken in statuses and set(statuses) <= {taken, refused}


def test_the_sanitizer_is_in_the_program():
    """Without it the test above would prove nothing."""
    done = subprocess.run([BINARY, "version"], env=environment({"TSAN_OPTIONS": "help=1"}), capture_output=True,
                          text=True, timeout=60, check=False)
    assert "ThreadSanitizer" in done.stdout + done.stderr, os.fspath(BINARY)


@pytest.mark.parametrize("program", ["sdk_test", "stack_test"])
def test_neither_the_sdk_nor_the_stack_has_a_data_race(program):
    options = {"TSAN_OPTIONS": f"suppressions={pathlib.Path(__file__).with_name('thread.supp')}"}
    done = subprocess.run([BINARY.parent / program], env=environment(options), capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
