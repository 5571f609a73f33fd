"""Phoenix's filters of traces and sessions with arithmetic and comprehensions, and the query language at the grain of sessions."""

import json
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND = 10**6, 10**9
BASE = time.time_ns() // SECOND * SECOND - 3600 * SECOND

# name, trace, parent, start in ms, duration in ms, status, kind, attributes. Traces 0 and 1 are session s-1, trace 2 is s-2.
ROWS = [
    ("run", 0, None, 0, 5000, 0, "AGENT", {"session.id": "s-1", "user.id": "ada", "input.value": "a Refund please", "output.value": "done"}),
    ("chat", 0, 0, 10, 2500, 0, "LLM", {"llm.token_count.prompt": 1200, "llm.token_count.total": 1230, "llm.cost.total": 0.02, "llm.cost.prompt": 0.015, "llm.cost.completion": 0.005, "weight": 2.5, "gen_ai.response.time_to_first_chunk": 0.001}),
    ("search", 0, 0, 20, 40, 2, "TOOL", {"retries": 3, "metadata": '{"n":6}'}),
    ("look", 0, 0, 30, 60, 0, "TOOL", {"retries": 1, "weight": "4"}),
    ("deep", 0, 3, 40, 10, 2, "LLM", {"llm.token_count.prompt": 10, "llm.token_count.total": 15, "gen_ai.response.time_to_first_chunk": 0.1}),
    ("run", 1, None, 10_000, 900, 1, "AGENT", {"session.id": "s-1", "user.id": "bob", "input.value": "hello", "output.value": "granted", "retries": 7}),
    ("chat", 1, 5, 10_010, 800, 0, "LLM", {"llm.token_count.prompt": 100, "llm.token_count.total": 110}),
    ("job", 2, None, 20_000, 100, 0, "CHAIN", {"session.id": "s-2", "input.value": "nothing", "output.value": "bye"}),
    ("chat", 2, 7, 20_010, 80, 0, "LLM", {"llm.model_name": "nova"}),
]


def annotate(server, target, rows):
    answer = server.request("POST", f"/v1/{target}_annotations?sync=true", json.dumps({"data": rows}).encode(), {"content-type": "application/json"})
    assert answer.status == 200, answer.body


@pytest.fixture(scope="module")
def found(server):
    """(path, parameters) to the numbers of the rows that are found."""
    ids = Ids("grains")
    traces, spans = [ids.trace() for _ in range(3)], []
    for name, trace, parent, start, duration, status, kind, attributes in ROWS:
        spans.append(otlp.Span(traces[trace], ids.span(), name, parent=spans[parent].span_id if parent is not None else b"",
                               start=BASE + start * MS, end=BASE + (start + duration) * MS, status=status,
                               attributes=attributes | {"openinference.span.kind": kind}))
    server.accept(otlp.request(spans), project="grains")
    server.get_json("/api/v1/projects/grains/spans")  # waits for them
    judged = {"annotator_kind": "HUMAN"}
    annotate(server, "span", [judged | {"span_id": spans[1].span_id.hex(), "name": "relevance", "result": {"score": 0.9, "label": "good", "explanation": "cites the right date"}}])
    annotate(server, "trace", [judged | {"trace_id": traces[2].hex(), "name": "tone", "result": {"label": "rude"}}])
    annotate(server, "session", [judged | {"session_id": "s-1", "name": "Quality", "result": {"score": 0.4}}])
    numbers = {span.span_id.hex(): i for i, span in enumerate(spans)} | {trace.hex(): i for i, trace in enumerate(traces)}
    numbers |= {"s-1": 1, "s-2": 2, "ada": "ada", "bob": "bob"}
    keys = {"spans": "span_id", "traces": "trace_id", "sessions": "session_id", "users": "user_id"}

    def find(path, **params):
        page = server.get_json(f"/api/v1/projects/grains/{path}", limit=500, **params)
        return {numbers[row[keys[path]]] for row in page["data"]}

    return find


