"""Hours of load: what a server at rest keeps (memory, descriptors, threads) and the time of an acknowledgement stay as they are.

$NIGHTJAR_SOAK_SECONDS of load, in rounds (60 shows that the test works). After each round the load pauses until the journal is
stored and nothing merges, so that what is compared is what stays, however busy the machine is: a merge has files open and memory
of its own, and larger tables have longer merges.
"""

import os
import pathlib
import random
import statistics
import time

import pytest

from harness.load import Ledger, Senders
from harness.server import Server, until

SECONDS = int(os.environ.get("NIGHTJAR_SOAK_SECONDS", "0"))
ROUNDS = 16
REST_SECONDS_MAX = 1800
ACTIVITY = (
    "SELECT (SELECT count() FROM system.merges), (SELECT groupBitXor(cityHash64(table, name)) FROM system.parts"
    " WHERE active AND database = 'nightjar')"
)
GROWTH = (("MiB", 30), ("files", 3), ("threads", 3))


def usage(pid):
    """Resident MiB, open files and threads of a process."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
    return int(status["VmRSS"].split()[0]) / 1024, files, int(status["Threads"])


def slope(values):
    """Least squares, per sample."""
    middle = (len(values) - 1) / 2
    return sum((at - middle) * value for at, value in enumerate(values)) / sum((at - middle) ** 2 for at in range(len(values)))


def rest(server):
    """Waits until all that was acknowledged is stored and ten seconds pass in which no part came or went."""

    def quiet():
        before = server.sql(ACTIVITY)
        time.sleep(10)
        return before[0][0] == "0" and server.sql(ACTIVITY) == before

    def stored():
        return server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0

    until(stored, "an empty journal", REST_SECONDS_MAX)
    until(quiet, "an end of the merges", REST_SECONDS_MAX)


@pytest.mark.skipif(SECONDS == 0, reason="long: set NIGHTJAR_SOAK_SECONDS")
def test_soak(tmp_path):
    ledger = Ledger()
    source = random.Random(1)
    samples = {"server": [], "engine": []}
    ack_seconds = []
    with Server(tmp_path / "data") as server:
        for number in range(ROUNDS):
            with Senders(server, source) as senders:
                time.sleep(SECONDS / ROUNDS)
                assert server.get("/api/v1/projects").status == 200
            assert senders.refused == 0
            ledger.add(senders)
            ack_seconds.append(statistics.median(senders.ack_seconds))
            peaks = [server.memory_peak_mib(pid) for pid in (server.pid, server.engine_pid())]
            rest(server)
            samples["server"].append(usage(server.pid))
            samples["engine"].append(usage(server.engine_pid()))
            now = {name: values[-1] for name, values in samples.items()}
            print(f"round {number}: {len(ledger.acked)} traces, ack {1000 * ack_seconds[-1]:.1f} ms, peaks {peaks}, at rest {now}")
        ledger.check(server)
        half = ROUNDS // 2  # caches are warm
        for name, values in samples.items():
            for (what, spare), column in zip(GROWTH, zip(*values[half:])):
                assert slope(column) * len(column) < 0.1 * column[0] + spare, f"{what} of {name}: {column}"
        first, last = statistics.median(ack_seconds[:half]), statistics.median(ack_seconds[half:])
        assert last < 1.5 * first, f"an acknowledgement took {first:.4f} s at first, {last:.4f} s in the end"
        assert server.get_json("/api/v1/status")["engine"]["restarts"] == 0
