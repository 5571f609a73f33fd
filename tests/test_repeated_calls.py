"""A provider's call counts once, whichever spans tell of it. The rules are those of docs/guide/dialects.md."""

import json
import random
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS = 10**6
MINUTE = 60 * 10**9
BASE = time.time_ns() - 7200 * 10**9


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


class Call:
    """A span of a model's call, 100 ms long, of 1000 prompt and 50 completion tokens."""

    def __init__(self, ids, trace, parent=b"", *, at=0, prompt=1000, completion=50, response=None, text="Hello",
                 cost=None, **more):
        self.id = ids.span()
        attributes = {"openinference.span.kind": more.pop("kind", "LLM"), "llm.model_name": more.pop("model", "m-1")}
        attributes["llm.provider"] = more.pop("provider", "anthropic")
        if prompt is not None:
            attributes |= {"llm.token_count.prompt": prompt, "llm.token_count.completion": completion}
        if cost is not None:
            attributes["llm.cost.total"] = cost
        if response:
            attributes["gen_ai.response.id"] = response
        if text:
            attributes["output.value"] = text
        start = BASE + at
        self.trace = trace
        self.span = otlp.Span(trace, self.id, "call", parent, start, start + 100 * MS, attributes=attributes, **more)


def send(server, project, *spans):
    """Each in a request of its own, the last first, as simple exporters do. A list waits for what was sent."""
    for span in reversed(spans):
        server.accept(otlp.request([span.span if isinstance(span, Call) else span]), project=project)
    assert server.get_json(f"/api/v1/projects/{project}/traces", limit=1)["pending_requests"] == 0


def view(server, project, call):
    return server.get_json(f"/api/v1/projects/{project}/traces/{call.trace.hex()}/spans/{call.id.hex()}")


def teller(server, project, call):
    """The span that tells the call instead, as a call of the test's."""
    repeats = view(server, project, call)["repeats"]
    return repeats and (repeats["trace_id"], repeats["span_id"])


def address(call):
    return call.trace.hex(), call.id.hex()


def sums(server, project):
    """Prompt, completion and total tokens and US dollars of all traces of the project: by the list, by the spans and by usage."""

    def added(rows):
        rows = list(rows)
        tokens = [row["tokens"] for row in rows if row["tokens"]]
        costs = [row["cost"]["total_usd"] or 0 for row in rows if row["cost"]]
        return *(sum(row[part] or 0 for row in tokens) for part in ("prompt", "completion", "total")), sum(costs)

    rows = server.get_json(f"/api/v1/projects/{project}/traces", limit=500)["data"]
    traces = [server.get_json(f"/api/v1/projects/{project}/traces/{row['trace_id']}") for row in rows]
    spans = added(s for trace in traces for s in trace["spans"] if s["kind"] in ("LLM", "EMBEDDING", "RERANKER"))
    used = added(server.get_json(f"/api/v1/projects/{project}/usage", group_by="service")["data"])
    assert added(rows) == spans == used
    return used


def prompts(server, project):
    return sums(server, project)[0]


def test_same_response_id_in_two_traces(server, ids):
    full = Call(ids, ids.trace(), response="msg_1")
    mute = Call(ids, ids.trace(), response="msg_1", text=None, at=3000 * MS, prompt=999)
    send(server, "same-id", full, mute)
    assert teller(server, "same-id", mute) == address(full)
    assert teller(server, "same-id", full) is None
    assert prompts(server, "same-id") == 1000
    span = view(server, "same-id", mute)
    assert span["tokens"] is None and span["repeats"]["tokens"]["prompt"] == 999
    assert f"tells the call of span {full.id.hex()} of trace {full.trace.hex()} again" in span["notes"]


def test_the_span_with_token_counts_counts(server, ids):
    trace = ids.trace()
    without = Call(ids, trace, response="msg_2", prompt=None)
    mute = Call(ids, trace, without.id, response="msg_2", text=None)
    send(server, "counted", without, mute)
    assert teller(server, "counted", without) == address(mute)
    assert prompts(server, "counted") == 1000


