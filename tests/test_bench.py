"""`nightjar bench` runs, and its figures are those of what was sent. How fast is no question of a test."""

import json

import pytest

from harness.server import run_to_end

QUICK = ("--spans", 2000, "--settle", 1, "--half", 1, "--mixed", 1, "--mixed-rate", 500, "--trickle", 1, "--idle", 1)


def bench(*arguments, seconds=240):
    code, out, err = run_to_end("bench", *arguments, seconds=seconds)
    assert (code, err) == (0, "")
    return out


def figures(path):
    report = json.loads(path.read_text())
    return {column["name"]: column["figures"] for column in report["columns"]}


@pytest.fixture(scope="module")
def ingest(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench")
    saved = folder / "ingest.json"
    table = bench("ingest", "--dataset", "jaeger", "--transport", "http,gzip,grpc", "--scratch", folder,
                  "--json", saved, *QUICK, seconds=400)
    return saved, table


def test_every_span_is_acknowledged_over_every_transport(ingest):
    found = figures(ingest[0])
    assert list(found) == ["jaeger", "jaeger gzip", "jaeger grpc"]
    for column in found.values():
        assert column["spans_acknowledged"] == 2040  # whole requests: four of 51 traces of 10 spans
        assert (column["spans_rejected"], column["requests_refused"], column["read_failures"]) == (0, 0, 0)
    assert found["jaeger"]["request_bytes_per_span"] == found["jaeger grpc"]["request_bytes_per_span"]
    assert found["jaeger gzip"]["request_bytes_per_span"] < found["jaeger"]["request_bytes_per_span"] / 2


def test_every_phase_has_its_figures(ingest):
    for column in figures(ingest[0]).values():
        assert all(value is not None for value in column.values()), column
        assert column["summarize_cpu_s_per_1m_spans"] > 0
        share = column["summarize_cpu_s_per_1m_spans"] / column["server_cpu_s_per_1m_spans_settled"] * 100
        assert column["summarize_cpu_percent"] == pytest.approx(share, abs=0.1)
        assert column["server_memory_peak_mib"] > 0 and column["idle_memory_mib"] > 0


def test_a_time_instead_of_a_number_of_spans(tmp_path):
    saved = tmp_path / "sustained.json"
    quick = ("--settle", 0, "--half", 0, "--mixed", 0, "--trickle", 0, "--idle", 0)
    bench("ingest", "--dataset", "llm", "--transport", "http,gzip,grpc", "--spans", 2000, "--seconds", 1,
          "--scratch", tmp_path, "--json", saved, *quick)
    for column in figures(saved).values():
        assert column["seconds"] >= 1 and column["spans_acknowledged"] % 8 == 0
        assert 0 < column["stored_spans_per_s"] <= column["spans_per_s"]
        assert (column["spans_rejected"], column["half_speed_ack_max_ms"]) == (0, None)


def test_the_table_names_the_machine_and_the_method(ingest):
    assert " cores, " in ingest[1] and "OTLP protobuf, 512 spans a request" in ingest[1]


def test_scratch_directories_are_removed(ingest):
    assert [path.name for path in ingest[0].parent.iterdir()] == ["ingest.json"]


def test_a_saved_run_is_compared_with(ingest, tmp_path):
    table = bench("ingest", "--dataset", "jaeger", "--scratch", tmp_path, "--compare", ingest[0], *QUICK)
    (line,) = [line for line in table.splitlines() if line.startswith("spans acknowledged")]
    assert line.split()[-2:] == ["2040", "x1.00"]


def test_sizes_add_up(tmp_path):
    saved = tmp_path / "size.json"
    bench("size", "--dataset", "agent30", "--spans", 1820, "--scratch", tmp_path, "--json", saved)
    found = figures(saved)["agent30"]
    assert (found["spans"], found["spans_rows"]) == (1820, 1820)
    tables = [name for name in found if name.endswith("_bytes_per_span") and
              name not in ("request_bytes_per_span", "live_bytes_per_span", "disk_bytes_per_span")]
    assert "segments_bytes_per_span" in tables
    assert sum(found[name] for name in tables) == pytest.approx(found["live_bytes_per_span"], abs=0.5)
    assert found["request_to_live"] == pytest.approx(
        found["request_bytes_per_span"] / found["live_bytes_per_span"], rel=0.02)


def test_questions_are_answered(tmp_path):
    saved = tmp_path / "query.json"
    bench("query", "--dataset", "llm", "--spans", 4000, "--repeats", 5, "--scratch", tmp_path, "--json", saved)
    found = figures(saved)["llm"]
    assert found["spans"] == 4000
    assert all(found[f"{name}_p99_ms"] > 0 for name in ("by_id", "by_id_in_project", "list", "projects"))
    assert found["by_word_p50_ms"] > 0 and found["by_id_cold_ms"] > 0


@pytest.mark.parametrize("arguments, told", [
    (["ingest", "--dataset", "unknown"], "no data set unknown"),
    (["ingest", "--endpoint", "nowhere"], "--endpoint nowhere is not HOST:PORT"),
    (["size", "--compare", "/nonexistent", "--dataset", "jaeger", "--spans", "100"], "cannot read /nonexistent"),
    ([], "subcommand"),
], ids=str)
def test_mistakes_are_explained(arguments, told):
    code, _, err = run_to_end("bench", *arguments)
    assert code == 1
    assert told in err
