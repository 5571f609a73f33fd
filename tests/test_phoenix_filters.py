"""Phoenix's filter expressions against spans that are known, and random ones against a naive evaluator."""

import random
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS = 10**6
BASE = time.time_ns() // 10**9 * 10**9 - 3600 * 10**9
LONG = "a long story about Refunds " * 20

# name, trace, parent's index, duration in ms, status, attributes
ROWS = [
    ("run", 0, None, 5000, 0, {"openinference.span.kind": "AGENT", "user.id": "ada", "metadata": '{"topic":"refund","n":3}', "input.value": LONG}),
    ("chat", 0, 0, 2500, 0, {"openinference.span.kind": "LLM", "llm.model_name": "nova-4o", "llm.token_count.prompt": 1200,
                             "llm.token_count.total": 1230, "input.value": "about Programming", "flag": True}),
    ("search", 0, 0, 40, 2, {"openinference.span.kind": "TOOL", "retries": 3, "ratio": "0.5", "input.value": "50%_off.*"}),
    ("run", 1, None, 900, 1, {"openinference.span.kind": "AGENT", "metadata": '{"topic":"greeting"}', "retries": 7}),
    ("Chat", 1, 3, 800, 0, {"openinference.span.kind": "LLM", "llm.model_name": "nova-4o-mini", "llm.token_count.prompt": 10}),
]


@pytest.fixture(scope="module")
def spans(server):
    ids = Ids("phoenix")
    traces, spans = [ids.trace(), ids.trace()], []
    for name, trace, parent, duration, status, attributes in ROWS:
        spans.append(otlp.Span(traces[trace], ids.span(), name, parent=spans[parent].span_id if parent is not None else b"",
                               start=BASE + len(spans) * MS, end=BASE + (len(spans) + duration) * MS, status=status, attributes=attributes))
    server.accept(otlp.request(spans), project="phoenix")
    return {span.span_id.hex(): i for i, span in enumerate(spans)}, {trace.hex(): i for i, trace in enumerate(traces)}


SPAN_CASES = {
    "span_kind == 'LLM'": {1, 4}, "span_kind == 'llm'": {1, 4}, "'LLM' == span_kind": {1, 4}, "span_kind != 'LLM'": {0, 2, 3},
    "span_kind == 'FOO'": set(), "span_kind in ['LLM', 'TOOL']": {1, 2, 4}, "span_kind not in ('LLM', 'TOOL')": {0, 3}, "name in []": set(),
    "name == 'chat'": {1}, "'CHA' in name": {1, 4}, "'cha' not in name": {0, 2, 3}, 'name == "run"': {0, 3},
    "status_code == 'ERROR'": {2}, "status_code == 'OK'": {3}, "status_code != 'ERROR'": {0, 1, 3, 4}, "status_code is None": set(), "status_code is not None": {0, 1, 2, 3, 4},
    "latency_ms > 1000": {0, 1}, "1000 < latency_ms": {0, 1}, "40 <= latency_ms < 900": {2, 4}, "latency_ms == 40": {2},
    "not latency_ms > 1000": {2, 3, 4}, "not (latency_ms > 1000 or span_kind == 'TOOL')": {3, 4},
    "llm.model_name == 'nova-4o'": {1}, "'NOVA' in llm.model_name": {1, 4},
    # What is unknown is neither equal nor different.
    "llm.model_name != 'nova-4o'": {4}, "not llm.model_name == 'nova-4o'": {4}, "llm.model_name is None": {0, 2, 3}, "llm.model_name is not None": {1, 4},
    "llm.token_count.prompt > 100": {1}, "not llm.token_count.prompt > 100": {4}, "llm.token_count.total == None": {0, 2, 3, 4},
    "llm.token_count.prompt > 100 or span_kind == 'TOOL'": {1, 2},
    "not (llm.token_count.prompt > 100 and span_kind == 'LLM')": {0, 2, 3, 4},
    "parent_id is None": {0, 3}, "parent_span is None": {0, 3}, "parent_span is not None and span_kind == 'LLM'": {1, 4},
    "metadata['topic'] == 'refund'": {0}, "metadata['topic'] in ['refund', 'x']": {0}, "metadata['n'] > 2": {0}, "'FUND' in metadata['topic']": {0},
    "metadata['topic'] is None": {1, 2, 4}, "retries == 3": {2}, "attributes['retries'] >= 3": {2, 3}, "retries > 3": {3}, "float(ratio) < 1": {2},
    "flag == True": {1}, "flag is True": {1}, "user.id == 'ada'": {0}, "attributes['user']['id'] == 'ada'": {0}, "attributes[['user', 'id']] == 'ada'": {0},
    "'programming' in input.value": {1}, "'refunds about' in input.value": set(), "'REFUNDS a' in input.value": {0}, "'50%_off.*' in input.value": {2},
    "'story' not in input.value": {1, 2}, "events == 'x'": set(), "nonsense.name == 1": set(),
    "start_time >= '2020-01-01T00:00:00Z'": {0, 1, 2, 3, 4}, "span_id == 'nonsense'": set(),
    "span_kind == 'LLM' and 'nova' in llm.model_name and latency_ms > 1000": {1}, "": {0, 1, 2, 3, 4},
    "annotations['relevance'].score > 0.5": set(), "annotations['relevance'].label is None": {0, 1, 2, 3, 4}, "not annotations['relevance']": {0, 1, 2, 3, 4},
}


@pytest.mark.parametrize("text, expected", SPAN_CASES.items())
def test_spans(server, spans, text, expected):
    found = server.get_json("/api/v1/projects/phoenix/spans", filter=text, limit=500)["data"]
    assert {spans[0][row["span_id"]] for row in found} == expected