OF_SPANS = {
    "latency_ms + 100 >= 1000": {0, 1, 5}, "latency_ms - 40 == 0": {2}, "2 * latency_ms <= 80": {2, 4}, "latency_ms / 2 > 1000": {0, 1},
    "latency_ms % 1000 == 900": {5}, "-latency_ms < -900": {0, 1}, "+latency_ms == 40": {2}, "latency_ms > 2 * 1000": {0, 1},
    "1 + 2 * 3 == retries": {5}, "(1 + 2) * 3 > retries": {2, 3, 5}, "retries * 10 > latency_ms": set(), "retries * 20 > latency_ms": {2},
    "latency_ms / (retries - 3) > 0": {5}, "not latency_ms / (retries - 3) > 0": {3}, "latency_ms > retries": {2, 3, 5}, "retries == retries": {2, 3, 5},
    "llm.token_count.total - llm.token_count.prompt > 9": {1, 6}, "weight + 1 > 3": {1, 3}, "float(weight) * 2 == 5": {1}, "metadata['n'] / 2 == retries": {2},
    "llm.token_count.total - llm.token_count.prompt != 5": {1, 6}, "0 < latency_ms - 30 < 40": {2, 3}, "(latency_ms + 1 > 2000 or retries >= 3) and status_code == 'ERROR'": {2},
    # The span and all below it.
    "cumulative_llm_token_count_total > 100": {0, 1, 5, 6}, "cumulative_token_count.total == 15": {3, 4}, "cumulative_llm_token_count_total < 100": {2, 3, 4, 7, 8},
    "not cumulative_llm_token_count_total < 100": {0, 1, 5, 6}, "cumulative_llm_token_count_prompt >= 1210": {0}, "cumulative_llm_token_count_completion == 0": {0, 1, 2, 3, 4, 5, 6, 7, 8},
    "cumulative_llm_token_count_total in [15, 110]": {3, 4, 5, 6}, "cumulative_llm_token_count_total is None": set(), "cumulative_error_count == 2": {0}, "cumulative_error_count >= 1": {0, 2, 3, 4},
    "parent_span is None and cumulative_llm_token_count_total > 200": {0}, "500 > cumulative_llm_token_count_total > 15": {5, 6}, "cumulative_llm_token_count_total <= 0": {2, 7, 8},
    "cumulative_llm_token_count_total - 15 == 0": {3, 4}, "cumulative_llm_token_count_total * 2 > latency_ms": {4}, "cumulative_error_count * 2 == 4": {0},
    "cumulative_llm_token_count_total == llm.token_count.total": {1, 4, 6}, "not cumulative_llm_token_count_total + 0 > 14": {2, 7, 8},
    "annotations['relevance'].score + 0.25 > 1": {1}, "annotations['relevance'].score * 2 > latency_ms": set(), "not annotations['relevance'].score * 2 > latency_ms": {1},
    "'RIGHT date' in annotations['relevance'].explanation": {1}, "annotations['relevance'].explanation is None": {0, 2, 3, 4, 5, 6, 7, 8}, "annotations['relevance'].explanation == 'x'": set(),
    "annotations['relevance'].label == 'good'": {1}, "annotations['relevance'].label is not None": {1}, "annotations['relevance']": {1},
    "end_time > start_time or retries == 3": None, "end_time >= '2020-01-01T00:00:00Z' and span_kind == 'TOOL'": {2, 3}, "end_time < '2020-01-01T00:00:00Z'": set(),
}


@pytest.mark.parametrize("text, expected", OF_SPANS.items())
def test_arithmetic_of_spans(server, found, text, expected):
    if expected is None:  # times are not reckoned with
        assert server.get("/api/v1/projects/grains/spans", filter=text).json()["error"]["position"] == 0
    else:
        assert found("spans", filter=text) == expected


