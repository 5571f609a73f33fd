"""The read API: lists, paging, aggregates, single traces and spans, errors."""

import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import until

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def error_of(answer, status, code):
    """The message of an error answer."""
    assert (answer.status, answer.media_type) == (status, "application/json"), answer.body[:300]
    error = answer.json()["error"]
    assert error["code"] == code
    return error["message"]


def post_traces(server, ids, project, starts):
    """One trace of one span for each start; their ids in the same order."""
    traces = [ids.trace() for _ in starts]
    spans = [otlp.Span(trace, ids.span(), start=start, end=start + MS) for trace, start in zip(traces, starts)]
    server.accept(otlp.request(spans), project=project)
    return [trace.hex() for trace in traces]


def pages(server, project, limit, between=lambda: None):
    """The trace ids of every page, from the newest to the oldest."""
    found, cursor = [], {}
    while True:
        page = server.get_json(f"/api/v1/projects/{project}/traces", limit=limit, **cursor)
        found.append([row["trace_id"] for row in page["data"]])
        if page["next_cursor"] is None:
            return found
        assert len(found) < 100
        cursor = {"cursor": page["next_cursor"]}
        between()


def test_traces_newest_first_in_pages(server, ids):
    traces = post_traces(server, ids, "paged", [BASE + i * MS for i in (3, 1, 4, 0, 2)])
    newest_first = [traces[i] for i in (2, 0, 4, 1, 3)]
    assert pages(server, "paged", 2) == [newest_first[:2], newest_first[2:4], newest_first[4:]]
    assert pages(server, "paged", 5)[0] == newest_first
    assert pages(server, "paged", 500) == [newest_first]


def test_pages_hold_still_while_traces_arrive(server, ids):
    traces = post_traces(server, ids, "arriving", [BASE + i * MS for i in range(12)])
    later = iter(range(100, 200))
    found = pages(server, "arriving", 3, lambda: post_traces(server, ids, "arriving", [BASE + next(later) * MS]))
    assert [trace for page in found for trace in page] == traces[::-1]


def test_traces_that_start_together_are_paged_apart(server, ids):
    traces = post_traces(server, ids, "together", [BASE] * 7)
    found = [trace for page in pages(server, "together", 2) for trace in page]
    assert sorted(found) == sorted(traces)


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "1.5", "99999999999999999999"])
def test_limit_outside_its_bounds(server, ids, limit):
    post_traces(server, ids, "limits", [BASE])
    answer = server.get("/api/v1/projects/limits/traces", limit=limit)
    assert limit in error_of(answer, 400, "invalid_argument")


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "%00", "7", "9" * 300])
def test_bad_cursor(server, ids, cursor):
    post_traces(server, ids, "cursors", [BASE])
    answer = server.get("/api/v1/projects/cursors/traces", cursor=cursor)
    assert "cursor" in error_of(answer, 400, "invalid_argument")


def agent_trace(ids):
    """Four spans: 60 + 25 prompt and 9 + 6 completion tokens, one error, $0.0103, two models, 2 s."""
    trace, root, tool = ids.trace(), ids.span(), ids.span()

    def llm(model, prompt, completion, **fields):
        attributes = {"openinference.span.kind": "LLM", "llm.model_name": model, "llm.token_count.prompt": prompt}
        attributes |= {"llm.token_count.completion": completion, "llm.token_count.total": prompt + completion}
        return otlp.Span(trace, ids.span(), "llm.chat", attributes=attributes | fields.pop("more"), **fields)

    root_attributes = {"openinference.span.kind": "AGENT", "session.id": "s-1", "user.id": "u-1"}
    root_attributes |= {"input.value": "é" * 250, "output.value": "short answer"}
    root_span = otlp.Span(trace, root, "agent.run", start=BASE, end=BASE + 2000 * MS, attributes=root_attributes)
    tool_span = otlp.Span(trace, tool, "fetch", parent=root, start=BASE + 900 * MS, end=BASE + 950 * MS, status=2)
    tool_span.attributes = {"openinference.span.kind": "TOOL", "tool.name": "fetch"}
    spans = [
        llm("gpt-4o", 60, 9, parent=root, start=BASE + MS, end=BASE + 900 * MS, more={"llm.cost.total": 0.01}),
        llm("qwen", 25, 6, parent=root, start=BASE + 950 * MS, end=BASE + 1900 * MS, more={"llm.cost.total": 0.0003}),
        tool_span,
        root_span,
    ]
    return trace.hex(), root.hex(), otlp.request(spans, resource={"service.name": "shop"})


