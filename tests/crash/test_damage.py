"""Bytes that were changed on disk, and folders that another version wrote: seen, said, and the rest is served."""

import json
import pathlib
import random
import signal

import pytest

from harness import otlp_encode as otlp
from harness.load import SPANS, spans_of
from harness.server import FREE_PORTS, Server, run_to_end, until


def send_traces(server, count, source=random.Random(1)):
    traces = []
    for _ in range(count):
        trace = source.randbytes(16)
        server.accept(otlp.request(spans_of(trace, source)), project="damage")
        traces.append(trace.hex())
    return traces


def flip(file, places):
    content = bytearray(file.read_bytes())
    for at in places:
        content[at] ^= 1
    file.write_bytes(content)


def test_a_flipped_bit_in_the_journal(tmp_path):
    """It costs the request it lies in, loudly, and no other."""
    with Server(tmp_path / "data") as server:
        server.kill_engine(signal.SIGSTOP)
        traces = send_traces(server, 5)
        server.kill9()
        (segment,) = (tmp_path / "data/journal").glob("*.log")
        flip(segment, [segment.read_bytes().index(bytes.fromhex(traces[2]))])
        server.start()
        stored = [server.get(f"/api/v1/traces/{trace}").status for trace in traces]
        assert stored == [200, 200, 404, 200, 200]
        journal = server.get_json("/api/v1/status")["journal"]
        assert (journal["corrupt_bytes"] > 0, journal["quarantined_requests"]) == (True, 1)
        assert "entry 3 of the journal is damaged" in server.stderr()


def warnings(server):
    return server.get_json("/api/v1/status")["warnings"]


def part_of(server, number, table="spans"):
    """The files of one insert, with the server stopped."""
    parts = server.sql(
        f"SELECT path FROM system.parts WHERE database = 'nightjar' AND table = '{table}' AND active ORDER BY min_block_number"
    )
    server.stop()
    return pathlib.Path(parts[number][0])


def test_flipped_bits_in_the_telemetry(tmp_path):
    """What lies beside it cannot be read, which is said; other parts can, and new spans are taken."""
    with Server(tmp_path / "data") as server:
        traces = []
        for _ in range(3):
            traces += send_traces(server, 1)
            server.trace(traces[-1])  # one insert, one part
        file = part_of(server, 1) / "data.bin"
        flip(file, range(0, file.stat().st_size, 100))
        server.start()
        answers = [server.get(f"/api/v1/traces/{trace}") for trace in traces]
        assert [answer.status for answer in answers] == [200, 500, 200]
        assert json.loads(answers[1].body)["error"]["code"] == "data_loss"
        (new,) = send_traces(server, 1)
        assert len(server.trace(new)) == SPANS
        until(lambda: warnings(server), "a warning")
        assert "damaged telemetry was met" in warnings(server)[0]


MET, NOT_SERVED = "damaged telemetry was met", "1 damaged parts of the telemetry are not served"


@pytest.mark.parametrize("table, name, statuses, warning", [
    ("spans", "data.cmrk4", [200, 404, 200], NOT_SERVED),
    ("spans", "primary.cidx", [500, 500, 500], None),
    ("spans", "checksums.txt", [200, 404, 200], NOT_SERVED),
    ("spans", "columns.txt", [200, 404, 200], NOT_SERVED),
    ("segments", "data.bin", [200, 500, 200], MET),
    ("segments", "data.cmrk4", [200, 500, 200], NOT_SERVED),
    ("segments", "primary.cidx", [500, 500, 500], None),
    ("segments", "checksums.txt", [200, 500, 200], NOT_SERVED),
])
def test_flipped_bits_beside_the_telemetry(tmp_path, table, name, statuses, warning):
    """Marks, index, checksums and long texts: what needs them is not shown as if it were whole; the rest is served."""
    source = random.Random(4)
    with Server(tmp_path / "data") as server:
        traces, texts = [source.randbytes(16).hex() for _ in range(3)], [source.randbytes(4000).hex() for _ in range(3)]
        for trace, text in zip(traces, texts):
            span = otlp.Span(bytes.fromhex(trace), source.randbytes(8), attributes={"text": text})
            server.accept(otlp.request([span]), project="damage")
            server.trace(trace)
        file = part_of(server, 1, table) / name
        flip(file, range(0, file.stat().st_size, 20))
        server.start()
        answers = [server.get(f"/api/v1/traces/{trace}") for trace in traces]
        assert [answer.status for answer in answers] == statuses, [answer.body for answer in answers]
        told = [answer.json()["error"]["code"] for answer in answers if answer.status == 500]
        assert set(told) <= {"data_loss"}
        assert warning is None or warning in until(lambda: warnings(server), "a warning")[0]


def test_a_part_that_cannot_be_opened(tmp_path):
    """The engine puts it aside at its start. Without a word this would be a silent loss."""
    with Server(tmp_path / "data") as server:
        traces = []
        for _ in range(2):
            traces += send_traces(server, 1)
            server.trace(traces[-1])
        file = part_of(server, 0) / "data.bin"
        file.write_bytes(file.read_bytes()[:100])
        server.start()
        assert [server.get(f"/api/v1/traces/{trace}").status for trace in traces] == [404, 200]
        until(lambda: warnings(server), "a warning")
        assert "1 damaged parts of the telemetry are not served" in warnings(server)[0]


@pytest.mark.parametrize("folder, name", [("", "data"), ("journal", "journal")])
@pytest.mark.parametrize("step", [-1, 1])
def test_another_version_of_a_folder(tmp_path, folder, name, step):
    data = tmp_path / "data"
    with Server(data):
        pass
    file = data / folder / "FORMAT"
    own = int(file.read_text().removeprefix(f"nightjar-{name} "))
    number = own + step
    file.write_text(f"nightjar-{name} {number}\n")
    before = {path: path.stat().st_mtime_ns for path in (data / "journal").iterdir()}
    code, _, stderr = run_to_end("serve", *FREE_PORTS, "--data-dir", data)
    assert code == 1 and f"nightjar-{name} {number}" in stderr and str(data) in stderr
    assert {path: path.stat().st_mtime_ns for path in (data / "journal").iterdir()} == before


def test_a_newer_schema(tmp_path):
    with Server(tmp_path / "data") as server:
        server.sql("INSERT INTO nightjar.migrations (version) VALUES (999)")
    code, _, stderr = run_to_end("serve", *FREE_PORTS, "--data-dir", tmp_path / "data")
    assert code == 1 and "schema version 999" in stderr and "newer program" in stderr
