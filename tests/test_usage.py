"""Usage in groups, and the lists of sessions and users. Sums are added up by hand."""

import json
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS = 10**6
HOUR = 3600 * 10**9
DAY = 24 * HOUR
BASE = time.time_ns() // DAY * DAY - 2 * DAY  # midnight, UTC


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def call(ids, trace, *, at=0, ms=100, parent=b"", status=0, **attributes):
    names = {"model": "llm.model_name", "provider": "llm.provider", "session": "session.id", "user": "user.id"}
    names |= {"prompt": "llm.token_count.prompt", "completion": "llm.token_count.completion"}
    names |= {"total": "llm.token_count.total", "cache_read": "llm.token_count.prompt_details.cache_read"}
    names |= {"template": "prompt.id", "version": "llm.prompt_template.version"}
    names |= {"cost": "llm.cost.total", "text": "input.value", "tool": "tool.name", "kind": "openinference.span.kind"}
    attributes = {"kind": "LLM", "provider": "openai", "model": "m-1"} | attributes
    attributes = {names[name]: value for name, value in attributes.items() if value is not None}
    start = BASE + at
    return otlp.Span(trace, ids.span(), "s", parent, start, start + ms * MS, attributes=attributes, status=status)


def usage(server, project, group_by, **query):
    return server.get_json(f"/api/v1/projects/{project}/usage", group_by=group_by, **query)


def group(row):
    (value,) = row["group"].values()
    return value


NO_TOKENS = dict.fromkeys(["prompt", "completion", "total", "cache_read", "cache_write", "reasoning"])


def test_usage_by_model(server, ids):
    trace = ids.trace()
    spans = [call(ids, trace, ms=ms, prompt=100, completion=10, cache_read=40, cost=0.5) for ms in (100, 200, 300)]
    spans += [call(ids, ids.trace(), model="m-2", ms=50, status=2)]
    spans += [call(ids, ids.trace(), model="m-2", ms=150, prompt=7, completion=1)]
    spans += [call(ids, trace, kind="AGENT", prompt=307, completion=31)]
    server.accept(otlp.request(spans), project="by-model")
    answer = usage(server, "by-model", "model")
    assert (answer["group_count"], answer["next_cursor"], answer["pending_requests"]) == (2, None, 0)
    first, second = answer["data"]
    assert first == {
        "group": {"model": "m-1"},
        "calls": 3,
        "estimated_calls": 0,
        "impossible_calls": 0,
        "errors": 0,
        "tokens": NO_TOKENS | {"prompt": 300, "completion": 30, "total": 330, "cache_read": 120},
        "cost": {"total_usd": 1.5, "unpriced_calls": 0, "cache_savings_usd": None},
        "latency_ms": {"p50": 200.0, "p95": 290.0, "p99": 298.0},
    }
    assert second["group"] == {"model": "m-2"}
    assert (second["calls"], second["errors"]) == (2, 1)
    assert second["tokens"] == NO_TOKENS | {"prompt": 7, "completion": 1, "total": 8}
    assert second["cost"] == {"total_usd": None, "unpriced_calls": 1, "cache_savings_usd": None}
    assert second["latency_ms"] == {"p50": 100.0, "p95": 145.0, "p99": 149.0}


def test_unknown_is_null(server, ids):
    server.accept(otlp.request([call(ids, ids.trace(), model=None, provider=None)]), project="usage-unknown")
    (row,) = usage(server, "usage-unknown", "model,provider,user,session,prompt,prompt_version")["data"]
    assert row["group"] == dict.fromkeys(["model", "provider", "user", "session", "prompt", "prompt_version"])
    assert row["tokens"] == NO_TOKENS
    assert row["cost"] == {"total_usd": None, "unpriced_calls": 0, "cache_savings_usd": None}