OF_TRACES = {
    "num_spans * 2 > 9": {0}, "num_spans - error_count == 3": {0}, "latency_ms / num_spans > 400": {0, 1}, "latency_ms % 1000 == 900": {1},
    "-latency_ms < -850": {0, 1}, "total_cost * 100 == 2": {0}, "total_cost > 0.25 / 100": {0}, "attributes['retries'] * 2 == 14": {1},
    "prompt_cost == 0.015": {0}, "completion_cost > 0.004": {0}, "prompt_cost is None": {1, 2}, "prompt_cost + completion_cost > 0.019": {0}, "completion_cost > prompt_cost": set(),
    "any(s.cumulative_llm_token_count_total == 110 for s in spans)": {1}, "any(s.cumulative_error_count > 1 for s in spans)": {0},
    "sum(s.cumulative_error_count for s in spans) == 5": {0}, "max(s.cumulative_llm_token_count_total for s in spans) == 110": {1}, "min(s.cumulative_llm_token_count_total + 1 for s in spans) == 1": {0, 2},
    "any(s.cumulative_llm_token_count_total - 15 == 0 for s in spans)": {0}, "trace_annotations['relevance'].score * 10 == 9": {0},
    "len([a for a in span_annotations]) == 1": {0}, "len([a for a in span_annotations if a.score > 0.95]) == 0": {0, 1, 2}, "max(a.score for a in span_annotations) > 0.5": {0}, "max(a.score for a in trace_annotations) > 0": set(),
    "not max(a.score for a in trace_annotations) > 0": set(), "len([a for a in trace_annotations if a.label == 'rude']) + num_spans == 3": {2}, "sum(a.score * 10 for a in span_annotations) == 9": {0},
    "any(a.score * 2 > 1.5 for a in span_annotations)": {0}, "any(a.score * 2 > 2 for a in span_annotations)": set(),
    "any(len([c for c in s.children]) == 3 for s in spans)": {0}, "any(len([c for c in s.children if c.span_kind == 'TOOL']) > 1 for s in spans)": {0}, "all(len([c for c in s.children]) < 2 for s in spans)": {1, 2},
    "max(len([c for c in s.children]) for s in spans) == 1": {1, 2}, "any(max(c.latency_ms for c in s.children) > 2000 for s in spans)": {0}, "any(sum(c.latency_ms for c in s.children) == 2600 for s in spans)": {0},
    "any(max(c.cumulative_error_count for c in s.children) == 1 for s in spans)": {0}, "any(len([a for a in s.annotations]) > 0 for s in spans)": {0}, "any(max(a.score for a in s.annotations) > 0.5 and s.name == 'chat' for s in spans)": {0},
    "any(s.parent_span.latency_ms - s.latency_ms == 100 for s in spans)": {1}, "any(s.latency_ms * 2 == s.parent_span.latency_ms for s in spans)": {0},
    "trace_annotations['tone'].explanation is None": {0, 1, 2}, "trace_annotations['tone'].score is None": {0, 1, 2}, "'date' in trace_annotations['relevance'].explanation": {0},
    "tool_span_count > 1": {0}, "tool_span_count == 0": {1, 2}, "llm_span_count == 1": {1, 2}, "llm_span_count + tool_span_count == 4": {0},
    "any(span.status_code == 'ERROR' for span in spans)": {0}, "all(span.latency_ms >= 80 for span in spans)": {1, 2},
    "not any(span.span_kind == 'TOOL' for span in spans)": {1, 2}, "not all(span.latency_ms >= 80 for span in spans)": {0},
    "any([span.latency_ms > 2000 for span in spans])": {0}, "all(s.latency_ms > 50 for s in spans if s.span_kind == 'TOOL')": {1, 2},
    "any(s.llm_token_count_total > 100 for s in spans)": {0, 1}, "any(s.latency_ms - 10 == 0 for s in spans)": {0}, "any(s.retries == 3 for s in spans)": {0},
    # Where nothing is known, it is neither so nor not so.
    "not any(s.llm_token_count_total > 1000 for s in spans if s.span_kind == 'LLM')": {1}, "not any(s.llm_token_count_total > 1000 for s in spans)": set(),
    "len([span for span in spans if span.span_kind == 'TOOL']) > 1": {0}, "len([s for s in spans]) == 2": {1, 2}, "len([s for s in spans if s.parent_id is None]) == 1": {0, 1, 2},
    "max(s.latency_ms for s in spans if s.span_kind == 'LLM') >= 800": {0, 1}, "min(s.latency_ms for s in spans) < 50": {0},
    "sum(s.llm_token_count_total for s in spans) == 1245": {0}, "sum([s.llm_token_count_total for s in spans]) == 0": {2},
    "max(s.llm_token_count_total for s in spans) > 0": {0, 1}, "not max(s.llm_token_count_total for s in spans) > 0": set(),
    "max(s.latency_ms for s in spans) - min(s.latency_ms for s in spans) == 4990": {0}, "max(s.latency_ms / 2 for s in spans) == 450": {1},
    "any(any(child.status_code == 'ERROR' for child in span.children) for span in spans)": {0},
    "any(any(c.span_kind == 'LLM' for c in span.children) and span.span_kind == 'TOOL' for span in spans)": {0},
    "any(span.parent_span.span_kind == 'LLM' and span.span_kind == 'TOOL' for span in spans)": set(),
    "any(span.parent_span.span_kind == 'TOOL' and span.span_kind == 'LLM' for span in spans)": {0},
    "any(span.parent_span is None and span.retries == 7 for span in spans)": {1},
    "any(any(s.status_code == 'ERROR' for s in span.siblings) and span.span_kind == 'LLM' for span in spans)": {0},
    "any(any(s.span_kind == 'LLM' for s in span.siblings) and span.span_kind == 'LLM' for span in spans)": set(),
    "any(all(s.span_kind == 'TOOL' for s in span.siblings) and span.name == 'chat' and span.latency_ms > 1000 for span in spans)": {0},
    "any(a.name == 'relevance' and a.score > 0.5 for a in span_annotations)": {0}, "any(a.score > 0.95 for a in span_annotations)": set(),
    "any(any(a.label == 'good' for a in span.annotations) for span in spans)": {0}, "any(a.label == 'rude' for a in trace_annotations)": {2},
    "trace_annotations['tone'].label == 'rude'": {2}, "any('roo' in a.label or a.label in ['rude', 'x'] for a in trace_annotations)": {2},
    "len([s for s in spans if s.span_kind == 'TOOL']) > 1 and total_cost > 0.01": {0}, "num_spans > 2 and 'refund' in input": {0},
    # A root has no parent of which anything could be so or not so.
    "len([s for s in spans if not (s.parent_span.status_code == 'ERROR')]) == 4": {0}, "len([s for s in spans if s.parent_span.span_kind != 'LLM']) == 1": {1, 2}, "any(s.parent_span.status_code is None for s in spans)": {0, 1, 2},
    "len([s for s in spans if s.parent_span.status_code is None]) == 1": {0, 1, 2}, "max(s.latency_ms for s in spans if not (s.parent_span.status_code == 'ERROR')) < 850": {1, 2},
    "min(max(5 for c in s.children if c.latency_ms != c.retries) for s in spans if not (s.parent_span.status_code == 'ERROR')) <= token_count_total": set(),
    "min(max(5 for c in s.children if c.latency_ms != c.retries) for s in spans) <= token_count_total": {0},
}


