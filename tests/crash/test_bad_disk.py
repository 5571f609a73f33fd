"""Disks that fail, are slow, are full, or may not be written."""

import errno
import http.client
import os
import pathlib
import random
import signal
import subprocess
import threading

import pytest

from harness import otlp_encode as otlp
from harness.faults import FaultyServer
from harness.load import PROJECT, SPANS, Ledger, Senders, spans_of
from harness.server import FREE_PORTS, Server, run_to_end, until

FAILURES = [{"sync_errno": errno.EIO}, {"write_errno": errno.EIO}, {"write_errno": errno.EROFS}]


@pytest.mark.parametrize("failure", FAILURES, ids=["sync", "write", "read_only"])
def test_a_failed_write_or_sync_is_for_good(tmp_path, failure):
    """Nothing is acknowledged until a restart, loudly; what was acknowledged before is stored and can be read."""
    source, ledger = random.Random(1), Ledger()
    with FaultyServer(tmp_path / "data") as server:
        hung = server.kill_engine(signal.SIGSTOP)
        with Senders(server, source) as senders:
            senders.wait_for_acks(100)
            server.fault(**failure)
            until(lambda: senders.refused > 0, "a refusal")
            acked = len(senders.acked)
            server.fault()
            until(lambda: senders.refused > 100, "refusals")
            assert len(senders.acked) == acked
        ledger.add(senders)
        cause = {errno.EIO: "Input/output error", errno.EROFS: "Read-only file system"}[next(iter(failure.values()))]
        journal = server.get_json("/api/v1/status")["journal"]
        assert journal["state"] == "read_only" and cause in journal["failure"]
        ready = server.get("/readyz")
        assert ready.status == 503 and cause in ready.body.decode()

        os.kill(hung, signal.SIGCONT)
        until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
        assert len(server.trace(senders.acked[-1])) == SPANS
        (project,) = [p for p in server.get_json("/api/v1/projects")["data"] if p["name"] == PROJECT]
        assert project["trace_count"] == len(ledger.acked)
        assert server.export(otlp.request(spans_of(source.randbytes(16), source))).status == 503

        server.stop()
        server.start()
        with Senders(server, source) as senders:
            senders.wait_for_acks(10)
        ledger.add(senders)
        ledger.check(server)


def test_short_and_interrupted_writes(tmp_path):
    source, ledger = random.Random(1), Ledger()
    with FaultyServer(tmp_path / "data", stutter=1) as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(10)
            server.kill9()
        ledger.add(senders)
        server.start()
        ledger.check(server)
        assert server.get_json("/api/v1/status")["journal"]["corrupt_bytes"] == 0
