"""Random Phoenix filters of spans, traces and sessions against an evaluator that walks Python's own syntax tree over the spans as they were sent."""

import ast
import operator
import os
import random
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND = 10**6, 10**9
BASE = time.time_ns() // SECOND * SECOND - 3600 * SECOND
STATUS = ["UNSET", "OK", "ERROR"]


class Span:
    def __init__(self, trace, sent, kind, parent):
        self.trace, self.sent, self.parent, self.children = trace, sent, parent, []
        attributes = sent.attributes
        self.fields = {"name": sent.name, "span_kind": kind, "status_code": STATUS[sent.status], "latency_ms": (sent.end - sent.start) / MS,
                       "llm.model_name": attributes.get("llm.model_name"), "retries": attributes.get("retries"), "note": attributes.get("note"),
                       "llm_token_count_total": attributes.get("llm.token_count.total"), "parent_id": parent and parent.sent.span_id.hex()}

    def get(self, name):
        if name.startswith("parent_span."):
            return self.parent and self.parent.get(name.removeprefix("parent_span."))
        return self if name == "parent_span" and self.parent else self.fields.get(name)

    def elements(self, name):
        return self.children if name == "children" else [s for s in self.parent.children if s is not self] if self.parent else []


class Group:
    """A trace, or the session that is made of traces."""

    def __init__(self, spans, traces=()):
        self.spans, self.traces = spans, traces
        self.root = next(span for span in spans if span.parent is None)

    def get(self, name):
        kinds = [span.fields["span_kind"] for span in self.spans]
        counts = [span.fields["llm_token_count_total"] for span in self.spans]
        begin, end = min(span.sent.start for span in self.spans), max(span.sent.end for span in self.spans)
        known = [count for count in counts if count is not None]
        return {"num_spans": len(kinds), "error_count": sum(span.sent.status == 2 for span in self.spans), "latency_ms": (end - begin) / MS, "duration_ms": (end - begin) / MS,
                "tool_span_count": kinds.count("TOOL"), "llm_span_count": kinds.count("LLM"), "token_count_total": sum(known) if known else None,
                "num_traces": len(self.traces), "num_traces_with_error": sum(t.get("error_count") > 0 for t in self.traces), "input": self.root.sent.attributes.get("input.value"),
                "first_input": self.root.sent.attributes.get("input.value"), "attributes['retries']": self.root.fields["retries"]}[name]

    def elements(self, name):
        return self.traces if name == "traces" else self.spans


def opposite(value):
    return None if value is None else not value


def joined(values, stop):
    """`or` with stop=True, `and` with stop=False: the value that decides alone, or what is left."""
    values = list(values)
    return stop if stop in values else None if None in values else not stop


ARITHMETIC = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}
COMPARED = {ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge}


def value_of(node, element, variable):
    match node:
        case ast.Constant():
            return node.value
        case ast.List():
            return [one.value for one in node.elts]
        case ast.Name() | ast.Attribute() | ast.Subscript():
            name = ast.unparse(node)
            return element.get(name.removeprefix(variable + ".") if variable else name)
        case ast.BinOp():
            a, b = value_of(node.left, element, variable), value_of(node.right, element, variable)
            return None if a is None or b is None or (isinstance(node.op, ast.Div) and b == 0) else ARITHMETIC[type(node.op)](a, b)
        case ast.UnaryOp():
            value = value_of(node.operand, element, variable)
            return None if value is None else -value
        case ast.Call():
            inner = node.args[0]
            over = inner.generators[0]
            chosen = [one for one in element_list(over, element, variable) if all(holds(test, one, over.target.id) is True for test in over.ifs)]
            if node.func.id == "len":
                return len(chosen)
            known = [value for one in chosen if (value := value_of(inner.elt, one, over.target.id)) is not None]
            return sum(known) if node.func.id == "sum" else {"min": min, "max": max}[node.func.id](known, default=None)
    raise AssertionError(ast.dump(node))


def element_list(over, element, variable):
    name = ast.unparse(over.iter)
    return element.elements(name.removeprefix(variable + ".") if variable else name)


def compared(a, op, b):
    match op:
        case ast.Is():
            return a is None
        case ast.IsNot():
            return a is not None
        case ast.In() | ast.NotIn():
            if a is None or b is None:
                return None
            found = a in b if isinstance(b, list) else a.lower() in b.lower()
            return found == isinstance(op, ast.In)
    return None if a is None or b is None else COMPARED[type(op)](a, b)


