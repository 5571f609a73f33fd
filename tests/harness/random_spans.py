"""Random spans, traces and sessions with annotations, in which every field of the query languages is somewhere: what is sent, and what a naive reader knows of it."""

import dataclasses
import json
import random
import time

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND, HOUR = 10**6, 10**9, 3600 * 10**9
STATUS = ["unset", "ok", "error"]
CALLS = ("llm", "embedding", "reranker")
KINDS = ["llm"] * 8 + ["tool"] * 4 + ["agent", "chain"] * 2 + ["embedding", "retriever", "reranker", "guardrail", "evaluator", "prompt", "unknown"]
OPERATIONS = {"llm": "chat", "embedding": "embeddings", "tool": "execute_tool", "agent": "invoke_agent", "chain": "invoke_workflow", "retriever": "retrieval"}
RESOURCES = [{"service.name": "shop", "service.version": "1.2", "replicas": 2}, {"service.name": "till", "service.version": "2.0"}]
# In US dollars for a million tokens, so that a token costs what a double holds exactly.
PRICE = {"model": "priced", "rates": {"input": 250_000, "output": 500_000}}
OPEN_INFERENCE = {
    "model": "llm.model_name", "provider": "llm.provider", "finish_reason": "llm.finish_reason", "tool": "tool.name", "agent": "agent.name", "prompt": "prompt.id", "prompt.version": "llm.prompt_template.version",
    "tokens.prompt": "llm.token_count.prompt", "tokens.completion": "llm.token_count.completion", "tokens": "llm.token_count.total", "tokens.cache_read": "llm.token_count.prompt_details.cache_read",
    "tokens.cache_write": "llm.token_count.prompt_details.cache_write", "tokens.reasoning": "llm.token_count.completion_details.reasoning",
    "cost": "llm.cost.total", "cost.prompt": "llm.cost.prompt", "cost.completion": "llm.cost.completion"}
GEN_AI = {
    "model": "gen_ai.request.model", "provider": "gen_ai.provider.name", "finish_reason": "gen_ai.response.finish_reason", "tool": "gen_ai.tool.name", "agent": "gen_ai.agent.name", "prompt": "gen_ai.prompt.name",
    "tokens.prompt": "gen_ai.usage.input_tokens", "tokens.completion": "gen_ai.usage.output_tokens", "tokens": "gen_ai.usage.total_tokens", "tokens.cache_read": "gen_ai.usage.cache_read.input_tokens",
    "tokens.cache_write": "gen_ai.usage.cache_write.input_tokens", "tokens.reasoning": "gen_ai.usage.reasoning.output_tokens",
    "cost": "gen_ai.usage.cost", "cost.prompt": "gen_ai.usage.input_cost", "cost.completion": "gen_ai.usage.output_cost"}


def post_price(server):
    answer = server.request("POST", "/api/v1/prices", json.dumps(PRICE).encode(), {"content-type": "application/json"})
    assert answer.status == 201, answer.body


@dataclasses.dataclass
class Annotation:
    target: str
    name: str
    score: float | None
    label: str | None
    explanation: str | None


class Span:
    """`facts`: what each field of the query language is; a field that is not there is unknown. `is_call`: one that counts, as the view of the span says."""

    def __init__(self, trace, sent, parent, facts):
        self.trace, self.sent, self.parent, self.facts = trace, sent, parent, facts
        self.id, self.attributes = sent.span_id.hex(), sent.attributes
        self.is_root, self.children, self.annotations, self.siblings = not sent.parent, [], [], []


class Group:
    """A trace, or the session that is made of traces. `own`: annotations of itself."""

    def __init__(self, name, spans, own, traces=()):
        self.name, self.spans, self.own, self.traces = name, spans, own, list(traces)
        self.roots = sorted((span for span in spans if span.is_root), key=lambda span: span.facts["start"])

    @property
    def annotations(self):
        return self.own + [one for trace in self.traces for one in trace.own] + [one for span in self.spans for one in span.annotations]


