"""What recorded libraries sent is understood as what really happened: every call of a provider, field by field.

    /usr/bin/python3 -m pytest -s tests/test_dialects.py        prints the table of sources and fields
"""

import collections
import json
import pathlib
import re

import pytest
import yaml

from harness import server as harness, truth

CORPORA = pathlib.Path(__file__).with_name("corpora") / "otlp"
DIFFERENCES = yaml.safe_load((CORPORA / "differences.yaml").read_text())
SOURCES = sorted(path.parent.name for path in CORPORA.glob("*/truth.json"))


def send(server, source):
    """The project that holds the source's spans and log records."""
    project = f"dialects-{source}"
    for folder, path in ((CORPORA / source, "/v1/traces"), (CORPORA / source / "logs", "/v1/logs")):
        for file in sorted(folder.glob("[0-9]*")):
            content_type = harness.JSON if file.suffix == ".json" else harness.PROTOBUF
            answer = server.export(file.read_bytes(), project=project, content_type=content_type, path=path)
            assert answer.status == 200, f"{file}: {answer.body[:300]!r}"
    return project


def differences(server, source):
    """({field: [right, all]}, [(field, call, shown, true)])"""
    project = send(server, source)
    traces, counts, wrong, true_total = {}, collections.defaultdict(lambda: [0, 0]), [], 0

    def compared(field, call, shown, true):
        counts[field][1] += 1
        counts[field][0] += shown == true
        if shown != true:
            wrong.append((field, call, shown, true))

    for call in json.loads((CORPORA / source / "truth.json").read_text())["calls"]:
        views = []
        for span in call["observed"]["spans"]:
            trace = span["trace_id"]
            if trace not in traces:
                answer = server.get(f"/api/v1/projects/{project}/traces/{trace}").json()
                traces[trace] = {view["span_id"]: view for view in answer["spans"]}
            views.append(traces[trace][span["span_id"]])
        compared("span", call["seq"], bool(views), True)
        for field, shown, true in truth.compare(call, views) if views else ():
            compared(field, call["seq"], shown, true)
        if {"input_tokens_as_sent", "input_tokens_incl_cache"} & {f for s in call["observed"]["spans"] for f in s["fields"]}:
            true_total += call["usage"]["input"]
    total = sum(row["tokens"]["prompt"] or 0 for row in server.get_json(f"/api/v1/projects/{project}/usage", group_by="model")["data"])
    compared("all prompt tokens", 0, total, true_total)
    return counts, wrong


@pytest.fixture(scope="module")
def table():
    """{source: {field: [right, all]}}, printed at the end: right of all, or the number where all are right."""
    rows = {}
    yield rows
    fields = list(dict.fromkeys(field for counts in rows.values() for field in counts))
    for name in fields:
        cells = [(source, *counts[name]) for source, counts in rows.items() if name in counts]
        right, every = (sum(cell[place] for cell in cells) for place in (1, 2))
        print(f"\n{name}: {right} of {every}")
        print("    " + ", ".join(f"{source} {n if n == of else f'{n} of {of}'}" for source, n, of in cells))


def test_what_the_guide_names_is_there():
    """Each test of the guide's table exists."""
    root = pathlib.Path(__file__).parents[1]
    guide = (root / "docs/guide/dialects.md").read_text().split("## What holds")[1].split("## What is not")[0]
    names = re.findall(r"`(?:(\w+)\.(\w+)|(\w+))`", guide.split("|---|---|")[1])
    sources = "".join(path.read_text() for path in root.glob("src/*/*_test.cc"))
    python = "".join(path.read_text() for path in root.glob("tests/test_*.py"))
    files = {path.stem for path in [*root.glob("tests/test_*.py"), *root.glob("tests/scenarios/*.yaml")]}
    assert len(names) > 50
    for suite, case, name in names:
        assert re.search(rf"TEST(_P)?\({suite}, {case}\)", sources) if suite else f"def {name}(" in python or name in files, (suite, case, name)


