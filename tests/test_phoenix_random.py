"""Random Phoenix filters of spans, traces and sessions, with every name that they have, against an evaluator that walks Python's own syntax tree over the spans as they were sent."""

import ast
import math
import operator
import os
import pathlib
import random
import re
import time

import pytest

from harness.random_spans import MS, SECOND, World, post_price
from harness.server import ROOT, Server

GUIDE = pathlib.Path(ROOT) / "docs/guide/phoenix_filters.md"
LONG = 128  # bytes; texts of attributes that are longer are equal to nothing


class Many(list):
    """What several annotations say: a comparison with a value holds for one of them, and as a number they are their mean."""


class Word(str):
    """Of either case."""


class Time(int):
    """In nanoseconds."""


class LongText(str):
    """Holds a text that any long value of its span holds."""

    others = ()


def mean_or_value(value):
    return (sum(value) / len(value) if value else None) if isinstance(value, Many) else value


class Element:
    """What a filter names, and what a comprehension runs through."""

    def __init__(self, values, lists):
        self.values, self.lists = values, lists

    def get(self, name):
        if (found := re.fullmatch(r"(?:trace_|session_)?annotations\['(\w+)'\](?:\.(\w+))?", name)) and "judged" in self.values:
            judged = [one for one in self.values["judged"] if one.name == found[1]]
            return Many([one for one in judged] if not found[2] else [value for one in judged if (value := getattr(one, found[2])) is not None])
        if name.startswith("parent_span."):
            parent = self.values["parent_span"]
            return parent.get(name.removeprefix("parent_span.")) if parent else None
        if found := re.fullmatch(r"(attributes|metadata)\['(\w+)'\]", name):
            name = found[2] if found[1] == "attributes" else name
        return self.values.get(name)

    def elements(self, name):
        return self.lists[name]()


def of_annotation(one):
    return Element({"name": one.name, "score": one.score, "label": one.label}, {})


def below(span):
    return [span, *(one for child in span.children for one in below(child))]


class Elements:
    """Of each span, trace and session one."""

    def __init__(self, world):
        self.of = {}
        self.spans = {span.id: self._span(span) for span in world.spans}
        for span in world.spans:
            self.spans[span.id].values["parent_span"] = self.spans[span.parent.id] if span.parent else None
        self.traces = {name: self._group(group) for name, group in world.traces.items()}
        self.sessions = {name: self._group(group) for name, group in world.sessions.items()}

    def _span(self, span):
        facts, values = span.facts, {}
        values |= {"span_kind": Word(facts["kind"]), "status_code": Word(facts["status"]), "status_message": facts.get("status.message"), "name": facts["name"], "latency_ms": facts["duration"] / MS,
                   "span_id": span.id, "trace_id": span.trace, "parent_id": facts.get("parent"), "start_time": Time(facts["start"]), "end_time": Time(facts["end"]), "llm.model_name": facts.get("model"),
                   "llm.provider": facts.get("provider"), "judged": span.annotations}
        tree = below(span)
        for word, field in (("prompt", "tokens.prompt"), ("completion", "tokens.completion"), ("total", "tokens")):
            values[f"llm.token_count.{word}"] = values[f"llm_token_count_{word}"] = facts.get(field)
            values[f"cumulative_llm_token_count_{word}"] = values[f"cumulative_token_count.{word}"] = sum(one.facts.get(field, 0) for one in tree if one.facts["kind"] == "llm")
        values["cumulative_error_count"] = sum(one.facts["errors"] for one in tree)
        for key, value in facts.get("metadata", {}).items():
            values[f"metadata['{key}']"] = value
        long = [value for value in span.attributes.values() if isinstance(value, str) and len(value) > LONG]
        for key in ("retries", "note", "input.value", "output.value", "user.id"):
            value = span.attributes.get(key)
            values[key] = float(value) if key == "retries" and value is not None else LongText(value) if isinstance(value, str) and len(value) > LONG else value
            if isinstance(values[key], LongText):
                values[key].others = long
        lists = {"children": lambda: [self.spans[one.id] for one in span.children], "siblings": lambda: [self.spans[one.id] for one in span.siblings], "annotations": lambda: [*map(of_annotation, span.annotations)]}
        return Element(values, lists)

    def _group(self, group):
        facts = [span.facts for span in group.spans]
        calls = [span.facts for span in group.spans if span.is_call]
        total = lambda field: sum(known) if (known := [one[field] for one in calls if field in one]) else None
        count = lambda kind: sum(one["kind"] == kind for one in facts)
        begin, end = min(one["start"] for one in facts), max(one["end"] for one in facts)
        first, last = self.spans[group.roots[0].id], self.spans[group.roots[-1].id]
        values = {"start_time": Time(begin), "end_time": Time(end), "error_count": sum(one["errors"] for one in facts), "token_count_prompt": total("tokens.prompt"), "token_count_completion": total("tokens.completion"),
                  "token_count_total": total("tokens"), "total_cost": total("cost"), "prompt_cost": total("cost.prompt"), "completion_cost": total("cost.completion"), "tool_span_count": count("tool"),
                  "llm_span_count": count("llm"), "user.id": Many({one["user"] for one in facts if "user" in one}), "judged": group.annotations}
        values |= {name: value for name, value in first.values.items() if name.startswith("metadata[") or name in ("retries", "note")}
        if group.traces:
            errors = [any(span.facts["errors"] for span in trace.spans) for trace in group.traces]
            values |= {"session_id": group.name, "duration_ms": (end - begin) / MS, "num_traces": len(group.traces), "num_traces_with_error": sum(errors), "first_input": first.values["input.value"], "last_output": last.values["output.value"]}
            for name, key in (("any_input", "input.value"), ("any_output", "output.value")):
                values[name] = Many(value for root in group.roots if (value := self.spans[root.id].values[key]) is not None)
        else:
            values |= {"trace_id": group.name, "latency_ms": (end - begin) / MS, "num_spans": len(facts), "input": first.values["input.value"], "output": first.values["output.value"]}
        own = group.own if not group.traces else [one for trace in group.traces for one in trace.own]
        lists = {"spans": lambda: [self.spans[span.id] for span in group.spans], "traces": lambda: [self.traces[trace.name] for trace in group.traces],
                 "span_annotations": lambda: [of_annotation(one) for span in group.spans for one in span.annotations], "trace_annotations": lambda: [*map(of_annotation, own)],
                 "session_annotations": lambda: [*map(of_annotation, group.own)]}
        return Element(values, lists)