def test_usage_by_prompt(server, ids):
    calls = [("greet", "1", 10, 0.25), ("greet", "2", 20, 0.5), ("greet", "2", 40, None), ("part", "1", 80, 1.0)]
    spans = [call(ids, ids.trace(), template=name, version=version, prompt=prompt, completion=1, cost=cost)
             for name, version, prompt, cost in calls]
    server.accept(otlp.request(spans), project="by-prompt")
    rows = usage(server, "by-prompt", "prompt")["data"]
    assert {group(row): (row["calls"], row["tokens"]["prompt"], row["tokens"]["completion"], row["cost"]["total_usd"])
            for row in rows} == {"greet": (3, 70, 3, 0.75), "part": (1, 80, 1, 1.0)}
    rows = usage(server, "by-prompt", "prompt,prompt_version")["data"]
    assert {tuple(row["group"].values()): (row["calls"], row["tokens"]["total"]) for row in rows} == {
        ("greet", "1"): (1, 11), ("greet", "2"): (2, 62), ("part", "1"): (1, 81)}


def test_several_keys_and_days(server, ids):
    calls = [(0, "a"), (DAY - MS, "a"), (DAY, "a"), (DAY, "b")]
    spans = [call(ids, ids.trace(), at=at, model=model, prompt=1, completion=1) for at, model in calls]
    server.accept(otlp.request(spans, resource={"service.name": "shop"}), project="days")
    rows = usage(server, "days", "day,model,service", sort="group")["data"]
    days = [time.strftime("%Y-%m-%d", time.gmtime((BASE + n * DAY) / 1e9)) for n in (0, 1)]
    assert [(*row["group"].values(), row["calls"]) for row in rows] == [
        (days[0], "a", "shop", 2),
        (days[1], "a", "shop", 1),
        (days[1], "b", "shop", 1),
    ]


def test_from_is_inclusive_and_to_is_not(server, ids):
    spans = [call(ids, ids.trace(), at=at, prompt=10**at, completion=0) for at in (0, 1, 2)]
    server.accept(otlp.request(spans), project="range")
    (row,) = usage(server, "range", "model", **{"from": BASE + 1, "to": BASE + 2})["data"]
    assert row["tokens"]["prompt"] == 10
    assert usage(server, "range", "model", **{"from": BASE + 3})["data"] == []


def test_a_call_belongs_to_the_user_and_session_of_its_trace(server, ids):
    trace, other = ids.trace(), ids.trace()
    root = call(ids, trace, kind="AGENT", user="u-1", session="s-1")
    spans = [root, call(ids, trace, parent=root.span_id, prompt=5, completion=1, at=MS)]
    spans += [call(ids, trace, prompt=7, completion=1, at=MS, user="u-2"), call(ids, other, prompt=1, completion=1)]
    server.accept(otlp.request(spans), project="whose")
    rows = usage(server, "whose", "user,session", sort="tokens")["data"]
    assert [(row["group"]["user"], row["group"]["session"], row["tokens"]["prompt"]) for row in rows] == [
        ("u-2", "s-1", 7),
        ("u-1", "s-1", 5),
        (None, None, 1),
    ]


def test_usage_by_tool_is_about_spans_of_tools(server, ids):
    trace = ids.trace()
    tools = [call(ids, trace, kind="TOOL", tool="search", ms=ms, status=status) for ms, status in [(10, 0), (30, 2)]]
    server.accept(otlp.request([*tools, call(ids, trace, prompt=5, completion=1)]), project="tools")
    (row,) = usage(server, "tools", "tool")["data"]
    assert row["group"] == {"tool": "search"}
    assert (row["calls"], row["errors"], row["tokens"]) == (2, 1, NO_TOKENS)
    assert row["cost"] == {"total_usd": None, "unpriced_calls": 0, "cache_savings_usd": None}
    assert row["latency_ms"]["p50"] == 20.0


