"""Hours of load: memory, descriptors, threads and the time of an acknowledgement stay as they are. $NIGHTJAR_SOAK_SECONDS (60 shows that the test works)."""

import os
import pathlib
import random
import statistics
import time

import pytest

from harness.load import Ledger, Senders
from harness.server import Server

SECONDS = int(os.environ.get("NIGHTJAR_SOAK_SECONDS", "0"))
SAMPLES = 30


def usage(pid):
    """Resident MiB, open files and threads of a process."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    files = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
    return int(status["VmRSS"].split()[0]) / 1024, files, int(status["Threads"])


def slope(values):
    """Least squares, per sample."""
    middle = (len(values) - 1) / 2
    return sum((at - middle) * value for at, value in enumerate(values)) / sum((at - middle) ** 2 for at in range(len(values)))


@pytest.mark.skipif(SECONDS == 0, reason="long: set NIGHTJAR_SOAK_SECONDS")
def test_soak(tmp_path):
    ledger = Ledger()
    with Server(tmp_path / "data") as server:
        samples = {"server": [], "engine": []}
        with Senders(server, random.Random(1)) as senders:
            for _ in range(SAMPLES):
                time.sleep(SECONDS / SAMPLES)
                assert server.get("/api/v1/projects").status == 200
                samples["server"].append(usage(server.pid))
                samples["engine"].append(usage(server.engine_pid()))
        assert senders.refused == 0
        ledger.add(senders)
        ledger.check(server)
        print({name: (values[0], values[-1]) for name, values in samples.items()})
        third = len(senders.ack_seconds) // 3
        first, last = (statistics.median(part) for part in (senders.ack_seconds[:third], senders.ack_seconds[-third:]))
        assert last < 1.5 * first, f"an acknowledgement took {first:.4f} s at first, {last:.4f} s in the end"
        for name, values in samples.items():
            later = values[SAMPLES // 2 :]  # caches are warm
            for (what, spare), column in zip((("MiB", 30), ("files", 3), ("threads", 3)), zip(*later)):
                assert slope(column) * len(column) < 0.1 * column[0] + spare, f"{what} of {name}: {column}"
        assert server.get_json("/api/v1/status")["engine"]["restarts"] == 0
