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
    trace, root, call, tool, gone = ids.trace(), ids.span(), ids.span(), ids.span(), ids.span()
    server.accept(otlp.request([
        otlp.Span(trace, root, "run NEEDLE", start=BASE, end=BASE + 30 * MS),
        otlp.Span(trace, call, "chat", parent=root, start=BASE + MS, end=BASE + 3 * MS, status=2, status_message="no needle", attributes={
            "openinference.span.kind": "LLM", "llm.model_name": "nova", "llm.token_count.total": 9,
            "llm.token_count.completion": 4, "gen_ai.response.time_to_first_chunk": 0.0005, "llm.cost.total": 9e-06, "input.value": LONG,
            "a/b~c": ["x", "a needle needle"]},
            events=(otlp.event("e", BASE, {"k": "in an event: needle"}),)),
        otlp.Span(trace, tool, "tool", parent=gone, start=BASE + MS, end=BASE + 4 * MS)], resource={"service.name": "shop"}),
        project="parts")
    return trace.hex(), root.hex(), call.hex(), tool.hex(), gone.hex()


def base(trace):
    return f"/api/v1/projects/parts/traces/{trace[0]}"


def test_find(server, trace):
    _, root, call, _, _ = trace
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


def content(server, trace, **params):
    query = urllib.parse.urlencode({"path": "/attributes/input.value", **params})
    return server.get_json(base(trace) + f"/spans/{trace[2]}/content?{query}")


def test_ranges_by_bytes_make_up_the_whole(server, trace):
    """A character that two ranges share belongs to the later one."""
    parts = [content(server, trace, offset=at, limit=5)["text"] for at in range(0, 20, 5)]
    assert parts == ["züri", "ch z", "ürich", " zür"]


def test_find_in_a_value(server, trace):
    at = len("zürich ".encode()) * 200
    found = content(server, trace, find="needle", limit=300)
    assert found["found"] == at and "Needle" in found["text"] and found["offset"] == at - 256
    again = content(server, trace, find="needle", offset=at + 6)
    assert (again["found"], again["text"], again["next_offset"]) == (None, "", None)


def test_a_value_is_downloaded(server, trace):
    address = base(trace) + f"/spans/{trace[2]}/content"
    answer = server.get(address + "?path=/attributes/input.value&download=true")
    assert answer.body == LONG.encode()
    headers = {name.lower(): value for name, value in answer.headers.items()}
    assert headers["content-type"] == "text/plain; charset=utf-8" and headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == 'attachment; filename="value.txt"'
    answer = server.get(address + "?path=/attributes/a~1b~0c&download=true")
    assert answer.body == b'["x","a needle needle"]'


def test_long_texts_are_cut_where_that_is_wanted(server, trace):
    def cut(span):
        return {entry["path"]: entry["bytes"] for entry in span["cut"]}

    bytes_of = len(LONG.encode())
    span = server.get_json(base(trace) + f"/spans/{trace[2]}", text_max=1000)
    assert cut(span) == dict.fromkeys(("/attributes/input.value", "/input/value", "/llm/input_messages/0/content/0/text"), bytes_of)
    assert span["input"]["value"] == LONG.encode()[:1000].decode(errors="ignore") and span["name"] == "chat"
    (call,) = [s for s in server.get_json(base(trace), text_max=1000)["spans"] if s["span_id"] == trace[2]]
    assert cut(call) == cut(span)
    assert "cut" not in server.get_json(base(trace) + f"/spans/{trace[2]}")
    assert server.get(base(trace) + "?text_max=0").status == 400


@pytest.fixture(scope="module")
def busy(server):
    """A turn of four searches, two of which ask the same, and of four retrievals, two of which return the same; with events."""
    ids = Ids("busy")
    trace, root = ids.trace(), ids.span()
    spans = [otlp.Span(trace, root, "turn", start=BASE, end=BASE + 100 * MS, events=(
        otlp.event("early", BASE - 5 * MS, {}), otlp.event("exception", BASE + 50 * MS, {"exception.message": "ü" * 400}),
        otlp.event("late", BASE + 500 * MS, {})))]
    kinds = [("search", "TOOL", {"tool.name": "search", "input.value": text}) for text in ("lamp", "desk", "lamp", "bed")]
    kinds += [("retrieve", "RETRIEVER", {f"retrieval.documents.{i}.document.id": name for i, name in enumerate(names)})
              for names in ("ab", "c", "ba", "ac")]
    for at, (name, kind, attributes) in enumerate(kinds):
        spans.append(otlp.Span(trace, ids.span(), name, parent=root, start=BASE + at * MS, end=BASE + at * MS + MS // 2,
                               attributes={"openinference.span.kind": kind, **attributes},
                               events=(otlp.event("step", BASE + at * MS + 7, {}),)))
    server.accept(otlp.request(spans), project="parts")
    return trace.hex(), [span.span_id.hex() for span in spans]


def test_events_by_time(server, busy):
    trace, ids = busy
    address = f"/api/v1/projects/parts/traces/{trace}/events"
    rows = server.get_json(address)
    names = [(row["name"], row["span_id"]) for row in rows["data"]]
    # What happened outside its span's time stands where the span begins or ends.
    assert names == [("early", ids[0]), *[("step", i) for i in ids[1:]], ("exception", ids[0]), ("late", ids[0])]
    assert rows["complete"] is True and rows["data"][0]["time_unix_ns"] == str(BASE - 5 * MS)
    assert [row["message"] for row in rows["data"]] == [None] * 9 + ["ü" * 300, None]
    some = server.get_json(address, **{"from": BASE + MS, "to": BASE + 3 * MS})
    assert [row["span_id"] for row in some["data"]] == ids[2:4]
    page = server.get_json(address, limit=2, offset=1)
    assert [row["span_id"] for row in page["data"]] == ids[1:3] and page["complete"] is False
    last = server.get_json(address, limit=2, offset=9)
    assert [row["name"] for row in last["data"]] == ["exception", "late"] and last["complete"] is True
    assert server.get(address + "?offset=100001").status == 400


def test_what_was_done_again(server, busy):
    trace, ids = busy
    answer = server.get_json(f"/api/v1/projects/parts/traces/{trace}/repeated")
    assert answer == {"tool_calls": [[ids[1], ids[3]]], "retrievals": [[ids[5], ids[7]]]}


def test_columns(server, trace):
    _, root, call, tool, gone = trace
    body = server.get(base(trace) + "/columns").body
    magic, version, rows, texts, first, missing = struct.unpack_from("<4sIIIQQ", body)
    assert (magic, version, rows, first, missing) == (b"NJTC", 3, 3, BASE, 1)
    at = 32

    def column(kind, count=rows):
        nonlocal at
        values = struct.unpack_from(f"<{count}{kind}", body, at)
        at += struct.calcsize(f"<{count}{kind}")
        return list(values)

    assert [f"{i:016x}" for i in column("Q")] == [root, tool, call]
    assert column("Q") == [0, MS, MS] and column("q") == [30 * MS, 3 * MS, 2 * MS] and column("q") == [-1, -1, 9]
    assert column("q") == [-1, -1, 4] and column("q") == [-1, -1, 5 * 10**5]
    costs = column("d")
    assert costs[2] == 9e-06 and [c != c for c in costs] == [True, True, False]
    assert [f"{i:016x}" for i in column("Q", missing)] == [gone]
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