def test_what_a_tools_results_add_to_later_prompts(server, ids):
    """The second prompt is the first, its answer of 20 tokens and the result: 300 - 100 - 20 = 180 tokens of the tool's.
    They are in the third prompt again."""
    trace = ids.trace()

    def chat(at, prompt, completion, *messages):
        attributes = {"openinference.span.kind": "LLM", "llm.provider": "openai", "llm.model_name": "gpt-4o"}
        attributes |= {"llm.token_count.prompt": prompt, "llm.token_count.completion": completion}
        attributes["llm.input_messages"] = json.dumps(messages[:-1])
        attributes["llm.output_messages"] = json.dumps(messages[-1:])
        return otlp.Span(trace, ids.span(), "chat", b"", BASE + at * MS, BASE + (at + 1) * MS, attributes=attributes)

    asked = {"role": "user", "content": "Weather?"}
    called = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": "{}"}}]}
    told = {"role": "tool", "tool_call_id": "c1", "content": "Sunny, " * 40}
    said, more = {"role": "assistant", "content": "Sunny."}, {"role": "user", "content": "And now?"}
    spans = [chat(0, 100, 20, asked, called), chat(10, 300, 5, asked, called, told, said)]
    spans += [chat(20, 320, 5, asked, called, told, said, more, said)]
    spans += [call(ids, trace, kind="TOOL", tool="weather", at=5 * MS), call(ids, trace, kind="TOOL", tool="unused")]
    server.accept(otlp.request(spans), project="tool-tokens")
    answer = usage(server, "tool-tokens", "tool", sort="group")
    assert answer["in_prompts"] == {"traces": 1, "complete": True}
    unused, weather = answer["data"]
    assert (group(unused), unused["in_prompts"]) == ("unused", None)
    # gpt-4o: 2.50 dollars per million tokens.
    assert weather["in_prompts"] == {"results": 1, "carried": 2, "measured_tokens": 360, "estimated_tokens": None,
                                     "uncounted": 0, "cost_usd": pytest.approx(360 * 2.5e-6), "unpriced_tokens": 0}
    assert "in_prompts" not in usage(server, "tool-tokens", "tool,day")


def test_of_many_traces_the_prompts_of_the_latest_are_looked_at(server, ids):
    spans = [call(ids, ids.trace(), at=n * MS, prompt=5, completion=1) for n in range(101)]
    server.accept(otlp.request(spans), project="many-prompts")
    assert usage(server, "many-prompts", "tool")["in_prompts"] == {"traces": 100, "complete": False}


def test_tools_of_many_traces(server, ids):
    """More calls than are read at once, in more traces than are looked at; the same span ids in each trace."""
    first, second, tool = ids.span(), ids.span(), ids.span()
    asked = {"role": "user", "content": "Weather?"}
    called = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": "{}"}}]}
    told = {"role": "tool", "tool_call_id": "c1", "content": "Sunny, " * 40}
    said = {"role": "assistant", "content": "Sunny."}
    spans = []
    for number in range(101):
        trace, start = ids.trace(), BASE + number * 1000 * MS
        for span_id, at, prompt, messages in ((first, 0, 100, [asked, called]), (second, 10, 300, [asked, called, told, said])):
            spans.append(otlp.Span(trace, span_id, "chat", b"", start + at * MS, start + (at + 1) * MS, attributes={
                "openinference.span.kind": "LLM", "llm.model_name": "gpt-4o", "llm.token_count.prompt": prompt,
                "llm.token_count.completion": 20, "llm.input_messages": json.dumps(messages[:-1]),
                "llm.output_messages": json.dumps(messages[-1:])}))
        spans.append(otlp.Span(trace, tool, "weather", first, start + 5 * MS, start + 6 * MS, attributes={
            "openinference.span.kind": "TOOL", "tool.name": "weather"}))
    server.accept(otlp.request(spans), project="many-tools")
    answer = usage(server, "many-tools", "tool")
    assert answer["in_prompts"] == {"traces": 100, "complete": False}
    (weather,) = answer["data"]
    assert weather["calls"] == 101
    assert weather["in_prompts"]["results"] == weather["in_prompts"]["carried"] == 100
    assert weather["in_prompts"]["measured_tokens"] == 100 * (300 - 100 - 20)