@pytest.mark.parametrize("text, expected", OF_TRACES.items())
def test_traces(found, text, expected):
    assert found("traces", filter=text) == expected


OF_SESSIONS = {
    "": {1, 2}, "session_id == 's-1'": {1}, "num_traces == 2": {1}, "num_traces_with_error == 1": {1}, "num_traces_with_error == 0": {2}, "duration_ms > 5000": {1},
    "duration_ms == 10900": {1}, "token_count_total == 1355": {1}, "token_count_prompt / 10 == 131": {1}, "total_cost > 0.01": {1}, "tool_span_count == 2": {1}, "llm_span_count == 1": {2},
    "'refund' in first_input": {1}, "'hello' in first_input": set(), "'refund' not in first_input": {2}, "'granted' in last_output": {1}, "'done' in last_output": set(),
    "'hello' in any_input": {1}, "'done' in any_output": {1}, "first_input == 'nothing'": {2}, "'REFUND' in any_input and session_annotations['Quality'].score <= 0.5": {1},
    "prompt_cost > 0.01": {1}, "completion_cost is None": {2}, "session_annotations['Quality'].label is None": {1, 2}, "session_annotations['Quality']": {1},
    "session_annotations['Quality'].score > 0.5": set(), "user.id == 'bob'": {1}, "attributes['user.id'] == 'ada'": {1}, "attributes['user.id'] == 'bob'": set(),
    "start_time > '2020-01-01T00:00:00Z'": {1, 2}, "any(span.status_code == 'ERROR' for span in spans)": {1}, "not any(span.status_code == 'ERROR' for span in spans)": {2},
    "len([s for s in spans]) == 7": {1}, "max(s.latency_ms for s in spans) == 5000": {1}, "sum(s.llm_token_count_total for s in spans) == 1355": {1},
    "any(len([s for s in trace.spans if s.span_kind == 'TOOL']) > 1 for trace in traces)": {1}, "any(len([s for s in trace.spans]) > 5 for trace in traces)": set(),
    "all(t.latency_ms > 500 for t in traces)": {1}, "any(t.num_spans == 2 for t in traces)": {1, 2}, "len([t for t in traces if t.error_count > 0]) == 1": {1},
    "len([t for t in traces]) == 2": {1}, "max(t.latency_ms for t in traces) == 5000": {1}, "min(t.latency_ms for t in traces) < 500": {2},
    "sum(t.num_spans for t in traces) == 7": {1}, "sum(t.latency_ms for t in traces if t.error_count == 0) == 900": {1}, "max(len([s for s in t.spans]) for t in traces) == 5": {1},
    "any(any(s.span_kind == 'TOOL' for s in t.spans) and t.latency_ms > 1000 for t in traces)": {1}, "any(any(s.span_kind == 'TOOL' for s in t.spans) and t.latency_ms < 1000 for t in traces)": set(),
    "len([a for a in span_annotations]) == 1": {1}, "len([a for a in trace_annotations]) == 1": {2}, "max(a.score for a in span_annotations) > 0.5": {1}, "max(a.score for a in session_annotations) < 0.5": {1},
    "len([a for a in session_annotations]) == 0": {2}, "session_annotations['Quality'].score * 2 < 1": {1}, "sum(s.cumulative_error_count for s in spans) == 5": {1}, "max(t.num_spans * 2 for t in traces) == 10": {1},
    "max(max(s.cumulative_llm_token_count_total for s in t.spans) for t in traces) == 1245": {1},
    "any(a.name == 'Quality' and a.score < 1 for a in session_annotations)": {1}, "any(a.label == 'rude' for a in trace_annotations)": {2}, "num_traces * 50 > duration_ms": set(),
    "duration_ms / num_traces < 200": {2}, "attributes['retries'] + 0 == 7": set(), "attributes['retries'] is None": {1, 2},
}


