"""kill -9 during ingest, of the server and of its engine child, and an engine that hangs: what was acknowledged is there
afterwards, once.

$NIGHTJAR_CRASH_ROUNDS sets how many kills (3)."""

import contextlib
import http.client
import os
import random
import signal
import threading

from harness import otlp_encode as otlp
from harness.server import Server, until

ROUNDS = int(os.environ.get("NIGHTJAR_CRASH_ROUNDS", "3"))
SENDERS = 3
SPANS = 20
PROJECT = "crash"
SEED = int(os.environ.get("NIGHTJAR_CRASH_SEED", "1"))


class Senders:
    """Threads that export traces of SPANS spans, half of them under the same ids twice, until stopped."""

    def __init__(self, server, source):
        self.server = server
        self.acked = []
        self.sent = []
        self.unexpected = []
        self._stop = threading.Event()
        sources = [random.Random(source.random()) for _ in range(SENDERS)]
        self._threads = [threading.Thread(target=self._run, args=(own,)) for own in sources]

    def _run(self, source):
        while not self._stop.is_set():
            trace = source.randbytes(16)
            texts = [f"span {n} " * 20 for n in range(SPANS)]
            spans = [otlp.Span(trace, source.randbytes(8), attributes={"text": text}) for text in texts]
            self.sent.append(trace.hex())
            for _ in range(source.choice((1, 2))):
                self._export(trace, otlp.request(spans))

    def _export(self, trace, body):
        try:
            answer = self.server.export(body, project=PROJECT)
        except (OSError, http.client.HTTPException):
            return  # the server died with the request in its hands
        if answer.status == 200:
            self.acked.append(trace.hex())
        elif answer.status != 503:
            self.unexpected.append((answer.status, answer.body))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


def check_whole(server, acked):
    """Every acknowledged trace is there with each of its spans once."""
    incomplete = [trace for trace in sorted(acked) if len(server.trace(trace)) != SPANS]
    assert not incomplete, f"{len(incomplete)} of {len(acked)} acknowledged traces are incomplete: {incomplete[:5]}"


def check_all(server, acked, sent):
    """… and what was not acknowledged is there whole or not at all, and nothing counts twice."""
    check_whole(server, acked)
    unacked = [trace for trace in sent - acked if server.get(f"/api/v1/traces/{trace}").status == 200]
    assert all(len(server.trace(trace)) == SPANS for trace in unacked), "a request was stored in part"
    (project,) = [p for p in server.get_json("/api/v1/projects")["data"] if p["name"] == PROJECT]
    stored = len(acked) + len(unacked)
    assert (project["trace_count"], project["span_count"]) == (stored, stored * SPANS)


def test_server_killed(tmp_path):
    source, acked, sent = random.Random(SEED), set(), set()
    server = Server(tmp_path / "data").start()
    try:
        for _ in range(ROUNDS):
            wanted = source.randint(1, 150)
            with Senders(server, source) as senders:
                until(lambda: len(senders.acked) >= wanted, f"{wanted} acknowledgements")
                server.kill9()
            assert not senders.unexpected, senders.unexpected[:3]
            acked |= set(senders.acked)
            sent |= set(senders.sent)
            server.start()
            check_whole(server, set(senders.acked))
        check_all(server, acked, sent)
    finally:
        server.stop()


def test_engine_killed(tmp_path):
    source, acked, sent = random.Random(SEED), set(), set()
    with Server(tmp_path / "data") as server:
        for _ in range(ROUNDS):
            with Senders(server, source) as senders:
                until(lambda: len(senders.acked) >= 20, "acknowledgements before the kill")
                killed = server.kill_engine()
                assert server.get("/healthz").status == 200
                assert server.get("/api/v1/projects").status in (200, 503)
                until(lambda: server.engine_pid() not in (0, killed), "another engine")
                before = len(senders.acked)
                until(lambda: len(senders.acked) >= before + 20, "acknowledgements after the kill")
                assert server.get("/healthz").status == 200
            assert not senders.unexpected, senders.unexpected[:3]
            acked |= set(senders.acked)
            sent |= set(senders.sent)
            until(lambda: server.get("/readyz").status == 200, "readiness")
            check_whole(server, set(senders.acked))
        check_all(server, acked, sent)


def test_killed_while_it_recovers(tmp_path):
    """A second kill at any moment of the start that follows the first."""
    source = random.Random(SEED)
    server = Server(tmp_path / "data").start()
    try:
        with Senders(server, source) as senders:
            until(lambda: len(senders.acked) >= 100, "acknowledgements")
            server.kill9()
        for _ in range(ROUNDS):
            server.start_and_kill9(after_seconds=source.uniform(0.0, 0.6))
        server.start()
        check_all(server, set(senders.acked), set(senders.sent))
    finally:
        server.stop()


def hang_engine(server, source):
    """Acknowledgements go on when the engine hangs. Its process id, and what was sent before and after."""
    with Senders(server, source) as senders:
        until(lambda: len(senders.acked) >= 20, "acknowledgements before the engine hangs")
        hung = server.kill_engine(signal.SIGSTOP)
        before = len(senders.acked)
        until(lambda: len(senders.acked) >= before + 100, "acknowledgements while the engine hangs")
    assert not senders.unexpected, senders.unexpected[:3]
    return hung, senders


def test_engine_hangs(tmp_path):
    with Server(tmp_path / "data") as server:
        hung, senders = hang_engine(server, random.Random(SEED))
        until(lambda: server.get("/readyz").status == 503, "the end of readiness")
        assert server.get("/healthz").status == 200
        until(lambda: server.get("/readyz").status == 200, "readiness")
        engine = server.get_json("/api/v1/status")["engine"]
        assert engine["pid"] != hung
        assert (engine["restarts"], engine["last_exit"]) == (1, "killed: it did not answer for 10 s")
        check_all(server, set(senders.acked), set(senders.sent))


def test_stopped_while_the_engine_hangs(tmp_path):
    with Server(tmp_path / "data") as server:
        _, senders = hang_engine(server, random.Random(SEED))

        def read():
            with contextlib.suppress(OSError, http.client.HTTPException):
                server.get("/api/v1/projects")

        reader = threading.Thread(target=read)
        reader.start()
        assert server.stop(seconds=15) == 0
        reader.join()
        server.start()
        check_all(server, set(senders.acked), set(senders.sent))