@pytest.mark.parametrize("key", ["model", "provider", "user", "session", "prompt", "service", "day"])
def test_counts_to_doubt_are_told_of_each_group(server, ids, key):
    """Two calls of which one has a total below its parts, and one whose library counts tokens itself."""
    attributes = {"session": "s", "user": "u", "prompt": 10, "completion": 2}
    provider = [call(ids, ids.trace(), **attributes), call(ids, ids.trace(), **attributes, total=5)]
    streamed = {"gen_ai.sdk.version": "2.54.0", "telemetry.sdk.name": "openlit", "gen_ai.request.stream": True}
    streamed |= {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1", "gen_ai.provider.name": "openai"}
    streamed |= {"gen_ai.usage.input_tokens": 7, "gen_ai.usage.output_tokens": 1, "session.id": "s", "user.id": "u"}
    estimated = otlp.Span(ids.trace(), ids.span(), "s", b"", BASE, BASE + MS, attributes=streamed)
    project = f"doubt-{key}"
    server.accept(otlp.request(provider), project=project)
    server.accept(otlp.request([estimated], scope=("openlit.instrumentation.openai", "", ())), project=project)
    (row,) = usage(server, project, key)["data"]
    assert (row["calls"], row["estimated_calls"], row["impossible_calls"]) == (3, 1, 1)
    assert row["tokens"]["prompt"] == 27


def test_order_and_limit(server, ids):
    spans = []
    rows = [("a", 3, 1, 0.1, 0, 30), ("b", 2, 90, 0.2, 2, 20), ("c", 1, 50, 9.0, 1, 90)]
    for model, calls, prompt, cost, errors, ms in rows:
        same = {"model": model, "prompt": prompt, "completion": 0, "total": prompt, "cost": cost, "ms": ms}
        spans += [call(ids, ids.trace(), status=2 if n < errors else 0, **same) for n in range(calls)]
    server.accept(otlp.request(spans), project="order")

    def order(sort):
        return "".join(group(row) for row in usage(server, "order", "model", sort=sort)["data"])

    orders = {"calls": "abc", "errors": "bca", "tokens": "bca", "cost": "cba", "latency": "cab", "group": "abc"}
    assert {sort: order(sort) for sort in orders} == orders
    cut = usage(server, "order", "model", limit=2)
    assert ([group(row) for row in cut["data"]], cut["group_count"]) == (["a", "b"], 3)


def test_a_repeated_call_counts_once(server, ids):
    trace = ids.trace()
    outer = call(ids, trace, prompt=9, completion=1, text="hi")
    inner = call(ids, trace, prompt=9, completion=1, parent=outer.span_id)
    elsewhere = call(ids, ids.trace(), prompt=9, completion=1)
    server.accept(otlp.request([inner, elsewhere]), project="repeated")
    server.accept(otlp.request([outer]), project="repeated")
    (row,) = usage(server, "repeated", "model")["data"]
    assert (row["calls"], row["tokens"]["prompt"]) == (1, 9)


def test_a_later_copy_replaces(server, ids):
    first = call(ids, ids.trace(), prompt=9, completion=1)
    server.accept(otlp.request([first]), project="usage-copies")
    first.attributes = dict(first.attributes) | {"llm.token_count.prompt": 20}
    server.accept(otlp.request([first]), project="usage-copies")
    first.attributes = dict(first.attributes) | {"llm.token_count.prompt": 30}
    first.start += 1
    server.accept(otlp.request([first]), project="usage-copies")
    (row,) = usage(server, "usage-copies", "model")["data"]
    assert (row["calls"], row["tokens"]["prompt"]) == (1, 30)


BAD = [{}, {"group_by": "colour"}, {"group_by": "model,"}, {"group_by": "model,model"}]
BAD += [{"group_by": "model", "sort": "x"}, {"group_by": "model", "limit": "0"}, {"group_by": "model", "limit": "1001"}, {"group_by": "model", "from": "x"}]


@pytest.mark.parametrize("query", BAD, ids=str)
def test_what_cannot_be_understood(server, query):
    answer = server.get("/api/v1/projects/none/usage", **query)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")


def test_a_project_without_calls(server):
    assert usage(server, "nobody", "model")["data"] == []
    assert server.get_json("/api/v1/projects/nobody/sessions")["data"] == []
    assert server.get_json("/api/v1/projects/nobody/users")["data"] == []


def test_sessions(server, ids):
    first, second, third = ids.trace(), ids.trace(), ids.trace()
    root = call(ids, first, kind="AGENT", session="s-1", user="u-1", text="first question")
    spans = [root, call(ids, first, parent=root.span_id, at=MS, prompt=10, completion=2, cost=0.25)]
    spans += [call(ids, second, session="s-1", user="u-2", at=HOUR, prompt=5, completion=1, text="second question")]
    spans += [call(ids, third, session="s-2", at=HOUR // 2, status=2, text="other")]
    spans += [call(ids, ids.trace(), prompt=100, completion=1)]
    server.accept(otlp.request(spans), project="sessions")
    one, two = server.get_json("/api/v1/projects/sessions/sessions")["data"]
    assert one == {
        "session_id": "s-1",
        "user_ids": ["u-1", "u-2"],
        "user_count": 2,
        "first_unix_ns": str(BASE),
        "last_unix_ns": str(BASE + HOUR),
        "trace_count": 2,
        "span_count": 3,
        "error_count": 0,
        "calls": 2,
        "estimated_calls": 0,
        "impossible_calls": 0,
        "tokens": NO_TOKENS | {"prompt": 15, "completion": 3, "total": 18},
        "cost": {"total_usd": 0.25, "unpriced_calls": 1, "cache_savings_usd": None},
        "last_trace_id": second.hex(),
        "last_input_preview": "second question",
    }
    assert (two["session_id"], two["error_count"], two["tokens"], two["user_ids"]) == ("s-2", 1, NO_TOKENS, [])


def test_users(server, ids):
    spans = []
    for number, user in enumerate(["u-1", "u-1", "u-2"]):
        trace = ids.trace()
        root = call(ids, trace, kind="AGENT", user=user, session=f"s-{number}", at=number * HOUR)
        spans += [root, call(ids, trace, parent=root.span_id, at=number * HOUR, prompt=number, completion=0)]
    server.accept(otlp.request(spans), project="users")
    second, first = server.get_json("/api/v1/projects/users/users")["data"]
    assert (first["user_id"], first["session_ids"], first["session_count"]) == ("u-1", ["s-0", "s-1"], 2)
    assert (first["trace_count"], first["span_count"], first["calls"], first["tokens"]["prompt"]) == (2, 4, 2, 1)
    assert (second["user_id"], second["tokens"]["prompt"]) == ("u-2", 2)


ODD = ["plain", "it's", 'quo"te', "back\\slash", "new\nline", "tab\t", "{x:String}", "日本🦉", "-", "1-2", "%00", "a/b"]


def test_of_many_users_ten_are_named(server, ids):
    server.accept(otlp.request([call(ids, ids.trace(), session="crowded", user=f"u-{n:02}") for n in range(11)]), project="crowded")
    server.accept(otlp.request([call(ids, ids.trace(), session=f"s-{n:02}", user="busy") for n in range(11)]), project="crowded")
    for path, many, other in (("sessions", "crowded", "user"), ("users", "busy", "session")):
        rows = {row[f"{path[:-1]}_id"]: row for row in server.get_json(f"/api/v1/projects/crowded/{path}")["data"]}
        assert rows[many][f"{other}_count"] == 11
        assert len(set(rows[many][f"{other}_ids"])) == 10


def test_pages_of_odd_names(server, ids):
    sessions = {name: at for at, name in enumerate(ODD, 1)}
    spans = []
    for name, number in sessions.items():
        at = -number * 40 * DAY // len(ODD)
        spans.append(call(ids, ids.trace(), session=name, at=at, prompt=number, completion=0))
    server.accept(otlp.request(spans), project="odd-names")
    found, cursor = [], {}
    while True:
        page = server.get_json("/api/v1/projects/odd-names/sessions", limit=5, **cursor)
        found += [(row["session_id"], row["tokens"]["prompt"]) for row in page["data"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert found == list(sessions.items())


@pytest.mark.parametrize("limit", ["0", "501"])
def test_limit_of_the_lists(server, limit):
    answer = server.get("/api/v1/projects/nobody/users", limit=limit)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")


@pytest.mark.parametrize("cursor", ["x", "7", "7-", "-s"])
def test_bad_cursor(server, cursor):
    answer = server.get("/api/v1/projects/odd-names/sessions", cursor=cursor)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")
