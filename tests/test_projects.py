"""The list of projects: what it counts, page by page, and that it is never behind."""

import random

import pytest

from harness import otlp_encode as otlp


def span(source, trace):
    return otlp.Span(trace, source.randbytes(8))


def counts(server, **query):
    return {row["name"]: (row["trace_count"], row["span_count"]) for row in server.get_json("/api/v1/projects", **query)["data"]}


def test_the_counts_follow_what_is_sent_and_deleted(own_server):
    source = random.Random(1)
    first, second = source.randbytes(16), source.randbytes(16)
    spans = [span(source, first), span(source, first), span(source, second)]
    own_server.accept(otlp.request(spans), project="a")
    own_server.accept(otlp.request(spans[:1]), project="b")
    assert counts(own_server) == {"a": (2, 3), "b": (1, 1)}
    own_server.accept(otlp.request([spans[0], span(source, second)]), project="a")  # one of them again
    assert counts(own_server) == {"a": (2, 4), "b": (1, 1)}
    own_server.sql("OPTIMIZE TABLE nightjar.spans FINAL")  # the copy goes
    assert counts(own_server) == {"a": (2, 4), "b": (1, 1)}
    assert own_server.request("DELETE", f"/api/v1/projects/a/traces/{first.hex()}").status == 204
    assert counts(own_server) == {"a": (1, 2), "b": (1, 1)}
    assert own_server.request("DELETE", "/api/v1/projects/b").status == 204
    assert counts(own_server) == {"a": (1, 2)}


def test_pages(own_server):
    source = random.Random(1)
    names = ["a", "a b", "it's", "z", "ö"]
    for name in names:
        own_server.accept(otlp.request([span(source, source.randbytes(16))]), project=name)
    seen, cursor = [], ""
    while cursor is not None:
        page = own_server.get_json("/api/v1/projects", limit=2, cursor=cursor)
        assert len(page["data"]) <= 2
        seen += [row["name"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert seen == names
    assert own_server.get_json("/api/v1/projects")["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "1.5"])
def test_limit_of_the_list(server, limit):
    answer = server.get("/api/v1/projects", limit=limit)
    assert answer.status == 400 and answer.json()["error"]["code"] == "invalid_argument"
