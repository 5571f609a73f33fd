"""What is said of a trace is the same in its list, and beside its spans, however it was read."""

import random

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import until

BASE = 1_790_000_000_000_000_000
SECOND = 10**9
MANY = 2_100  # more spans than are read at once


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def some_attributes(source):
    attributes = {"openinference.span.kind": source.choice(["LLM", "LLM", "EMBEDDING", "TOOL", "AGENT", "CHAIN"])}
    optional = {
        "llm.model_name": source.choice(["gpt-4o", "claude-sonnet-4-5", "own-model"]),
        "session.id": source.choice(["s-1", "s-2"]),
        "user.id": source.choice(["u-1", "u-2"]),
        "input.value": source.choice(["question", "another question"]),
        "output.value": "answer",
        "llm.token_count.prompt": source.randrange(2000),
        "llm.token_count.completion": source.randrange(100),
        "llm.token_count.total": source.randrange(2100),
        "llm.cost.total": source.randrange(1, 64) / 64,
    }
    return attributes | {key: value for key, value in optional.items() if source.random() < 0.5}


def some_trace(source, ids, count):
    """Spans in no order; some come twice, with other contents the second time."""
    trace, spans, known = ids.trace(), [], []
    rooted = source.random() < 0.7
    for n in range(count):
        parent = source.choice(known) if known else (b"" if rooted else ids.span())
        start = BASE + source.randrange(100 * SECOND)
        copies = source.choice([1, 1, 1, 2])
        known.append(ids.span())
        for _ in range(copies):
            spans.append(
                otlp.Span(trace, known[-1], f"step {n}", parent, start, start + source.randrange(-5, 50) * SECOND,
                          status=source.choice([0, 0, 1, 2]), attributes=some_attributes(source))
            )  # fmt: skip
    return trace.hex(), spans


def store(server, project, spans, size):
    """In requests of a few spans, so that copies arrive one after the other."""
    for at in range(0, len(spans), size):
        server.accept(otlp.request(spans[at : at + size]), project=project)
    until(lambda: server.get_json(f"/api/v1/projects/{project}/traces", limit=1)["pending_requests"] == 0, "all of it")


def beside_spans(server, path):
    trace = server.get_json(path)["trace"]
    assert trace.pop("logs") == [] and trace.pop("logs_complete") and trace.pop("annotations") == []
    return with_rounded_cost(trace)


def with_rounded_cost(trace):
    """Sums of fractions depend on their order."""
    return trace | {"cost": trace["cost"] and round(trace["cost"]["total_usd"], 9)}


@pytest.mark.parametrize("seed", range(12))
def test_of_random_traces(server, ids, seed):
    source = random.Random(seed)
    project = f"summary-{seed}"
    traces = [some_trace(source, ids, source.randrange(1, 30)) for _ in range(5)]
    for _, spans in traces:
        store(server, project, spans, 4)
    listed = {row["trace_id"]: row for row in server.get_json(f"/api/v1/projects/{project}/traces")["data"]}
    assert listed.keys() == {trace for trace, _ in traces}
    for trace, row in listed.items():
        assert beside_spans(server, f"/api/v1/projects/{project}/traces/{trace}") == with_rounded_cost(row)
        assert beside_spans(server, f"/api/v1/traces/{trace}") == with_rounded_cost(row)


def test_of_one_that_is_read_in_pages(server, ids):
    source = random.Random(99)
    trace, spans = some_trace(source, ids, MANY)
    store(server, "summary-large", spans, 1_000)
    (row,) = server.get_json("/api/v1/projects/summary-large/traces")["data"]
    assert row["span_count"] == MANY
    assert beside_spans(server, f"/api/v1/traces/{trace}") == with_rounded_cost(row)


def test_of_two_projects_the_one_with_more_spans(server, ids):
    trace = ids.trace()
    few = [otlp.Span(trace, ids.span(), "few", start=BASE, end=BASE + SECOND) for _ in range(2)]
    more = [otlp.Span(trace, ids.span(), "more", start=BASE, end=BASE + SECOND) for _ in range(3)]
    store(server, "summary-few", few, 9)
    store(server, "summary-more", more, 9)
    anywhere = server.get_json(f"/api/v1/traces/{trace.hex()}")
    assert anywhere["trace"]["project"] == "summary-more"
    assert {span["name"] for span in anywhere["spans"]} == {"more"} and len(anywhere["spans"]) == 3
    assert len(server.get_json(f"/api/v1/projects/summary-few/traces/{trace.hex()}")["spans"]) == 2