def holds(node, element, variable=""):
    """SQL's three values: True, False or None."""
    match node:
        case ast.BoolOp():
            return joined((holds(value, element, variable) for value in node.values), isinstance(node.op, ast.Or))
        case ast.UnaryOp(op=ast.Not()):
            return opposite(holds(node.operand, element, variable))
        case ast.Compare():
            sides = [value_of(side, element, variable) for side in (node.left, *node.comparators)]
            return joined((compared(a, op, b) for a, op, b in zip(sides, node.ops, sides[1:])), False)
        case ast.Call():  # any and all
            over = node.args[0].generators[0]
            chosen = [one for one in element_list(over, element, variable) if all(holds(test, one, over.target.id) is True for test in over.ifs)]
            return joined((holds(node.args[0].elt, one, over.target.id) for one in chosen), node.func.id == "any")
    raise AssertionError(ast.dump(node))


class Writer:
    """Random filters."""

    SPAN_NUMBERS = ["latency_ms", "retries", "llm_token_count_total"]
    NUMBERS = {"span": SPAN_NUMBERS, "trace": ["num_spans", "error_count", "latency_ms", "tool_span_count", "llm_span_count", "token_count_total", "attributes['retries']"],
               "session": ["num_traces", "num_traces_with_error", "duration_ms", "tool_span_count", "llm_span_count", "token_count_total", "attributes['retries']"]}

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self, grain, prefix, depth):
        rnd = self.random
        kind = rnd.choice(["name", "name", "value", "sum", "minus", "over"] if depth else ["name", "value"])
        if kind == "value":
            return str(rnd.choice([0, 1, 2, 5, 10, 100, 2.5]))
        if kind == "sum":
            return f"({self.number(grain, prefix, depth - 1)} {rnd.choice('+-*/')} {self.number(grain, prefix, depth - 1)})"
        if kind == "minus":
            return f"(-{prefix}{rnd.choice(self.NUMBERS[grain])})"
        if kind == "over" and (grain == "trace" or not prefix) and grain != "span":
            traces = grain == "session" and rnd.random() < 0.5
            inner, iterable = ("trace", "traces") if traces else ("span", "spans")
            variable = "t" if traces else "s"
            test = f" if {self.condition(inner, variable + '.', depth - 1)}" if rnd.random() < 0.7 else ""
            function = rnd.choice(["len", "sum", "min", "max"])
            if function == "len":
                return f"len([{variable} for {variable} in {prefix}{iterable}{test}])"
            return f"{function}({self.number(inner, variable + '.', depth - 1)} for {variable} in {prefix}{iterable}{test})"
        return prefix + rnd.choice(self.NUMBERS[grain])

    def term(self, grain, prefix, depth):
        rnd = self.random
        if grain == "span" and rnd.random() < 0.6:
            parent = "parent_span." if prefix and rnd.random() < 0.2 else ""
            return rnd.choice([f"{prefix}{parent}span_kind == '{rnd.choice(['LLM', 'TOOL', 'CHAIN'])}'", f"{prefix}{parent}status_code {rnd.choice(['==', '!='])} 'ERROR'", f"{prefix}{parent}name in ['run', 'step']",
                               f"'CAL' in {prefix}{parent}name", f"{prefix}{parent}llm.model_name != 'nova'", f"{prefix}{parent}retries {rnd.choice(['>', '<=', '=='])} 2", f"{prefix}retries is None", f"{prefix}llm.model_name is not None",
                               f"'fox' in {prefix}note", f"{prefix}note not in ['red fox', 'x']", f"{prefix}parent_id is None"])
        if grain != "span" and rnd.random() < 0.2:
            name = "first_input" if grain == "session" else "input"
            return f"'{rnd.choice(['FOX', 'whale'])}' {rnd.choice(['in', 'not in'])} {prefix}{name}"
        sides = [self.number(grain, prefix, min(depth, 2)) for _ in range(rnd.choice([2, 2, 3]))]
        if all(not any(c.isalpha() for c in side) for side in sides[:2]) or (len(sides) == 3 and all(not any(c.isalpha() for c in side) for side in sides[1:])):
            sides[1] = prefix + rnd.choice(self.NUMBERS[grain])  # two values are not compared
        return " ".join([sides[0]] + [f"{rnd.choice(['==', '!=', '<', '<=', '>', '>='])} {side}" for side in sides[1:]])

    def condition(self, grain, prefix="", depth=3):
        rnd = self.random
        kind = rnd.choice(["term", "and", "or", "not", "any"]) if depth > 0 else "term"
        if kind in ("and", "or"):
            return f"({self.condition(grain, prefix, depth - 1)} {kind} {self.condition(grain, prefix, depth - 1)})"
        if kind == "not":
            return f"not ({self.condition(grain, prefix, depth - 1)})"
        if kind == "any" and (prefix or grain != "span"):
            inner, iterable = {"span": ("span", rnd.choice(["children", "siblings"])), "trace": ("span", "spans"), "session": rnd.choice([("span", "spans"), ("trace", "traces")])}[grain]
            variable = {"s.": "c.", "c.": "d.", "d.": "e."}.get(prefix, "t." if inner == "trace" else "s.")
            test = f" if {self.condition(inner, variable, 0)}" if rnd.random() < 0.3 else ""
            return f"{rnd.choice(['any', 'all'])}({self.condition(inner, variable, depth - 1)} for {variable[:-1]} in {prefix}{iterable}{test})"
        return self.term(grain, prefix, depth)


