"""Annotations: sent as Phoenix's clients send them, read back, shown with spans and traces, asked for in queries and SQL."""

import json
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import Server

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9
HOSTILE = "it's `x` \\ \"q\" ${'{'}}%s\n\t\u202e\x1b[2J <b>"


def post(server, target, *items, **query):
    suffix = "?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else ""
    body = json.dumps({"data": items}).encode()
    return server.request("POST", f"/v1/{target}_annotations{suffix}", body, {"content-type": "application/json"})


def annotation(name="relevance", kind="LLM", score=None, label=None, explanation=None, **more):
    return {"name": name, "annotator_kind": kind, "result": {"score": score, "label": label, "explanation": explanation}} | more


def make(server, project, session=None):
    """A trace of two spans: (trace, root, call), as hex."""
    ids = Ids(project)
    trace, root, call = ids.trace(), ids.span(), ids.span()
    server.accept(otlp.request([
        otlp.Span(trace, root, "run", start=BASE, end=BASE + 9 * MS, attributes={"session.id": session} if session else {}),
        otlp.Span(trace, call, "chat", parent=root, start=BASE, end=BASE + MS, attributes={"openinference.span.kind": "LLM"})]),
        project=project)
    return trace.hex(), root.hex(), call.hex()


def found(server, project, query, of="traces"):
    key = "trace_id" if of == "traces" else "span_id"
    return [row[key] for row in server.get_json(f"/api/v1/projects/{project}/{of}", q=query)["data"]]


def test_one_of_a_span_is_shown_with_it_and_replaced_by_the_next(server):
    trace, _, call = make(server, "ann-span")
    first = post(server, "span", annotation(score=0.25, label="bad", explanation="no", span_id=call, metadata={"by": "x"}), sync="true")
    assert first.status == 200 and len(first.json()["data"]) == 1
    again = post(server, "span", annotation(score=0.75, span_id=call), sync="true")
    assert again.json() == first.json()
    other = post(server, "span", annotation(score=1, span_id=call, identifier="second judge"))
    assert other.json() == {"data": []}
    span = server.get_json(f"/api/v1/projects/ann-span/traces/{trace}/spans/{call}")
    shown = [(a["name"], a["score"], a["label"], a["identifier"], a["source"], a["target"], a["metadata"]) for a in span["annotations"]]
    assert shown == [("relevance", 0.75, None, "", "api", "span", None), ("relevance", 1.0, None, "second judge", "api", "span", None)]
    page = server.get_json("/v1/projects/ann-span/span_annotations", span_ids=call, limit=1)
    assert page["data"][0]["id"] == first.json()["data"][0]["id"] and page["data"][0]["created_at"] < page["data"][0]["updated_at"]
    rest = server.get_json("/v1/projects/ann-span/span_annotations", span_ids=call, limit=1, cursor=page["next_cursor"])
    assert [a["identifier"] for a in rest["data"]] == ["second judge"] and rest["next_cursor"] is None


def test_those_of_traces_sessions_and_documents(server):
    trace, root, call = make(server, "ann-rest", session="s-ann")
    assert post(server, "trace", annotation("user_feedback", "HUMAN", score=0, trace_id=trace), sync="true").status == 200
    assert post(server, "session", annotation("tone", label="rude", session_id="s-ann"), sync="true").status == 200
    assert post(server, "document", annotation(score=0.5, span_id=call, document_position=3), sync="true").status == 200
    whole = server.get_json(f"/api/v1/projects/ann-rest/traces/{trace}")
    assert [(a["name"], a["score"]) for a in whole["trace"]["annotations"]] == [("user_feedback", 0.0)]
    by_id = {span["span_id"]: span["annotations"] for span in whole["spans"]}
    assert [(a["target"], a["document_position"], a["score"]) for a in by_id[call]] == [("document", 3, 0.5)] and by_id[root] == []
    (tone,) = server.get_json("/v1/projects/ann-rest/session_annotations", session_ids="s-ann")["data"]
    assert (tone["session_id"], tone["result"]["label"], tone["annotator_kind"]) == ("s-ann", "rude", "LLM")
    assert found(server, "ann-rest", "score.user_feedback<1") == [trace]
    assert found(server, "ann-rest", "score.user_feedback<1", "spans") == []
    assert found(server, "ann-rest", "score.relevance:0.5", "spans") == [call]
    assert found(server, "ann-rest", "within(session: annotation.tone:rude)") == [trace]
    assert found(server, "ann-rest", "annotation.tone:rude") == []