TRACE_CASES = {
    "num_spans > 2": {0}, "error_count == 0": {1}, "token_count_prompt >= 1200": {0}, "latency_ms < 1000": {1}, "user.id == 'ada'": {0},
    "metadata['topic'] == 'greeting'": {1}, "'refunds' in input": {0}, "attributes['retries'] == 7": {1}, "attributes['retries'] == 3": set(),
    "num_spans > 2 and not error_count == 0": {0}, "trace_annotations['x'].score > 1": set(), "total_cost > 1": set(),
}


@pytest.mark.parametrize("text, expected", TRACE_CASES.items())
def test_traces(server, spans, text, expected):
    found = server.get_json("/api/v1/projects/phoenix/traces", filter=text, limit=500)["data"]
    assert {spans[1][row["trace_id"]] for row in found} == expected


MISTAKES = [
    ("span_kind", "this is a value", 0), ("span_kind ==", "a value is missing", 12), ("latency_ms > '100'", "write 100 instead of '100'", 0),
    ("span_kind == 'LLM", "not closed", 13), ("name > 'x'", "neither less nor greater", 0), ("latency_ms ** 2 > 2", "not supported", 11),
    ("any(span.x == 1 for span in spans)", "for lists of traces and sessions", 0), ("name == b'x'", "without a prefix", 8), ("start_time > '2026-01-01'", "with its offset", 0),
    ("name in ['a', 1]", "all texts, or all numbers", 8), ("name in [None]", "no None", 8), ("parent_span == 'x'", "only None", 0), ("1 == 1", "one side is a name", 0),
    ("(name == 'x'", "not closed", 0), ("name == 'x')", "does not belong here", 11), ("metadata == 1", "needs a key", 0), ("name == 1e999", "not a number", 8),
    ("name == 'x' ü", "no meaning here", 12), ("name is 'x'", "write ==", 0), ("not", "a value is missing", 3), ("name == 'a\x00b'", "no NUL", 8),
]


@pytest.mark.parametrize("text, told, position", MISTAKES)
def test_mistakes(server, text, told, position):
    answer = server.get("/api/v1/projects/phoenix/spans", filter=text)
    error = answer.json()["error"]
    assert answer.status == 400 and told in error["message"] and error["position"] == position


def test_limits_and_hostile_texts(server, spans):
    for text in ["(" * 50 + "name == 'x'" + ")" * 50, "name == '" + "x" * 5000 + "'", " or ".join(["name == 'x'"] * 101), "name in [" + "'x'," * 101 + "]",
                 "'x" + "y" * 300 + "' in name"]:
        assert server.get("/api/v1/projects/phoenix/spans", filter=text).status == 400, text[:40]
    for key in ["a'b", 'a\\"b', "x`--", "{q:String}", "%s%n", "__proto__", "'); DROP TABLE spans; --"]:
        quoted = key.replace("\\", "\\\\").replace("'", "\\'")
        for text in (f"attributes['{quoted}'] == '{quoted}'", f"'{quoted}' in input.value", f"metadata['{quoted}'] == '{quoted}'"):
            answer = server.get("/api/v1/projects/phoenix/spans", filter=text)
            assert answer.status == 200 and answer.json()["data"] == [], text
    assert server.get("/api/v1/projects/phoenix/spans", filter="name == 'x'", q="name:x").status == 400


class Naive:
    """SQL's three values over the rows: True, False or None."""

    TERMS = [
        ("span_kind == 'LLM'", lambda r: r["openinference.span.kind"] == "LLM"), ("latency_ms > 850", lambda r: r["ms"] > 850),
        ("latency_ms <= 40", lambda r: r["ms"] <= 40), ("status_code == 'ERROR'", lambda r: r["status"] == 2),
        ("llm.model_name == 'nova-4o'", lambda r: r["llm.model_name"] == "nova-4o" if "llm.model_name" in r else None),
        ("llm.token_count.prompt > 100", lambda r: r["llm.token_count.prompt"] > 100 if "llm.token_count.prompt" in r else None),
        ("retries >= 3", lambda r: r["retries"] >= 3 if "retries" in r else None), ("retries is None", lambda r: "retries" not in r),
        ("'chat' in name", lambda r: "chat" in r["name"].lower()), ("name in ['run', 'search']", lambda r: r["name"] in ("run", "search")),
        ("metadata['topic'] == 'refund'", lambda r: ("refund" in r["metadata"]) if "metadata" in r else None),
    ]

    def make(self, rnd, depth):
        if depth == 0 or rnd.random() < 0.25:
            return rnd.choice(self.TERMS)
        kind = rnd.choice(["and", "or", "not"])
        text, left = self.make(rnd, depth - 1)
        if kind == "not":
            return f"not ({text})", lambda r: None if left(r) is None else not left(r)
        other, right = self.make(rnd, depth - 1)

        def both(r):
            values = (left(r), right(r))
            stop = kind == "or"  # the value that decides alone
            return stop if stop in values else None if None in values else not stop

        return f"({text}) {kind} ({other})", both


@pytest.mark.parametrize("seed", range(40))
def test_random_filters_find_what_a_naive_reader_finds(server, spans, seed):
    text, holds = Naive().make(random.Random(seed), 4)
    rows = [dict(attributes, name=name, ms=ms, status=status) for name, _, _, ms, status, attributes in ROWS]
    found = server.get_json("/api/v1/projects/phoenix/spans", filter=text, limit=500)["data"]
    assert {spans[0][row["span_id"]] for row in found} == {i for i, row in enumerate(rows) if holds(row) is True}, text
