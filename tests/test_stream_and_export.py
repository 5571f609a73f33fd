"""Spans as they arrive, and as files: what is streamed, resumed, exported, and what never reaches a terminal."""

import concurrent.futures
import csv
import http.client
import io
import json
import re
import subprocess
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import BINARY, Server, environment, on_a_terminal, until

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9
HOSTILE = "=cmd|' /C calc'!A0"


def span(ids, name, kind="LLM", **more):
    attributes = {"openinference.span.kind": kind} | more.pop("attributes", {})
    return otlp.Span(more.pop("trace", None) or ids.trace(), ids.span(), name, start=BASE, end=BASE + MS, attributes=attributes, **more)


class Stream:
    """One client of /api/v1/stream. A read that gets nothing for a minute fails."""

    def __init__(self, server, query, **headers):
        self.connection = http.client.HTTPConnection(server.ready["http"], timeout=60)
        self.connection.request("GET", "/api/v1/stream?" + query, headers=headers)
        self.response = self.connection.getresponse()

    def event(self):
        """The next event: (id, span). Comments are stepped over."""
        fields = {}
        while True:
            line = self.response.readline().decode().rstrip("\n")
            if line == "" and "data" in fields:
                return fields["id"], json.loads(fields["data"])
            if line == "":
                fields = {}
            elif not line.startswith(":"):
                key, _, value = line.partition(": ")
                fields[key] = value

    def begin(self):
        """Returns once what arrives from now on is told."""
        assert self.response.readline() == b"retry: 1000\n" and self.response.readline() == b"\n"

    def close(self):
        self.connection.close()


def test_spans_are_told_as_they_arrive_and_the_stream_resumes(server):
    ids = Ids("live")
    server.accept(otlp.request([span(ids, "before")]), project="live")
    stream = Stream(server, "project=live&q=kind:llm")
    assert stream.response.getheader("content-type") == "text/event-stream"
    stream.begin()
    server.accept(otlp.request([span(ids, "tool", kind="TOOL"), span(ids, "one")]), project="live")
    first, told = stream.event()
    assert (told["name"], told["kind"], told["project"]) == ("one", "LLM", "live")
    stream.close()
    server.accept(otlp.request([span(ids, "two")]), project="live")
    server.accept(otlp.request([span(ids, "elsewhere")]), project="live-other")
    again = Stream(server, "project=live&filter=span_kind%20==%20%27LLM%27", **{"Last-Event-ID": first})
    again.begin()
    assert again.event()[1]["name"] == "two"
    server.accept(otlp.request([span(ids, "three\x1b[2J")]), project="live")
    assert again.event()[1]["name"] == "three\x1b[2J"
    again.close()


def test_a_silent_stream_shows_that_it_lives(server):
    stream = Stream(server, "project=silent")
    stream.begin()
    assert stream.response.readline() == b": heartbeat\n" and stream.response.readline() == b"\n"
    stream.close()


@pytest.mark.parametrize("query, headers, told", [
    ("q=kind:llm", {}, "project is missing"), ("project=live&q=modle:x", {}, "did you mean model"),
    ("project=live&filter=name", {}, "this is a value"), ("project=live&filter=num_spans%20>%201&q=a", {}, "send one of them"),
    ("project=live", {"Last-Event-ID": "x;DROP"}, "is not that of an event")])
def test_what_is_wrong_with_a_stream_is_told(server, query, headers, told):
    answer = server.request("GET", "/api/v1/stream?" + query, None, headers)
    assert answer.status == 400 and told in answer.json()["error"]["message"]


def test_there_are_64_streams_at_most(tmp_path):
    with Server(tmp_path / "data") as server:
        streams = [Stream(server, "project=many") for _ in range(64)]
        assert {stream.response.status for stream in streams} == {200}
        assert server.get("/api/v1/stream?project=many").status == 503
        for stream in streams:
            stream.begin()
            stream.close()
        deadline = time.monotonic() + 60  # those that left are noticed
        while (answer := Stream(server, "project=many")).response.status == 503 and time.monotonic() < deadline:
            answer.close()
        assert answer.response.status == 200
        answer.close()


