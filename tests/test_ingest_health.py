"""What /ingest-health tells about a project's spans: what they lack, say twice or cannot mean, and what to change."""

import dataclasses
import time
import urllib.parse

import pytest

from harness import otlp_encode as otlp

SECOND = 1_000_000_000
CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5, "session.id": "s", "user.id": "u"}


def trace(number):
    return bytes([number] * 16)


def span(number, span_id=1, parent=None, attributes=()):
    """Of the trace with that number."""
    return otlp.Span(trace(number), bytes([span_id] * 8), name="chat", attributes=attributes,
                     parent=bytes([parent] * 8) if parent else b"")


def call(number, span_id=1, parent=None, **changes):
    """A call of a model that lacks nothing; `changes` of its attributes have _ for a dot, None takes one away."""
    attributes = CALL | {key.replace("__", "."): value for key, value in changes.items()}
    return span(number, span_id, parent, {key: value for key, value in attributes.items() if value is not None})


def ask(server, project):
    return server.get_json(f"/api/v1/projects/{urllib.parse.quote(project)}/ingest-health")


def health(server, project, spans, **more):
    server.accept(otlp.request(spans, **more), project=project)
    return ask(server, project)


def findings(answer):
    return {entry["code"]: (entry["severity"], entry["count"], entry["of"], entry["trace_ids"]) for entry in answer["findings"]}


def test_nothing_is_found_on_calls_that_lack_nothing(server):
    answer = health(server, "hale", [call(1), call(2)], scope=("openai-tracer", "2.1", ()))
    assert (answer["spans"], answer["traces"], answer["calls"]) == (2, 2, 2)
    assert answer["findings"] == [] and answer["unknown_attributes"] == []
    assert answer["dialects"] == [{"dialect": "otel_genai", "spans": 2, "libraries": [
        {"name": "openai-tracer", "version": "2.1", "spans": 2}]}]


def test_what_calls_lack(server):
    answer = health(server, "lacking", [
        call(1), call(2, gen_ai__usage__input_tokens=None, gen_ai__usage__output_tokens=None),
        call(3, gen_ai__request__model=None), call(4, session__id=None), call(5, user__id=None)])
    assert findings(answer) == {
        "no_tokens": ("warning", 1, 5, [trace(2).hex()]),
        "no_model": ("warning", 1, 5, [trace(3).hex()]),
        "no_session": ("warning", 1, 5, [trace(4).hex()]),
        "no_user": ("info", 1, 5, [trace(5).hex()]),
    }
    remedies = {entry["code"]: entry["remedy"] for entry in answer["findings"]}
    assert "session.id" in remedies["no_session"] and "gen_ai.usage.input_tokens" in remedies["no_tokens"]


def test_a_session_on_any_span_of_the_trace_counts(server):
    root = span(1, 1, attributes={"session.id": "s", "user.id": "u"})
    answer = health(server, "root-session", [root, call(1, 2, parent=1, session__id=None, user__id=None)])
    assert answer["findings"] == []


def test_calls_that_failed_need_no_tokens(server):
    failed = dataclasses.replace(call(1, gen_ai__usage__input_tokens=None, gen_ai__usage__output_tokens=None), status=2)
    assert health(server, "failed-call", [failed])["findings"] == []


@pytest.mark.parametrize("name, more", [
    ("total", {"gen_ai__usage__total_tokens": 14}),
    ("reasoning", {"gen_ai__usage__reasoning__output_tokens": 6}),
])
def test_impossible_token_sums_are_errors(server, name, more):
    answer = health(server, f"impossible-{name}", [call(1), call(2, **more)])
    assert findings(answer) == {"impossible_tokens": ("error", 1, 2, [trace(2).hex()])}


def test_one_call_traced_twice(server):
    answer = health(server, "twice", [
        call(1, 1, gen_ai__response__id="r1"), call(2, 1, gen_ai__response__id="r1", gen_ai__usage__input_tokens=11),
        call(3, 1), call(3, 2, parent=1), call(4, 1, gen_ai__response__id="r2")])
    assert findings(answer) == {
        "nested_calls": ("warning", 1, 5, [trace(3).hex()]),
        "repeated_response_id": ("warning", 1, None, findings(answer)["repeated_response_id"][3]),
    }
    assert findings(answer)["repeated_response_id"][3] in ([trace(1).hex()], [trace(2).hex()])


