"""Log records: stored once, read back whole, joined to the spans that they name, listed in pages."""

import json
import pathlib
import time

import pytest

from generated import Ids
from harness import compare, oracle, otlp_encode as otlp
from harness.server import JSON, until

BASE = time.time_ns() - 3600 * 10**9
SECOND = 10**9
SOURCES = pathlib.Path(__file__).with_name("corpora") / "otlp"
RECORDINGS = sorted(path.parent.parent.name for path in SOURCES.glob("*/logs/001.pb"))


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def send(server, records, project, **options):
    server.accept(otlp.logs_request(records, **options), path="/v1/logs", project=project)


def listed(server, project, **query):
    return server.whole_list(f"/api/v1/projects/{project}/logs", **query)["data"]


def bodies(rows):
    return [row["body"] for row in rows]


def test_reads_back_every_field(server, ids):
    trace, span = ids.trace(), ids.span()
    body = {"text": "é", "n": 7, "x": 7.0, "list": [True, None, b"\x00\xff"], "$key": {"deep": -(2**63)}}
    attributes = {"int": 2**53 + 1, "nan": float("nan"), "empty": None}
    everything = otlp.log_record(
        body, time=BASE, observed=BASE + 5, trace_id=trace, span_id=span, event="my.event", attributes=attributes,
        severity=17, severity_text="Error", dropped=3, flags=1,
    )  # fmt: skip
    resource, scope = {"service.name": "shop", "pid": 12}, ("lib", "2.0", {"k": "v"})
    send(server, [everything, otlp.log_record()], "logs_whole", resource=resource, scope=scope)
    origin = {
        "resource": {"service.name": "shop", "pid": 12},
        "resource_dropped_attributes": 0,
        "resource_schema_url": None,
        "scope": {"name": "lib", "version": "2.0", "attributes": {"k": "v"}} | {"dropped_attributes": 0, "schema_url": None},
    }
    want = {
        "project": "logs_whole",
        "trace_id": trace.hex(),
        "span_id": span.hex(),
        "time_unix_ns": str(BASE),
        "observed_time_unix_ns": str(BASE + 5),
        "severity_number": 17,
        "severity_text": "Error",
        "event_name": "my.event",
        "body": {"text": "é", "n": 7, "x": 7.0, "list": [True, None, {"$bytes": "AP8="}], "$$key": {"deep": -(2**63)}},
        "attributes": {"int": 2**53 + 1, "nan": {"$double": "NaN"}, "empty": None},
        "dropped_attributes": 3,
        "flags": 1,
    }
    nothing = {"project": "logs_whole", "body": None, "attributes": {}, "dropped_attributes": 0, "flags": 0}
    nothing |= dict.fromkeys(want.keys() - nothing.keys())
    assert not compare.differences([want | origin, nothing | origin], listed(server, "logs_whole"))


@pytest.mark.parametrize("source", RECORDINGS)
def test_recordings_read_back(server, source):
    project, want = f"logs_{source}", []
    for file in sorted((SOURCES / source / "logs").glob("*.pb")):
        server.accept(file.read_bytes(), path="/v1/logs", project=project)
        want += oracle.logs_of(oracle.decode_logs_request(file.read_bytes()))
    have = listed(server, project, limit=1000)
    key = lambda row: (row["time_unix_ns"] or "", row["observed_time_unix_ns"] or "", str(row["attributes"]))
    for row in have:
        del row["project"]
    assert not compare.differences(sorted(want, key=key), sorted(have, key=key))


def texts(messages):
    return {part.get("text") for message in messages for part in message["content"]}


def contents(messages, roles):
    return {message["content"] for message in messages if message["content"] and message["role"] in roles}


# Libraries whose spans say nothing of the messages.
@pytest.mark.parametrize("source", ["google-adk-2.13.0", "otel-genai-openai-v2-2.1b0", "semantic-kernel-1.45.0"])
def test_messages_in_log_records_are_the_spans(server, source):
    """Logs first, then spans: what the fake provider was asked and answered is on the span of each call. (Google's library
    changes what tools return before it sends it.)"""
    project = f"messages_{source}"
    for folder, path in [("logs", "/v1/logs"), ("", "/v1/traces")]:
        for file in sorted((SOURCES / source / folder).glob("[0-9]*.pb")):
            server.accept(file.read_bytes(), path=path, project=project)
    checked = 0
    for call in json.loads((SOURCES / source / "truth.json").read_text())["calls"]:
        for seen in call["observed"]["spans"]:
            if seen["match"] != "call" or call["http_status"] != 200:
                continue
            at = f"/api/v1/projects/{project}/traces/{seen['trace_id']}/spans/{seen['span_id']}"
            llm = server.get_json(at)["llm"]
            roles = {"system", "user", "assistant", "tool"} - ({"tool"} if "adk" in source else set())
            assert contents(call["request"]["messages"], roles) <= texts(llm["input_messages"]), seen
            assert contents(call["response"]["messages"], roles) <= texts(llm["output_messages"]), seen
            assert llm["finish_reasons"], seen
            checked += 1
    assert checked


