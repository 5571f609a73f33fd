"""A power cut: of the journal only what was synced is left, files without a synced name are gone. The engine's files stay
whole here; that it syncs what it confirms is the engine's own part."""

import os
import random
import signal

from harness.faults import FaultyServer
from harness.load import Ledger, Senders
from harness.server import until

ROUNDS = int(os.environ.get("NIGHTJAR_CRASH_ROUNDS", "4"))


def test_nothing_acknowledged_is_lost(tmp_path):
    source, ledger = random.Random(1), Ledger()
    with FaultyServer(tmp_path / "data") as server:
        for number in range(ROUNDS):
            if number % 2 == 1:
                server.kill_engine(signal.SIGSTOP)  # so that the journal is all there is
            server.fault(sync_ms=20 * (number % 3))
            with Senders(server, source) as senders:
                senders.wait_for_acks(source.randint(1, 50))
                server.power_cut()
            ledger.add(senders)
            server.start()
        ledger.check(server)


def test_the_shim_does_cut(tmp_path):
    """What is written and not synced is gone: without this the test above would prove nothing."""
    with FaultyServer(tmp_path / "data") as server:
        server.kill_engine(signal.SIGSTOP)
        with Senders(server, random.Random(1)) as senders:
            senders.wait_for_acks(20)
            server.fault(sync_ms=60_000)
            (segment,) = (tmp_path / "data/journal").glob("*.log")
            record = server.synced_folder / segment.name
            until(lambda: segment.stat().st_size > int(record.read_text()), "bytes that are not synced")
            server.power_cut()
        assert segment.stat().st_size == int(record.read_text())