def facts(span):
    """The places of a span's derived fields that have a value. Nothing derives the service's name and the prices."""
    for group in ("llm", "tokens", "tool", "retrieval", "reranker", "embedding", "exception"):
        for name, value in (span[group] or {}).items():
            if name == "prompt_template" and value:
                yield from (f"llm.prompt_template.{part}" for part in value if value[part] is not None)
            elif value not in (None, [], False) and (group, name) != ("tokens", "rule"):
                yield f"{group}.{name}"
    yield from (name for name in ("session_id", "user_id", "agent_name", "metadata", "tags", "input", "output") if span[name])
    if span["kind"] != "UNKNOWN":
        yield "kind"


def traces_of(server, project):
    """The spans of each trace."""
    rows = server.whole_list(f"/api/v1/projects/{project}/traces")["data"]
    return [server.get_json(f"/api/v1/projects/{project}/traces/{row['trace_id']}")["spans"] for row in rows]


@pytest.mark.parametrize("source", SOURCES)
def test_each_derived_field_names_its_rule(server, source):
    spans = sum(traces_of(server, send(server, source)), [])
    assert spans
    nameless = {(span["name"], place) for span in spans for place in facts(span) if not span["origins"].get(place)}
    assert not nameless


def test_names_that_are_templates(server):
    """What Logfire's names say, on the span, in lists and in the columns of a trace. The name is as it was sent."""
    project = send(server, "logfire-5.2.0")
    every = {span["span_id"]: span for trace in traces_of(server, project) for span in trace}
    templates = {id: span for id, span in every.items() if "{" in span["name"]}
    titles = {"Chat Completion with 'gpt-4o'", "streaming response from 'gpt-4.1' took 0.41s", "Responses API with 'gpt-4.1'"}
    assert titles < {span["title"] for span in templates.values()}
    assert all(span["title"] is None for id, span in every.items() if id not in templates)
    rows = {row["span_id"]: row for row in server.whole_list(f"/api/v1/projects/{project}/spans", limit=500)["data"]}
    heads = {row["root_span_id"]: row for row in server.whole_list(f"/api/v1/projects/{project}/traces", limit=500)["data"]}
    for id, span in templates.items():
        assert span["origins"]["title"] == "logfire: logfire.msg"
        for row in (rows[id], *([heads[id]] if id in heads else [])):
            assert (row["name"], row["title"]) == (span["name"], span["title"])
        columns = server.get(f"/api/v1/projects/{project}/traces/{span['trace_id']}/columns").body
        assert span["title"].encode() in columns and span["name"].encode() not in columns


AGENTS = ["agent-framework-core-1.23.0", "langfuse-otel-5.11.1", "pydantic-ai-2.68.0", "strands-agents-1.62.0",
          "vercel-ai-4.3.19", "vercel-ai-5.0.277"]


@pytest.mark.parametrize("source", AGENTS)
def test_instructions_of_an_agent_are_in_its_calls(server, source):
    """The library tells them twice, so that they need not be joined."""
    def instructed(span):
        return span["llm"] is not None and "system" in [message["role"] for message in span["llm"]["input_messages"]]

    looked_at = 0
    for spans in traces_of(server, send(server, source)):
        if any(span["kind"] == "AGENT" and instructed(span) for span in spans):
            calls = [span for span in spans if span["kind"] == "LLM"]
            assert all(map(instructed, calls))
            looked_at += len(calls)
    assert looked_at > 0


@pytest.mark.parametrize("source", SOURCES)
def test_recorded_calls_are_understood(server, source, table):
    table[source], wrong = differences(server, source)
    known = {(entry["field"], call) for entry in DIFFERENCES.get(source, []) for call in entry["calls"]}
    new = [line for line in wrong if line[:2] not in known]
    assert not new, "\n".join(f"{field}, call {call}: {shown!r}, not {true!r}" for field, call, shown, true in new)
    gone = known - {line[:2] for line in wrong}
    assert not gone, f"listed in differences.yaml, but right: {sorted(gone)}"