def call_and_records(ids):
    """A call of which the records alone tell who asked what and was answered what, and a request with each."""
    trace, span = ids.trace(), ids.span()
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                  "gen_ai.usage.input_tokens": 10**6, "gen_ai.usage.output_tokens": 1}
    at = {"time": BASE + 3000 * SECOND, "trace_id": trace, "span_id": span}
    records = [
        otlp.log_record({"content": "Where?"}, event="gen_ai.user.message", attributes={"user.id": "user-7"}, **at),
        otlp.log_record({"message": {"content": "Here."}}, event="gen_ai.choice", **at),
    ]
    return otlp.request([otlp.Span(trace, span, name="chat", attributes=attributes)]), otlp.logs_request(records)


def asked_by_user(server, project):
    """What lists have of the traces of user-7: (user, input, output, sum of the cost)."""
    rows = server.whole_list(f"/api/v1/projects/{project}/traces", q="user:user-7")["data"]
    return [(row["user_id"], row["input_preview"], row["output_preview"], row["cost"]["total_usd"]) for row in rows]


JOINED = [("user-7", "Where?", "Here.", 2.50001)]  # 10^6 × 2.5 + 1 × 10 dollars for a million tokens


def test_lists_have_what_records_alone_tell(server, ids):
    spans, records = call_and_records(ids)
    server.accept(spans, project="logs_late")
    (row,) = server.whole_list("/api/v1/projects/logs_late/traces")["data"]
    server.accept(records, path="/v1/logs", project="logs_late")
    until(lambda: asked_by_user(server, "logs_late") == JOINED, "what the records tell")
    (user,) = server.whole_list("/api/v1/projects/logs_late/users")["data"]
    assert (user["user_id"], user["trace_count"], user["span_count"]) == ("user-7", 1, 1)
    (after,) = server.whole_list("/api/v1/projects/logs_late/traces")["data"]
    told = {"user_id": "user-7", "input_preview": "Where?", "output_preview": "Here."}
    assert row == after | dict.fromkeys(told) and after == row | told
    assert server.whole_list("/api/v1/projects/logs_late/spans")["data"][0]["input_preview"] == "Where?"


def test_records_from_before_a_restart_and_new_prices(own_server, ids):
    spans, records = call_and_records(ids)
    own_server.accept(records, path="/v1/logs", project="p")
    assert len(listed(own_server, "p")) == 2
    own_server.kill9()
    own_server.start()
    own_server.accept(spans, project="p")
    until(lambda: asked_by_user(own_server, "p") == JOINED, "what the records tell")
    price = json.dumps({"model": "gpt-4o", "rates": {"input": 1, "output": 0}})
    assert own_server.request("POST", "/api/v1/prices", price.encode(), {"content-type": JSON}).status == 201
    until(lambda: asked_by_user(own_server, "p")[0][3] == 1.0, "the new price")
    own_server.sql("OPTIMIZE TABLE nightjar.spans FINAL")  # the engine's merges keep the same row as readers do
    assert asked_by_user(own_server, "p") == [("user-7", "Where?", "Here.", 1.0)]


def test_records_of_any_age_are_joined_after_a_restart(own_server, ids):
    """One call was stored with its records and not joined, of the other only the records had come."""
    spans = []
    for trace in (ids.trace(), ids.trace()):
        at = {"time": BASE - 40 * 86400 * SECOND, "trace_id": trace, "span_id": ids.span()}
        records = [
            otlp.log_record({"content": "Where?"}, event="gen_ai.user.message", attributes={"user.id": "user-7"}, **at),
            otlp.log_record({"message": {"content": "Here."}}, event="gen_ai.choice", **at),
        ]
        own_server.accept(otlp.logs_request(records), path="/v1/logs", project="p")
        call = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                "gen_ai.usage.input_tokens": 10**6, "gen_ai.usage.output_tokens": 1}
        spans.append(otlp.request([otlp.Span(trace, at["span_id"], start=at["time"], end=at["time"] + 1, attributes=call)]))
    own_server.accept(spans[0], project="p")
    until(lambda: asked_by_user(own_server, "p") == JOINED, "what the records tell")
    own_server.sql("ALTER TABLE nightjar.spans UPDATE log_records = 0, user_id = '', input_preview = '', output_preview = '' "
                   "WHERE 1 SETTINGS mutations_sync = 1")
    assert asked_by_user(own_server, "p") == []
    own_server.kill9()
    own_server.start()
    until(lambda: asked_by_user(own_server, "p") == JOINED, "what was not joined")
    own_server.accept(spans[1], project="p")
    until(lambda: asked_by_user(own_server, "p") == JOINED * 2, "what records from before the restart tell")


