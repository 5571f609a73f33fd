"""Random queries against a naive evaluator that reads the spans as they were sent."""

import fnmatch
import os
import random
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND, HOUR = 10**6, 10**9, 3600 * 10**9
BASE = time.time_ns() // SECOND * SECOND - HOUR

class Model:
    """Spans as they were sent, and what a query says of them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.spans = []

    def make(self, server, project):
        ids, rnd, spans = Ids(project), self.random, []
        for number in range(40):
            trace = ids.trace()
            user = rnd.choice(["ada", "bob", None])
            session = rnd.choice(["s1", "s2", None])
            start = BASE + number * SECOND
            parents = []
            for depth in range(rnd.randint(1, 6)):
                attributes, parent = {}, rnd.choice(parents) if parents else None
                kind = rnd.choice(["LLM", "TOOL", "CHAIN", "AGENT"])
                attributes["openinference.span.kind"] = kind
                if kind == "LLM":
                    attributes["gen_ai.response.id"] = str(len(spans))  # no two of them tell the same call
                    attributes["llm.model_name"] = rnd.choice(["gpt-4o", "gpt-4o-mini", "claude"])
                    if rnd.random() < 0.7:
                        tokens = rnd.randint(1, 5) * 100
                        attributes |= {"llm.token_count.prompt": tokens, "llm.token_count.total": tokens}
                if kind == "TOOL":
                    attributes["tool.name"] = rnd.choice(["search", "fetch"])
                if parent is None:
                    attributes |= {k: v for k, v in (("user.id", user), ("session.id", session)) if v}
                if rnd.random() < 0.5:
                    attributes["x"] = rnd.choice(["one", "two", 1, 2, 2.5, True])
                if rnd.random() < 0.3:
                    attributes["note"] = rnd.choice(["red fox", "Blue Whale " * 30])
                span = otlp.Span(trace, ids.span(), rnd.choice(["run", "step", "call"]), parent=parent or b"",
                                 start=start + depth * MS, end=start + depth * MS + rnd.choice([1, 10, 100]) * MS,
                                 status=rnd.choice([0, 0, 1, 2]), attributes=attributes)
                spans.append(span)
                parents.append(span.span_id)
                self.spans.append({"trace": trace.hex(), "id": span.span_id.hex(), "root": parent is None, "name": span.name,
                                   "duration": span.end - span.start, "start": span.start, "end": span.end,
                                   "status": span.status, "kind": kind.lower(), "attributes": attributes})
        rnd.shuffle(spans)
        server.accept(otlp.request(spans), project=project)
        self.of_trace, self.traces_of_session = {}, {}
        for span in self.spans:
            self.of_trace.setdefault(span["trace"], []).append(span)
            if session := span["attributes"].get("session.id"):
                self.traces_of_session.setdefault(session, set()).add(span["trace"])

    # A condition is (text, what it says of a span, what it says of the spans of a trace or session).
    def term(self):
        rnd = self.random
        field = rnd.choice(["kind", "name", "status", "model", "user", "session", "tool", "duration", "tokens", "x", "has", "text",
                            "spans"])
        a = lambda span, key: span["attributes"].get(key)
        calls = lambda spans: [a(s, "llm.token_count.total") for s in spans if s["kind"] == "llm"]
        total = lambda spans: sum(t for t in calls(spans) if t is not None) if any(t is not None for t in calls(spans)) else None
        holds = {">": lambda v, n: v is not None and v > n, "<=": lambda v, n: v is not None and v <= n,
                 "=": lambda v, n: v is not None and v == n}
        sign = rnd.choice(list(holds))
        glob = lambda value, pattern: value is not None and value != "" and fnmatch.fnmatchcase(value, pattern)
        of_spans = lambda text, of_span: (text, of_span, lambda spans: any(of_span(s) for s in spans))
        if field in ("kind", "name", "status", "model", "tool"):
            words = {"kind": ["llm", "tool", "chain"], "name": ["run", "st*", "*l"], "status": ["error", "ok", "unset"],
                     "model": ["gpt-4o", "gpt-4o*", "claude"], "tool": ["search", "f*"]}
            word = rnd.choice(words[field])
            value = {"kind": lambda s: s["kind"], "name": lambda s: s["name"], "model": lambda s: a(s, "llm.model_name"),
                     "status": lambda s: ["unset", "ok", "error"][s["status"]], "tool": lambda s: a(s, "tool.name")}[field]
            return of_spans(f"{field}:{word}", lambda s: glob(value(s), word))
        if field in ("user", "session"):
            word = rnd.choice({"user": ["ada", "b*"], "session": ["s1", "s*"]}[field])
            of_span = lambda s: any(glob(a(o, field + ".id"), word) for o in self.of_trace[s["trace"]])
            return of_spans(f"{field}:{word}", of_span)
        if field == "duration":
            ms = rnd.choice([1, 10, 50])
            whole = lambda spans: max(s["end"] for s in spans) - min(s["start"] for s in spans)
            return (f"duration{sign}{ms}ms", lambda s: holds[sign](s["duration"], ms * MS),
                    lambda spans: holds[sign](whole(spans), ms * MS))
        if field == "tokens":
            n = rnd.choice([100, 300, 600])
            return (f"tokens{sign}{n}", lambda s: holds[sign](a(s, "llm.token_count.total"), n),
                    lambda spans: holds[sign](total(spans), n))
        if field == "spans":
            n = rnd.randint(1, 5)
            return f"spans{sign}{n}", lambda s: holds[sign](1, n), lambda spans: holds[sign](len(spans), n)
        if field == "x":
            text, value = rnd.choice([("one", "one"), ("1", 1), ("2.5", 2.5), ("true", True), ("t*", "t*")])
            if text == "t*":
                return of_spans("attributes.x:t*", lambda s: isinstance(a(s, "x"), str) and glob(a(s, "x"), text))
            return of_spans(f"attributes.x:{text}", lambda s: type(a(s, "x")) is type(value) and a(s, "x") == value)
        if field == "has":
            key, value = rnd.choice([("model", lambda s: a(s, "llm.model_name")), ("attributes.x", lambda s: a(s, "x")),
                                     ("parent", lambda s: None if s["root"] else 1),
                                     ("tokens", lambda s: a(s, "llm.token_count.total"))])
            if key == "tokens":
                return "has:tokens", lambda s: value(s) is not None, lambda spans: total(spans) is not None
            return of_spans(f"has:{key}", lambda s: value(s) is not None)
        word = rnd.choice(["FOX", "whale", "gpt", "blue whale blue"])
        strings = lambda s: [s["name"]] + [v for v in s["attributes"].values() if isinstance(v, str)]
        return of_spans(f'"{word}"', lambda s: any(word.lower() in v.lower() for v in strings(s)))

    def query(self, depth):
        rnd = self.random
        shape = rnd.choice(["term", "and", "or", "not", "within"]) if depth else "term"
        if shape == "term":
            return self.term()
        one = self.query(depth - 1)
        if shape == "not":
            return f"-({one[0]})", lambda s: not one[1](s), lambda spans: not one[2](spans)
        if shape == "within":
            return self.within(one)
        two = self.query(depth - 1)
        if shape == "and":
            return f"({one[0]}) ({two[0]})", lambda s: one[1](s) and two[1](s), lambda t: one[2](t) and two[2](t)
        return f"({one[0]} or {two[0]})", lambda s: one[1](s) or two[1](s), lambda t: one[2](t) or two[2](t)

    def within(self, inner):
        text, of_span, of_all = inner
        trace = lambda s: self.of_trace[s["trace"]]
        roots = lambda spans: any(s["root"] and of_span(s) for s in spans)
        scope = self.random.choice(["span", "root", "trace", "session"])
        if scope == "span":
            return f"within(span: {text})", of_span, lambda spans: any(of_span(s) for s in spans)
        if scope == "root":
            return f"within(root: {text})", lambda s: roots(trace(s)), roots
        if scope == "trace":
            each = lambda spans: any(of_all(self.of_trace[t]) for t in {s["trace"] for s in spans})
            return f"within(trace: {text})", lambda s: of_all(trace(s)), each
        def session(s):
            for traces in self.traces_of_session.values():
                if s["trace"] in traces and of_all([o for t in traces for o in self.of_trace[t]]):
                    return True
            return False
        return f"within(session: {text})", session, lambda spans: any(session(s) for s in spans)


@pytest.mark.parametrize("seed", range(int(os.environ.get("NIGHTJAR_QUERY_SEEDS", 2))))
def test_random_queries_find_what_a_naive_reader_finds(server, seed):
    project = f"random{seed}"
    model = Model(seed)
    model.make(server, project)
    matched = 0
    for _ in range(40):
        text, of_span, of_all = model.query(3)
        spans = server.get_json(f"/api/v1/projects/{project}/spans", q=text, limit=500)["data"]
        expected = {s["id"] for s in model.spans if of_span(s)}
        assert {row["span_id"] for row in spans} == expected, text
        found = server.get_json(f"/api/v1/projects/{project}/traces", q=text, limit=500)["data"]
        assert {row["trace_id"] for row in found} == {t for t, spans in model.of_trace.items() if of_all(spans)}, text
        matched += 0 < len(expected) < len(model.spans)
    assert matched > 10  # the queries say something
