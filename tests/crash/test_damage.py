"""Bytes that were changed on disk, and folders that another version wrote: seen, said, and the rest is served."""

import json
import pathlib
import random
import signal

import pytest

from harness import otlp_encode as otlp
from harness.load import SPANS, spans_of
from harness.server import FREE_PORTS, Server, run_to_end, until


LOGS = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [{"timeUnixNano": "1700000000000000000", "body": {"stringValue": "a"}}]}]}]})
POINT = {"timeUnixNano": "1700000000000000000", "asInt": "1"}
METRICS = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"name": "m", "gauge": {"dataPoints": [POINT]}}]}]}]})


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


def not_served(server, parts, skip_index_too=False):
    """Waits until exactly these parts, [(table, name)], are said to be put aside, and nothing else is wrong."""
    names = sorted(f"{table}/{name}" for table, name in parts)
    shown = ", ".join(names[:10]) + (", …" if len(names) > 10 else "")
    said = f"{len(names)} damaged parts of the telemetry are not served ({shown}), and what they hold is missing"

    def all_said():
        first, *others = warnings(server) or [""]
        slow = [other for other in others if "reads take longer until its part is merged" in other]
        return first.startswith(said + ":") and slow == others and len(others) == skip_index_too

    until(all_said, said)
    assert server.get_json("/readyz") == {"ready": True, "warnings": warnings(server)}


def damage(part):
    file = part / "data.bin"
    flip(file, range(0, file.stat().st_size, 20))


