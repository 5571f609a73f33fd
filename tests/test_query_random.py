"""Random queries against a naive evaluator that reads the spans as they were sent."""

import fnmatch
import json
import os
import random
import re
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
            session = rnd.choice(["s1", "s2", "s3", "s4", None])
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
                if rnd.random() < 0.3:
                    attributes["metadata"] = json.dumps({"topic": rnd.choice(["refund", "greeting"]), "deep": {"n": rnd.randint(1, 3)}})
                if rnd.random() < 0.3:
                    attributes["tag.tags"] = rnd.sample(["beta", "gold", "slow"], 2)
                status = rnd.choice([0, 0, 1, 2])
                failed = rnd.choice([None, "Lost", "TimeoutError"]) if status == 2 else None
                events = (otlp.event("exception", start, {"exception.type": failed, "exception.message": "far away"}),) if failed else ()
                span = otlp.Span(trace, ids.span(), rnd.choice(["run", "step", "call"]), parent=parent or b"",
                                 start=start + depth * MS, end=start + depth * MS + rnd.choice([1, 10, 100]) * MS,
                                 status=status, attributes=attributes, events=events, status_message="went astray" if failed else "")
                spans.append(span)
                parents.append(span.span_id)
                self.spans.append({"trace": trace.hex(), "id": span.span_id.hex(), "root": parent is None, "name": span.name,
                                   "duration": span.end - span.start, "start": span.start, "end": span.end,
                                   "status": span.status, "kind": kind.lower(), "attributes": attributes, "failed": failed,
                                   "parent": span.parent.hex() if span.parent else None})
        rnd.shuffle(spans)
        server.accept(otlp.request(spans, resource={"service.name": "shop", "service.version": "1.2"}), project=project)
        self.of_trace, self.traces_of_session, self.by_id = {}, {}, {}
        for span in self.spans:
            self.by_id[span["id"]] = span
            self.of_trace.setdefault(span["trace"], []).append(span)
            if session := span["attributes"].get("session.id"):
                self.traces_of_session.setdefault(session, set()).add(span["trace"])

    # A condition is (text, what it says of a span, what it says of the spans of a trace or session).
    def term(self):
        rnd = self.random
        field = rnd.choice(["kind", "name", "status", "model", "user", "session", "tool", "duration", "tokens", "x", "has", "text",
                            "spans", "range", "regex", "list", "metadata", "tag", "failure", "errors", "start", "end", "resource"])
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
        if field == "range":
            low, high = rnd.choice([(1, 10), (5, 50), (100, 1)])
            inside = lambda ns: low * MS <= ns <= high * MS
            whole = lambda spans: max(s["end"] for s in spans) - min(s["start"] for s in spans)
            # Two conditions, of a whole each of it: here of the same number.
            return f"duration:{low}ms..{high}ms", lambda s: inside(s["duration"]), lambda spans: inside(whole(spans))
        if field == "errors":
            n = rnd.choice([0, 1, 2])
            return f"errors{sign}{n}", lambda s: holds[sign](int(s["status"] == 2), n), lambda spans: holds[sign](sum(s["status"] == 2 for s in spans), n)
        if field in ("start", "end"):
            at = BASE + rnd.randint(0, 40) * SECOND
            written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // SECOND))
            whole = lambda spans: min(s["start"] for s in spans) if field == "start" else max(s["end"] for s in spans)
            return f"{field}>={written}", lambda s: s[field] >= at, lambda spans: whole(spans) >= at
        if field in ("regex", "list", "metadata", "tag", "failure", "resource"):
            return self.term_of_spans(field)
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

    # What holds for a trace or session when it holds for one of its spans.
    def term_of_spans(self, field):
        rnd = self.random
        a = lambda span, key: span["attributes"].get(key)
        glob = lambda value, pattern: value is not None and value != "" and fnmatch.fnmatchcase(value, pattern)
        of_spans = lambda text, of_span: (text, of_span, lambda spans: any(of_span(s) for s in spans))
        if field == "regex":
            pattern = rnd.choice(["^(run|st)", "l+$", "t.p"])
            return of_spans(f'name~"{pattern}"', lambda s: re.search(pattern, s["name"]) is not None)
        if field == "list":
            return rnd.choice([of_spans("kind:(llm or tool)", lambda s: s["kind"] in ("llm", "tool")),
                               of_spans("model:(claude, gpt-4o-*)", lambda s: any(glob(a(s, "llm.model_name"), p) for p in ("claude", "gpt-4o-*")))])
        if field == "metadata":
            of = lambda s: json.loads(a(s, "metadata") or "{}")
            return rnd.choice([of_spans("metadata.topic:refund", lambda s: of(s).get("topic") == "refund"), of_spans("metadata.topic:*g", lambda s: glob(of(s).get("topic"), "*g")),
                               of_spans("metadata.deep.n>1", lambda s: of(s).get("deep", {}).get("n", 0) > 1), of_spans("has:metadata.topic", lambda s: "topic" in of(s))])
        if field == "tag":
            word = rnd.choice(["beta", "g*", "none"])
            return of_spans(f"tag:{word}", lambda s: any(glob(tag, word) for tag in a(s, "tag.tags") or []))
        if field == "failure":
            return rnd.choice([of_spans("exception:Lost", lambda s: s["failed"] == "Lost"), of_spans("has:exception", lambda s: s["failed"] is not None),
                               of_spans("exception.message:far*", lambda s: s["failed"] is not None), of_spans("status.message:*astray", lambda s: s["failed"] is not None)])
        return rnd.choice([of_spans("resource.service.version:1*", lambda s: True), of_spans("service:shop", lambda s: True), of_spans("has:resource.nothing", lambda s: False)])

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
        scope = self.random.choice(["span", "root", "trace", "session", "parent", "child", "sibling", "first", "last"])
        same = lambda s: [o for o in trace(s) if o is not s]
        relative = {"parent": lambda s: s["parent"] is not None and of_span(self.by_id[s["parent"]]),
                    "child": lambda s: any(o["parent"] == s["id"] and of_span(o) for o in same(s)),
                    "sibling": lambda s: s["parent"] is not None and any(o["parent"] == s["parent"] and of_span(o) for o in same(s))}
        if scope in relative:
            of_one = relative[scope]
            return f"within({scope}: {text})", of_one, lambda spans: any(of_one(s) for s in spans)
        if scope in ("first", "last"):
            best = lambda spans: (min if scope == "first" else max)((s for s in spans if s["root"]), key=lambda s: s["start"])
            return f"within({scope}: {text})", lambda s: of_span(best(trace(s))), lambda spans: of_span(best(spans))
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
    sessions = {name: [span for trace in traces for span in model.of_trace[trace]] for name, traces in model.traces_of_session.items()}
    for _ in range(40):
        text, of_span, of_all = model.query(3)
        spans = server.get_json(f"/api/v1/projects/{project}/spans", q=text, limit=500)["data"]
        expected = {s["id"] for s in model.spans if of_span(s)}
        assert {row["span_id"] for row in spans} == expected, text
        found = server.get_json(f"/api/v1/projects/{project}/traces", q=text, limit=500)["data"]
        assert {row["trace_id"] for row in found} == {t for t, spans in model.of_trace.items() if of_all(spans)}, text
        found = server.get_json(f"/api/v1/projects/{project}/sessions", q=text, limit=500)["data"]
        assert {row["session_id"] for row in found} == {name for name, spans in sessions.items() if of_all(spans)}, text
        matched += 0 < len(expected) < len(model.spans)
    assert matched > 10  # the queries say something
