"""The query language against spans that are known: each construct, and random queries against a naive evaluator."""

import pathlib
import re
import time
import urllib.parse

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND, HOUR = 10**6, 10**9, 3600 * 10**9
BASE = time.time_ns() // SECOND * SECOND - HOUR
LONG = "a long story about refunds, told \"slowly\" by Zoë " * 8

# The models have no price, so their cost is the reported one.
# name, span id, trace, parent, start in ms, duration in ms, status, attributes
ROWS = [
    ("run", "a1", 1, "", 0, 5000, 0, {"openinference.span.kind": "AGENT", "user.id": "ada", "session.id": "s-1"}),
    ("chat", "a2", 1, "a1", 10, 2500, 0, {
        "openinference.span.kind": "LLM", "llm.model_name": "nova-4o", "llm.provider": "openai",
        "llm.token_count.prompt": 1200, "llm.token_count.completion": 30, "llm.token_count.total": 1230,
        "llm.cost.total": 0.02, "input.value": LONG, "output.value": "50% off_now", "http.status_code": 200}),
    ("search", "a3", 1, "a1", 2600, 40, 2, {
        "openinference.span.kind": "TOOL", "tool.name": "search_docs", "http.route": "/chat", "retries": 3,
        "ratio": 0.5, "cached": True, "odd \"key": "x", "empty": ""}),
    ("run", "b1", 2, "", 1000, 900, 0, {"openinference.span.kind": "AGENT", "user.id": "bot", "session.id": "s-1"}),
    ("chat", "b2", 2, "b1", 1010, 800, 0, {
        "openinference.span.kind": "LLM", "llm.model_name": "nova-4o-mini", "llm.provider": "openai",
        "llm.token_count.prompt": 10, "llm.token_count.completion": 5, "llm.token_count.total": 15,
        "llm.finish_reason": "length", "output.value": "short"}),
    ("job", "c1", 3, "", 2000, 100, 1, {"http.route": "/chat", "http.status_code": 503, "retries": "7"}),
    ("chat", "c2", 3, "c1", 2010, 80, 2, {
        "openinference.span.kind": "LLM", "llm.model_name": "borealis-4", "llm.provider": "anthropic"}),
]
RESOURCE = {"service.name": "shop", "service.version": "1.2.3", "replicas": 2}


def post(server, project):
    ids = Ids(project)
    trace_of = {number: ids.trace() for number in (1, 2, 3)}
    pad = lambda text: bytes.fromhex(text.ljust(16, "0"))
    spans = []
    for name, span, trace, parent, start, duration, status, attributes in ROWS:
        events = ()
        if span == "c2":
            events = (otlp.event("exception", BASE, {"exception.type": "TimeoutError", "exception.message": "too slow"}),)
        spans.append(otlp.Span(trace_of[trace], pad(span), name, parent=pad(parent) if parent else b"",
                               start=BASE + start * MS, end=BASE + (start + duration) * MS, status=status,
                               attributes=attributes, events=events))
    server.accept(otlp.request(spans, resource=RESOURCE), project=project)
    return {trace_of[number].hex(): number for number in trace_of}


@pytest.fixture(scope="module")
def traces(server):
    return post(server, "queries")


def found_spans(server, query, project="queries", **params):
    page = server.get_json(f"/api/v1/projects/{project}/spans", q=query, **params)
    return [row["span_id"][:2] for row in page["data"]]


def found_traces(server, traces, query, **params):
    page = server.get_json("/api/v1/projects/queries/traces", q=query, **params)
    return [traces[row["trace_id"]] for row in page["data"]]


