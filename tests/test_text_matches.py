"""Lists that were asked for a word show where it stands: the best places first, with what is around it."""

import json
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND = 10**6, 10**9
BASE = time.time_ns() // SECOND * SECOND - 3600 * SECOND
MESSAGES = {"openinference.span.kind": "LLM", "llm.model_name": "nova", "session.id": "talk", "user.id": "ada",
            "llm.input_messages.0.message.role": "system", "llm.input_messages.0.message.content": "You sell tickets.",
            "llm.input_messages.1.message.role": "user", "llm.input_messages.1.message.content": "The <b>Zeppelin</b> of yesterday, " + "far away " * 20 + "is a zeppelins' one",
            "llm.output_messages.0.message.role": "assistant", "llm.output_messages.0.message.content": "Certainly.",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look_up",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"about":"gondola"}'}


@pytest.fixture(scope="module")
def ids(server):
    ids = Ids("matches")
    trace, root, call = ids.trace(), ids.span(), ids.span()
    failed = (otlp.event("exception", BASE, {"exception.type": "Lost", "exception.message": "no propeller"}),)
    spans = [
        otlp.Span(trace, root, "fly by zeppelin", start=BASE, end=BASE + 9 * MS, attributes={"openinference.span.kind": "AGENT"}),
        otlp.Span(trace, call, "chat", parent=root, start=BASE + MS, end=BASE + 2 * MS, attributes=MESSAGES),
        otlp.Span(trace, ids.span(), "look_up", parent=root, start=BASE + 3 * MS, end=BASE + 4 * MS, status=2, events=failed,
                  attributes={"openinference.span.kind": "TOOL", "tool.name": "look_up", "input.value": '{"about":"gondola"}', "metadata": '{"crew":{"captain":"Eckener"}}', "hangar.name": "east ballast"}),
        otlp.Span(trace, ids.span(), "find", parent=root, start=BASE + 5 * MS, end=BASE + 6 * MS, attributes={
            "openinference.span.kind": "RETRIEVER", "retrieval.documents.0.document.content": "about trains", "retrieval.documents.1.document.content": "about hydrogen"}),
    ]
    server.accept(otlp.request(spans), project="matches")
    return {"trace": trace.hex(), "call": call.hex(), "root": root.hex()}


def listed(server, path, **params):
    return server.get_json(f"/api/v1/projects/matches/{path}", **params)["data"]


def places(row):
    return [(m["span_name"], m["place"], m["role"], m["key"], m["position"], m["found"]) for m in row["matches"]]


def test_where_and_what_is_around(server, ids):
    (row,) = listed(server, "traces", q="ZEPPELIN", matches=5)
    assert places(row) == [("chat", "input message", "user", None, 1, "Zeppelin"), ("fly by zeppelin", "name", None, None, None, "zeppelin"),
                           ("chat", "input message", "user", None, 1, "zeppelin")]  # a part of a word comes last
    first = row["matches"][0]
    assert (first["trace_id"], first["span_id"], first["path"], first["offset"], first["length"]) == (
        ids["trace"], ids["call"], "/llm/input_messages/1/content/0/text", 7, 8)
    assert (first["before"], first["after"][:20]) == ("The <b>", "</b> of yesterday, f")
    assert len(row["matches"][2]["before"]) == 60
    assert len(listed(server, "traces", q="zeppelin", matches=1)[0]["matches"]) == 1


@pytest.mark.parametrize("word, place", {
    "gondola": ("chat", "tool argument", "assistant", "look_up", 0, "gondola"), "propeller": ("look_up", "exception", None, None, None, "propeller"),
    "hydrogen": ("find", "document", None, None, 1, "hydrogen"), "Eckener": ("look_up", "metadata", None, "crew", None, "Eckener"),
    "ballast": ("look_up", "attribute", None, "hangar.name", None, "ballast"), "tickets": ("chat", "input message", "system", None, 0, "tickets"),
    "Certainly": ("chat", "output message", "assistant", None, 0, "Certainly"),
}.items())
def test_each_place_in_each_list(server, ids, word, place):
    for path in ("traces", "sessions", "users"):
        (row,) = listed(server, path, q=word, matches=3)
        assert places(row)[0] == place, path
    rows = listed(server, "spans", q=word, matches=3)
    assert place in [places(row)[0] for row in rows]
    for row in rows:
        assert all(match["span_id"] == row["span_id"] for match in row["matches"])


def test_several_words_and_those_under_a_not(server, ids):
    (row,) = listed(server, "traces", q="gondola -nowhere (hydrogen or submarine)", matches=5)
    assert {match["found"] for match in row["matches"]} == {"gondola", "hydrogen"}
    (row,) = listed(server, "spans", filter="'gondola' in input.value", matches=2)
    assert places(row)[0][1:] == ("tool argument", None, "look_up", None, "gondola")


def test_only_where_they_are_wanted(server, ids):
    for params in ({"q": "zeppelin"}, {"q": "zeppelin", "matches": 0}, {"q": "kind:llm", "matches": 3}, {"matches": 3}):
        assert all("matches" not in row for path in ("traces", "spans", "sessions", "users") for row in listed(server, path, **params)), params


def test_the_best_of_the_first_fifty_places(server):
    """A whole word is better than parts of words, where it is looked at."""
    ids = Ids("fifty")
    for project, parts in (("fiftieth", 49), ("fifty-first", 50)):
        text = " ".join([*["xkitex"] * parts, "kite"])
        message = {"openinference.span.kind": "LLM", "llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": text}
        server.accept(otlp.request([otlp.Span(ids.trace(), ids.span(), "chat", start=BASE, end=BASE + MS, attributes=message)]), project=project)
        (row,) = server.get_json(f"/api/v1/projects/{project}/spans", q="kite", matches=1)["data"]
        (match,) = row["matches"]
        assert (match["before"] == "x") is (parts == 50), match
        assert match["offset"] == (7 * parts if parts == 49 else 1)


def test_of_a_long_session_the_latest_traces_are_looked_at(server):
    """2,000 of them; the session is found by an older one all the same."""
    ids = Ids("long-session")
    for name, number, found in (("within", 2_000, ["walrus"]), ("beyond", 2_001, [])):
        spans = [otlp.Span(ids.trace(), ids.span(), "walrus" if n == 0 else "run", start=BASE + n * MS, end=BASE + n * MS + 1,
                           attributes={"openinference.span.kind": "CHAIN", "session.id": name}) for n in range(number)]
        server.accept(otlp.request(spans), project=name)
        (row,) = server.get_json(f"/api/v1/projects/{name}/sessions", q="walrus", matches=1)["data"]
        assert (row["session_id"], [match["found"] for match in row["matches"]]) == (name, found)


def test_large_bodies_are_read_some_at_a_time(server):
    ids, text = Ids("large-matches"), "x" * 3_000_000
    for number in range(8):
        message = {"openinference.span.kind": "LLM", "input.value": f"{number} {text} airship {text}"}
        server.accept(otlp.request([otlp.Span(ids.trace(), ids.span(), "chat", start=BASE + number, end=BASE + MS, attributes=message)]), project="large-matches")
    rows = server.get_json("/api/v1/projects/large-matches/traces", q="airship", matches=1)["data"]
    assert [(len(row["matches"]), row["matches"][0]["offset"]) for row in rows] == [(1, 3_000_003)] * 8
    assert len(json.dumps(rows)) < 20_000


# What is said of a comet, in the order of relevance; the later span of two equals stands before the other.
RANKED = [{"exception": "the comet broke"}, {"output.value": "a Comet, later"}, {"output.value": "a comet"}, {"input.value": "Where is the COMET?"}, {"name": "comet watch"},
          {"output.value": "comets"}, {"input.value": "cometary"}, {"name": "supercomet"}, {"input.value": "far away " * 60 + "comet"}]


def test_eight_words_count_for_relevance(server):
    """Of nine: a span with a part of the eighth stands before one with the whole ninth."""
    ids, words = Ids("nine"), ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    spans = [otlp.Span(ids.trace(), ids.span(), name, start=BASE + at, end=BASE + MS) for at, name in enumerate(["weighty", "nine"])]
    server.accept(otlp.request(spans), project="nine")
    rows = server.get_json("/api/v1/projects/nine/spans", sort="relevance", q=" or ".join(words))["data"]
    assert [row["name"] for row in rows] == ["weighty", "nine"]


def test_rows_by_relevance(server):
    ids, spans = Ids("relevance"), []
    for rank, said in enumerate(RANKED):
        events = (otlp.event("exception", BASE, {"exception.type": "Lost", "exception.message": said["exception"]}),) if "exception" in said else ()
        attributes = {"openinference.span.kind": "CHAIN", "session.id": f"s{rank}", "user.id": f"u{rank}"} | {key: text for key, text in said.items() if key.endswith("value")}
        spans.append(otlp.Span(ids.trace(), ids.span(), said.get("name", "run"), start=BASE + (9 - rank if rank in (1, 2) else rank) * MS, end=BASE + SECOND, events=events, attributes=attributes))
    server.accept(otlp.request([spans[i] for i in (3, 8, 1, 0, 6, 2, 7, 5, 4)]), project="relevance")
    rank_of = {span.span_id.hex(): i for i, span in enumerate(spans)} | {span.trace_id.hex(): i for i, span in enumerate(spans)} | {f"{one}{i}": i for i in range(9) for one in "su"}

    def ranked(path, key, **params):
        ranks, cursor = [], {}
        while cursor is not None:
            page = server.get_json(f"/api/v1/projects/relevance/{path}", sort="relevance", limit=4, **params, **cursor)
            ranks += [rank_of[row[key]] for row in page["data"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return ranks

    for path, key in (("spans", "span_id"), ("traces", "trace_id"), ("sessions", "session_id"), ("users", "user_id")):
        assert ranked(path, key, q="comet") == list(range(9)), path
    assert ranked("spans", "span_id", q="comet kind:chain (broke or watch)") == [0, 4]
    assert ranked("spans", "span_id", filter="'comet' in input.value") == [3, 6, 8]
    for text in ("(", "\\", "[a-", "%", "é", "\x01", "x' OR 1=1 --", "{rank0:String}"):
        assert server.get_json("/api/v1/projects/relevance/spans", q='"' + text.replace("\\", "\\\\") + '"', sort="relevance")["data"] == []
    for params in ({}, {"q": "kind:chain"}, {"q": "-comet"}, {"q": "x" * 300}, {"q": "comet", "cursor": "zz-1"}):
        assert server.get("/api/v1/projects/relevance/spans", sort="relevance", **params).status == 400, params
    assert server.get("/api/v1/projects/relevance/spans", sort="-relevance", q="comet").status == 400