def test_trace_row_adds_its_spans_up(server, ids):
    trace, root, body = agent_trace(ids)
    server.accept(body, project="aggregates")
    (row,) = server.get_json("/api/v1/projects/aggregates/traces")["data"]
    assert {key: row[key] for key in ("trace_id", "project", "name", "kind", "root_span_id", "service_name")} == {
        "trace_id": trace,
        "project": "aggregates",
        "name": "agent.run",
        "kind": "AGENT",
        "root_span_id": root,
        "service_name": "shop",
    }
    assert (row["session_id"], row["user_id"]) == ("s-1", "u-1")
    assert (row["span_count"], row["error_count"]) == (4, 1)
    assert (row["start_unix_ns"], row["end_unix_ns"]) == (str(BASE), str(BASE + 2000 * MS))
    assert row["duration_ns"] == 2000 * MS
    assert row["tokens"] == {"prompt": 85, "completion": 15, "total": 100, "estimated": False}
    assert row["cost"]["total_usd"] == pytest.approx(0.00054)  # computed: (60 x 2.5 + 9 x 10) / 1e6; reported: 0.0003
    assert sorted(row["models"]) == ["gpt-4o", "qwen"]
    assert row["input_preview"] == "é" * 200
    assert row["output_preview"] == "short answer"
    assert server.get_json(f"/api/v1/traces/{trace}")["trace"] == row | {"logs": [], "logs_complete": True, "annotations": []}


def test_trace_without_tokens_has_none(server, ids):
    post_traces(server, ids, "tokenless", [BASE])
    (row,) = server.get_json("/api/v1/projects/tokenless/traces")["data"]
    assert (row["tokens"], row["cost"], row["models"]) == (None, None, [])
    assert (row["session_id"], row["user_id"], row["input_preview"], row["output_preview"]) == (None,) * 4
    assert (row["error_count"], row["status"]) == (0, "UNSET")


def test_request_sent_again_changes_no_count(own_server, ids):
    _, _, body = agent_trace(ids)
    for _ in range(5):
        own_server.accept(body, project="again")
    (row,) = own_server.get_json("/api/v1/projects/again/traces")["data"]
    assert (row["span_count"], row["error_count"], row["tokens"]["prompt"]) == (4, 1, 85)
    assert row["cost"]["total_usd"] == pytest.approx(0.00054)  # computed: (60 x 2.5 + 9 x 10) / 1e6; reported: 0.0003
    (project,) = own_server.get_json("/api/v1/projects")["data"]
    assert (project["name"], project["trace_count"], project["span_count"]) == ("again", 1, 4)


def test_projects(own_server, ids):
    assert own_server.get_json("/api/v1/projects")["data"] == []
    post_traces(own_server, ids, "b", [BASE, BASE + 5 * MS, BASE + MS])
    post_traces(own_server, ids, "a b/é", [BASE])
    found = {project["name"]: project for project in own_server.get_json("/api/v1/projects")["data"]}
    assert found.keys() == {"b", "a b/é"}
    assert (found["b"]["trace_count"], found["b"]["span_count"]) == (3, 3)
    assert (found["a b/é"]["trace_count"], found["a b/é"]["span_count"]) == (1, 1)
    assert len(own_server.get_json("/api/v1/projects/a%20b%2F%C3%A9/traces")["data"]) == 1


def test_an_unknown_project_has_no_traces(server):
    answer = server.get("/api/v1/projects/never-seen/traces")
    assert (answer.status, answer.json()) == (200, {"data": [], "next_cursor": None, "pending_requests": 0})