def test_conditions_of_traces_do_not_ask_what_is_not_counted(server, ids):
    """What the repeating span alone tells is a condition of that span, not of its trace: the trace's cost is unknown."""
    told, mute, other = Call(ids, ids.trace()), None, Call(ids, ids.trace(), cost=0.25)
    mute = Call(ids, told.trace, told.id, text=None, cost=0.25)
    twice = Call(ids, other.trace, other.id, text=None, cost=0.25)
    send(server, "conditions", told, mute, other, twice)
    assert teller(server, "conditions", mute) == address(told) and teller(server, "conditions", twice) == address(other)
    found = lambda of, key, q: {row[key] for row in server.get_json(f"/api/v1/projects/conditions/{of}", q=q)["data"]}
    assert found("spans", "span_id", "cost<=0.25") == {mute.id.hex(), other.id.hex(), twice.id.hex()}
    for query in ("cost<=0.25", "within(trace: cost<=0.25)", "within(span: within(trace: cost<=0.25))", "within(span: within(trace: cost<=0.25)) or (operation:*chat* or tokens=300)"):
        assert found("traces", "trace_id", query) == {other.trace.hex()}, query
    assert found("spans", "span_id", "within(span: within(trace: cost<=0.25))") == {other.id.hex(), twice.id.hex()}
    assert found("traces", "trace_id", "within(span: cost<=0.25)") == {told.trace.hex(), other.trace.hex()}
    assert found("traces", "trace_id", "tokens=1050") == {told.trace.hex(), other.trace.hex()}


def test_an_id_that_comes_again_much_later_is_another_call(server, ids):
    send(server, "later", Call(ids, ids.trace(), response="r"), Call(ids, ids.trace(), response="r", at=11 * MINUTE))
    assert prompts(server, "later") == 2000


def test_below_another_span_of_the_same_call(server, ids):
    trace = ids.trace()
    outer = Call(ids, trace)
    chains = [otlp.Span(trace, ids.span(), "chain", start=BASE, end=BASE + MS) for _ in range(3)]
    for chain, parent in zip(chains, [outer.id, chains[0].span_id, chains[1].span_id]):
        chain.parent = parent
    inner = Call(ids, trace, chains[-1].span_id, at=MS, response="msg_3")
    send(server, "below", outer, *chains, inner)
    assert teller(server, "below", inner) == address(outer)
    assert prompts(server, "below") == 1000


def test_very_many_of_one_trace(server, ids):
    """Their ids alone are 1.3 MB of a statement to the engine."""
    trace, count = ids.trace(), 20_000
    for begin in range(0, count, 5_000):
        spans = []
        for n in range(begin, begin + 5_000):
            outer = Call(ids, trace, at=n * 200 * MS)
            spans += [outer.span, Call(ids, trace, outer.id, at=n * 200 * MS + MS).span]
        server.accept(otlp.request(spans), project="many")
    (row,) = server.get_json("/api/v1/projects/many/traces")["data"]
    assert (row["span_count"], row["tokens"]["prompt"]) == (40_000, 20_000_000)


def test_a_mute_span_outside_gives_way_to_the_one_inside(server, ids):
    trace = ids.trace()
    outer = Call(ids, trace, text=None)
    inner = Call(ids, trace, outer.id, at=MS)
    send(server, "inside", outer, inner)
    assert teller(server, "inside", outer) == address(inner)


def test_calls_that_failed(server, ids):
    trace = ids.trace()
    outer = Call(ids, trace, prompt=None, status=2)
    inner = Call(ids, trace, outer.id, at=MS, prompt=None, text=None, status=2)
    beside = Call(ids, trace, at=2 * MS, prompt=None, text=None, status=2)
    send(server, "failed", outer, inner, beside)
    assert teller(server, "failed", inner) == address(outer)
    assert teller(server, "failed", beside) == address(outer)


def test_a_mute_span_beside_a_full_one(server, ids):
    trace = ids.trace()
    root = otlp.Span(trace, ids.span(), "agent", start=BASE, end=BASE + MS)
    full = Call(ids, trace, root.span_id, response="msg_4")
    mute = Call(ids, trace, root.span_id, at=99 * MS, text=None)
    send(server, "beside", root, full, mute)
    assert teller(server, "beside", mute) == address(full)
    assert prompts(server, "beside") == 1000


