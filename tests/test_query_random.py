"""Random queries, of every field in every way to write it, against a naive evaluator that reads the spans as they were sent."""

import collections
import fnmatch
import os
import random
import re
import time

import pytest

from harness.random_spans import HOUR, MS, SECOND, World, post_price
from harness.server import Server

# What a field's values are compared with: texts whole, with stars, and as regular expressions.
TEXTS = {"name": ["run", "st*", "*l"], "status.message": ["went*", '"went astray"'], "exception": ["Lost", "*Error"], "exception.message": ["far*", '"far away"'], "model": ["tern-4", "tern-4*", "auk"],
         "provider": ["openai", "*c"], "operation": ["chat", "*chat*", "invoke_*"], "finish_reason": ["stop", "l*"], "tool": ["search", "f*"], "agent": ["scout", "s*"], "prompt": ["summary", "a*"],
         "prompt.version": ['"1"', "2*"], "user": ["ada", "b*"], "session": ["s1", "s*", "s4"], "service": ["shop", "t*"], "dialect": ["openinference", "gen*", "otel_genai"], "tag": ["beta", "g*", "none"]}
REGEXES = ["^(run|s)", "l+$", "t.p", "o", "^a"]
WORDS = {"kind": ["llm", "tool", "chain", "embedding", "retriever", "reranker", "agent", "guardrail", "evaluator", "prompt", "unknown"], "status": ["error", "ok", "unset"]}
TOKENS, MONEY = [0, 50, 100, 300, 600], [0, 0.125, 0.25, 0.5, 25, 60]
NUMBERS = {"duration": [1, 10, 50], "first_token": [1, 5, 20], "cost": MONEY, "cost.prompt": MONEY, "cost.completion": MONEY, "tokens": TOKENS, "tokens.prompt": TOKENS, "tokens.completion": TOKENS,
           "tokens.cache_read": [0, 50, 75], "tokens.cache_write": [0, 25, 50], "tokens.reasoning": [0, 50, 100], "spans": [1, 3, 5], "errors": [0, 1, 2]}
KEYED = {"attributes.", "resource.", "metadata.", "score.", "annotation.", "explanation."}
FIELDS = {*TEXTS, *WORDS, *NUMBERS, *KEYED, "start", "end", "last", "trace", "span", "parent"}
SCOPES = ["span", "root", "first", "last", "parent", "child", "sibling", "trace", "session"]
SIGNS = {">": lambda v, n: v > n, ":>": lambda v, n: v > n, ">=": lambda v, n: v >= n, "<": lambda v, n: v < n, "<=": lambda v, n: v <= n, "=": lambda v, n: v == n, ":": lambda v, n: v == n}


def like(value, pattern):
    return value is not None and (fnmatch.fnmatchcase(value, pattern) if "*" in pattern else value == pattern.strip('"'))


def whole(field, spans):
    """Of all these spans; None: unknown."""
    if field == "duration":
        return max(s.facts["end"] for s in spans) - min(s.facts["start"] for s in spans)
    if field == "start":
        return min(s.facts["start"] for s in spans)
    if field == "end":
        return max(s.facts["end"] for s in spans)
    if field in ("spans", "errors"):
        return sum(s.facts[field] for s in spans)
    known = [s.facts[field] for s in spans if s.is_call and field in s.facts]
    return sum(known) if known else None


class Query:
    """A condition: its text, and what it says of a span and of the group that is a trace or session."""

    def __init__(self, text, of_span, of_group=None):
        self.text, self.of_span = text, of_span
        self.of_group = of_group or (lambda group: any(of_span(span) for span in group.spans))


def of_whole(text, field, holds):
    """`holds` is asked with the value, of a group with that of the whole."""
    known = lambda value: value is not None and holds(value)
    return Query(text, lambda s: known(s.facts.get(field)), lambda group: known(whole(field, group.spans)))


def of_annotations(text, holds):
    return Query(text, lambda s: any(map(holds, s.annotations)), lambda group: any(map(holds, group.annotations)))