def opposite(value):
    return None if value is None else not value


def joined(values, stop):
    """`or` with stop=True, `and` with stop=False: the value that decides alone, or what is left."""
    values = list(values)
    return stop if stop in values else None if None in values else not stop


ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv, ast.Mod: math.fmod}
COMPARED = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}


def value_of(node, element, variable):
    match node:
        case ast.Constant():
            return node.value
        case ast.List() | ast.Tuple():
            return [one.value for one in node.elts]
        case ast.Name() | ast.Attribute() | ast.Subscript():
            name = ast.unparse(node)
            return element.get(name.removeprefix(variable + ".") if variable else name)
        case ast.BinOp():
            a, b = (mean_or_value(value_of(side, element, variable)) for side in (node.left, node.right))
            return None if a is None or b is None or (isinstance(node.op, (ast.Div, ast.Mod)) and b == 0) else ARITHMETIC[type(node.op)](a, b)
        case ast.UnaryOp():
            value = mean_or_value(value_of(node.operand, element, variable))
            return None if value is None else -value
        case ast.Call(func=ast.Name(id="float" | "int" | "str")):
            return value_of(node.args[0], element, variable)
        case ast.Call():
            inner = node.args[0]
            over, chosen = chosen_of(inner, element, variable)
            if node.func.id == "len":
                return len(chosen)
            known = [value for one in chosen if (value := mean_or_value(value_of(inner.elt, one, over.target.id))) is not None]
            return sum(known) if node.func.id == "sum" else {"min": min, "max": max}[node.func.id](known, default=None)
    raise AssertionError(ast.dump(node))


def chosen_of(comprehension, element, variable):
    (over,) = comprehension.generators
    name = ast.unparse(over.iter)
    elements = element.elements(name.removeprefix(variable + ".") if variable else name)
    return over, [one for one in elements if all(holds(test, one, over.target.id) is True for test in over.ifs)]


def is_literal(node):
    return isinstance(node, (ast.Constant, ast.List, ast.Tuple)) or (isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant))


