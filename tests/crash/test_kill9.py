"""kill -9 during ingest, of the server and of its engine child, and an engine that hangs: what was acknowledged is there
afterwards, once.

$NIGHTJAR_CRASH_ROUNDS sets how many kills a test makes (each test has its own number otherwise)."""

import contextlib
import http.client
import os
import random
import signal
import threading

from harness.load import Ledger, Senders
from harness.server import Server, until

# Else rows that were inserted twice would be merged away before they are counted.
NO_MERGES = "max_bytes_to_merge_at_min_space_in_pool = 1, max_bytes_to_merge_at_max_space_in_pool = 1"
SEED = int(os.environ.get("NIGHTJAR_CRASH_SEED", "1"))


def rounds(default):
    return int(os.environ.get("NIGHTJAR_CRASH_ROUNDS", default))


def test_server_killed(tmp_path):
    source, ledger = random.Random(SEED), Ledger()
    with Server(tmp_path / "data") as server:
        for _ in range(rounds(8)):
            with Senders(server, source) as senders:
                senders.wait_for_acks(source.randint(1, 100))
                server.kill9()
            ledger.add(senders)
            server.start()
        ledger.check(server)


def test_engine_killed(tmp_path):
    source, ledger = random.Random(SEED), Ledger()
    with Server(tmp_path / "data") as server:
        server.sql(f"ALTER TABLE nightjar.spans MODIFY SETTING {NO_MERGES}")
        for _ in range(rounds(3)):
            with Senders(server, source) as senders:
                senders.wait_for_acks(20)
                killed = server.kill_engine()
                assert server.get("/healthz").status == 200
                assert server.get("/api/v1/projects").status in (200, 503)
                until(lambda: server.engine_pid() not in (0, killed), "another engine")
                senders.wait_for_acks(20)
                assert server.get("/healthz").status == 200
            assert senders.refused == 0
            ledger.add(senders)
        ledger.check(server)
        assert server.sql("SELECT max(level) FROM system.parts WHERE table = 'spans'") == [["0"]]
        assert server.sql("SELECT count() - uniqExact((trace_id, span_id)) FROM nightjar.spans") == [["0"]]


def test_engine_killed_while_it_merges(tmp_path):
    """OPTIMIZE rewrites every part while inserts go on. The engine is killed with a half-written part on disk."""
    source, ledger = random.Random(SEED), Ledger()
    with Server(tmp_path / "data") as server:

        def merge():
            with contextlib.suppress(OSError, http.client.HTTPException, AssertionError):
                while True:
                    server.sql("OPTIMIZE TABLE nightjar.spans FINAL")
                    server.sql("OPTIMIZE TABLE nightjar.segments FINAL")

        def stands_in_a_merge(engine):
            os.kill(engine, signal.SIGSTOP)
            if any((tmp_path / "data/engine/store").glob("*/*/tmp_merge_*")):
                return True
            os.kill(engine, signal.SIGCONT)
            return False

        for _ in range(rounds(3)):
            with Senders(server, source) as senders:
                senders.wait_for_acks(100)
                killed = server.engine_pid()
                merging = threading.Thread(target=merge)
                merging.start()
                until(lambda: stands_in_a_merge(killed), "a merge")
                os.kill(killed, signal.SIGKILL)
                merging.join()
                until(lambda: server.engine_pid() not in (0, killed), "another engine")
                senders.wait_for_acks(20)
            ledger.add(senders)
            until(lambda: server.get("/readyz").status == 200, "readiness")
        ledger.check(server)


def test_killed_while_it_recovers(tmp_path):
    """Twenty starts, each killed at any of its moments, on a journal that holds much."""
    source, ledger = random.Random(SEED), Ledger()
    with Server(tmp_path / "data") as server:
        server.kill_engine(signal.SIGSTOP)  # so that the journal keeps what comes
        with Senders(server, source) as senders:
            senders.wait_for_acks(100)
            server.kill9()
        ledger.add(senders)
        for _ in range(rounds(20)):
            server.start_and_kill9(after_seconds=source.uniform(0.0, 0.6))
        server.start()
        ledger.check(server)


def hang_engine(server, ledger):
    """Acknowledgements go on when the engine hangs. Its process id."""
    with Senders(server, random.Random(SEED)) as senders:
        senders.wait_for_acks(20)
        hung = server.kill_engine(signal.SIGSTOP)
        senders.wait_for_acks(100)
    assert senders.refused == 0
    ledger.add(senders)
    return hung


def test_engine_hangs(tmp_path):
    ledger = Ledger()
    with Server(tmp_path / "data") as server:
        hung = hang_engine(server, ledger)
        until(lambda: server.get("/readyz").status == 503, "the end of readiness")
        assert server.get("/healthz").status == 200
        until(lambda: server.get("/readyz").status == 200, "readiness")
        engine = server.get_json("/api/v1/status")["engine"]
        assert engine["pid"] != hung
        assert (engine["restarts"], engine["last_exit"]) == (1, "killed: it did not answer for 10 s")
        ledger.check(server)


def test_stopped_while_the_engine_hangs(tmp_path):
    ledger = Ledger()
    with Server(tmp_path / "data") as server:
        hang_engine(server, ledger)

        def read():
            with contextlib.suppress(OSError, http.client.HTTPException):
                server.get("/api/v1/projects")

        reader = threading.Thread(target=read)
        reader.start()
        assert server.stop(seconds=15) == 0
        reader.join()
        server.start()
        ledger.check(server)
