"""The views `messages`, `documents` and `tool_calls` say what the spans say, for every recorded library."""

import json
import pathlib
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp, server as harness

BASE = time.time_ns() - 3600 * 10**9
SOURCES = [source for source in sorted(pathlib.Path(__file__).with_name("corpora").glob("otlp/*")) if source.is_dir()]


def rows(server, text):
    answer = server.request("POST", "/api/v1/sql", json.dumps({"query": text}).encode(), {"content-type": "application/json"})
    assert answer.status == 200, answer.body[:500]
    return answer.json()["data"]


def messages(span):
    for direction in ("input", "output"):
        for position, message in enumerate(span["llm"][f"{direction}_messages"]):
            text = "".join(part["text"] for part in message["content"] if part["type"] == "text")
            tools = [part["name"] for part in message["content"] if part["type"] == "tool_call"]
            yield [span["span_id"], direction, str(position), message["role"] or "", text, tools]


def documents(span):
    lists = {"retrieval": (span["retrieval"] or {}).get("documents"), "reranker input": (span["reranker"] or {}).get("input_documents"),
             "reranker output": (span["reranker"] or {}).get("output_documents")}
    for origin, found in lists.items():
        for position, document in enumerate(found or []):
            yield [span["span_id"], origin, str(position), document["id"] or "", document["content"] or "", document["score"]]


def tool_call(span):
    begins = lambda payload, text: ((payload and payload["value"]) or text or "")[:200]
    tool = span["tool"]
    return [span["span_id"], tool["name"] or "", span["status"]["code"], begins(span["input"], tool["arguments"]), begins(span["output"], tool["result"])]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_recorded_messages_and_documents(server, source):
    project = f"sql-{source.name}"
    for pattern, content_type in (("[0-9]*.pb", harness.PROTOBUF), ("[0-9]*.json", harness.JSON)):
        for file in sorted(source.glob(pattern)):
            assert server.export(file.read_bytes(), project=project, content_type=content_type).status == 200
    path = f"/api/v1/projects/{project}/traces"
    spans = [span for trace in server.get_json(path, limit=500)["data"] for span in server.get_json(f"{path}/{trace['trace_id']}")["spans"]]
    calls = [span for span in spans if span["kind"] == "LLM" and span["llm"]]
    key = lambda row: (row[0], row[1], int(row[2]))
    found = rows(server, f"SELECT span_id, direction, toString(position), role, content, tool_names FROM messages WHERE project = '{project}'")
    assert sorted(found, key=key) == sorted((row for span in calls for row in messages(span)), key=key)
    found = rows(server, f"SELECT span_id, origin, toString(position), id, content, score FROM documents WHERE project = '{project}'")
    assert sorted(found, key=key) == sorted((row for span in spans for row in documents(span)), key=key)
    found = rows(server, f"SELECT span_id, tool_name, status, arguments_preview, result_preview FROM tool_calls WHERE project = '{project}'")
    assert sorted(found) == sorted(tool_call(span) for span in spans if span["kind"] == "TOOL")


def test_values_of_every_length(server):
    """Pieces of a value of one, two and three bytes of number, repeated messages, and what is no text."""
    ids = Ids("sql-lengths")
    short, long, huge = "hi", "a long message " * 20, "ü" * 9000
    texts = [short] * 300 + [long, short, long, "", huge, 'with "quotes" \\ and \n lines', long]
    sent = json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]} for text in texts])
    blank = json.dumps([{"role": "user", "content": "x"}]) + " " * 20_000  # a literal of three bytes of number behind a segment
    attributes = {"openinference.span.kind": "LLM", "gen_ai.input.messages": sent, "gen_ai.output.messages": blank}
    broken = {"openinference.span.kind": "LLM", "gen_ai.input.messages": "no JSON " * 40, "gen_ai.output.messages": "[1, null]"}
    server.accept(otlp.request([otlp.Span(ids.trace(), ids.span(), "chat", start=BASE, end=BASE + 1, attributes=one) for one in (attributes, broken)]),
                  project="sql-lengths")
    server.get_json("/api/v1/projects/sql-lengths/spans")  # waits for them
    columns = "SELECT content FROM messages WHERE project = 'sql-lengths' AND direction = '{}' AND role != '' ORDER BY position"
    assert rows(server, columns.format("input")) == [[text] for text in texts]
    assert rows(server, columns.format("output")) == [["x"]]


def test_every_recorded_library_is_compared():
    assert len(SOURCES) == 38