def test_queries_and_sql(server):
    good, bad, none = make(server, "ann-q-1"), None, None
    ids = Ids("ann-query")
    traces, spans = [ids.trace() for _ in range(3)], [ids.span() for _ in range(3)]
    server.accept(otlp.request([otlp.Span(t, s, "chat", start=BASE, end=BASE + MS,
                                          attributes={"llm.prompt_template.version": v, "openinference.span.kind": "LLM"})
                                for t, s, v in zip(traces, spans, ["1", "2", "2"])]), project="ann-query")
    good, bad, none = (s.hex() for s in spans)
    post(server, "span", annotation(score=0.9, label="fine", span_id=good), annotation(score=-1.5, label="wrong", span_id=bad),
         annotation('odd "name".x', label=HOSTILE, span_id=bad), sync="true")
    cases = {
        "score.relevance<0.5": [bad], "score.relevance>=0.9": [good], "has:score.relevance": [good, bad],
        "-has:score.relevance": [none], "-score.relevance<0.5": [good, none], "annotation.relevance:wr*": [bad],
        "has:annotation.relevance": [good, bad], "score.relevance:-1.5": [bad], "score.nothing>0": [],
        'has:annotation."odd \\"name\\".x"': [bad], "score.relevance<0.5 or score.relevance>0.5": [good, bad],
    }
    for query, expected in cases.items():
        assert sorted(found(server, "ann-query", query, "spans")) == sorted(expected), query
    refused = server.get("/api/v1/projects/ann-query/spans?q=score.relevance:good")
    assert refused.status == 400 and "annotation." in refused.json()["error"]["message"]
    names = server.get_json("/api/v1/projects/ann-query/suggest", q="score.re")
    assert (names["wanted"], names["data"]) == ("key", [{"value": "relevance", "count": 2}])

    def rows(text):
        body = json.dumps({"query": text}).encode()
        return server.request("POST", "/api/v1/sql", body, {"content-type": "application/json"}).json()["data"]

    assert rows("SELECT span_id, score, label FROM annotations WHERE project = 'ann-query' AND name = 'relevance' ORDER BY score") == [
        [bad, -1.5, "wrong"], [good, 0.9, "fine"]]
    assert rows("SELECT label FROM annotations WHERE project = 'ann-query' AND name LIKE 'odd%'") == [[HOSTILE]]


