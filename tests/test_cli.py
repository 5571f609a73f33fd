"""The commands that ask a running server from a terminal."""

import json
import subprocess
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import BINARY, environment

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9


def run(server, *arguments):
    command = [BINARY, *arguments, "--url", "http://" + server.ready["http"]]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())


@pytest.fixture(scope="module")
def trace(server):
    ids = Ids("cli")
    trace, root = ids.trace(), ids.span()
    hostile = "cha\x1b]0;owned\x07t\u202e"
    server.accept(otlp.request([
        otlp.Span(trace, root, "run", start=BASE, end=BASE + 30 * MS, attributes={"openinference.span.kind": "AGENT", "user.id": "ada"}),
        otlp.Span(trace, ids.span(), hostile, parent=root, start=BASE, end=BASE + 20 * MS, status=2, status_message="no \x1b[2J",
                  attributes={"openinference.span.kind": "LLM", "llm.model_name": "nova"})]), project="cli")
    server.get_json("/api/v1/projects/cli/spans")  # waits for them
    return trace.hex()


def is_harmless(text):
    return all(c == "\n" or c.isprintable() for c in text)


def test_sql(server, trace):
    query = "SELECT name, duration_ms FROM spans WHERE project = 'cli' AND model = 'nova'"
    table = run(server, "query", query, "--format", "table")
    assert (table.returncode, table.stderr) == (0, "")
    lines = table.stdout.splitlines()
    assert lines[0].split() == ["name", "duration_ms"] and len(lines) == 3
    assert lines[2].split() == ["cha\\x1b]0;owned\\x07t\\u202e", "20"] and is_harmless(table.stdout)
    piped = run(server, "query", query)  # not to a terminal: one JSON object a line
    assert json.loads(piped.stdout) == {"name": "cha\x1b]0;owned\x07t\u202e", "duration_ms": 20}
    assert "\x1b" not in piped.stdout
    csv = run(server, "query", query.replace("name, ", ""), "--format", "csv")
    assert csv.stdout == '"duration_ms"\n20\n'


def test_lists(server, trace):
    traces = run(server, "query", "user:ada", "--project", "cli", "--format", "table")
    assert traces.stdout.splitlines()[0].split() == ["start", "trace", "name", "kind", "status", "duration", "tokens", "cost", "user", "input"]
    assert traces.stdout.splitlines()[2].split()[1:] == [trace, "run", "AGENT", "UNSET", "30", "ms", "ada"]
    spans = run(server, "query", "status:error", "--project", "cli", "--of", "spans")
    assert json.loads(spans.stdout)["model"] == "nova"
    filtered = run(server, "query", "--filter", "status_code == 'ERROR'", "--project", "cli", "--of", "spans")
    assert filtered.stdout == spans.stdout


def test_trace(server, trace):
    shown = run(server, "trace", trace)
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == f"run  {trace}"
    assert lines[3].split()[:2] == ["agent", "run"] and lines[3].endswith("30 ms")
    assert "└ cha\\x1b]0;owned\\x07t\\u202e" in lines[4] and "failed: no \\x1b[2J  nova" in lines[4]
    assert is_harmless(shown.stdout)
    assert json.loads(run(server, "trace", trace, "--json").stdout)["trace"]["trace_id"] == trace


@pytest.mark.parametrize("arguments, told", [
    (("query", "modle:x"), "did you mean model"), (("query", "--filter", "name"), "a trace has no"), (("query", "SELECT file('x')"), 'the function "file" is not allowed'),
    (("query", "user:x", "--format", "csv"), "lists have no CSV"), (("trace", "12"), '"12" is not a trace id'),
    (("trace", "0" * 31 + "1"), "has no trace"), (("query", "SELECT \x1b[2J"), "\\x1b")])
def test_what_goes_wrong_is_told(server, trace, arguments, told):
    result = run(server, *arguments)
    assert (result.returncode, result.stdout) == (1, "")
    assert told in result.stderr and is_harmless(result.stderr)


def test_no_server(server):
    result = subprocess.run([BINARY, "query", "SELECT 1", "--url", "http://127.0.0.1:1"], capture_output=True, text=True, timeout=60)
    assert result.returncode == 1 and result.stderr.startswith("nightjar: ")