@pytest.mark.parametrize("text, expected", OF_SESSIONS.items())
def test_sessions(found, text, expected):
    assert found("sessions", filter=text) == expected


QUERIES = {
    "sessions": {"kind:tool": {1}, "-kind:tool": {2}, "tokens:1355": {1}, "-has:tokens": {2}, "spans:7": {1}, "errors=0": {2}, "duration>10s": {1}, "refund": {1}, "-refund": {2},
                 "within(trace: errors>0)": {1}, "within(span: kind:tool status:error)": {1}, "within(root: granted)": {1}, "within(first: refund)": {1}, "within(first: granted)": set(),
                 "within(last: granted)": {1}, "user:bob": {1}, "session:s-2": {2}, "score.Quality<0.5": {1}, "annotation.tone:rude": {2}, "kind:tool or model:nova": {1, 2},
                 "within(session: kind:tool)": {1}, "end>2020-01-01": {1, 2}, "last:30m": set(), "cost>0.01": {1}, "-has:cost.prompt": {2}, "cost.completion<0.01": {1}},
    "users": {"": {"ada", "bob"}, "status:error": {"ada"}, "-status:error": {"bob"}, "within(session: status:error)": {"ada", "bob"}, "duration<1s": {"bob"}, "nothing": set()},
    "spans": {"cost.prompt=0.015": {1}, "has:cost.completion": {1}, "explanation.relevance:*right*": {1}, "within(parent: kind:tool)": {4}, "-within(parent: kind:agent) has:parent": {4, 8}, "within(child: status:error)": {0, 3}, "within(sibling: status:error)": {1, 3},
              "within(sibling: kind:tool)": {1, 2, 3}, "-within(sibling: kind:tool) kind:llm": {4, 6, 8}, "within(parent: within(parent: name:run))": {4}, "within(first: refund)": {0, 1, 2, 3, 4}},
    "traces": {"cost.prompt>0.01": {0}, "within(parent: kind:tool)": {0}, "within(child: status:error duration<20ms)": {0}, "within(sibling: kind:llm)": {0}, "within(last: name:job)": {2},
               "within(span: within(trace: cost.completion<=0.25)) or operation:*chat*": {0}, "within(trace: within(span: cost.completion<=0.25))": {0},
               # Both ends are those of one span: 1 ms and 100 ms are there.
               "first_token:5ms..50ms": set(), "first_token:1ms..50ms": {0}, "first_token>=5ms first_token<=50ms": {0}},
}