def make(server, project, seed):
    ids, rnd, groups, sent = Ids(project), random.Random(seed), {"spans": [], "traces": [], "sessions": {}}, []
    for number in range(24):
        trace, spans = ids.trace(), []
        for depth in range(rnd.randint(1, 6)):
            parent = rnd.choice(spans) if spans else None
            kind = rnd.choice(["LLM", "TOOL", "CHAIN", "AGENT"])
            attributes = {"openinference.span.kind": kind}
            if kind == "LLM":
                attributes |= {"llm.model_name": rnd.choice(["nova", "mega"]), "gen_ai.response.id": str(len(sent))}  # no two of them tell the same call
                attributes |= {"llm.token_count.total": rnd.choice([1, 5, 10, 100])} if rnd.random() < 0.7 else {}
            attributes |= {"retries": rnd.choice([1, 2, 5])} if rnd.random() < 0.5 else {}
            attributes |= {"note": rnd.choice(["red fox", "Blue Whale"])} if rnd.random() < 0.3 else {}
            if parent is None:
                attributes |= {"session.id": f"s{number % 7}", "input.value": rnd.choice(["a red fox", "a Whale"])}
            start = BASE + number * SECOND + depth * MS
            one = otlp.Span(trace, ids.span(), rnd.choice(["run", "step", "call"]), parent=parent.sent.span_id if parent else b"", start=start,
                            end=start + rnd.choice([1, 5, 10, 100]) * MS, status=rnd.choice([0, 0, 1, 2]), attributes=attributes)
            spans.append(Span(trace.hex(), one, kind, parent))
            if parent:
                parent.children.append(spans[-1])
            sent.append(one)
        groups["spans"] += spans
        groups["traces"].append(Group(spans))
        groups["sessions"].setdefault(f"s{number % 7}", []).append(groups["traces"][-1])
    rnd.shuffle(sent)
    server.accept(otlp.request(sent), project=project)
    groups["sessions"] = {name: Group([span for trace in traces for span in trace.spans], traces) for name, traces in groups["sessions"].items()}
    return groups


@pytest.mark.parametrize("seed", range(int(os.environ.get("NIGHTJAR_QUERY_SEEDS", 2))))
def test_random_filters_find_what_a_naive_reader_finds(server, seed):
    project, writer = f"phoenix-random{seed}", Writer(seed)
    groups = make(server, project, seed)
    rows = {"spans": {span.sent.span_id.hex(): span for span in groups["spans"]}, "traces": {trace.spans[0].trace: trace for trace in groups["traces"]}, "sessions": groups["sessions"]}
    keys = {"spans": ("span", "span_id"), "traces": ("trace", "trace_id"), "sessions": ("session", "session_id")}
    matched = 0
    for number in range(45):
        path = list(keys)[number % 3]
        grain, key = keys[path]
        text = writer.condition(grain)
        tree = ast.parse(text, mode="eval").body
        expected = {name for name, element in rows[path].items() if holds(tree, element) is True}
        found = server.get_json(f"/api/v1/projects/{project}/{path}", filter=text, limit=500)["data"]
        assert {row[key] for row in found} == expected, text
        matched += 0 < len(expected) < len(rows[path])
    assert matched > 12  # the filters say something