SPAN_CASES = {
    "": "a1 a2 a3 b1 b2 c1 c2",
    "kind:llm": "a2 b2 c2",
    "kind:unknown": "c1",
    "-kind:llm": "a1 a3 b1 c1",
    "name:chat": "a2 b2 c2",
    "name:c*": "a2 b2 c2",
    "name:*h": "a3",
    'name:"c*"': "",
    "name:CHAT": "",
    "name~\"^(run|job)$\"": "a1 b1 c1",
    "name!~c": "a1 b1 c1",
    "status:error": "a3 c2",
    "status:ok": "c1",
    "status:unset": "a1 a2 b1 b2",
    "status!=error": "a1 a2 b1 b2 c1",
    "model:nova-4o": "a2",
    "model:nova-4o*": "a2 b2",
    "model:(nova-4o or bor*)": "a2 c2",
    "model!=nova-4o kind:llm": "b2 c2",
    "has:model": "a2 b2 c2",
    "model:*": "a2 b2 c2",
    "provider:anthropic": "c2",
    "tool:search_docs": "a3",
    "finish_reason:length": "b2",
    "exception:TimeoutError": "c2",
    "has:exception": "c2",
    'exception.message:"too slow"': "c2",
    "duration>2s": "a1 a2",
    "duration:>2s": "a1 a2",
    "duration:80ms..900ms": "b1 b2 c1 c2",
    "duration<=80ms": "a3 c2",
    "duration=40000us": "a3",
    "tokens.prompt>1k": "a2",
    "tokens.prompt<=1200": "a2 b2",
    "tokens:15": "b2",
    "has:tokens": "a2 b2",
    "-tokens.prompt>1k": "a1 a3 b1 b2 c1 c2",
    "cost>0.01": "a2",
    "cost=$0.02": "a2",
    "-has:cost kind:llm": "b2 c2",
    "user:ada": "a1 a2 a3",
    "-user:bot": "a1 a2 a3 c1 c2",
    "user:ada kind:llm": "a2",
    "session:s-1": "a1 a2 a3 b1 b2",
    "service:shop": "a1 a2 a3 b1 b2 c1 c2",
    "resource.service.version:1.2*": "a1 a2 a3 b1 b2 c1 c2",
    "resource.replicas:2": "a1 a2 a3 b1 b2 c1 c2",
    "resource.replicas>2": "",
    "resource.nothing:x": "",
    "-has:resource.nothing": "a1 a2 a3 b1 b2 c1 c2",
    "attributes.http.route:/chat": "a3 c1",
    'attributes."http.route":/chat': "a3 c1",
    "attributes.http.route:/c*": "a3 c1",
    "-attributes.http.route:/chat": "a1 a2 b1 b2 c2",
    "attributes.http.status_code:200": "a2",
    "attributes.http.status_code>=500": "c1",
    "attributes.retries:3": "a3",
    "attributes.retries:7": "c1",
    "attributes.retries>2": "a3 c1",
    "attributes.ratio:0.5": "a3",
    "attributes.ratio<1": "a3",
    "attributes.cached:true": "a3",
    "attributes.cached:false": "",
    'attributes."odd \\"key":x': "a3",
    'attributes.empty:""': "a3",
    "has:attributes.empty": "a3",
    "has:attributes.cached": "a3",
    "has:parent": "a2 a3 b2 c2",
    "-has:parent": "a1 b1 c1",
    "parent:a100000000000000": "a2 a3",
    "span:b200000000000000": "b2",
    "refunds": "a2",
    "REFUNDS": "a2",
    '"refunds, told \\"slowly\\""': "a2",
    "zoë": "a2",
    "50%": "a2",
    "off_now": "a2",
    "search_docs": "a3",
    '"too slow"': "c2",
    "nowhere": "",
    "-refunds kind:llm": "b2 c2",
    "kind:llm or kind:tool": "a2 a3 b2 c2",
    "(kind:llm or kind:tool) status:error": "a3 c2",
    "not (kind:llm or kind:tool)": "a1 b1 c1",
    "within(trace: tool:search_docs)": "a1 a2 a3",
    "within(trace: tool:search_docs) kind:llm": "a2",
    "within(trace: kind:tool model:nova-4o)": "a1 a2 a3",
    "within(span: kind:tool model:nova-4o)": "",
    "within(root: name:job)": "c1 c2",
    "within(trace: duration>4s)": "a1 a2 a3",
    "within(trace: tokens:15)": "b1 b2",
    "-within(trace: status:error)": "b1 b2",
    "within(trace: -status:error)": "b1 b2",
    "within(session: tool:search_docs)": "a1 a2 a3 b1 b2",
    "within(session: tokens:1245)": "a1 a2 a3 b1 b2",
    "last:30m": "",
    "last:2h": "a1 a2 a3 b1 b2 c1 c2",
    "start>2100-01-01": "",
}