def test_flipped_bits_in_the_telemetry(tmp_path):
    """The part is put aside when its damage is met, which no list shows but by what it lacks, and a deletion neither."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 5)
        server.stop()
        for part in parts[1:4:2]:
            damage(part)
        server.start()
        base = "/api/v1/projects/damage"
        ids = list(traces)
        listed = server.get_json(f"{base}/traces")["data"]
        assert {row["trace_id"] for row in listed} == {ids[0], ids[2], ids[4]}
        assert [server.get(f"/api/v1/traces/{trace}").status for trace in ids] == [200, 404, 200, 404, 200]
        assert server.request("DELETE", f"{base}/traces/{ids[0]}").status == 204
        not_served(server, [("spans", part.name) for part in parts[1:4:2]])
        for part in parts[1:4:2]:
            assert f"the part spans/{part.name} is damaged and put aside" in server.stderr()
            assert (part.parent / "detached" / part.name / "data.bin").exists()
        (new,) = send_traces(server, 1)
        assert len(server.trace(new)) == SPANS
        server.stop()
        server.start()
        not_served(server, [("spans", part.name) for part in parts[1:4:2]])
        assert server.trace(ids[2]) == traces[ids[2]]


def test_a_damaged_part_of_each_table(tmp_path):
    """The server starts, serves what other tables hold, and takes what is sent."""
    with Server(tmp_path / "data") as server:
        traces, _ = send_parts(server, 1)
        (trace,) = traces
        for path, body in (("/v1/logs", LOGS), ("/v1/metrics", METRICS)):
            assert server.export(body, path=path, project="damage", content_type="application/json").body == b"{}"
        span_id = next(iter(traces[trace]))
        judged = {"name": "good", "annotator_kind": "HUMAN", "result": {"score": 1, "label": None}, "span_id": span_id}
        answer = server.request("POST", "/v1/span_annotations?sync=true", json.dumps({"data": [judged]}))
        assert answer.status == 200, answer.body
        server.get_json("/api/v1/projects/damage/logs")
        tables = ["annotations", "logs", "metric_points", "migrations"]
        damaged = [(table, part) for table in tables for part in parts_of(server, table)]
        assert {table for table, _ in damaged} == set(tables)
        server.stop()
        for _, part in damaged:
            damage(part)
        server.start()
        assert server.trace(trace).keys() == traces[trace].keys()
        lists = ["/api/v1/projects/damage/logs", "/api/v1/projects/damage/metrics",
                 f"/v1/projects/damage/span_annotations?span_ids={span_id}"]
        assert [server.get_json(path)["data"] for path in lists] == [[], [], []]
        # What has been migrated is told by an index.
        not_served(server, [(table, part.name) for table, part in damaged if table != "migrations"])
        (new,) = send_traces(server, 1)
        assert len(server.trace(new)) == SPANS


PUT_ASIDE = {"checksums.txt", "columns.txt", "columns_substreams.txt", "data.cmrk4", "partition.dat", "primary.cidx", "serialization.json"}


@pytest.mark.parametrize("table, status_without", [("spans", 404), ("segments", 500)])
def test_flipped_bits_in_each_file_of_a_part(tmp_path, table, status_without):
    """A part that needs the file is put aside and named, at the start or when damage is met; the rest is served as it was."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 28, table)
        names = sorted(file.name for file in parts[0].iterdir())
        assert PUT_ASIDE | {"count.txt", "data.bin"} < set(names) and len(names) < len(parts) - 1
        damaged = dict(zip(names, parts[1:]))
        larger = parts[-1]  # and its count, of which the other one is smaller
        server.stop()
        for name, part in damaged.items():
            size = (part / name).stat().st_size
            flip(part / name, range(size // 40, size, 20))
        rows = int((larger / "count.txt").read_text())
        (damaged["count.txt"] / "count.txt").write_text(str(rows - 1))
        (larger / "count.txt").write_text(str(rows + 1))
        server.start()
        met = [damaged["data.bin"], damaged["count.txt"], larger]
        aside = [f"broken-on-start_{damaged[name].name}" for name in PUT_ASIDE] + [part.name for part in met]
        server.get(f"/api/v1/traces/{list(traces)[1 + names.index('data.bin')]}")
        not_served(server, [(table, name) for name in aside], skip_index_too=table == "spans")
        without = PUT_ASIDE | {"data.bin", "count.txt"}
        expected = [200, *(status_without if name in without else 200 for name in names)]
        expected += [200] * (27 - len(expected)) + [status_without]
        answers = [server.get(f"/api/v1/traces/{trace}") for trace in traces]
        assert [answer.status for answer in answers] == expected
        for answer, spans in zip(answers, traces.values()):
            if answer.status == 200:
                assert {span["span_id"]: span for span in answer.json()["spans"]} == spans
            elif answer.status == 500:
                assert answer.json()["error"]["code"] == "data_loss"
    code, out, _ = run_to_end("doctor", "--json", "--data-dir", tmp_path / "data")
    (found,) = [finding for finding in json.loads(out)["sections"][0]["findings"] if finding["code"] == "damaged_parts"]
    assert code == 1 and found["severity"] == "error"
    assert found["message"].startswith(f"{len(aside)} damaged parts of the telemetry are not served: {table}/")
    assert f"{table}/{larger.name}, " in found["message"]


def test_flipped_bits_in_a_part_of_files_for_each_column(tmp_path):
    """As large ones are: what lists read, what only a trace reads, marks."""
    with Server(tmp_path / "data") as server:
        server.sql("ALTER TABLE nightjar.spans MODIFY SETTING min_bytes_for_wide_part = 0, min_level_for_wide_part = 0")
        traces, parts = send_parts(server, 5)
        server.stop()
        files = [parts[1] / "name.bin", parts[2] / "attrs_other.size0.bin", parts[3] / "trace_id.cmrk2"]
        for file in files:
            flip(file, range(0, file.stat().st_size, 20))
        server.start()
        answers = [server.get(f"/api/v1/traces/{trace}").status for trace in traces]
        assert answers == [200, 404, 404, 404, 200]
        not_served(server, [("spans", file.parent.name) for file in files])


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
        not_served(server, [("spans", f"broken-on-start_{part.name}") for part in parts[1:]])
        (new,) = send_traces(server, 1)
        assert len(server.trace(new)) == SPANS


def test_a_part_that_cannot_be_opened(tmp_path):
    """The engine puts it aside at its start. Without a word this would be a silent loss."""
    with Server(tmp_path / "data") as server:
        traces, parts = send_parts(server, 2)
        server.stop()
        file = parts[0] / "data.bin"
        file.write_bytes(file.read_bytes()[:100])
        server.start()
        assert [server.get(f"/api/v1/traces/{trace}").status for trace in traces] == [404, 200]
        not_served(server, [("spans", f"broken-on-start_{parts[0].name}")])


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
