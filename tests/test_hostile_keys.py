"""Attributes whose keys are meant to hurt whoever makes lists or objects of them: read back whole, or refused by a limit
that is written down; at a price that follows what was sent."""

import json

import pytest

from generated import Ids
from harness import oracle
from harness import otlp_encode as otlp
from harness.server import JSON, Server

ATTRIBUTES_MAX = 65_536  # docs/guide/limits.md
MESSAGES_MAX = 10_000  # docs/guide/dialects.md


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server whose memory is looked at."""
    with Server(tmp_path_factory.mktemp("hostile") / "data") as server:
        yield server


HOSTILE = {
    "gen_ai.operation.name": "chat",
    "gen_ai.prompt.999999999.role": "user",
    "gen_ai.prompt.999999999.content": "far out",
    "gen_ai.prompt.18446744073709551615.content": "further",
    "gen_ai.prompt.99999999999999999999999999.content": "no index",
    "gen_ai.prompt.-1.content": "no index",
    "gen_ai.prompt.0." + "tool_calls.0." * 200 + "name": "deep",
    "gen_ai.prompt." + "0." * 1000 + "x": "deeper",
    "gen_ai.prompt.1." + "k" * 20_000: "long",
    "__proto__": "polluted",
    "__proto__.polluted": "yes",
    "constructor.prototype.polluted": "yes",
    "gen_ai.prompt.__proto__.role": "user",
    "gen_ai.completion.0.__proto__": "x",
    "": "no key",
    ".": "dot",
    "..": "dots",
    "gen_ai.": "dot at the end",
    "gen_ai..prompt": "two dots",
    "gen_ai.prompt.0": "a leaf where a list is",
}


@pytest.mark.parametrize("content_type", ["protobuf", "json"])
def test_indices_and_names_of_prototypes(small, ids, content_type):
    trace, span = ids.trace(), ids.span()
    before = small.memory_peak_mib()
    if content_type == "json":
        attributes = [{"key": key, "value": {"stringValue": value}} for key, value in HOSTILE.items()]
        body = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": trace.hex(), "spanId": span.hex(), "name": "hostile", "attributes": attributes}]}]}]}).encode()
        assert small.export(body, content_type=JSON).status == 200
    else:
        small.accept(otlp.request([otlp.Span(trace, span, attributes=HOSTILE)]))
    view = small.trace(trace.hex())[span.hex()]
    assert view["attributes"] == HOSTILE
    assert [part["text"] for message in view["llm"]["input_messages"] for part in message["content"]] == [
        "a leaf where a list is", "far out", "further"]
    assert view["kind"] == "LLM"
    # No list was as long as its highest index: the messages alone would be 30 GiB.
    assert small.memory_peak_mib() - before < 100


def many(count):
    """So many attributes of one list, an item each; every second index is left out."""
    return {"gen_ai.operation.name": "chat"} | {f"gen_ai.prompt.{2 * i}.content": f"m{i}" for i in range(count - 1)}


def test_as_many_keys_as_are_allowed(small, ids):
    trace, span = ids.trace(), ids.span()
    attributes = many(ATTRIBUTES_MAX)
    body = otlp.request([otlp.Span(trace, span, attributes=attributes)])
    small.accept(body)
    answer = small.get(f"/api/v1/traces/{trace.hex()}")
    view = answer.json()["spans"][0]
    assert view["attributes"] == attributes
    texts = [message["content"][0]["text"] for message in view["llm"]["input_messages"]]
    assert texts == [f"m{i}" for i in range(MESSAGES_MAX)]
    assert len(answer.body) < 3 * len(body)
    (row,) = small.get_json("/api/v1/projects/default/spans", q=f"span:{span.hex()}")["data"]
    assert row["kind"] == "LLM"


def test_more_keys_refuse_their_span_alone(small, ids):
    """100,000 keys of one span."""
    trace = ids.trace()
    kept, refused = otlp.Span(trace, ids.span()), otlp.Span(trace, ids.span(), attributes=many(100_000))
    before = small.memory_peak_mib()
    answer = small.export(otlp.request([kept, refused]))
    assert answer.status == 200
    rejected, message = oracle.decode_response(answer.body)
    assert rejected == 1
    assert "more than 65536 attributes" in message
    assert small.trace(trace.hex()).keys() == {kept.span_id.hex()}
    assert any("more than 65536 attributes" in entry["reason"] for entry in small.get_json("/api/v1/rejected")["data"])
    assert small.memory_peak_mib() - before < 200