@pytest.mark.parametrize("query", SPAN_CASES)
def test_spans_that_match(server, traces, query):
    assert sorted(found_spans(server, query)) == SPAN_CASES[query].split()


TRACE_CASES = {
    "": [3, 2, 1],
    "kind:llm": [3, 2, 1],
    "kind:tool": [1],
    "-kind:tool": [3, 2],
    "status:error": [3, 1],
    "kind:tool model:nova-4o": [1],
    "within(span: kind:tool model:nova-4o)": [],
    "user:ada status:error": [1],
    "user:ada or name:job": [3, 1],
    "duration>4s": [1],
    "duration<1s": [3, 2],
    "cost>0.01": [1],
    "-has:cost": [3, 2],
    "tokens>1k": [1],
    "tokens:15": [2],
    "spans:3": [1],
    "errors>=1": [3, 1],
    "within(root: name:job)": [3],
    "within(root: status:ok)": [3],
    "within(session: status:error)": [2, 1],
    "within(session: tokens>1240)": [2, 1],
    "refunds": [1],
    "-refunds": [3, 2],
    "has:exception": [3],
}


@pytest.mark.parametrize("query", TRACE_CASES)
def test_traces_that_match_newest_first(server, traces, query):
    assert found_traces(server, traces, query) == TRACE_CASES[query]