def test_a_mute_root_of_another_trace(server, ids):
    full, mute = Call(ids, ids.trace()), Call(ids, ids.trace(), at=MS, text=None, response="msg_5")
    other_model = Call(ids, ids.trace(), at=MS, text=None, model="m-2", response="msg_6")
    send(server, "elsewhere", full, mute, other_model)
    assert teller(server, "elsewhere", mute) == address(full)
    assert teller(server, "elsewhere", other_model) is None
    assert prompts(server, "elsewhere") == 2000


@pytest.mark.parametrize(("asked", "answered", "same"), [
    ("mistral-large-latest", "mistral-large-2411", True), ("gpt-4o", "gpt-4o-2024-08-06", True),
    ("claude-sonnet-4-20250514", "claude-sonnet-4-latest", True), ("gpt-4", "gpt-5", False),
    ("gemini-2.5-flash-001", "gemini-2.5-flash-002", False), ("m-2024x", "m", False), ("gpt-4o", "gpt-4o-mini", False)])
def test_a_mute_root_names_the_model_that_was_asked_for(server, ids, asked, answered, same):
    """Mistral's SDK traces itself, and tells no response id and no model that answered."""
    project = f"asked-{asked}-{answered}"
    full = Call(ids, ids.trace(), model=answered, response="cmpl-1")
    mute = Call(ids, ids.trace(), at=MS, text=None, model=asked)
    send(server, project, full, mute)
    assert teller(server, project, mute) == (address(full) if same else None)
    assert prompts(server, project) == (1000 if same else 2000)


DIFFERENT = {
    "response id": {"response": "msg_8"},
    "prompt tokens": {"prompt": 1001},
    "completion tokens": {"completion": 51},
    "provider": {"provider": "openai"},
    "time": {"at": 101 * MS},
    "kind": {"kind": "EMBEDDING"},
}


@pytest.mark.parametrize("what", DIFFERENT)
def test_another_call_counts(server, ids, what):
    project = f"another-{what.replace(' ', '-')}"
    trace = ids.trace()
    outer = Call(ids, trace, response="msg_7" if what == "response id" else None)
    inner = Call(ids, trace, outer.id, **({"text": None} | DIFFERENT[what]))
    send(server, project, outer, inner)
    assert (teller(server, project, outer), teller(server, project, inner)) == (None, None)
    assert prompts(server, project) == 1000 + DIFFERENT[what].get("prompt", 1000)


def test_calls_side_by_side_count_both(server, ids):
    trace = ids.trace()
    root = otlp.Span(trace, ids.span(), "agent", start=BASE, end=BASE + MS)
    send(server, "parallel", root, *(Call(ids, trace, root.span_id, at=i * MS) for i in range(4)))
    assert prompts(server, "parallel") == 4000


def test_parents_that_repeat_usage_do_not_count(server, ids):
    trace = ids.trace()
    agent = Call(ids, trace, kind="AGENT")
    chain = Call(ids, trace, agent.id, kind="CHAIN")
    send(server, "parents", agent, chain, Call(ids, trace, chain.id))
    (row,) = server.get_json("/api/v1/projects/parents/traces")["data"]
    assert row["tokens"]["prompt"] == 1000


def test_a_circle_of_parents(server, ids):
    trace, a, b = ids.trace(), ids.span(), ids.span()
    spans = [otlp.Span(trace, a, "a", b, BASE, BASE + MS), otlp.Span(trace, b, "b", a, BASE, BASE + MS)]
    send(server, "circle", *spans, Call(ids, trace, a), Call(ids, trace, b))
    assert prompts(server, "circle") == 2000