def test_one_trace_and_one_span(server, ids):
    trace, root, body = agent_trace(ids)
    server.accept(body, project="single")
    whole = server.get_json(f"/api/v1/projects/single/traces/{trace}")
    assert whole == server.get_json(f"/api/v1/traces/{trace}") == server.get_json(f"/api/v1/traces/{trace.upper()}")
    assert [span["start_unix_ns"] for span in whole["spans"]] == [str(BASE + ms * MS) for ms in (0, 1, 900, 950)]
    for span in whole["spans"]:
        assert server.get_json(f"/api/v1/projects/single/traces/{trace}/spans/{span['span_id']}") == span
    error_of(server.get(f"/api/v1/projects/other/traces/{trace}"), 404, "not_found")
    error_of(server.get(f"/api/v1/projects/other/traces/{trace}/spans/{root}"), 404, "not_found")
    error_of(server.get(f"/api/v1/projects/single/traces/{trace}/spans/{'1' * 16}"), 404, "not_found")


@pytest.mark.parametrize("bad", ["x", "1" * 31, "1" * 33, "g" * 32])
def test_bad_ids(server, bad):
    assert bad in error_of(server.get(f"/api/v1/traces/{bad}"), 400, "invalid_argument")


def test_status_counts_what_came(own_server, ids):
    before = own_server.get_json("/api/v1/status")
    assert before["engine"]["state"] == "ready" and before["engine"]["pid"] > 0
    assert before["ingest"] == {
        "requests": 0,
        "bytes": 0,
        "spans": 0,
        "rejected_spans": 0,
        "log_records": 0,
        "rejected_log_records": 0,
        "data_points": 0,
        "rejected_data_points": 0,
        "refused_requests": 0,
        "repeated_requests": 0,
        "last_span_unix_ns": None,
        "encodings": ["protobuf", "json"],
    }
    good = otlp.request([otlp.Span(ids.trace(), ids.span()) for _ in range(3)])
    own_server.accept(good)
    mixed = otlp.request([otlp.Span(ids.trace(), ids.span()), otlp.Span(b"short", ids.span())])
    own_server.export(mixed)
    own_server.export(b"\xff")
    after = own_server.get_json("/api/v1/status")
    counted = {key: after["ingest"][key] for key in ("spans", "rejected_spans", "refused_requests")}
    assert counted == {"spans": 4, "rejected_spans": 1, "refused_requests": 1}
    until(lambda: own_server.get_json("/api/v1/status")["storage_bytes"] > 0, "the size of the tables")
    assert after["listen"] == {key: own_server.ready[key] for key in ("http", "otlp_http", "grpc")}


def test_rejected_requests_are_explained(own_server, ids):
    own_server.export(otlp.request([otlp.Span(b"short", ids.span())]))
    own_server.export(b"\xff")
    entries = own_server.get_json("/api/v1/rejected")["data"]
    assert sorted(entry["status"] for entry in entries) == [200, 400]
    assert all(entry["reason"] and entry["fix"] and entry["path"] == "/v1/traces" for entry in entries)


def test_a_wrong_path_names_the_right_ones(own_server):
    own_server.request("POST", "/v1/log", b"", {"content-type": "application/x-protobuf"})
    (entry,) = own_server.get_json("/api/v1/rejected")["data"]
    assert entry["path"] == "/v1/log"
    assert entry["fix"] == "add /v1/traces, /v1/logs or /v1/metrics to the exporter's endpoint"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health(server, path):
    assert server.get(path).status == 200
    head = server.request("HEAD", path)
    assert (head.status, head.body) == (200, b"")


def test_head_is_get_without_a_body(server):
    get, head = server.get("/api/v1/projects"), server.request("HEAD", "/api/v1/projects")
    assert (head.status, head.body, head.media_type) == (get.status, b"", get.media_type)


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1", "/api/v1/projects/x/traces/y/z"])
def test_unknown_route(server, path):
    assert error_of(server.get(path), 404, "not_found")


def test_wrong_method(server):
    answer = server.request("DELETE", "/api/v1/projects")
    assert answer.status == 405
    assert "GET" in answer.headers["allow"]