def compared(left, op, right, element, variable):
    a, b = value_of(left, element, variable), value_of(right, element, variable)
    if isinstance(op, (ast.Is, ast.IsNot)) or b is None and is_literal(right):
        nothing = a is None or (isinstance(a, Many) and not a)
        return nothing == isinstance(op, (ast.Is, ast.Eq))
    if isinstance(op, (ast.In, ast.NotIn)):
        negated, many, test = isinstance(op, ast.NotIn), (b if isinstance(a, str) and not isinstance(b, list) else a), None
        if isinstance(b, Many) or not isinstance(b, list):
            many, test = b, lambda text: any(a.lower() in one.lower() for one in (text.others if isinstance(text, LongText) else [text]))
        else:
            many, test = a, lambda value: any(equal(value, one) for one in b)
        return any_of(many, test, negated)
    if not is_literal(left) and not is_literal(right):
        a, b = mean_or_value(a), mean_or_value(b)
    if isinstance(a, Many) or isinstance(b, Many):
        many, one, flipped = (a, b, False) if isinstance(a, Many) else (b, a, True)
        kind = ast.Eq if isinstance(op, ast.NotEq) else type(op)
        return any_of(many, lambda value: COMPARED[kind](one, value) if flipped else COMPARED[kind](value, one), isinstance(op, ast.NotEq))
    if a is None or b is None:
        return None
    if isinstance(op, (ast.Eq, ast.NotEq)):
        return (equal(a, b) if not is_literal(left) else equal(b, a)) == isinstance(op, ast.Eq)
    return COMPARED[type(op)](at(a) if isinstance(b, Time) else a, at(b) if isinstance(a, Time) else b)