def test_totals_are_the_sum_over_leaf_calls(server, ids):
    """Calls as several libraries at once trace them, in random trees: every call once, by list, trace and span."""
    chance = random.Random(20)
    expected, spans = [0, 0, 0, 0], []
    for number in range(30):
        trace = ids.trace()
        parents = [b""]
        for _ in range(chance.randrange(1, 6)):
            span = Call(ids, trace, chance.choice(parents), kind=chance.choice(["AGENT", "CHAIN"]), prompt=777, cost=7.5)
            parents.append(span.id)
            spans.append(span)
        for _ in range(chance.randrange(1, 6)):
            prompt = chance.randrange(1, 10**6)
            completion = chance.randrange(1, 10**4)
            cost = chance.randrange(1, 1000) / 1024  # binary fractions add up exactly
            expected = [so_far + new for so_far, new in zip(expected, (prompt, completion, prompt + completion, cost))]
            told = chance.choice(["once", "framework", "sdk below", "sdk beside", "sdk elsewhere"])
            response = f"r-{number}-{prompt}"
            at = {"prompt": prompt, "completion": completion, "cost": cost, "at": chance.randrange(1000) * MS}
            first = Call(ids, trace, chance.choice(parents), response=response, **at)
            again = {
                "framework": lambda: Call(ids, trace, first.id, **at),
                "sdk below": lambda: Call(ids, trace, first.id, text=None, response=response, **at),
                "sdk beside": lambda: Call(ids, trace, chance.choice(parents), text=None, **at),
                "sdk elsewhere": lambda: Call(ids, ids.trace(), text=None, response=response, **at),
            }
            spans += [first, *([again[told]()] if told in again else [])]
    chance.shuffle(spans)
    for at in range(0, len(spans), 10):
        server.accept(otlp.request([span.span for span in spans[at : at + 10]]), project="trees")
    assert sums(server, "trees") == tuple(expected)


def test_conditions_and_sorting_count_it_once(server, ids):
    twice, once = ids.trace(), ids.trace()
    outer = Call(ids, twice)
    inner = Call(ids, twice, outer.id, at=MS)
    costly = {"llm.cost.total": 0.25, "session.id": "s-twice"}
    outer.span.attributes |= costly
    inner.span.attributes |= costly
    other = Call(ids, once, prompt=1500, at=MINUTE)
    other.span.attributes |= {"llm.cost.total": 0.4, "session.id": "s-once"}
    send(server, "sums", outer, inner, other)

    def found(query, **more):
        page = server.get_json("/api/v1/projects/sums/traces", q=query, **more)
        return [row["trace_id"] for row in page["data"]]

    assert found("tokens.prompt>1000") == [once.hex()]
    assert found("tokens.prompt=1000") == [twice.hex()]
    assert found("cost>0.3") == [once.hex()]
    assert found("-cost>0.3") == [twice.hex()]
    assert found("within(session: cost<0.3)") == [twice.hex()]
    assert found("", sort="-cost") == found("kind:llm", sort="-tokens.prompt") == [once.hex(), twice.hex()]
    histogram = server.get_json("/api/v1/projects/sums/histogram", q="cost>0.3")
    assert sum(bucket["count"] for bucket in histogram["data"]) == 1


def test_views_count_it_once_in_each_project(server, ids):
    full, mute = Call(ids, ids.trace(), response="msg_v"), Call(ids, ids.trace(), response="msg_v", text=None, at=MS)
    send(server, "view-a", full, mute)
    send(server, "view-b", mute)  # the same ids, where nothing else tells the call

    def rows(query):
        answer = server.request("POST", "/api/v1/sql", json.dumps({"query": query}).encode(), {"content-type": "application/json"})
        assert answer.status == 200, answer.body
        return answer.json()["data"]

    projects = "WHERE project IN ('view-a', 'view-b')"
    assert rows(f"SELECT project, span_id FROM llm_calls {projects} ORDER BY project") == [
        ["view-a", full.id.hex()], ["view-b", mute.id.hex()]]
    assert rows(f"SELECT project, trace_id, prompt_tokens FROM traces {projects} ORDER BY project, prompt_tokens") == [
        ["view-a", full.trace.hex(), "1000"], ["view-a", mute.trace.hex(), None], ["view-b", mute.trace.hex(), "1000"]]
    assert rows(f"SELECT count() FROM spans {projects}") == [["3"]]
