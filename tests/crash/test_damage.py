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


def parts_of(server, table="spans"):
    """The folder of each insert, in their order."""
    rows = server.sql(
        f"SELECT path FROM system.parts WHERE database = 'nightjar' AND table = '{table}' AND active ORDER BY min_block_number"
    )
    return [pathlib.Path(path) for (path,) in rows]


def part_of(server, number):
    """The files of one insert, with the server stopped."""
    parts = parts_of(server)
    server.stop()
    return parts[number]


def send_parts(server, count, table="spans"):
    """As many traces with a long text, each in a part of its own: {trace: what is read of it}, and the parts."""
    source, traces = random.Random(4), {}
    server.sql(f"ALTER TABLE nightjar.{table} MODIFY SETTING max_bytes_to_merge_at_min_space_in_pool = 1, "
               "max_bytes_to_merge_at_max_space_in_pool = 1")
    for number in range(count):
        attributes = {"text": source.randbytes(4000).hex(), "number": f"n{number}"}
        spans = [otlp.Span(source.randbytes(16), source.randbytes(8), attributes=attributes)]
        spans += spans_of(spans[0].trace_id, source)[1:]
        server.accept(otlp.request(spans), project="damage")
        trace = spans[0].trace_id.hex()
        traces[trace] = server.trace(trace)
    return traces, parts_of(server, table)


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


PUT_ASIDE = {"checksums.txt", "columns.txt", "columns_substreams.txt", "data.cmrk4", "partition.dat", "primary.cidx", "serialization.json"}


@pytest.mark.parametrize("table, status_without", [("spans", 404), ("segments", 500)])
def test_flipped_bits_in_each_file_of_a_part(tmp_path, table, status_without):
    """A part that is needed is put aside and named, or fails the reads that need it; the rest is served as it was."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 26, table)
        # The engine believes its count of rows, which docs/guide/reliability.md says.
        names = sorted(file.name for file in parts[0].iterdir() if file.name != "count.txt")
        assert PUT_ASIDE < set(names) and len(names) < len(parts) == 26
        damaged = dict(zip(names, parts[1:]))
        server.stop()
        for name, part in damaged.items():
            size = (part / name).stat().st_size
            flip(part / name, range(size // 40, size, 20))
        server.start()
        statuses = {name: status_without for name in PUT_ASIDE} | {"data.bin": 500}
        expected = [200, *(statuses.get(name, 200) for name in names)]
        answers = [server.get(f"/api/v1/traces/{trace}") for trace in traces]
        assert [answer.status for answer in answers] == expected + [200] * (26 - len(expected))
        for answer, spans in zip(answers, traces.values()):
            if answer.status == 200:
                assert {span["span_id"]: span for span in answer.json()["spans"]} == spans
            elif answer.status == 500:
                assert answer.json()["error"]["code"] == "data_loss"
        read = f"/{damaged['data.bin'].name}/data.bin: reads of it fail"
        not_served, met = until(lambda: len(now := warnings(server)) == 2 and read in now[1] and now, "both warnings")
        assert f"{len(PUT_ASIDE)} damaged parts of the telemetry are not served" in not_served
        assert "damaged telemetry was met" in met
        for name, part in damaged.items():
            assert (f"{table}/broken-on-start_{part.name}" in not_served) == (name in PUT_ASIDE), name
    code, out, _ = run_to_end("doctor", "--json", "--data-dir", tmp_path / "data")
    (found,) = [finding for finding in json.loads(out)["sections"][0]["findings"] if finding["code"] == "damaged_parts"]
    assert code == 1 and found["severity"] == "error"
    assert f"{len(PUT_ASIDE)} damaged parts of the telemetry are not served: {table}/broken-on-start_" in found["message"]


def test_a_damaged_skip_index_costs_time_only(tmp_path):
    """In every part. Traces, lists and queries do without; a merge makes it anew, for which a deletion would wait."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 3)
        server.stop()
        files = [file for part in parts for file in part.glob("skp_idx_*")]
        assert len(files) == 3 * 12
        for file in files:
            flip(file, range(1, file.stat().st_size, 20))
        server.start()
        for trace, spans in traces.items():
            assert server.trace(trace) == spans
        base = "/api/v1/projects/damage"
        gone = next(iter(traces))
        assert [row["trace_id"] for row in server.get_json(f"{base}/traces", q="attributes.number:n0")["data"]] == [gone]
        assert server.get_json(f"{base}/traces", q="session:none")["data"] == []
        server.sql("OPTIMIZE TABLE nightjar.spans FINAL")
        assert server.request("DELETE", f"{base}/traces/{gone}").status == 204
        assert server.get(f"/api/v1/traces/{gone}").status == 404
        assert len(server.get_json(f"{base}/traces")["data"]) == 2


def test_more_damaged_parts_than_the_engine_bears_by_itself(tmp_path):
    """Of 103 one is whole: it is served, and the server starts."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 103)
        server.stop()
        for part in parts[1:]:
            (part / "data.bin").write_bytes(b"short")
        server.start()
        assert [server.get(f"/api/v1/traces/{trace}").status for trace in list(traces)[:3]] == [200, 404, 404]
        assert "102 damaged parts of the telemetry are not served" in until(lambda: warnings(server), "a warning")[0]
        (new,) = send_traces(server, 1)
        assert len(server.trace(new)) == SPANS


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