def test_sent_again_it_counts_once(server, ids):
    trace = ids.trace()
    same = otlp.log_record("same", time=BASE, trace_id=trace)
    for _ in range(3):
        send(server, [same, otlp.log_record("same", time=BASE + 1, trace_id=trace)], "logs_again")
    send(server, [otlp.log_record("same", time=BASE, trace_id=trace, severity=9)], "logs_again")
    rows = listed(server, "logs_again")
    assert [(row["time_unix_ns"], row["severity_number"]) for row in rows] in (
        [(str(BASE + 1), None), (str(BASE), None), (str(BASE), 9)],
        [(str(BASE + 1), None), (str(BASE), 9), (str(BASE), None)],
    )


def test_a_trace_shows_its_records_where_they_belong(server, ids):
    trace, span, other, project = ids.trace(), ids.span(), ids.span(), "logs_joined"
    at = {"trace_id": trace, "time": BASE}
    send(server, [otlp.log_record("early", span_id=span, **at)], project)
    server.accept(otlp.request([otlp.Span(trace, span), otlp.Span(trace, other)]), project=project)
    late = [otlp.log_record(text, span_id=span, **at) for text in ("second", "third")]
    send(server, [*late, otlp.log_record("no span", **at)], project)
    send(server, [otlp.log_record("not arrived", span_id=ids.span(), **at)], project)
    send(server, [otlp.log_record("elsewhere", span_id=span, **at)], "logs_joined_not")
    send(server, [otlp.log_record("other trace", span_id=span, trace_id=ids.trace())], project)

    whole = server.get_json(f"/api/v1/traces/{trace.hex()}")
    logs = {item["span_id"]: bodies(item["logs"]) for item in whole["spans"]}
    assert logs == {span.hex(): ["early", "second", "third"], other.hex(): []}
    assert sorted(bodies(whole["trace"]["logs"])) == ["no span", "not arrived"]
    assert whole["trace"]["logs_complete"] is True
    alone = server.get_json(f"/api/v1/projects/{project}/traces/{trace.hex()}/spans/{span.hex()}")
    assert alone["logs"] == next(item["logs"] for item in whole["spans"] if item["span_id"] == span.hex())


def test_evaluations_and_exceptions_in_log_records(server, ids):
    trace, span = ids.trace(), ids.span()
    at = {"trace_id": trace, "span_id": span}
    server.accept(otlp.request([otlp.Span(trace, span)]), project="logs_judged")
    judged = {
        "gen_ai.evaluation.name": "relevance",
        "gen_ai.evaluation.score.value": 0.5,
        "gen_ai.evaluation.explanation": "It names one place.",
    }
    failed = {"exception.type": "TimeoutError", "exception.message": "30 s"}
    records = [
        otlp.log_record(time=BASE, event="gen_ai.evaluation.result", attributes=judged, **at),
        otlp.log_record(time=BASE, event="gen_ai.client.operation.exception", attributes=failed, **at),
    ]
    send(server, records, "logs_judged")
    shown = server.trace(trace.hex())[span.hex()]
    relevance = {"name": "relevance", "label": None, "score": 0.5, "explanation": "It names one place."}
    relevance |= {"source": "log", "target": "span"}
    assert shown["annotations"] == [relevance]
    assert shown["exception"] == {"type": "TimeoutError", "message": "30 s", "stacktrace": None}


def test_of_very_many_records_of_a_trace_the_earliest_are_shown(server, ids):
    trace, span, project = ids.trace(), ids.span(), "logs_many"
    server.accept(otlp.request([otlp.Span(trace, span)]), project=project)
    records = [otlp.log_record(n, time=BASE + n, trace_id=trace, span_id=span) for n in reversed(range(10_001))]
    send(server, records, project)
    whole = server.get_json(f"/api/v1/traces/{trace.hex()}")
    assert whole["trace"]["logs_complete"] is False
    assert bodies(whole["spans"][0]["logs"]) == list(range(10_000))


def test_listed_newest_first_in_pages(server):
    # The sixth has no time of its own, the seventh none at all.
    times = [{"time": BASE + i * SECOND} for i in (3, 1, 4, 0, 2)] + [{"observed": BASE + 5 * SECOND}, {}]
    send(server, [otlp.log_record(number, **at) for number, at in enumerate(times)], "logs_paged")
    for limit in (1, 2, 3, 7):
        found, cursor = [], {}
        while cursor is not None:
            page = server.whole_list("/api/v1/projects/logs_paged/logs", limit=limit, **cursor)
            assert len(page["data"]) <= limit
            found += bodies(page["data"])
            cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
        assert found == [5, 2, 0, 4, 1, 3, 6]