def test_clocks(server):
    start = otlp.Span.start
    spans = [dataclasses.replace(call(1), start=time.time_ns() + 3600 * SECOND, end=time.time_ns() + 3601 * SECOND),
             dataclasses.replace(call(2), start=start, end=start - 1), call(3, 1),
             dataclasses.replace(span(3, 2, parent=1), start=start - 2 * SECOND)]
    answer = health(server, "clocks", spans)
    assert findings(answer) == {
        "clock_ahead": ("error", 1, 4, [trace(1).hex()]),
        "ends_before_start": ("error", 1, 4, [trace(2).hex()]),
        "starts_before_parent": ("warning", 1, 4, [trace(3).hex()]),
    }


def test_parents_that_never_came_are_told_of_after_a_minute(own_server):
    assert health(own_server, "parents", [call(1, 2, parent=7), call(1, 3, parent=7), call(2)])["findings"] == []
    # As if they had come two minutes ago: sequence numbers are microseconds.
    own_server.sql("INSERT INTO nightjar.spans SELECT * REPLACE (seq - 120000000 AS seq) FROM nightjar.spans")
    own_server.sql("ALTER TABLE nightjar.spans DELETE WHERE seq + 60000000 > toUnixTimestamp64Micro(now64(6)) "
                   "SETTINGS mutations_sync = 1")
    assert findings(ask(own_server, "parents")) == {
        "no_root": ("warning", 1, 2, [trace(1).hex()]),
        "missing_parents": ("warning", 1, None, [trace(1).hex()]),
    }


def test_mixed_dialects(server):
    tool = span(1, 2, parent=1, attributes={"openinference.span.kind": "TOOL"})
    server.accept(otlp.request([tool], scope=("tool-tracer", "1", ())), project="mixed")
    answer = health(server, "mixed", [call(1, 1)], scope=("call-tracer", "1", ()))
    assert findings(answer) == {"mixed_dialects": ("info", 1, 1, [trace(1).hex()])}
    assert [entry["dialect"] for entry in answer["dialects"]] == ["openinference", "otel_genai"]


def test_a_library_that_alone_writes_two_dialects_mixes_nothing(server):
    """As Google's ADK does, and Pydantic AI with keys of Logfire's."""
    answer = health(server, "alone", [call(1, 1), call(1, 2, parent=1, gcp__vertex__agent__event_id="e", gen_ai__usage__input_tokens=11)])
    assert answer["findings"] == []
    assert [entry["dialect"] for entry in answer["dialects"]] == ["google_adk", "otel_genai"]


def test_tokens_that_a_library_counted(server):
    openlit = {"gen_ai.sdk.version": "2.54.0", "telemetry.sdk.name": "openlit", "gen_ai.request.stream": True}
    counted = span(1, 1, attributes=CALL | openlit)
    answer = health(server, "estimated", [counted], scope=("openlit.instrumentation.openai", "", ()))
    if answer["dialects"][0]["dialect"] == "openlit":
        assert findings(answer) == {"estimated_tokens": ("info", 1, 1, [trace(1).hex()])}
    else:
        pytest.fail(f"the span is read as {answer['dialects'][0]['dialect']}")


def test_ids_in_names_of_spans(server):
    spans = [dataclasses.replace(span(1, 1), span_id=n.to_bytes(8, "big"), name=f"user {n}") for n in range(1, 151)]
    answer = health(server, "names", spans)
    assert findings(answer) == {"names_with_ids": ("warning", 149, 150, [])}


def test_attributes_that_no_rule_reads(server):
    answer = health(server, "unknown", [
        call(1, gen_ai__frobnication="x" * 120, llm__mood=3, gen_ai__input__messages="[]"),
        call(2, gen_ai__frobnication="y", llm__mood=3, langfuse__oddity=True, my__own="not ours to tell"),
        span(3, attributes={"gen_ai.prompt.0.content": "read", "gen_ai.choices.0.extra": "a", "gen_ai.choices.1.extra": "a",
                            "gen_ai.choices.12.extra": "a"})])
    assert [(entry["key"], entry["count"]) for entry in answer["unknown_attributes"]] == [
        ("gen_ai.choices.0.extra", 3), ("gen_ai.frobnication", 2), ("llm.mood", 2), ("langfuse.oddity", 1)]
    examples = {entry["key"]: entry["example"] for entry in answer["unknown_attributes"]}
    assert examples["llm.mood"] == "3" and examples["langfuse.oddity"] == "true"
    assert examples["gen_ai.frobnication"] in ("y", "x" * 100)


