"""What the prompts of a trace or a session share, and what results of tools cost in them."""

import json
import time

import pytest

import test_dialects
from generated import Ids
from harness import otlp_encode as otlp

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def flattened(prefix, messages):
    """OpenInference's keys for messages given as (role, text), (role, (id, tool, arguments)) or (role, id, result)."""
    out = {}
    for number, (role, *content) in enumerate(messages):
        key = f"{prefix}.{number}.message"
        out[f"{key}.role"] = role
        match content:
            case [(call_id, tool, arguments)]:
                call = f"{key}.tool_calls.0.tool_call"
                out |= {f"{call}.id": call_id, f"{call}.function.name": tool, f"{call}.function.arguments": arguments}
            case [call_id, result]:
                out |= {f"{key}.tool_call_id": call_id, f"{key}.content": result}
            case [text]:
                out[f"{key}.content"] = text
    return out


def call(ids, trace, at, messages, answer, **more):
    attributes = {"openinference.span.kind": "LLM", "llm.provider": "openai", "llm.model_name": "gpt-4o"}
    names = {"prompt": "llm.token_count.prompt", "completion": "llm.token_count.completion", "session": "session.id"}
    names |= {"cache_read": "llm.token_count.prompt_details.cache_read"}
    attributes |= {names[name]: value for name, value in more.items()}
    attributes |= flattened("llm.input_messages", messages) | flattened("llm.output_messages", [answer])
    return otlp.Span(trace, ids.span(), "llm", start=BASE + at * MS, end=BASE + at * MS + MS, attributes=attributes)


# The first prompt has 100 tokens and its answer 20; the second 140: the result that was added has 140 - 100 - 20 = 20.
USER, ASK, RESULT = ("user", "Where is the nightjar?"), ("assistant", ("c1", "find", '{"k":2}')), ("tool", "c1", "on the fence")
ANSWER = ("assistant", "On the fence.")


def test_a_trace(server, ids):
    trace = ids.trace()
    first = call(ids, trace, 0, [USER], ASK, prompt=100, completion=20)
    second = call(ids, trace, 5, [USER, ASK, RESULT], ANSWER, prompt=140, completion=9, cache_read=100)
    again = otlp.Span(trace, ids.span(), "sdk", second.span_id, second.start, second.end)
    again.attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 140}
    again.attributes |= {"gen_ai.usage.output_tokens": 9}
    server.accept(otlp.request([again, second, first]), project="conversation")
    answer = server.get_json(f"/api/v1/projects/conversation/traces/{trace.hex()}/conversation")
    one, two = answer["calls"]
    assert answer["complete"] is True
    assert (one["previous"], one["shared_prefix"], one["cache_break"]) == (None, None, None)
    assert two == {
        "trace_id": trace.hex(),
        "span_id": second.span_id.hex(),
        "start_unix_ns": str(second.start),
        "model": "gpt-4o",
        "thread": 0,
        "messages": 3,
        "characters": 22 + len('find{"k":2}') + 12,
        "tokens": {"prompt": 140, "cache_read": 100, "cache_write": None},
        "previous": {"trace_id": trace.hex(), "span_id": first.span_id.hex()},
        "shared_prefix": {"messages": 1, "characters": 22, "estimated_tokens": 68},  # 140 × 22 / 45
        "cache_break": None,
        "new_messages": [
            {"index": 1, "role": "assistant", "characters": 11, "was_output": True},
            {"index": 2, "role": "tool", "characters": 12, "was_output": False},
        ],
        "new_message_count": 2,
    }
    (tool,) = answer["tools"]
    cost = tool.pop("cost_usd")
    assert tool == {
        "name": "find",
        "results": 1,
        "characters": 12,
        "carried": 1,
        "measured_tokens": 20,
        "estimated_tokens": None,
        "uncounted": 0,
        "unpriced_tokens": 0,
    }
    assert cost == pytest.approx(20 * 2.5e-6)  # genai-prices 0.2.3: gpt-4o reads at 2.5 dollars a million


def test_a_session(server, ids):
    traces = [ids.trace(), ids.trace()]
    first = call(ids, traces[0], 0, [USER], ANSWER, session="it's 7/8")
    second = call(ids, traces[1], 9, [USER, ANSWER, ("user", "Why?")], ANSWER, session="it's 7/8")
    server.accept(otlp.request([second]), project="sessions-read")
    server.accept(otlp.request([first]), project="sessions-read")
    server.get_json("/api/v1/projects/sessions-read/traces")  # waits for them
    answer = server.get_json("/api/v1/projects/sessions-read/sessions/it's%207%2F8/conversation")
    assert [one["trace_id"] for one in answer["calls"]] == [trace.hex() for trace in traces]
    assert answer["calls"][1]["previous"] == {"trace_id": traces[0].hex(), "span_id": first.span_id.hex()}
    alone = server.get_json(f"/api/v1/projects/sessions-read/traces/{traces[1].hex()}/conversation")
    assert alone["calls"][0]["previous"] is None


