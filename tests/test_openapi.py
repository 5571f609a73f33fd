"""The OpenAPI document names every route, and real answers are what it says."""

import json
import pathlib
import time

import pytest

from harness import json_schema, otlp_encode as otlp, server as harness

ROOT = pathlib.Path(__file__).resolve().parents[1]
CORPORA = ROOT / "tests/corpora/otlp"
RECORDINGS = ("openinference-langchain-0.1.80", "logfire-5.2.0", "openlit-1.45.0", "pydantic-ai-2.68.0", "litellm-1.106.2", "langfuse-5.0.4")


@pytest.fixture(scope="module")
def document(server):
    return server.get_json("/openapi.json")


def operations(document):
    return {(method, path): operation for path, methods in document["paths"].items() for method, operation in methods.items()}


def test_every_route_is_described_and_nothing_else_is(document):
    """The server makes the paths of the document from its routes."""
    written = json.loads((ROOT / "src/server/openapi.json").read_text())
    assert {key for key, operation in operations(document).items() if not operation} == set()
    assert operations(written).keys() == operations(document).keys()
    names = [operation["operationId"] for operation in operations(document).values()]
    assert len(names) == len(set(names)) > 50


def test_the_guide_names_every_path_of_the_api(document):
    guide = (ROOT / "docs/guide/api.md").read_text()
    for method, path in operations(document):
        tail = path.removeprefix("/api/v1/projects/{project}").split("{")[0].rstrip("/")
        assert tail in guide, (method, path)


@pytest.fixture(scope="module")
def values(server):
    """What stands in the paths of the questions: a trace that has a session, a user, a conversation and annotations."""
    for name in RECORDINGS:
        for pattern, content_type in (("[0-9]*.pb", harness.PROTOBUF), ("[0-9]*.json", harness.JSON)):
            for file in sorted((CORPORA / name).glob(pattern)):
                assert server.export(file.read_bytes(), project="openapi", content_type=content_type).status == 200
    trace, span, now = bytes(range(1, 17)), bytes(range(1, 9)), time.time_ns()
    attributes = {"openinference.span.kind": "LLM", "session.id": "s", "user.id": "u", "llm.model_name": "gpt-4o", "llm.provider": "openai",
                  "llm.token_count.prompt": 10, "llm.token_count.completion": 2, "llm.cost.total": 0.5, "note": "a long text " * 20}
    server.accept(otlp.request([otlp.Span(trace, span, "chat", start=now - 10**9, end=now, attributes=attributes)]), project="openapi")
    body = {"data": [{"span_id": span.hex(), "name": "good", "annotator_kind": "HUMAN", "result": {"score": 1, "label": "yes"}}]}
    answer = server.request("POST", "/v1/span_annotations?sync=true", json.dumps(body).encode(), {"content-type": "application/json"})
    assert answer.status == 200, answer.body
    server.get_json("/api/v1/projects/openapi/spans")  # waits for them
    return {"project": "openapi", "trace_id": trace.hex(), "span_id": span.hex(), "session_id": "s", "name": "none"}


# What a question needs besides the values in its path.
QUESTIONS = {"find": "?q=chat", "content": "?path=/attributes/note", "usage": "?group_by=model,user", "suggest": "?q=kind:",
             "explain": "?provider=openai&model=gpt-4o&prompt_tokens=1000", "span_annotations": "?span_ids=0102030405060708",
             "trace_annotations": "?trace_ids=0102030405060708090a0b0c0d0e0f10", "session_annotations": "?session_ids=s",
             "document_annotations": "?span_ids=0102030405060708"}


def test_answers_are_what_the_document_says(server, document, values):
    asked = 0
    for (method, path), operation in operations(document).items():
        content = operation["responses"].get("200", {}).get("content", {})
        if method != "get" or "application/json" not in content:
            continue
        answer = server.request("GET", path.format(**values) + QUESTIONS.get(path.rsplit("/", 1)[1], ""))
        schema = content["application/json"]["schema"] if answer.status == 200 else operation["responses"]["default"]["content"]["application/json"]["schema"]
        assert answer.status == 200 or path.endswith("/metrics/{name}"), (path, answer.body[:300])
        lines = json_schema.mistakes(json.loads(answer.body), schema, document)
        assert not lines, (path, lines[:10])
        asked += 1
    assert asked > 30


def test_every_recorded_span_is_what_the_document_says(server, document, values):
    schema = document["components"]["schemas"]["Trace"]
    traces = server.get_json("/api/v1/projects/openapi/traces", limit=500)["data"]
    assert len(traces) > 50
    for row in traces:
        answer = server.get(f"/api/v1/projects/openapi/traces/{row['trace_id']}")
        lines = json_schema.mistakes(json.loads(answer.body), schema, document)
        assert not lines, (row["trace_id"], lines[:10])