def test_a_span_that_came_twice_counts_once(server):
    first = call(1, session__id=None)
    server.accept(otlp.request([first]), project="twice-sent")
    answer = health(server, "twice-sent", [dataclasses.replace(first, status=1)])
    assert (answer["spans"], findings(answer)["no_session"][1]) == (1, 1)


def test_an_unknown_project_is_404(server):
    answer = server.get("/api/v1/projects/nobody/ingest-health")
    assert answer.status == 404 and b'no spans in project' in answer.body


def test_of_very_many_unknown_attributes_and_libraries_the_most_frequent_are_told(server):
    """100 and 200."""
    keys = [f"llm.unheard_of_{n}" for n in range(101)]
    spans = [call(1, **dict.fromkeys(keys, 1)), call(2, **dict.fromkeys(keys[:100], 1))]
    answer = health(server, "chatty", spans)
    assert sorted(entry["key"] for entry in answer["unknown_attributes"]) == sorted(keys[:100])
    for n in range(201):
        server.accept(otlp.request([call(n % 250 + 1, span_id=2)], scope=(f"library {n}", "1", ())), project="motley")
    answer = ask(server, "motley")
    assert answer["spans"] == 201
    assert sum(len(dialect["libraries"]) for dialect in answer["dialects"]) == 200


def test_of_what_many_traces_lack_five_are_named(server):
    answer = health(server, "six", [call(n, session__id=None, gen_ai__mood="x" * 101) for n in range(1, 7)])
    severity, count, of, named = findings(answer)["no_session"]
    assert (severity, count, of) == ("warning", 6, 6)
    assert len(set(named)) == 5 and set(named) < {trace(n).hex() for n in range(1, 7)}
    assert [entry["example"] for entry in answer["unknown_attributes"]] == ["x" * 100]


def test_of_very_many_attributes_the_most_frequent_are_looked_at(server):
    """The 10,000 first of equally many, by name; those below gen_ai.agent say nothing that is read, and are known."""
    known = [f"gen_ai.agent.n{n}" for n in range(10_000)]
    for count, unknown in ((9_999, ["gen_ai.mood"]), (10_000, [])):
        attributes = dict.fromkeys([*known[:count], "gen_ai.mood"], 1)
        answer = health(server, f"{count} attributes", [span(1, attributes=attributes)])
        assert [entry["key"] for entry in answer["unknown_attributes"]] == unknown


def test_roots_that_declare_other_tokens_than_their_calls_have(server):
    def agent(number, prompt, completion=10):
        return span(number, 1, None, {"gen_ai.operation.name": "invoke_agent", "session.id": "s", "user.id": "u",
                                      "gen_ai.usage.input_tokens": prompt, "gen_ai.usage.output_tokens": completion})

    def two_calls(number):
        return [call(number, 2, 1), call(number, 3, 1, gen_ai__response__id=f"r{number}")]

    answer = health(server, "declared", [
        agent(1, 20), *two_calls(1),
        agent(2, 10), *two_calls(2),  # that of the last step
        agent(3, 20, completion=11), *two_calls(3),
        agent(4, 20), *two_calls(4), call(4, 4, 3, gen_ai__response__id="r4"),  # told twice, counted once
        agent(5, 20),  # no calls to compare with
    ])
    assert {code: found for code, found in findings(answer).items() if code == "declared_tokens"} == {
        "declared_tokens": ("warning", 2, 4, [trace(2).hex(), trace(3).hex()])}
    assert server.get_json(f"/api/v1/projects/declared/traces/{trace(2).hex()}")["trace"]["tokens"]["prompt"] == 20


def test_of_very_many_spans_the_latest_hours_are_looked_at(own_server):
    """The hour that makes them more than 300,000 is left out. All but two of the spans are copied behind the server's back."""
    hour, now = 3600 * SECOND, time.time_ns()
    latest = now // hour * hour - hour
    early, late = span(1), span(2)
    early.start, early.end = latest - 1, latest
    late.start, late.end = latest, latest + 1
    own_server.accept(otlp.request([early, late]), project="many")
    assert ask(own_server, "many")["from_unix_ns"] == str(latest - hour)
    own_server.sql("INSERT INTO nightjar.spans SELECT s.* REPLACE(n.number + 1 AS span_id) FROM nightjar.spans AS s, "
                   f"numbers(299999) AS n WHERE s.start_unix_ns = {latest}")
    answer = ask(own_server, "many")
    assert answer["spans"] == 300_000
    assert (answer["from_unix_ns"], answer["to_unix_ns"]) == (str(latest), str(latest + hour))