@pytest.mark.parametrize(
    "sort, expected",
    {
        "start": [1, 2, 3],
        "-duration": [1, 2, 3],
        "duration": [3, 2, 1],
        "-cost": [1, 3, 2],
        "tokens": [2, 1, 3],
        "-errors": [3, 1, 2],
        "-spans": [1, 3, 2],
    }.items(),
)
def test_traces_sorted_and_paged(server, traces, sort, expected):
    """What is not known stands last; equals are in the order of their ids."""
    whole = found_traces(server, traces, "", sort=sort)
    same = {"-cost": [3, 2], "-errors": [3, 1], "-spans": [3, 2]}.get(sort, [])
    assert [t for t in whole if t not in same] == [t for t in expected if t not in same]
    assert [expected.index(t) for t in whole if t not in same] == [whole.index(t) for t in whole if t not in same]
    paged, cursor = [], {}
    while cursor is not None:
        page = server.get_json("/api/v1/projects/queries/traces", sort=sort, limit=1, **cursor)
        paged += [traces[row["trace_id"]] for row in page["data"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert paged == whole


def test_spans_sorted_and_paged(server, traces):
    by_tokens = found_spans(server, "kind:llm", sort="-tokens.prompt")
    assert by_tokens == ["a2", "b2", "c2"]
    assert found_spans(server, "kind:llm", sort="tokens.prompt") == ["b2", "a2", "c2"]
    assert found_spans(server, "kind:llm", sort="model") == ["c2", "a2", "b2"]
    paged, cursor = [], {}
    while cursor is not None:
        page = server.get_json("/api/v1/projects/queries/spans", sort="name", limit=2, **cursor)
        paged += [row["span_id"][:2] for row in page["data"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert paged == found_spans(server, "", sort="name")
    assert sorted(paged) == "a1 a2 a3 b1 b2 c1 c2".split()


def test_window(server, traces):
    after = BASE + 500 * MS
    assert found_traces(server, traces, "", **{"from": after}) == [3, 2]
    assert found_traces(server, traces, "", **{"from": after, "to": BASE + 1500 * MS}) == [2]
    assert found_traces(server, traces, "kind:tool", to=after) == [1]
    assert sorted(found_spans(server, "", **{"from": BASE + 2000 * MS})) == ["a3", "c1", "c2"]


def test_only_the_last_copy_of_a_span_matches(server):
    ids = Ids("copies")
    trace, span = ids.trace(), ids.span()
    for name, tokens in (("open", 1), ("ended", 2)):
        attributes = {"openinference.span.kind": "LLM", "llm.token_count.prompt": tokens, "llm.token_count.total": tokens}
        server.accept(otlp.request([otlp.Span(trace, span, name, start=BASE, end=BASE + MS, attributes=attributes)]),
                      project="query-copies")
    count = lambda query: len(server.get_json("/api/v1/projects/query-copies/spans", q=query)["data"])
    assert (count("name:open"), count("name:ended"), count("tokens:1"), count("-name:open")) == (0, 1, 0, 1)
    assert len(server.get_json("/api/v1/projects/query-copies/traces", q="tokens:2")["data"]) == 1


def test_a_row_says_what_the_span_said(server, traces):
    row = server.get_json("/api/v1/projects/queries/spans", q="span:a200000000000000")["data"][0]
    preview = row.pop("input_preview")
    assert LONG.startswith(preview) and len(preview) == 200
    assert row == {
        "project": "queries", "trace_id": next(t for t in traces if traces[t] == 1), "span_id": "a200000000000000",
        "parent_span_id": "a100000000000000", "name": "chat", "title": None, "kind": "LLM", "status": "UNSET", "status_message": None,
        "start_unix_ns": str(BASE + 10 * MS), "duration_ns": 2500 * MS, "service_name": "shop", "model": "nova-4o",
        "provider": "openai", "agent_name": None, "tool_name": None, "session_id": None, "user_id": None,
        "finish_reason": None, "exception": None,
        "tokens": {"prompt": 1200, "completion": 30, "total": 1230, "cache_read": None, "estimated": False}, "cost": {"total_usd": 0.02},
        "time_to_first_token_ns": None, "output_preview": "50% off_now"}


def test_facets(server, traces):
    facets = lambda query, **params: {
        facet["field"]: {value["value"]: value["count"] for value in facet["values"]}
        for facet in server.get_json("/api/v1/projects/queries/facets", q=query, **params)["data"]}
    assert facets("", of="spans", fields="kind,status,model") == {
        "kind": {"llm": 3, "agent": 2, "tool": 1, "unknown": 1},
        "status": {"unset": 4, "error": 2, "ok": 1},
        "model": {"nova-4o": 1, "nova-4o-mini": 1, "borealis-4": 1}}
    assert facets("status:error", fields="model,user") == {"model": {"nova-4o": 1, "borealis-4": 1}, "user": {"ada": 1}}
    assert facets("", of="spans", fields="kind", limit=1) == {"kind": {"llm": 3}}


def test_histogram(server, traces):
    histogram = lambda **params: server.get_json("/api/v1/projects/queries/histogram", **params)
    window = {"from": BASE, "to": BASE + 10 * SECOND, "buckets": 11}
    of_traces = histogram(**window)
    assert of_traces["bucket_ns"] == str(SECOND)
    buckets = [(int(b["start_unix_ns"]), b["count"], b["errors"]) for b in of_traces["data"]]
    assert buckets == [(BASE, 1, 1), (BASE + SECOND, 1, 0), (BASE + 2 * SECOND, 1, 1)]
    of_spans = histogram(of="spans", q="kind:llm", **window)
    buckets = [(int(b["start_unix_ns"]), b["count"], b["errors"], b["duration_p50_ns"]) for b in of_spans["data"]]
    assert [b[:3] for b in buckets] == [(BASE, 1, 0), (BASE + SECOND, 1, 0), (BASE + 2 * SECOND, 1, 1)]
    assert buckets[0][3] == pytest.approx(2500 * MS)
    assert histogram(q="name:nothing")["data"] == []
    assert server.get_json("/api/v1/projects/nothing/histogram")["data"] == []


def test_suggestions(server, traces):
    suggest = lambda query, **params: server.get_json("/api/v1/projects/queries/suggest", q=query, **params)
    values = lambda answer: {row["value"]: row.get("count") for row in answer["data"]}
    models = suggest("kind:llm model:n")
    assert (models["wanted"], models["field"], models["replace"]) == ("value", "model", {"begin": 15, "end": 16})
    assert values(models) == {"nova-4o": 1, "nova-4o-mini": 1}
    # Under the rest of the query, which may be half-typed itself.
    assert values(suggest("model: status:error", at=6)) == {"nova-4o": 1, "borealis-4": 1}
    assert values(suggest("modle:x model:b")) == {"borealis-4": 1}
    assert values(suggest("kind:t", of="spans")) == {"tool": 1}
    assert values(suggest("attributes.http.", of="spans")) == {"http.route": 2, "http.status_code": 2}
    assert values(suggest("resource.serv", of="spans")) == {"service.name": 7, "service.version": 7}
    fields = suggest("user:ada tokens.c")
    assert (fields["wanted"], fields["replace"]) == ("field", {"begin": 9, "end": 17})
    assert list(values(fields)) == ["tokens.completion", "tokens.cache_read", "tokens.cache_write"]
    assert list(values(suggest("has:exc"))) == ["exception", "exception.message"]


def test_mistakes_have_a_place(server, traces):
    answer = server.get("/api/v1/projects/queries/traces", q="user:ada modle:x duration>2")
    assert answer.status == 400
    error = answer.json()["error"]
    assert (error["code"], error["position"]) == ("invalid_argument", 9)
    assert error["mistakes"] == [
        {"begin": 9, "end": 14,
         "message": 'there is no field "modle", did you mean model; a text to be searched for stands in quotes'},
        {"begin": 26, "end": 27, "message": '"2" needs a unit: 2s, 2ms, 2m'}]


def test_sums_over_a_deep_subtree(server):
    """The tokens at the bottom count in the span itself and in the 200 above it."""
    ids, spans = Ids("deep subtree"), []
    trace = ids.trace()
    for level in range(202):
        tokens = {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": 5} if level == 201 else {}
        spans.append(otlp.Span(trace, ids.span(), f"level {level}", parent=spans[-1].span_id if spans else b"", start=BASE + level, end=BASE + MS, attributes=tokens))
    server.accept(otlp.request(spans), project="deep subtree")
    rows = server.get_json("/api/v1/projects/deep%20subtree/spans", filter="cumulative_llm_token_count_prompt == 5", limit=500)["data"]
    assert {row["name"] for row in rows} == {f"level {level}" for level in range(1, 202)}


@pytest.mark.parametrize("params, told", [
    ({"sort": "colour"}, "colour"), ({"sort": "-tag"}, "tag"), ({"cursor": "zz-1"}, "zz-1"), ({"from": "2", "to": "1"}, "2"),
    ({"limit": "501"}, "501"), ({"of": "dogs"}, None)])
def test_bad_parameters(server, traces, params, told):
    answer = server.get("/api/v1/projects/queries/traces", **params)
    if told is None:
        answer = server.get("/api/v1/projects/queries/facets", **params)
        told = "dogs"
    assert answer.status == 400
    assert told in answer.json()["error"]["message"]


HOSTILE = ["'", "''", "\\", "\\'", '"\\""', "`", "--", "/*", "*/", ";", "{project:String}", "{q0:String}", "%s%n", "\x00", "\x01",
           "x' OR 1=1 --", "');DROP TABLE nightjar.spans;--", "__proto__", "constructor", "\ud7ff", "\uffff", "🦉" * 50,
           "a" * 3000, "SELECT 1 FORMAT Null", "\\N", "\t", "\u2028", "${x}", "$(id)", "<script>", "NaN", "inf", "-1e309"]


def test_hostile_text_is_only_text(server, traces):
    quote = lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    asked = 0
    for text in HOSTILE:
        quoted = quote(text)
        for query in (quoted, f"name:{quoted}", f"attributes.{quoted}:{quoted}", f"has:attributes.{quoted}", f"user:{quoted}",
                      f"resource.{quoted}:{quoted}", f"-model:{quoted} kind:llm"):
            if len(query.encode()) > 4096:
                continue
            answer = server.get("/api/v1/projects/queries/spans", q=query)
            assert answer.status == 200, (query, answer.body[:300])
            found = sorted(row["span_id"][:2] for row in answer.json()["data"])
            assert found == (["a2", "b2", "c2"] if query.startswith("-model") else found[:0]), query
            asked += 1
    assert asked > 200
    for name in HOSTILE:
        answer = server.get(f"/api/v1/projects/{urllib.parse.quote(name, safe='')}/spans", q="kind:llm")
        assert answer.status in (200, 400) and b"DB::" not in answer.body


def test_metadata_and_tags(server):
    ids = Ids("metadata")
    spans = [ids.span() for _ in range(3)]
    metadata = ['{"topic":"refund","depth":{"n":3},"a.b":"dot"}', '{"topic":"greeting"}', ""]
    tags = [["beta", "50% off"], ["Beta"], []]
    server.accept(otlp.request([
        otlp.Span(ids.trace(), span, "run", start=BASE, end=BASE + MS,
                  attributes={"openinference.span.kind": "CHAIN", "metadata": m} | ({"tag.tags": t} if t else {}))
        for span, m, t in zip(spans, metadata, tags)]), project="metadata")
    cases = {"metadata.topic:refund": [0], "metadata.topic:*": [0, 1], "-metadata.topic:refund": [1, 2], "metadata.topic:re*": [0],
             "metadata.depth.n:3": [0], "metadata.depth.n>=3": [0], "metadata.a.b:dot": [0], "has:metadata.topic": [0, 1],
             "metadata.none:x": [], "tag:beta": [0], "tag:*eta": [0, 1], 'tag:"50% off"': [0], "tag~^B": [1], "has:tag": [0, 1], "-has:tag": [2]}
    for query, expected in cases.items():
        found = server.get_json("/api/v1/projects/metadata/spans", q=query)["data"]
        assert {row["span_id"] for row in found} == {spans[i].hex() for i in expected}, query
    assert server.get_json("/api/v1/projects/metadata/suggest", q="tag:b")["data"] == [{"value": "Beta", "count": 1}, {"value": "beta", "count": 1}]
    assert server.get_json("/api/v1/projects/metadata/suggest", q="metadata.t")["data"] == [{"value": "topic", "count": 2}]


def test_the_reference_names_every_field(server):
    page = pathlib.Path(__file__).resolve().parents[1].joinpath("docs/guide/query.md").read_text()
    documented = dict(re.findall(r"^\| `([a-z_.]+?)(?:KEY)?` \| ([^|]*?) \|", page, re.M))
    table = server.get_json("/api/v1/query/fields")
    fields, scopes = table["data"], table["scopes"]
    assert dict(re.findall(r"^\| `(within\(.*?\))` \| (.*?) \|", page, re.M)) == {scope["example"]: scope["meaning"] for scope in scopes}
    assert documented == {field["name"]: field["meaning"] for field in fields}
    for row in fields + scopes:
        assert server.get("/api/v1/projects/queries/spans", q=row["example"]).status == 200