def at(text):
    return int(time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S+00:00")) - time.timezone) * SECOND if isinstance(text, str) else text


def equal(value, literal):
    if isinstance(value, Word):
        return value == literal.lower()
    return not isinstance(value, LongText) and value == (at(literal) if isinstance(value, Time) else literal)


def any_of(values, test, negated):
    if values is None or (isinstance(values, Many) and not values):
        return None
    return any(map(test, values if isinstance(values, Many) else [values])) != negated


def holds(node, element, variable=""):
    """SQL's three values: True, False or None."""
    match node:
        case ast.BoolOp():
            return joined((holds(value, element, variable) for value in node.values), isinstance(node.op, ast.Or))
        case ast.UnaryOp(op=ast.Not()):
            return opposite(holds(node.operand, element, variable))
        case ast.Compare():
            sides = [node.left, *node.comparators]
            return joined((compared(a, op, b, element, variable) for a, op, b in zip(sides, node.ops, sides[1:])), False)
        case ast.Call():  # any and all
            over, chosen = chosen_of(node.args[0], element, variable)
            return joined((holds(node.args[0].elt, one, over.target.id) for one in chosen), node.func.id == "any")
        case ast.Subscript():  # there is such an annotation
            return bool(element.get(ast.unparse(node).removeprefix(variable + ".") if variable else ast.unparse(node)))
    raise AssertionError(ast.dump(node))


TOKENS = [f"{stem}{word}" for stem in ("llm.token_count.", "llm_token_count_", "cumulative_llm_token_count_", "cumulative_token_count.") for word in ("prompt", "completion", "total")]
SHARED = ["token_count_prompt", "token_count_completion", "token_count_total", "total_cost", "prompt_cost", "completion_cost", "tool_span_count", "llm_span_count", "attributes['retries']", "metadata['n']"]
NUMBERS = {"span": ["latency_ms", "retries", "attributes['retries']", "metadata['n']", "annotations['quality'].score", "cumulative_error_count", *TOKENS], "annotation": ["score"],
           "trace": ["latency_ms", "num_spans", "error_count", "trace_annotations['quality'].score", *SHARED],
           "session": ["duration_ms", "num_traces", "num_traces_with_error", "session_annotations['quality'].score", *SHARED]}
# A name of a text, and texts that it may be.
TEXTS = {"span": {"name": ["run", "step"], "status_message": ["went astray", "x"], "llm.model_name": ["tern-4", "auk"], "llm.provider": ["openai", "x"], "note": ["red fox", "Blue Whale"], "attributes['note']": ["red fox"],
                  "input.value": ["a red fox"], "user.id": ["ada"], "metadata['topic']": ["refund", "greeting"], "annotations['tone'].label": ["good", "rude"], "annotations['quality'].explanation": ["no source"],
                  "span_kind": ["LLM", "TOOL", "chain"], "status_code": ["ERROR", "UNSET", "ok"], "span_id": [], "trace_id": [], "parent_id": []},
         "trace": {"user.id": ["ada", "bob"], "trace_annotations['tone'].label": ["good"], "trace_annotations['quality'].explanation": ["no source"], "input": ["a red fox"], "output": ["done"], "metadata['topic']": ["refund"],
                   "attributes['note']": ["red fox"], "trace_id": []},
         "session": {"user.id": ["ada", "bob"], "session_id": ["s1", "s2"], "session_annotations['tone'].label": ["rude"], "first_input": ["a red fox"], "last_output": ["done"], "metadata['topic']": ["refund"], "any_input": [],
                     "any_output": []},
         "annotation": {"name": ["quality"], "label": ["good", "rude"]}}
LISTS = {"span": {"children": "span", "siblings": "span", "annotations": "annotation"}, "trace": {"spans": "span", "span_annotations": "annotation", "trace_annotations": "annotation"},
         "session": {"spans": "span", "traces": "trace", "span_annotations": "annotation", "trace_annotations": "annotation", "session_annotations": "annotation"}, "annotation": {}}


class Writer:
    """Random filters."""

    def __init__(self, world, rnd):
        self.world, self.random, self.left = world, rnd, {}

    def choose(self, grain, table):
        """Each name before the first of them comes again."""
        left = self.left.setdefault((grain, id(table)), [])
        if not left:
            left += self.random.sample([*table], len(table))
        return left.pop()

    def number(self, grain, prefix, depth):
        rnd = self.random
        kind = rnd.choice(["name", "name", "value", "sum", "minus", "over", "over"] if depth else ["name", "value"])
        if kind == "value":
            return str(rnd.choice([0, 1, 2, 5, 10, 100, 2.5, 0.25]))
        if kind == "sum":
            sign = rnd.choice("+-*/%")
            return f"({self.name(grain, prefix)} % {rnd.choice([2, 5, 7])})" if sign == "%" else f"({self.number(grain, prefix, depth - 1)} {sign} {self.number(grain, prefix, depth - 1)})"
        if kind == "minus":
            return f"(-{self.name(grain, prefix)})"
        iterables = [name for name in self.iterables(grain, prefix) if name != "siblings"]
        if kind == "over" and iterables:
            iterable, function = rnd.choice(iterables), rnd.choice(["len", "sum", "min", "max"])
            inner, variable, test = self.comprehension(grain, prefix, iterable, depth)
            over = f"for {variable} in {prefix}{iterable}{test}"
            return f"len([{variable} {over}])" if function == "len" else f"{function}({self.number(inner, variable + '.', depth - 1)} {over})"
        return self.name(grain, prefix)

    def name(self, grain, prefix):
        name = prefix + self.choose(grain, NUMBERS[grain])
        return f"float({name})" if self.random.random() < 0.05 else name

    @staticmethod
    def iterables(grain, prefix):
        """A list of spans has no comprehensions of its own; of a trace inside of a session its spans can be run through."""
        return [] if grain == "span" and not prefix else ["spans"] if grain == "trace" and prefix else [*LISTS[grain]]

    def comprehension(self, grain, prefix, iterable, depth):
        inner = LISTS[grain][iterable]
        variable = {"": "a", "a.": "b", "b.": "c", "c.": "d", "d.": "e", "e.": "f"}[prefix]
        return inner, variable, f" if {self.condition(inner, variable + '.', min(depth - 1, 1))}" if self.random.random() < 0.5 else ""

    def of_text(self, grain, prefix):
        rnd, name = self.random, self.choose(grain, TEXTS[grain])
        of = name
        if grain == "span" and prefix and rnd.random() < 0.25:
            of = "parent_span." + name
        texts = TEXTS[grain][name] or [rnd.choice([*(self.world.spans if grain == "span" else self.world.traces.values())])]
        if name in ("span_id", "trace_id", "parent_id"):
            one = rnd.choice(self.world.spans)
            texts = [one.trace if name == "trace_id" else one.facts.get("parent", one.id) if name == "parent_id" else one.id]
        text, other = rnd.choice(texts), rnd.choice(["LLM" if name == "span_kind" else "x", *map(str, texts)])
        forms = [f"'{rnd.choice(['FOX', 'whale', 'O', 'one'])}' {rnd.choice(['in', 'not in'])} {prefix}{of}"]
        if not name.startswith("any_"):
            compared = [f"{prefix}{of} {rnd.choice(['==', '!='])} '{text}'", f"'{text}' == {prefix}{of}", f"{prefix}{of} {rnd.choice(['in', 'not in'])} ['{text}', '{other}']", f"{prefix}{of} {rnd.choice(['is None', 'is not None', '== None'])}"]
            forms = compared + (forms if name not in ("span_kind", "status_code", "span_id", "trace_id", "parent_id") else [])
        return rnd.choice(forms)

    def term(self, grain, prefix, depth):
        rnd, kind = self.random, self.random.random()
        if kind < 0.4:
            return self.of_text(grain, prefix)
        if kind < 0.5 and grain != "annotation":
            whole = {"span": "annotations", "trace": "trace_annotations", "session": "session_annotations"}[grain]
            written = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime((self.world.base + rnd.randint(0, 40) * SECOND) // SECOND))
            return rnd.choice([f"{prefix}{whole}['quality']", f"{prefix}{rnd.choice(['start_time', 'end_time'])} {rnd.choice(['<', '<=', '>', '>='])} '{written}'",
                               f"{prefix}parent_span {rnd.choice(['is None', 'is not None'])}" if grain == "span" else f"'{written}' < {prefix}start_time", f"{prefix}{rnd.choice([name for name in NUMBERS[grain] if 'num_' not in name and 'span_count' not in name])} is None"])
        if kind < 0.6 and grain == "span" and prefix:
            return f"{prefix}parent_span.{self.choose('span', NUMBERS['span'])} {rnd.choice(['>', '<=', '=='])} {self.number(grain, prefix, 0)}"
        sides = [self.number(grain, prefix, min(depth, 2)) for _ in range(rnd.choice([2, 2, 2, 3]))]
        if all(not any(c.isalpha() for c in side) for side in sides[:2]) or (len(sides) == 3 and all(not any(c.isalpha() for c in side) for side in sides[1:])):
            sides[1] = self.name(grain, prefix)  # two values are not compared
        return " ".join([sides[0]] + [f"{rnd.choice(['==', '!=', '<', '<=', '>', '>='])} {side}" for side in sides[1:]])

    def condition(self, grain, prefix="", depth=3):
        rnd = self.random
        kind = rnd.choice(["term", "and", "or", "not", "any", "any"]) if depth > 0 else "term"
        if kind in ("and", "or"):
            return f"({self.condition(grain, prefix, depth - 1)} {kind} {self.condition(grain, prefix, depth - 1)})"
        if kind == "not":
            return f"not ({self.condition(grain, prefix, depth - 1)})"
        if kind == "any" and self.iterables(grain, prefix):
            iterable = rnd.choice(self.iterables(grain, prefix))
            inner, variable, test = self.comprehension(grain, prefix, iterable, depth)
            return f"{rnd.choice(['any', 'all'])}({self.condition(inner, variable + '.', depth - 1)} for {variable} in {prefix}{iterable}{test})"
        return self.term(grain, prefix, depth)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own, for its price."""
    with Server(tmp_path_factory.mktemp("phoenix-random") / "data") as running:
        post_price(running)
        yield running


PATHS = {"spans": ("span", "span_id"), "traces": ("trace", "trace_id"), "sessions": ("session", "session_id")}


def test_every_name_of_the_guide_is_written():
    names = set(re.findall(r"`([a-z][a-z_.]+)(?:\['\w+'\])?(?:[ .][^`]*)?`", GUIDE.read_text().split("## Comprehensions")[0].split("Of spans:")[1]))
    words = {re.split(r"[.\[(]", name)[0] for tables in (NUMBERS, TEXTS) for names in tables.values() for name in names}
    words |= {"start_time", "end_time", "parent_span", "annotations"}
    assert {name for name in names if re.split(r"[.\[]", name)[0] not in words} - {"", "of", "key"} == set()


@pytest.mark.parametrize("seed", range(int(os.environ.get("NIGHTJAR_QUERY_SEEDS", 2))))
def test_random_filters_find_what_a_naive_reader_finds(server, seed):
    project = f"phoenix-random{seed}"
    world = World(server, project, seed)
    elements, writer, matched = Elements(world), Writer(world, random.Random(seed)), 0
    for number in range(36):
        path = [*PATHS][number % 3]
        grain, key = PATHS[path]
        text = writer.condition(grain)
        tree = ast.parse(text, mode="eval").body
        rows = getattr(elements, path)
        found = server.get_json(f"/api/v1/projects/{project}/{path}", filter=text, limit=500)["data"]
        assert {row[key] for row in found} == {name for name, element in rows.items() if holds(tree, element) is True}, text
        matched += 0 < len(found) < len(rows)
    assert matched > 8  # the filters say something
