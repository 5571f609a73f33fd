"""Parts of a trace: where a text occurs, ranges of long values, its structure as columns."""

import struct
import time
import urllib.parse

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9
LONG = "zürich " * 200 + "Needle" + " end" * 100


@pytest.fixture(scope="module")
def trace(server):
    ids = Ids("parts")
    trace, root, call, tool = ids.trace(), ids.span(), ids.span(), ids.span()
    server.accept(otlp.request([
        otlp.Span(trace, root, "run NEEDLE", start=BASE, end=BASE + 30 * MS),
        otlp.Span(trace, call, "chat", parent=root, start=BASE + MS, end=BASE + 3 * MS, status=2, status_message="no needle", attributes={
            "openinference.span.kind": "LLM", "llm.model_name": "nova", "llm.token_count.total": 9, "llm.cost.total": 9e-06, "input.value": LONG,
            "a/b~c": ["x", "a needle needle"]},
            events=(otlp.event("e", BASE, {"k": "in an event: needle"}),)),
        otlp.Span(trace, tool, "tool", parent=ids.span(), start=BASE + MS, end=BASE + 4 * MS)], resource={"service.name": "shop"}),
        project="parts")
    return trace.hex(), root.hex(), call.hex(), tool.hex()


def base(trace):
    return f"/api/v1/projects/parts/traces/{trace[0]}"


def test_find(server, trace):
    _, root, call, _ = trace
    answer = server.get_json(base(trace) + "/find", q="needle")
    at = len("zürich ".encode()) * 200
    found = [(m["span_id"], m["path"], m["offset"], m["length"], m["found"]) for m in answer["data"]]
    assert [m[0] for m in found] == [root, *[call] * 5] and sorted(found) == sorted([
        (root, "/name", 4, 6, "NEEDLE"), (call, "/status/message", 3, 6, "needle"),
        (call, "/attributes/input.value", at, 6, "Needle"), (call, "/attributes/a~1b~0c/1", 2, 6, "needle"),
        (call, "/attributes/a~1b~0c/1", 9, 6, "needle"), (call, "/events/0/attributes/k", 13, 6, "needle")])
    assert answer["complete"] is True
    (long,) = [m for m in answer["data"] if m["path"] == "/attributes/input.value"]
    assert long["before"].endswith("zürich ") and long["after"].startswith(" end end") and len(long["before"].encode()) <= 60
    cut = server.get_json(base(trace) + "/find", q="needle", limit=2)
    assert len(cut["data"]) == 2 and cut["complete"] is False
    assert server.get_json(base(trace) + "/find", q="ü%s' OR 1")["data"] == []
    assert server.get(base(trace) + "/find").status == 400


def test_content(server, trace):
    address = base(trace) + f"/spans/{trace[2]}/content?"

    def ask(**params):
        return server.get(address + urllib.parse.urlencode(params))

    text, offset = "", 0
    while offset is not None:
        part = ask(path="/attributes/input.value", offset=offset, limit=101).json()
        assert part["type"] == "text" and part["bytes"] == len(LONG.encode()) and len(part["text"].encode()) <= 101
        text, offset = text + part["text"], part["next_offset"]
    assert text == LONG
    item = ask(path="/attributes/a~1b~0c/1").json()
    assert (item["text"], item["next_offset"]) == ("a needle needle", None)
    assert ask(path="/tokens/total").json()["text"] == "9"
    assert ask(path="/name", offset=999).json()["text"] == ""
    for wrong in ("", "name", "/nothing", "/attributes/__proto__"):
        assert ask(path=wrong).status == 404
    assert ask(path="/name", offset="-1").status == 400


def test_columns(server, trace):
    _, root, call, tool = trace
    body = server.get(base(trace) + "/columns").body
    magic, version, rows, texts, first = struct.unpack_from("<4sIIIQ", body)
    assert (magic, version, rows, first) == (b"NJTC", 2, 3, BASE)
    at = 24

    def column(kind):
        nonlocal at
        values = struct.unpack_from(f"<{rows}{kind}", body, at)
        at += struct.calcsize(f"<{rows}{kind}")
        return list(values)

    assert [f"{i:016x}" for i in column("Q")] == [root, tool, call]
    assert column("Q") == [0, MS, MS] and column("q") == [30 * MS, 3 * MS, 2 * MS] and column("q") == [-1, -1, 9]
    costs = column("d")
    assert costs[2] == 9e-06 and [c != c for c in costs] == [True, True, False]
    assert column("i") == [-1, -2, 0]
    names, services, models, kinds = (column("I") for _ in range(4))
    assert column("B") == [0, 0, 2]
    lengths = struct.unpack_from(f"<{texts}I", body, at)
    at += 4 * texts
    words = []
    for length in lengths:
        words.append(body[at:at + length].decode())
        at += length
    assert at == len(body)
    assert [words[i] for i in names] == ["run NEEDLE", "tool", "chat"] and [words[i] for i in services] == ["shop"] * 3
    assert [words[i] for i in models] == ["", "", "nova"] and [words[i] for i in kinds] == ["UNKNOWN", "UNKNOWN", "LLM"]
    assert server.get(f"/api/v1/projects/none/traces/{trace[0]}/columns").status == 404


def test_a_trace_without_its_spans_when_they_are_more_than_wanted(server, trace):
    whole, head = server.get_json(base(trace), spans_max=3), server.get_json(base(trace), spans_max=2)
    assert len(whole["spans"]) == 3 and head["spans"] is None
    assert head["trace"] == whole["trace"]
    assert server.get(base(trace) + "?spans_max=0").status == 400
