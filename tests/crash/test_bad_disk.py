"""Disks that fail, are slow, are full, or may not be written."""

import contextlib
import errno
import http.client
import os
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
            until(lambda: senders.refused > 20, "refusals")
            acked = set(senders.acked)
            server.fault()
            until(lambda: senders.refused > 100, "refusals")
            assert set(senders.acked) == acked  # of these it says so again when they are sent again
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
        assert project["trace_count"] == len(acked)
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


def test_a_slow_disk(tmp_path):
    """Half a second for each sync: those who wait share it, and what is answered is on disk."""
    source, ledger = random.Random(1), Ledger()
    with FaultyServer(tmp_path / "data", sync_ms=500) as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(12)
            server.kill9()
        ledger.add(senders)
        server.start()
        ledger.check(server)


@pytest.mark.skipif("NIGHTJAR_CRASH_ROUNDS" not in os.environ, reason="long: sends 512 MiB")
def test_a_disk_slower_than_its_senders(tmp_path):
    """What waits for a sync is bounded: the rest is refused with a hint, not kept."""
    source = random.Random(1)
    span = otlp.Span(source.randbytes(16), source.randbytes(8), attributes={"text": source.randbytes(8 << 20).hex()})
    body, statuses = otlp.request([span]), []
    with FaultyServer(tmp_path / "data", sync_ms=8_000) as server:

        def export(number):
            answer = server.export(body, project=f"p{number}")
            statuses.append((answer.status, answer.headers["retry-after"]))

        senders = [threading.Thread(target=export, args=(number,)) for number in range(32)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert set(statuses) == {(200, None), (503, "1")}
        assert server.memory_peak_mib() < 2000


class SmallDisk:
    """A tmpfs whose size changes while it is used."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4g", "tmpfs", folder], check=False, capture_output=True)
        if mount.returncode != 0:
            pytest.skip(f"may not mount: {mount.stderr.decode().strip()}")

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.folder], check=True)

    def used(self):
        status = os.statvfs(self.folder)
        return (status.f_blocks - status.f_bfree) * status.f_frsize

    def close(self):
        subprocess.run(["umount", self.folder], check=True)


@pytest.fixture
def small_disk(tmp_path):
    with contextlib.closing(SmallDisk(tmp_path / "disk")) as disk:
        yield disk


def test_a_disk_that_fills_up(small_disk):
    """Below the reserve everything new is refused and everything old is read; with space it goes on by itself."""
    source, ledger = random.Random(1), Ledger()
    with Server(small_disk.folder / "data") as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(20)
            small_disk.resize("1g")
            until(lambda: senders.refused > 20, "refusals")
            acked = len(senders.acked)
            assert len(server.trace(senders.acked[0])) == SPANS
            assert server.get("/api/v1/projects").status == 200
            assert server.get("/healthz").status == 200
            assert len(senders.acked) == acked
            small_disk.resize("4g")
            senders.wait_for_acks(20)
        ledger.add(senders)
        ledger.check(server)


def test_a_disk_without_a_free_byte(small_disk):
    """The engine cannot write: what was acknowledged, and a deletion, waits until there is space. Reads go on."""
    source, ledger = random.Random(1), Ledger()
    stored, erased = source.randbytes(16), source.randbytes(16)
    with Server(small_disk.folder / "data") as server:
        for trace in (stored, erased):
            server.accept(otlp.request(spans_of(trace, source)), project="before")
            assert len(server.trace(trace.hex())) == SPANS
        hung = server.kill_engine(signal.SIGSTOP)
        with Senders(server, source) as senders:
            senders.wait_for_acks(50)
        ledger.add(senders)
        small_disk.resize(small_disk.used())
        os.kill(hung, signal.SIGCONT)
        assert server.export(otlp.request(spans_of(source.randbytes(16), source))).status == 503
        until(lambda: "trying until it can" in server.stderr(), "an insert that fails")
        assert server.get_json("/api/v1/status")["journal"]["state"] == "refusing"
        assert len(server.trace(stored.hex())) == SPANS
        assert len(server.get("/api/v1/projects/before/traces").json()["data"]) == 2
        assert server.request("DELETE", f"/api/v1/projects/before/traces/{erased.hex()}").status == 503
        small_disk.resize("4g")
        until(lambda: server.get(f"/api/v1/traces/{erased.hex()}").status == 404, "the deletion")
        ledger.check(server)
        assert server.get_json("/api/v1/status")["journal"]["quarantined_requests"] == 0


def test_a_disk_that_may_not_be_written(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk.folder], check=True)
    data = small_disk.folder / "data"
    code, _, stderr = run_to_end("serve", *FREE_PORTS, "--data-dir", data)
    assert code == 1 and f"{data}: Read-only file system" in stderr and "--data-dir" in stderr