@pytest.mark.parametrize("path, text, expected", [(path, text, ids) for path, cases in QUERIES.items() for text, ids in cases.items()])
def test_queries(found, path, text, expected):
    assert found(path, q=text) == expected


def test_windows_of_sessions_and_users(found):
    late = BASE + 9_000 * MS
    assert found("sessions", **{"from": late}) == {1, 2}
    assert found("sessions", **{"from": BASE + 15_000 * MS}) == {2}
    assert found("sessions", to=BASE + 15_000 * MS) == {1}
    assert (found("users", to=late), found("users", **{"from": late})) == ({"ada"}, {"bob"})


# The place of the mistake is where ‸ stands.
MISTAKES = {
    "spans": ["‸any(s.latency_ms > 1 for s in spans)", "latency_ms ‸** 2 > 1", "latency_ms ‸// 2 > 1", "‸name + 1 > 2", "1 + ‸'a' > 2", "‸span_id * 2 == 4", "latency_ms +‸", "‸latency_ms + 1",
              "‸annotations['x'].label + 1 > 2", "latency_ms > ‸)", "name == ‸'\\x4'", "name == ‸'\\ud800'", "‸parent_span + 1 > 2", "‸latency_ms + 1 is None"],
    "traces": ["len(‸spans) > 1", "any(‸spans)", "any(s.latency_ms > 1 for ‸in spans)", "any(s.latency_ms > 1 for s ‸spans)", "any(s.latency_ms > 1 for s in ‸traces)", "any(‸latency_ms > 1 for s in spans)",
               "any(‸s for s in spans)", "any(‸s.latency_ms for s in spans)", "any(s.latency_ms > 1 for s in spans ‸for t in spans)", "‸any(s.latency_ms > 1 for s in spans", "len([‸x for s in spans]) > 1",
               "any(any(‸s.latency_ms > 1 for c in s.children) for s in spans)", "any(any(c.latency_ms > 1 for c in ‸spans) for s in spans)", "any(s.tokens > 1 for s in ‸cost_details)", "‸cumulative_error_count > 1",
               "any(‸a.colour == 'x' for a in span_annotations)", "‸max(c.latency_ms for c in spans)", "any(‸max(c.latency_ms for c in s.siblings) > 1 for s in spans)", "max(‸a.label for a in span_annotations) > 1", "‸typo > 1", "len(‸s for s in spans) > 1"],
    "sessions": ["‸latency_ms > 1", "‸any_input == 'x'", "‸any_input is None", "‸num_traces", "any(t.latency_ms > 1 for t in ‸trace)", "‸trace_id == 'x'"],
}


@pytest.mark.parametrize("path, marked", [(path, marked) for path, all_of in MISTAKES.items() for marked in all_of])
def test_mistakes(server, found, path, marked):
    answer = server.get(f"/api/v1/projects/grains/{path}", filter=marked.replace("‸", ""))
    assert answer.status == 400
    assert answer.json()["error"]["position"] == marked.index("‸"), answer.json()