class Writer:
    def __init__(self, world, rnd):
        self.world, self.random, self.fields = world, rnd, []

    def term(self):
        if not self.fields:  # each before the first of them comes again
            self.fields = self.random.sample([*sorted(FIELDS), "text", "text"], len(FIELDS) + 2)
        field = self.fields.pop()
        if field in TEXTS:
            value = lambda s: s.facts.get(field) if isinstance(s.facts.get(field), list) else [s.facts[field]] if s.facts.get(field) else []
            return self.of_text(field, value, TEXTS[field])
        if field in WORDS:
            return self.of_words(field)
        if field in NUMBERS or field in ("start", "end", "last"):
            return self.of_number(field)
        return {"trace": self.of_id, "span": self.of_id, "parent": self.of_id, "text": self.of_content, "attributes.": self.of_attribute, "resource.": self.of_resource,
                "metadata.": self.of_metadata}.get(field, self.of_annotation)(field)

    def of_text(self, name, values, patterns):
        rnd = self.random
        any_of = lambda holds: lambda s: any(holds(value) for value in values(s))
        pattern, other, regex = rnd.choice(patterns), rnd.choice(patterns), rnd.choice(REGEXES)
        matches, searched = any_of(lambda v: like(v, pattern)), any_of(lambda v: re.search(regex, v) is not None)
        form = rnd.choice([":", "=", "!=", "list", "comma", "~", "!~", "has", "*", "quoted"])
        if form in ("list", "comma"):
            between = " or " if form == "list" else ", "
            return Query(f"{name}:({pattern}{between}{other})", lambda s: matches(s) or any_of(lambda v: like(v, other))(s))
        if form in ("~", "!~"):
            return Query(f'{name}~"{regex}"', searched) if form == "~" else self.negated(Query(f'{name}!~"{regex}"', searched))
        if form in ("has", "*"):
            return Query(f"has:{name}" if form == "has" else f"{name}:*", any_of(lambda v: True))
        if form == "quoted":
            quoted = pattern.strip('"')
            return Query(f'{name}:"{quoted}"', any_of(lambda v: v == quoted))
        return self.negated(Query(f"{name}!={pattern}", matches)) if form == "!=" else Query(f"{name}{form}{pattern}", matches)

    @staticmethod
    def negated(query):
        """Of one whose text says the opposite already."""
        return Query(query.text, lambda s: not query.of_span(s), lambda group: not query.of_group(group))

    def of_words(self, field):
        one, two = self.random.choice(WORDS[field]), self.random.choice(WORDS[field])
        return self.random.choice([
            Query(f"{field}:{one}", lambda s: s.facts[field] == one), self.negated(Query(f"{field}!={one}", lambda s: s.facts[field] == one)),
            Query(f"{field}:({one} or {two})", lambda s: s.facts[field] in (one, two)), Query(f"has:{field}", lambda s: field == "kind" or s.facts[field] != "unset")])

    def of_number(self, field):
        rnd, sign = self.random, self.random.choice(list(SIGNS))
        if field == "last":
            hours = rnd.choice([0, 2, 24])
            return of_whole(f"last:{hours}h", "start", lambda v: v >= self.world.asked - hours * HOUR) if hours else self.of_known(field)
        if field in ("start", "end"):
            at = self.world.base + rnd.choice([rnd.randint(0, 40) * SECOND, -HOUR])
            written = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at // SECOND))
            sign = rnd.choice([">", ">=", "<", "<="])
            return of_whole(f"{field}{sign}{written}", field, lambda v: SIGNS[sign](v, at))
        low, high = (rnd.choice(NUMBERS[field]) for _ in range(2))
        unit, factor = ("ms", MS) if field in ("duration", "first_token") else ("", 1)
        dollar = "$" if field.startswith("cost") and rnd.random() < 0.3 else ""
        form = rnd.choice(["sign", "sign", "range", "has", "!="])
        make = of_whole if field != "first_token" else lambda text, field, holds: Query(text, lambda s: field in s.facts and holds(s.facts[field]))
        if form == "range":
            return make(f"{field}:{low}{unit}..{high}{unit}", field, lambda v: low * factor <= v <= high * factor)
        if form == "has":
            return self.of_known(field)
        if form == "!=":
            return self.negated(make(f"{field}!={dollar}{low}{unit}", field, lambda v: v == low * factor))
        return make(f"{field}{sign}{dollar}{low}{unit}", field, lambda v: SIGNS[sign](v, low * factor))

    def of_known(self, field):
        if field == "first_token":
            return Query(f"has:{field}", lambda s: field in s.facts)
        return of_whole(f"has:{field}", "start" if field == "last" else field, lambda v: True)

    def of_id(self, field):
        value = self.random.choice([s.facts[field] for s in self.world.spans if field in s.facts])
        return self.random.choice([Query(f"{field}:{value}", lambda s: s.facts.get(field) == value), Query(f"has:{field}", lambda s: field in s.facts)])

    def of_content(self, _):
        word = self.random.choice(["FOX", "whale", "tern", "blue whale blue", "far AWAY", "gold", "astray", "greeting"])
        strings = lambda s: [s.facts["name"], s.facts.get("status.message", ""), s.facts.get("exception.message", ""), *(v for v in s.attributes.values() if isinstance(v, str)), *s.facts.get("tag", [])]
        return Query(f'"{word}"', lambda s: any(word.lower() in v.lower() for v in strings(s)))

    def of_values(self, name, value, numbers):
        """Of a value that is a text or a number."""
        rnd = self.random
        number, sign = rnd.choice(numbers), rnd.choice(list(SIGNS))
        as_number = lambda v: float(v) if isinstance(v, str) and re.fullmatch(r"[0-9.]+", v) else v if isinstance(v, (int, float)) and not isinstance(v, bool) else None
        known = lambda holds: lambda s: (v := as_number(value(s))) is not None and holds(v)
        return rnd.choice([Query(f"has:{name}", lambda s: value(s) is not None), Query(f"{name}{sign}{number}", known(lambda v: SIGNS[sign](v, number)))])

    def of_attribute(self, _):
        key = self.random.choice(["x", "retries", "note"])
        value = lambda s: s.attributes.get(key)
        if key != "note" and self.random.random() < 0.7:
            return self.of_values(f"attributes.{key}", value, [1, 2, 2.5])
        if key == "x" and self.random.random() < 0.3:
            return Query("attributes.x:true", lambda s: value(s) is True)
        # Texts of more than 128 bytes are not compared.
        texts = lambda s: [value(s)] if isinstance(value(s), str) and len(value(s)) <= 128 else []
        text = self.random.choice(["one", "t*", "red fox", "Blue*", '"2"'])
        written = f'"{text}"' if " " in text else text
        return Query(f"attributes.{key}:{written}", lambda s: any(like(v, text) for v in texts(s)))

    def of_resource(self, _):
        of = lambda key: lambda s: s.facts["resource"].get(key)
        return self.random.choice([self.of_values("resource.replicas", of("replicas"), [1, 2]), Query("resource.service.version:1*", lambda s: of("service.version")(s) == "1.2"),
                                   Query("resource.service.version:2.0", lambda s: of("service.version")(s) == "2.0"), Query("has:resource.nothing", lambda s: False)])

    def of_metadata(self, _):
        topic = lambda s: s.facts.get("metadata", {}).get("topic")
        return self.random.choice([Query("metadata.topic:refund", lambda s: topic(s) == "refund"), Query("metadata.topic:*g", lambda s: topic(s) == "greeting"),
                                   Query("has:metadata.topic", lambda s: topic(s) is not None), self.of_values("metadata.n", lambda s: s.facts.get("metadata", {}).get("n"), [1, 2.5, 6]),
                                   self.of_values("metadata.deep.n", lambda s: s.facts.get("metadata", {}).get("deep", {}).get("n"), [1, 2, 3])])

    def of_annotation(self, field):
        rnd, name, of = self.random, self.random.choice(["quality", "tone"]), {"score.": "score", "annotation.": "label", "explanation.": "explanation"}[field]
        if rnd.random() < 0.2:  # an annotation is there without a label
            return of_annotations(f"has:{field}{name}", lambda a: a.name == name and (of == "label" or getattr(a, of) is not None))
        compared = lambda holds: lambda a: a.name == name and getattr(a, of) is not None and holds(getattr(a, of))
        if of == "score":
            number, sign = rnd.choice([-0.5, 0.25, 0.5]), rnd.choice(list(SIGNS))
            return of_annotations(f"score.{name}{sign}{number}", compared(lambda v: SIGNS[sign](v, number)))
        pattern = rnd.choice(["good", "r*"] if of == "label" else ["*date*", '"no source"'])
        return of_annotations(f"{field}{name}:{pattern}", compared(lambda v: like(v, pattern)))

    def query(self, depth):
        shape = self.random.choice(["term", "and", "or", "not", "within", "within"]) if depth else "term"
        if shape == "term":
            return self.term()
        one = self.query(depth - 1)
        if shape == "not":
            return self.negated(Query(self.random.choice(["-({})", "not ({})"]).format(one.text), one.of_span, one.of_group))
        if shape == "within":
            return self.within(one)
        two = self.query(depth - 1)
        if shape == "and":
            return Query(f"({one.text}) ({two.text})", lambda s: one.of_span(s) and two.of_span(s), lambda g: one.of_group(g) and two.of_group(g))
        return Query(f"({one.text} or {two.text})", lambda s: one.of_span(s) or two.of_span(s), lambda g: one.of_group(g) or two.of_group(g))

    def within(self, inner):
        scope = self.random.choice(SCOPES)
        text = f"within({scope}: {inner.text})"
        trace = lambda s: self.world.traces[s.trace]
        of_one = {"span": inner.of_span, "parent": lambda s: s.parent is not None and inner.of_span(s.parent), "child": lambda s: any(map(inner.of_span, s.children)),
                  "sibling": lambda s: any(map(inner.of_span, s.siblings))}
        of_roots = {"root": lambda roots: any(map(inner.of_span, roots)), "first": lambda roots: bool(roots) and inner.of_span(roots[0]), "last": lambda roots: bool(roots) and inner.of_span(roots[-1])}
        if scope in of_one:
            return Query(text, of_one[scope])
        if scope in of_roots:
            return Query(text, lambda s: of_roots[scope](trace(s).roots), lambda group: of_roots[scope](group.roots))
        if scope == "trace":
            return Query(text, lambda s: inner.of_group(trace(s)), lambda group: any(inner.of_group(one) for one in group.traces or [group]))
        session = lambda s: "session" in s.facts and inner.of_group(self.world.sessions[s.facts["session"]])
        return Query(text, session, lambda group: session(group.spans[0]))


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own, for its price."""
    with Server(tmp_path_factory.mktemp("random") / "data") as running:
        post_price(running)
        yield running


def test_every_field_and_scope_is_written(server):
    table = server.get_json("/api/v1/query/fields")
    assert {field["name"] for field in table["data"]} == FIELDS and {scope["name"] for scope in table["scopes"]} == set(SCOPES)


def asked(server, project, path, key, text):
    return {row[key] for row in server.get_json(f"/api/v1/projects/{project}/{path}", q=text, limit=500)["data"]}


@pytest.mark.parametrize("seed", range(int(os.environ.get("NIGHTJAR_QUERY_SEEDS", 2))))
def test_random_queries_find_what_a_naive_reader_finds(server, seed):
    project = f"random{seed}"
    world = World(server, project, seed, odd_trees=True)
    world.asked = time.time_ns()
    writer, matched = Writer(world, random.Random(seed)), 0
    for _ in range(24):
        query = writer.query(3)
        expected = {s.id for s in world.spans if query.of_span(s)}
        assert asked(server, project, "spans", "span_id", query.text) == expected, query.text
        assert asked(server, project, "traces", "trace_id", query.text) == {name for name, group in world.traces.items() if query.of_group(group)}, query.text
        assert asked(server, project, "sessions", "session_id", query.text) == {name for name, group in world.sessions.items() if query.of_group(group)}, query.text
        users = {group.spans[0].facts.get("user") for group in world.traces.values() if query.of_group(group)} - {None}
        assert asked(server, project, "users", "user_id", query.text) == users, query.text
        kinds = collections.Counter(s.facts["kind"].upper() for s in world.spans if query.of_span(s))
        (facet,) = server.get_json(f"/api/v1/projects/{project}/facets", q=query.text, of="spans", fields="kind", limit=50)["data"]
        assert {row["value"].upper(): row["count"] for row in facet["values"]} == kinds, query.text
        bars = server.get_json(f"/api/v1/projects/{project}/histogram", q=query.text, of="spans")["data"]
        assert sum(bar["count"] for bar in bars) == len(expected), query.text
        matched += 0 < len(expected) < len(world.spans)
    assert matched > 6  # the queries say something