def test_unknown(server):
    for path in (f"traces/{'0a' * 16}", "sessions/none"):
        answer = server.get(f"/api/v1/projects/none/{path}/conversation")
        assert (answer.status, answer.json()["error"]["code"]) == (404, "not_found")


# An agent's run in each: system and user, then after each tool its call and its result, as truth.json has it.
AGENTS = ["agent-framework-core-1.23.0", "openinference-langchain-0.1.80", "pydantic-ai-2.68.0", "strands-agents-1.62.0"]
AGENTS += ["vercel-ai-5.0.277", "openinference-openai-0.1.66", "openllmetry-langchain-0.62.4"]


@pytest.mark.parametrize("source", AGENTS)
def test_recorded_agents(server, source):
    """A call whose true prompt is another's with more messages after it continues that one, or a later one like it."""
    project = test_dialects.send(server, source)
    server.get_json(f"/api/v1/projects/{project}/traces")
    true = json.loads((test_dialects.CORPORA / source / "truth.json").read_text())["calls"]
    prompts = {}
    for one in true:
        for span in one["observed"]["spans"]:
            prompts[span["trace_id"], span["span_id"]] = one["request"]["messages"]
    continued = 0
    for trace in {trace for trace, _ in prompts}:
        answer = server.get_json(f"/api/v1/projects/{project}/traces/{trace}/conversation")
        for shown in answer["calls"]:
            if shown["previous"] is None or (shown["trace_id"], shown["span_id"]) not in prompts:
                continue
            mine = prompts[shown["trace_id"], shown["span_id"]]
            earlier = prompts[shown["previous"]["trace_id"], shown["previous"]["span_id"]]
            assert mine[: len(earlier)] == earlier
            assert shown["shared_prefix"]["messages"] == len(earlier)
            assert shown["new_message_count"] == len(mine) - len(earlier)
            assert shown["cache_break"] is None
            continued += 1
        for tool in answer["tools"]:
            assert tool["name"]
    assert continued >= 2


def questions_to_the_engine(server):
    """How many it was asked since it started."""
    return int(server.sql("SELECT value FROM system.events WHERE event = 'SelectQuery'")[0][0])


def talk(ids, trace, at, session="long"):
    """A call of its own trace whose prompt says which it is."""
    return call(ids, trace, at, [("user", f"Question {at}"), ("user", LONG)], ANSWER, session=session, prompt=5)


LONG = "A text that is long enough to be kept as a segment of its own, because it comes again and again. " * 3


def test_of_a_session_the_earliest_traces_are_read_together(own_server, ids):
    """500 of 501, with some dozen questions to the engine instead of one for each trace."""
    spans = [talk(ids, ids.trace(), 10 * n) for n in range(501)]
    own_server.accept(otlp.request(list(reversed(spans))), project="long")
    own_server.get_json("/api/v1/projects/long/traces")  # waits for them
    before = questions_to_the_engine(own_server)
    answer = own_server.get_json("/api/v1/projects/long/sessions/long/conversation")
    assert questions_to_the_engine(own_server) - before < 50
    assert answer["complete"] is False
    assert [one["span_id"] for one in answer["calls"]] == [span.span_id.hex() for span in spans[:500]]
    assert {(one["messages"], one["characters"]) for one in answer["calls"]} == {
        (2, len(f"Question {at}") + len(LONG)) for at in (0, 10, 100, 1000)
    }


def test_of_a_conversation_the_earliest_calls_are_read(own_server, ids):
    trace = ids.trace()
    spans = [call(ids, trace, n, [("user", "Again?")], ANSWER) for n in range(10_001)]
    for at in range(0, len(spans), 2_000):
        own_server.accept(otlp.request(spans[at : at + 2_000]), project="long")
    answer = own_server.get_json(f"/api/v1/projects/long/traces/{trace.hex()}/conversation")
    assert answer["complete"] is False
    assert [one["span_id"] for one in answer["calls"]] == [span.span_id.hex() for span in spans[:10_000]]