def test_tail(server):
    ids = Ids("tail")
    command = [BINARY, "tail", "--project", "tail", "--limit", "2", "--url", "http://" + server.ready["http"]]
    tails = [subprocess.Popen([*command, *asked, "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment())
             for form, asked in (("json", ["status:error"]), ("text", ["--filter", "status_code == 'ERROR'"]))]
    # Until both follow, spans are sent again and again.
    deadline = time.monotonic() + 60
    while any(tail.poll() is None for tail in tails) and time.monotonic() < deadline:
        failed = span(ids, "cha\x1b]0;owned\x07t", status=2, status_message="no \x1b[2J", attributes={"llm.model_name": "nova"})
        server.accept(otlp.request([failed, span(ids, "fine")]), project="tail")
        time.sleep(0.1)
    lines, text = [tail.communicate(timeout=60) for tail in tails]
    assert [tail.returncode for tail in tails] == [0, 0] and (lines[1], text[1]) == ("", "")
    assert [json.loads(line)["model"] for line in lines[0].splitlines()] == ["nova", "nova"]
    assert len(text[0].splitlines()) == 2 and all(c == "\n" or c.isprintable() for c in text[0])
    assert "LLM        cha\\x1b]0;owned\\x07t  1 ms  nova  no \\x1b[2J  " in text[0]


def test_tail_tells_what_is_wrong(server):
    for arguments, told in ((("modle:x",), "did you mean model"), (("x", "--url", "http://127.0.0.1:1"), "127.0.0.1:1")):
        url = [] if "--url" in arguments else ["--url", "http://" + server.ready["http"]]
        done = subprocess.run([BINARY, "tail", *arguments, *url], capture_output=True, text=True, timeout=60, env=environment())
        assert (done.returncode, done.stdout) == (1, "") and told in done.stderr


def is_only_colored(out):
    """Nothing but texts, ends of lines and colours."""
    left = re.sub(rb"\x1b\[(0|1|2|3[1-6])m", b"", out).replace(b"\r\n", b"\n").decode()
    return b"\x1b[" in out and all(c == "\n" or c.isprintable() for c in left)


def test_colors_and_nothing_else_on_a_terminal(server):
    """Each command that shows telemetry, of spans that would write to the terminal's clipboard, title and screen."""
    ids, evil = Ids("colors"), "\x1b]52;c;b3duZWQ=\x07\x1b[2J\x9b2J\u202e\x7f\r"
    trace = ids.trace()
    failed = span(ids, "chat" + evil, trace=trace, status=2, status_message=evil, attributes={"llm.model_name": "nova" + evil, "input.value": evil, "user.id": evil, evil: evil})
    server.accept(otlp.request([failed], resource={"service.name": evil}), project="colors")
    server.get_json("/api/v1/projects/colors/spans")  # waits for them
    of = ["--url", "http://" + server.ready["http"], "--project", "colors"]
    for command in (["query", "status:error"], ["query", "status:error", "--of", "spans"], ["query", "SELECT name, model, attributes FROM spans"], ["trace", trace.hex()]):
        out = on_a_terminal([*command, *(of if command[0] != "trace" else of[:2])], {"NO_COLOR": ""})
        assert b"chat\\x1b]52;" in out or b"nova" in out, (command, out)
        assert is_only_colored(out) or b"\x1b" not in out and is_only_colored(out + b"\x1b[0m"), (command, out)
        assert b"\x1b" not in on_a_terminal([*command, *(of if command[0] != "trace" else of[:2])], {"NO_COLOR": "1"})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        tail = pool.submit(on_a_terminal, ["tail", *of], {"NO_COLOR": ""}, 2)
        until(lambda: server.accept(otlp.request([span(ids, "chat" + evil, status=2, status_message=evil)]), project="colors") or tail.done(), "two lines of tail")
        assert is_only_colored(tail.result()) and b"\x1b[31mchat\\x1b]52;" in tail.result()


def test_a_stream_resumes_after_a_restart(tmp_path):
    ids = Ids("restarted stream")
    with Server(tmp_path / "data") as server:
        stream = Stream(server, "project=p")
        stream.begin()
        server.accept(otlp.request([span(ids, "one")]), project="p")
        last, _ = stream.event()
        server.accept(otlp.request([span(ids, "two")]), project="p")
        server.kill9()
        stream.close()
        server.start()
        server.accept(otlp.request([span(ids, "three")]), project="p")
        again = Stream(server, "project=p", **{"Last-Event-ID": last})
        again.begin()
        assert [again.event()[1]["name"] for _ in range(2)] == ["two", "three"]
        again.close()


def whole(server, project):
    """Every span of the project as the API shows it, without what its arrival adds."""
    spans = {}
    for row in server.get_json(f"/api/v1/projects/{project}/traces", limit=500)["data"]:
        for one in server.get_json(f"/api/v1/projects/{project}/traces/{row['trace_id']}")["spans"]:
            spans[one["span_id"]] = one | {"project": None}
    return spans


@pytest.fixture(scope="module")
def exported(server):
    ids = Ids("export")
    trace = ids.trace()
    odd = {"text": "a \x00 \u202e \"q\" 'x'\n", "long": "z" * 500, "n": -2**63, "x": 0.1, "inf": float("inf"), "yes": True,
           "bytes": b"\x00\xff", "list": ["a", 1, 2.5, False], "map": {"k": "v"}}
    spans = [span(ids, HOSTILE, trace=trace, attributes=odd, status=2, status_message="+1",
                  events=(otlp.event("e", BASE, {"k": "v" * 200}),)),
             span(ids, "tool", kind="TOOL", trace=trace), span(ids, "-other")]
    server.accept(otlp.request(spans, resource={"service.name": "shop", "replicas": 2}), project="export")
    return trace.hex()


def export(server, path, **params):
    answer = server.get(path, **params)
    assert answer.status == 200, answer.body[:300]
    return answer


def test_an_export_comes_back_as_it_was(server, exported):
    body = export(server, "/api/v1/projects/export/export").body
    headers = {"content-type": "application/json", "x-project-name": "export-again"}
    assert server.request("POST", "/v1/traces", body, headers).json().get("partialSuccess", {}) == {}
    assert whole(server, "export-again") == whole(server, "export")
    one = json.loads(export(server, f"/api/v1/projects/export/traces/{exported}/export").body)
    assert sorted(s["name"] for r in one["resourceSpans"] for c in r["scopeSpans"] for s in c["spans"]) == [HOSTILE, "tool"]
    assert json.loads(export(server, "/api/v1/projects/export/export", q="name:nothing").body) == {"resourceSpans": []}
    matching = json.loads(export(server, "/api/v1/projects/export/export", q="kind:tool").body)
    assert sum(len(c["spans"]) for r in matching["resourceSpans"] for c in r["scopeSpans"]) == 2
    assert json.loads(export(server, "/api/v1/projects/export/export", filter="num_spans == 2").body) == matching


def test_rows(server, exported):
    path = "/api/v1/projects/export/export"
    lines = [json.loads(line) for line in export(server, path, format="jsonl").body.splitlines()]
    assert {row["name"] for row in lines} == {HOSTILE, "tool", "-other"}
    assert [json.loads(line)["name"] for line in export(server, path, format="jsonl", q="kind:tool").body.splitlines()] == ["tool"]
    filtered = export(server, path, format="jsonl", filter="span_kind == 'TOOL'").body.splitlines()
    assert [json.loads(line)["name"] for line in filtered] == ["tool"]
    assert len(export(server, path, format="jsonl", filter="num_spans == 2", of="traces").body.splitlines()) == 2
    of_traces = export(server, path, format="jsonl", q="kind:tool", of="traces").body.splitlines()
    assert {json.loads(line)["name"] for line in of_traces} == {HOSTILE, "tool"}
    of_trace = export(server, f"/api/v1/projects/export/traces/{exported}/export", format="jsonl").body.splitlines()
    assert len(of_trace) == 2
    table = list(csv.DictReader(io.StringIO(export(server, path, format="csv").body.decode())))
    assert {row["name"] for row in table} == {"'" + HOSTILE, "tool", "'-other"}
    assert {row["status_message"] for row in table} == {"'+1", ""}
    parquet = export(server, path, format="parquet")
    assert parquet.body[:4] == parquet.body[-4:] == b"PAR1" and parquet.media_type == "application/vnd.apache.parquet"
    assert export(server, path, format="arrow").body.startswith(b"\xff\xff\xff\xff")


@pytest.mark.parametrize("form, name", [("parquet", "Parquet"), ("arrow", "ArrowStream"), ("csv", "CSVWithNames")])
def test_each_format_has_the_same_rows(server, exported, form, name):
    """As the engine reads them, beside the JSON lines."""
    path = "/api/v1/projects/export/export"
    file = server.data_dir / "engine" / f"export.{form}"
    file.write_bytes(export(server, path, format=form).body)
    columns = "span_id, trace_id, name, kind, status, duration_ms, start_unix_ns, service_name"
    read = server.sql(f"SELECT {columns} FROM file('{file}', '{name}') ORDER BY span_id FORMAT JSONCompactEachRow")
    file.unlink()
    lines = sorted((json.loads(line) for line in export(server, path, format="jsonl").body.splitlines()), key=lambda row: row["span_id"])
    told = [[row[column.strip()] for column in columns.split(",")] for row in lines]
    for row in told:
        row[2] = "'" + row[2] if form == "csv" and row[2][0] in "=-" else row[2]  # what a spreadsheet would reckon
    assert len(told) == 3 and [[str(cell) for cell in json.loads("\t".join(row))] for row in read] == [[str(cell) for cell in row] for row in told]


@pytest.mark.parametrize("query, told", [("format=xml", "none of otlp_json"), ("q=modle:x", "did you mean"), ("of=spans", "whole traces"),
                                         ("format=csv&of=x", "neither traces nor spans"), ("from=x", "from"),
                                         ("filter=name", "a trace has no"), ("format=csv&filter=name", "this is a value"), ("filter=num_spans%20>%201&q=a", "send one of them"),
                                         ("from=2&to=1", "is not before")])
def test_what_is_wrong_with_an_export_is_told(server, query, told):
    answer = server.request("GET", "/api/v1/projects/export/export?" + query)
    assert answer.status == 400 and told in answer.json()["error"]["message"]
    assert server.get(f"/api/v1/projects/export/traces/{'0' * 31}1/export").status == 404


def test_export_command(server, exported, tmp_path):
    def run(*arguments):
        command = [BINARY, "export", *arguments, "--project", "export", "--url", "http://" + server.ready["http"]]
        return subprocess.run(command, capture_output=True, timeout=60, env=environment())

    file = tmp_path / "spans.parquet"
    assert run("--format", "parquet", "--output", str(file)).returncode == 0 and file.read_bytes()[:4] == b"PAR1"
    for asked in (["kind:tool"], ["--filter", "span_kind == 'TOOL'"]):
        assert json.loads(run(*asked, "--format", "jsonl").stdout)["name"] == "tool"
    assert len(json.loads(run(exported).stdout)["resourceSpans"]) == 1
    wrong = run("modle:x")
    assert wrong.returncode == 1 and b"did you mean model" in wrong.stderr and wrong.stdout == b""