class World:
    def __init__(self, server, project, seed, traces=24, odd_trees=False):
        self.random, self.ids, self.odd_trees = random.Random(seed), Ids(project), odd_trees
        self.base = time.time_ns() // SECOND * SECOND - HOUR
        self.spans, self.traces, self.sessions, posted = [], {}, {}, []
        own, members, of_resource = {}, {}, [[], []]
        for number in range(traces):
            spans, session = self._trace(number)
            self.spans += spans
            of_resource[number % 2] += [span.sent for span in spans]
            found = own.setdefault(spans[0].trace, [])
            self._judge(posted, found, "trace", {"trace_id": spans[0].trace})
            found += [one for span in spans for one in span.inline_of_trace]
            self.traces[spans[0].trace] = Group(spans[0].trace, spans, found)
            if session:
                members.setdefault(session, []).append(self.traces[spans[0].trace])
        for name, of_session in members.items():
            found = []
            self._judge(posted, found, "session", {"session_id": name})
            self.sessions[name] = Group(name, [span for trace in of_session for span in trace.spans], found, of_session)
        for resource, spans in zip(RESOURCES, of_resource):
            self.random.shuffle(spans)
            server.accept(otlp.request(spans, resource=resource), project=project)
        server.get_json(f"/api/v1/projects/{project}/spans")  # waits for them
        for span in self.spans:
            for target, position in (("span", {}), ("document", {"document_position": 0})):
                self._judge(posted, span.annotations, target, {"span_id": span.id} | position)
        for trace in self.traces:
            shown = server.get_json(f"/api/v1/projects/{project}/traces/{trace}")["spans"]
            repeats = {span["span_id"] for span in shown if span["repeats"]}
            for span in self.traces[trace].spans:
                span.is_call = span.facts["kind"] in CALLS and span.id not in repeats
        for target in ("span", "document", "trace", "session"):
            rows = [row for of, row in posted if of == target]
            answer = server.request("POST", f"/v1/{target}_annotations?sync=true", json.dumps({"data": rows}).encode(), {"content-type": "application/json"})
            assert answer.status == 200, answer.body

    def chosen(self, chance, values):
        return self.random.choice(values) if self.random.random() < chance else None

    def _annotation(self, target):
        score, label = self.chosen(0.7, [-0.5, 0.25, 0.5, 1.0]), self.chosen(0.5, ["good", "rude"])
        explanation = self.chosen(0.4, ["cites the date", "no source"]) or (None if score is not None or label else "none given")
        return Annotation(target, self.random.choice(["quality", "tone"]), score, label, explanation)

    def _judge(self, posted, known, target, where):
        for number in range(self.random.choice([0, 0, 0, 0, 1, 1, 2] if target == "span" else [0, 0, 0, 0, 0, 0, 1] if target == "document" else [0, 1, 2])):
            one = self._annotation(target)
            known.append(one)
            result = {"score": one.score, "label": one.label, "explanation": one.explanation}
            posted.append((target, where | {"name": one.name, "annotator_kind": "CODE", "identifier": str(number), "result": result}))

    def _trace(self, number):
        rnd, trace, spans = self.random, self.ids.trace(), []
        session, user = self.chosen(0.8, [f"s{n}" for n in range(7)]), self.chosen(0.7, ["ada", "bob"])
        start = self.base + number * SECOND - (2 * HOUR if number % 5 == 0 else 0)
        lost = self.ids.span()  # of a parent that never comes
        for depth in range(rnd.randint(1, 6)):
            parent = rnd.choice(spans) if spans else None
            above = parent.sent.span_id if parent else b""
            if spans and self.odd_trees and rnd.random() < 0.15:
                parent, above = None, rnd.choice([b"", lost])
            spans.append(self._span(trace, parent, above, start + depth * MS, {"service": RESOURCES[number % 2]["service.name"], "resource": RESOURCES[number % 2]}))
            if parent:
                parent.children.append(spans[-1])
        carriers = [spans[0]] + ([spans[-1]] if len(spans) > 1 and rnd.random() < 0.2 else [])
        for span in carriers:
            span.attributes.update({key: value for key, value in (("user.id", user), ("session.id", session)) if value})
        for span in spans:
            span.facts |= {key: value for key, value in (("user", user), ("session", session)) if value}
            span.siblings = [other for other in spans if other is not span and other.sent.parent == span.sent.parent and span.sent.parent]
        return spans, session

    def _span(self, trace, parent, above, start, facts):
        rnd = self.random
        kind = rnd.choice(KINDS)
        dialect = "generic" if kind == "unknown" else "otel_genai" if kind in OPERATIONS and rnd.random() < 0.3 else "openinference"
        status, duration = rnd.choice([0, 0, 1, 2]), rnd.choice([1, 5, 10, 100]) * MS
        name = rnd.choice(["run", "step", "call"])
        facts |= {"kind": kind, "dialect": dialect, "name": name, "status": STATUS[status], "duration": duration, "start": start, "end": start + duration, "spans": 1, "errors": int(status == 2)}
        attributes = {"openinference": {"openinference.span.kind": kind.upper()}, "otel_genai": {"gen_ai.operation.name": OPERATIONS.get(kind)}, "generic": {}}[dialect]
        if dialect == "otel_genai":
            facts["operation"] = OPERATIONS[kind]
        if dialect != "generic":
            told = self._told(kind)
            keys = OPEN_INFERENCE if dialect == "openinference" else GEN_AI
            told = {key: value for key, value in told.items() if key in keys or key == "first_token"}
            attributes |= {keys[key]: value for key, value in told.items() if key in keys}
            if "first_token" in told:
                attributes["gen_ai.response.time_to_first_chunk"] = told["first_token"] / 1e9
            facts |= told
            if facts.get("model") == "priced" and kind in CALLS and "tokens.completion" in told:
                prompt, completion = told["tokens.prompt"] * 0.25, told["tokens.completion"] * 0.5
                facts |= {"cost": prompt + completion, "cost.prompt": prompt, "cost.completion": completion}
        if kind in CALLS and rnd.random() < 0.7:
            attributes["gen_ai.response.id"] = str(start)
        events, message = self._common(attributes, facts, status, start)
        span = Span(trace.hex(), otlp.Span(trace, self.ids.span(), name, parent=above, start=start, end=start + duration, status=status, attributes=attributes, events=events, status_message=message), parent, facts)
        facts |= {"trace": span.trace, "span": span.id, "attributes": attributes} | ({"parent": above.hex()} if above else {})
        span.inline_of_trace = []
        if dialect == "openinference":
            for target, key, known in (("span", "annotations", span.annotations), ("trace", "trace.annotations", span.inline_of_trace)):
                if rnd.random() < 0.1:
                    known.append(self._annotation(target))
                    attributes[key] = json.dumps([{field: value for field, value in dataclasses.asdict(known[-1]).items() if field != "target" and value is not None}])
        return span

    def _told(self, kind):
        """What the span tells in the words of its dialect."""
        rnd, told = self.random, {}
        if kind == "tool":
            told["tool"] = rnd.choice(["search", "fetch"])
        told |= {"agent": "scout"} if kind == "agent" and rnd.random() < 0.7 else {}
        if kind not in (*CALLS, "agent", "chain"):
            return told
        if kind in CALLS:
            told |= {"model": rnd.choice(["tern-4", "tern-4-mini", "auk", "priced"])}
            told |= {key: value for key, value in (("provider", self.chosen(0.6, ["openai", "anthropic"])), ("first_token", self.chosen(0.3, [1 * MS, 5 * MS, 50 * MS]))) if value}
        if kind == "llm":
            told |= {key: value for key, value in (("finish_reason", self.chosen(0.5, ["stop", "length"])), ("prompt", self.chosen(0.4, ["summary", "answer"]))) if value}
            told |= {"prompt.version": rnd.choice(["1", "2"])} if "prompt" in told else {}
        if rnd.random() < 0.7:
            prompt, completion = rnd.randint(1, 5) * 100, self.chosen(0.7, [0, 50, 100])
            told |= {"tokens.prompt": prompt, "tokens": prompt + (completion or 0)}
            told |= {"tokens.cache_read": rnd.choice([0, 50])} if rnd.random() < 0.3 else {}
            told |= {"tokens.cache_write": rnd.choice([0, 25])} if rnd.random() < 0.3 else {}
            if completion is not None:
                told["tokens.completion"] = completion
                told |= {"tokens.reasoning": rnd.choice([0, completion])} if rnd.random() < 0.3 else {}
        if rnd.random() < 0.4:
            prompt, completion = rnd.choice([0.0, 0.125, 0.25]), rnd.choice([0.25, 0.5])
            told |= {"cost": prompt + completion} | ({"cost.prompt": prompt, "cost.completion": completion} if rnd.random() < 0.6 else {})
        return told

    def _common(self, attributes, facts, status, start):
        """What spans of each dialect may have: (events, message of the status)."""
        rnd = self.random
        for key, chance, values in (("x", 0.5, ["one", "two", 1, 2, 2.5, True, "2"]), ("retries", 0.5, [1, 2, 5, 2.5, "2"]), ("note", 0.3, ["red fox", "Blue Whale", "Blue Whale " * 30])):
            if (value := self.chosen(chance, values)) is not None:
                attributes[key] = value
        if facts["dialect"] == "openinference":
            if rnd.random() < 0.3:
                facts["metadata"] = {"topic": rnd.choice(["refund", "greeting"]), "n": rnd.choice([1, 2.5, 6]), "deep": {"n": rnd.randint(1, 3)}}
                attributes["metadata"] = json.dumps(facts["metadata"])
            if rnd.random() < 0.3:
                facts["tag"] = attributes["tag.tags"] = rnd.sample(["beta", "gold", "slow"], 2)
            for key, values in (("input.value", ["a red fox", "a Whale"]), ("output.value", ["done", "granted"])):
                if rnd.random() < 0.5:
                    attributes[key] = rnd.choice(values)
        failed = self.chosen(0.6, ["Lost", "TimeoutError"]) if status == 2 else None
        if failed:
            facts |= {"exception": failed, "exception.message": "far away", "status.message": "went astray"}
            return (otlp.event("exception", start, {"exception.type": failed, "exception.message": "far away"}),), "went astray"
        return (), ""