def test_large_prompts_are_read_some_at_a_time(own_server, ids):
    """Together they are more than what is read at once; nothing is left out or told twice."""
    trace = ids.trace()
    spans = [call(ids, trace, n, [("user", f"{n:07}" * 150_000)], ANSWER) for n in range(24)]
    for span in spans:
        own_server.accept(otlp.request([span]), project="large")
    answer = own_server.get_json(f"/api/v1/projects/large/traces/{trace.hex()}/conversation")
    shown = [(one["span_id"], one["characters"]) for one in answer["calls"]]
    assert shown == [(span.span_id.hex(), 7 * 150_000) for span in spans]
    assert answer["complete"] is True


def test_log_records_tell_of_their_own_call(server, ids):
    """Two traces of a session in which spans have the same id: each call has the message of its own record."""
    span_id, spans = ids.span(), []
    for number in range(2):
        attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "session.id": "same-ids"}
        attributes |= {"gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 5 + number}
        start = BASE + number * MS
        spans.append(otlp.Span(ids.trace(), span_id, "chat", b"", start, start + MS, attributes=attributes))
    server.accept(otlp.request(spans), project="same-ids")
    records = [
        otlp.log_record({"content": "Hi" * (number + 1), "role": "user"}, time=span.start, trace_id=span.trace_id,
                        span_id=span.span_id, event="gen_ai.user.message")
        for number, span in enumerate(spans)
    ]  # fmt: skip
    server.accept(otlp.logs_request(records), path="/v1/logs", project="same-ids")
    server.get_json("/api/v1/projects/same-ids/logs")
    server.get_json("/api/v1/projects/same-ids/traces")
    answer = server.get_json("/api/v1/projects/same-ids/sessions/same-ids/conversation")
    assert [(one["trace_id"], one["characters"]) for one in answer["calls"]] == [
        (spans[0].trace_id.hex(), 2), (spans[1].trace_id.hex(), 4)
    ]  # fmt: skip


def test_instructions_of_the_agent_above(server, ids):
    """They are the first message of the calls below it, as shown and as compared; not of a call below a tool, nor of one that
    says them itself or has no messages."""
    trace, told = ids.trace(), json.dumps([{"type": "text", "content": "Be careful."}])

    def span(parent, at, operation, **attributes):
        keys = {"gen_ai.operation.name": operation} | {f"gen_ai.{key}": value for key, value in attributes.items()}
        return otlp.Span(trace, ids.span(), operation, parent, BASE + at * MS, BASE + (at + 1) * MS, attributes=keys)

    def asked(text):
        return {"input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])}

    agent = span(b"", 0, "invoke_agent", system_instructions=told)
    step = otlp.Span(trace, ids.span(), "step", agent.span_id, BASE, BASE + MS)
    tool = span(step.span_id, 2, "execute_tool", **{"tool.name": "ask"})
    plain = span(step.span_id, 1, "chat", **asked("Where?"))
    own = span(agent.span_id, 4, "chat", **asked("Where?"), system_instructions=told.replace("careful", "quick"))
    below_tool = span(tool.span_id, 3, "chat", **asked("Where else?"))
    silent = span(agent.span_id, 5, "chat")
    server.accept(otlp.request([silent, below_tool, own, plain, tool, step, agent]), project="instructed")

    def messages(span):
        return [(m["role"], m["content"][0]["text"]) for m in span["llm"]["input_messages"]]

    spans = server.trace(trace.hex())
    assert messages(spans[plain.span_id.hex()]) == [("system", "Be careful."), ("user", "Where?")]
    assert messages(spans[own.span_id.hex()]) == [("system", "Be quick."), ("user", "Where?")]
    assert messages(spans[below_tool.span_id.hex()]) == [("user", "Where else?")]
    assert messages(spans[silent.span_id.hex()]) == []
    joined = spans[plain.span_id.hex()]
    assert joined["origins"]["llm.input_messages.0"] == f"span {agent.span_id.hex()}: gen_ai.system_instructions"
    assert joined["notes"] == [f"the first message is what agent {agent.span_id.hex()} was told, which the call does not repeat"]
    assert "gen_ai.system_instructions" not in joined["attributes"]
    at = f"/api/v1/projects/instructed/traces/{trace.hex()}/spans/{plain.span_id.hex()}"
    assert server.get_json(at) == joined
    assert server.get_json(f"{at}/content?path=/llm/input_messages/0/content/0/text")["text"] == "Be careful."
    calls = server.get_json(f"/api/v1/projects/instructed/traces/{trace.hex()}/conversation")["calls"]
    assert [(c["span_id"], c["messages"]) for c in calls] == [
        (plain.span_id.hex(), 2), (below_tool.span_id.hex(), 1), (own.span_id.hex(), 2)]
    assert calls[2]["cache_break"] == {"at": "system", "message": 0}
