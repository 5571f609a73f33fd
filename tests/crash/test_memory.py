"""Little memory: requests are refused, or the process ends and starts again; nothing acknowledged is lost."""

import contextlib
import http.client
import os
import random
import resource
import signal

from harness import otlp_encode as otlp
from harness.faults import FaultyServer
from harness.load import PROJECT, Ledger, Senders
from harness.server import Server, until

ROUNDS = int(os.environ.get("NIGHTJAR_CRASH_ROUNDS", "8"))
MIB = 1 << 20


def limit_address_space(pid, extra_mib):
    """What the process has now and that much more."""
    (size,) = [line.split()[1] for line in open(f"/proc/{pid}/status") if line.startswith("VmSize")]
    limit = int(size) * 1024 + extra_mib * MIB
    resource.prlimit(pid, resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))


def unlimit_address_space(pid):
    resource.prlimit(pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def large_request(source, mib):
    text = source.randbytes(MIB // 2).hex() * mib
    return otlp.request([otlp.Span(source.randbytes(16), source.randbytes(8), attributes={"text": text})])


def test_a_journal_larger_than_the_memory_for_it(tmp_path):
    """What waits is read back piece by piece."""
    source, count = random.Random(1), 20
    requests = [large_request(source, 30) for _ in range(count)]
    with Server(tmp_path / "data") as server:
        server.kill_engine(signal.SIGSTOP)
        for body in requests:
            server.accept(body, project=PROJECT)
        server.kill9()
        journal_mib = sum(file.stat().st_size for file in (tmp_path / "data/journal").iterdir()) // MIB
        assert journal_mib >= 600
        server.start()
        until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
        assert server.memory_peak_mib() < journal_mib
        (project,) = server.get_json("/api/v1/projects")["data"]
        assert project["span_count"] == count


def test_what_waits_for_the_engine_waits_on_disk(tmp_path):
    """Of many small requests only the first stay decoded, and some rows are made."""
    source, count = random.Random(1), 400
    with Server(tmp_path / "data") as server:
        server.kill_engine(signal.SIGSTOP)
        for _ in range(count):
            server.accept(large_request(source, 1), project=PROJECT)
        assert server.memory_peak_mib() < count
        server.kill_engine(signal.SIGCONT)
        until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
        assert server.memory_peak_mib() < count
        (project,) = server.get_json("/api/v1/projects")["data"]
        assert project["span_count"] == count


def test_a_server_without_memory(tmp_path):
    """Large requests are shed while there is none, small ones go on, and later all do."""
    source, ledger = random.Random(1), Ledger()
    large = large_request(source, 60)
    with Server(tmp_path / "data") as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(20)
            limit_address_space(server.pid, extra_mib=16)
            for _ in range(3):
                with contextlib.suppress(http.client.HTTPException, ConnectionError):  # closed: to be sent again
                    assert server.export(large).status == 503
            senders.wait_for_acks(20)
            unlimit_address_space(server.pid)
            server.accept(large)
        ledger.add(senders)
        ledger.check(server)


def test_an_engine_without_memory(tmp_path):
    """It refuses, or ends and is started again; the journal keeps what is acknowledged meanwhile."""
    source, ledger = random.Random(1), Ledger()
    with Server(tmp_path / "data") as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(20)
            engine = server.engine_pid()
            limit_address_space(engine, extra_mib=1)
            senders.wait_for_acks(200)
            if server.engine_pid() == engine:
                unlimit_address_space(engine)
        ledger.add(senders)
        ledger.check(server)
        assert server.get_json("/api/v1/status")["journal"]["quarantined_requests"] == 0


def test_a_failed_allocation(tmp_path):
    """Any one of them. The server may answer 500 or 503, and it may end; then it says so, and starts again."""
    source, ledger = random.Random(1), Ledger()
    server = FaultyServer(tmp_path / "data")
    with server:
        for _ in range(ROUNDS):
            with Senders(server, source) as senders:
                senders.wait_for_acks(5)
                try:
                    server.fault(malloc_at=source.randint(1, 3000))
                    until(lambda: server.process.poll() is not None or len(senders.acked) > 60, "an end or a future")
                except ProcessLookupError:
                    pass  # it has ended
            senders.unexpected = [answer for answer in senders.unexpected if answer[0] != 500]
            ledger.add(senders)
            if server.process.poll() is not None:
                assert server.process.returncode in (-signal.SIGABRT, 1), server.stderr()[-1000:]
                server.start()
        ledger.check(server)