def test_records_of_one_time_fill_pages_too(server):
    send(server, [otlp.log_record(number, time=BASE) for number in range(10)], "logs_one_time")
    first = server.whole_list("/api/v1/projects/logs_one_time/logs", limit=4)
    second = server.whole_list("/api/v1/projects/logs_one_time/logs", limit=6, cursor=first["next_cursor"])
    assert sorted(bodies(first["data"] + second["data"])) == list(range(10))
    assert second["next_cursor"] is None


def test_filters(server, ids):
    trace, span = ids.trace(), ids.span()
    records = [
        otlp.log_record("info", time=BASE, severity=9),
        otlp.log_record("warn", time=BASE + SECOND, severity=14, trace_id=trace),
        otlp.log_record("error", time=BASE + 2 * SECOND, severity=17, trace_id=trace, span_id=span),
        otlp.log_record("none", time=BASE + 3 * SECOND),
    ]
    send(server, records, "logs_filtered")
    iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((BASE + 2 * SECOND) // SECOND))
    for query, want in [
        ({"trace_id": trace.hex()}, ["error", "warn"]),
        ({"trace_id": trace.hex(), "span_id": span.hex()}, ["error"]),
        ({"severity": "WARN"}, ["error", "warn"]),
        ({"severity": "15"}, ["error"]),
        ({"from": BASE + SECOND, "to": BASE + 3 * SECOND}, ["error", "warn"]),
        ({"to": BASE}, []),
        ({"from": iso}, ["none", "error"]),
    ]:
        assert bodies(listed(server, "logs_filtered", **query)) == want, query


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"}, {"limit": "1001"}, {"cursor": "5"}, {"cursor": "5-" + "g" * 32}, {"trace_id": "12"},
        {"span_id": "xy"}, {"severity": "warn"}, {"severity": "25"}, {"from": "yesterday"}, {"to": "2026-13-01T00:00:00Z"},
    ],
)  # fmt: skip
def test_what_cannot_be_understood_is_refused_by_name(server, query):
    answer = server.get("/api/v1/projects/p/logs", **query)
    assert answer.status == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_argument"
    assert all(value in error["message"] for value in query.values())


def test_project_of_the_header_then_of_the_resource(server):
    resource = {"openinference.project.name": "logs_named"}
    send(server, [otlp.log_record("a", time=BASE)], None, resource=resource)
    send(server, [otlp.log_record("b", time=BASE)], "logs_chosen", resource=resource)
    assert bodies(listed(server, "logs_named")) == ["a"]
    assert bodies(listed(server, "logs_chosen")) == ["b"]


def test_bad_records_are_rejected_alone_and_counted(own_server, ids):
    records = [otlp.log_record("good"), otlp.log_record("bad", trace_id=b"short"), otlp.log_record("bad", span_id=b"1")]
    answer = own_server.export(otlp.logs_request(records), path="/v1/logs")
    assert answer.status == 200
    rejected, message = oracle.decode_response(answer.body)
    assert rejected == 2
    assert "(the first of 2 rejected log records)" in message
    assert bodies(listed(own_server, "default")) == ["good"]
    counted = own_server.get_json("/api/v1/status")["ingest"]
    assert (counted["log_records"], counted["rejected_log_records"], counted["spans"]) == (1, 2, 0)
    (entry,) = own_server.get_json("/api/v1/rejected")["data"]
    assert (entry["path"], entry["status"]) == ("/v1/logs", 200)


def test_after_a_restart_nothing_is_lost_or_doubled(own_server, ids):
    trace, span = ids.trace(), ids.span()
    own_server.accept(otlp.request([otlp.Span(trace, span)]))
    send(own_server, [otlp.log_record("kept", time=BASE, trace_id=trace, span_id=span)], None)
    own_server.kill9()
    own_server.start()
    assert bodies(own_server.trace(trace.hex())[span.hex()]["logs"]) == ["kept"]


def test_json(server, ids):
    trace, span = ids.trace().hex(), ids.span().hex()
    record = {
        "timeUnixNano": str(BASE),
        "severityNumber": 9,
        "body": {"kvlistValue": {"values": [{"key": "n", "value": {"intValue": "7"}}]}},
        "traceId": trace,
        "spanId": span,
        "eventName": "my.event",
    }
    request = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]})
    answer = server.export(request, path="/v1/logs", project="logs_json", content_type=JSON)
    assert (answer.status, answer.body) == (200, b"{}")
    (row,) = listed(server, "logs_json")
    want = {"time_unix_ns": str(BASE), "severity_number": 9, "body": {"n": 7}, "trace_id": trace, "span_id": span}
    assert not compare.differences(want | {"event_name": "my.event"}, row, subset=True)