def test_lists_are_sorted_by_a_score(server):
    """By the mean of what judges a row; without a score it stands last. Each page goes on where the one before ended."""
    ids, name, project = Ids("ann-sort"), 'odd "q"', "ann-sort"
    traces, calls, spans = [ids.trace() for _ in range(4)], [ids.span() for _ in range(4)], []
    for number, (trace, call) in enumerate(zip(traces, calls)):
        root = otlp.Span(trace, ids.span(), "run", start=BASE, end=BASE + 9 * MS, attributes={"session.id": f"sort-{number // 2}", "user.id": f"sort-{number % 2}"})
        spans += [root, otlp.Span(trace, call, "chat", parent=root.span_id, start=BASE, end=BASE + MS)]
    server.accept(otlp.request(spans), project=project)
    server.get_json(f"/api/v1/projects/{project}/spans")  # waits for them
    post(server, "span", *(annotation(name, score=score, span_id=calls[number].hex()) for number, score in ((0, 0.5), (1, -1), (3, 2))), annotation("other", score=9, span_id=calls[2].hex()), sync="true")
    post(server, "trace", annotation(name, score=1.5, trace_id=traces[0].hex()), sync="true")
    post(server, "session", annotation(name, score=5, session_id="sort-1"), annotation(name, label="none", session_id="sort-0"), sync="true")

    def pages(path, key, sort, **more):
        rows, cursor = [], {}
        while cursor is not None:
            page = server.get_json(f"/api/v1/projects/{project}/{path}", sort=sort, limit=1, **more, **cursor)
            rows += [row[key] for row in page["data"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return rows

    of_spans = [call.hex() for call in calls]
    best = pages("spans", "span_id", f"-score.{name}")
    assert best[:3] == [of_spans[3], of_spans[0], of_spans[1]] and len(set(best)) == 8
    assert pages("spans", "span_id", f"score.{name}")[:3] == [of_spans[1], of_spans[0], of_spans[3]]
    assert pages("spans", "span_id", f"-score.{name}", q='name:chat -has:score."odd \\"q\\""') == [of_spans[2]]
    of_traces = [trace.hex() for trace in traces]
    assert pages("traces", "trace_id", f"-score.{name}") == [of_traces[3], of_traces[0], of_traces[1], of_traces[2]]
    assert pages("traces", "trace_id", f"score.{name}", q="errors=0") == [of_traces[1], of_traces[0], of_traces[3], of_traces[2]]
    assert pages("sessions", "session_id", f"-score.{name}") == ["sort-1", "sort-0"]  # means 3.5 and 1/3
    assert pages("users", "user_id", f"-score.{name}") == ["sort-0", "sort-1"]  # means 1 and 0.5
    assert pages("users", "user_id", f"score.{name}") == ["sort-1", "sort-0"]
    assert len(pages("traces", "trace_id", "-score.nothing")) == 4
    assert server.get(f"/api/v1/projects/{project}/spans", sort="score.").status == 400


def test_what_comes_before_its_target_waits_for_it(server):
    ids = Ids("ann-late")
    trace, span = ids.trace(), ids.span()
    missing = post(server, "trace", annotation("feedback", "HUMAN", score=1, trace_id=trace.hex()), sync="true")
    assert missing.status == 404 and trace.hex() in missing.json()["error"]["message"]
    assert post(server, "trace", annotation("feedback", "HUMAN", score=1, trace_id=trace.hex())).status == 200
    assert post(server, "span", annotation(label="x", span_id=span.hex())).status == 200
    server.accept(otlp.request([otlp.Span(trace, span, "run", start=BASE, end=BASE + MS)]), project="ann-late")
    deadline = time.monotonic() + 60
    while len(found(server, "ann-late", "score.feedback:1 annotation.relevance:x")) == 0 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found(server, "ann-late", "score.feedback:1 annotation.relevance:x") == [trace.hex()]
    assert found(server, "ann-late", "annotation.relevance:x", "spans") == [span.hex()]


def test_deleting(server):
    trace, root, call = make(server, "ann-del", session="s-del")
    post(server, "span", annotation(score=1, span_id=call), annotation("other", score=2, span_id=call), sync="true")
    post(server, "trace", annotation(score=1, trace_id=trace), sync="true")
    post(server, "session", annotation(score=1, session_id="s-del"), sync="true")
    assert server.request("DELETE", "/v1/projects/ann-del/span_annotations").status == 400
    assert server.request("DELETE", "/v1/projects/ann-del/span_annotations?name=other").status == 204
    assert [a["name"] for a in server.get_json("/v1/projects/ann-del/span_annotations", span_ids=call)["data"]] == ["relevance"]
    assert server.request("DELETE", f"/api/v1/projects/ann-del/traces/{trace}").status == 204
    for target, name, value in (("span", "span_ids", call), ("trace", "trace_ids", trace), ("session", "session_ids", "s-del")):
        assert server.get_json(f"/v1/projects/ann-del/{target}_annotations", **{name: value})["data"] == []


def test_they_outlive_a_kill(tmp_path):
    with Server(tmp_path / "data") as server:
        _, _, call = make(server, "shop")
        assert post(server, "span", annotation(score=0.5, span_id=call), sync="true").status == 200
        server.kill9()
        server.start()
        (kept,) = server.get_json("/v1/projects/shop/span_annotations", span_ids=call)["data"]
        assert kept["result"] == {"label": None, "score": 0.5, "explanation": None}


SPAN = "00f067aa0ba902b7"


@pytest.mark.parametrize("body, told", [
    ({}, 'the body is {"data":[…]}'), ({"data": [1]}, "data[0]: is not an object"),
    ({"data": [annotation(score=1, span_id="xyz")]}, 'span_id "xyz" is not 16 hex digits'),
    ({"data": [annotation(score=1, span_id=SPAN, name="")]}, "name is missing"),
    ({"data": [annotation(score=1, span_id=SPAN, name="note")]}, "that of notes"),
    ({"data": [annotation(score=1, span_id=SPAN, annotator_kind="DOG")]}, "none of HUMAN, LLM, CODE"),
    ({"data": [annotation(span_id=SPAN)]}, "neither label, score nor explanation"),
    ({"data": [annotation(score="1", span_id=SPAN)]}, "score is not a number"),
    ({"data": [annotation(label="x" * 5000, span_id=SPAN)]}, "label has 5000 bytes, at most 4096"),
    ({"data": [annotation(score=1, span_id=SPAN)] * 10001}, "10001 annotations, at most 10000"),
])
def test_what_is_wrong_is_told(server, body, told):
    answer = server.request("POST", "/v1/span_annotations", json.dumps(body).encode(), {"content-type": "application/json"})
    assert answer.status == 400 and told in answer.json()["error"]["message"]


def test_those_that_come_with_spans_and_logs_are_found_too(server):
    ids = Ids("ann-inline")
    trace, by_event, by_attribute, by_log = ids.trace(), ids.span(), ids.span(), ids.span()
    result = {"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.25, "gen_ai.evaluation.score.label": "weak"}
    server.accept(otlp.request([
        otlp.Span(trace, by_event, "a", start=BASE, end=BASE + MS, events=(otlp.event("gen_ai.evaluation.result", BASE, result),)),
        otlp.Span(trace, by_attribute, "b", start=BASE, end=BASE + MS, attributes={
            "openinference.span.kind": "LLM", "annotations": json.dumps([{"name": "relevance", "score": 0.75}]),
            "trace.annotations": json.dumps([{"name": "tone", "label": "rude"}])}),
        otlp.Span(trace, by_log, "c", start=BASE, end=BASE + MS)]), project="ann-inline")
    log = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{
        "timeUnixNano": str(BASE), "eventName": "gen_ai.evaluation.result", "traceId": trace.hex(), "spanId": by_log.hex(),
        "attributes": [{"key": "gen_ai.evaluation.name", "value": {"stringValue": "relevance"}},
                       {"key": "gen_ai.evaluation.score.value", "value": {"doubleValue": 0.5}}]}]}]}]}
    headers = {"content-type": "application/json", "x-project-name": "ann-inline"}
    assert server.request("POST", "/v1/logs", json.dumps(log).encode(), headers).status == 200
    assert found(server, "ann-inline", "score.relevance<0.5", "spans") == [by_event.hex()]
    assert found(server, "ann-inline", "score.relevance:0.5", "spans") == [by_log.hex()]
    assert found(server, "ann-inline", "score.relevance>0.5", "spans") == [by_attribute.hex()]
    assert found(server, "ann-inline", "annotation.tone:rude") == [trace.hex()]
    assert found(server, "ann-inline", "annotation.tone:rude", "spans") == []
