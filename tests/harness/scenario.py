"""Runs a scenario file (scenarios/*.yaml): OTLP in, question, expected answer. The format is described in README.md."""

import dataclasses
import json
import re
import time
import urllib.parse

import yaml

from harness import compare, otlp_encode as otlp

UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
NOW = re.compile(r"^\$now((?:\s*[+-]\s*\d+(?:ns|us|ms|s|m|h|d))*)$")
TERM = re.compile(r"([+-])\s*(\d+)(ns|us|ms|s|m|h|d)")
ID = re.compile(r"\$(trace|span)\.([0-9a-f]+)")
STATUS = {"UNSET": 0, "OK": 1, "ERROR": 2}
KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
SPAN_KEYS = {"name", "trace", "span_id", "parent", "start", "duration", "otel_kind", "attributes", "events", "links"}
SPAN_KEYS |= {"status", "status_message"}


class Loader(yaml.SafeLoader):
    """YAML with !json (the value as JSON text) and !repeat [text, times]."""


def _json_text(loader, node):
    build = loader.construct_mapping if isinstance(node, yaml.MappingNode) else loader.construct_sequence
    return json.dumps(build(node, deep=True))


def _repeat(loader, node):
    text, times = loader.construct_sequence(node)
    return text * times


Loader.add_constructor("!json", _json_text)
Loader.add_constructor("!repeat", _repeat)


def load(path):
    scenario = yaml.load(path.read_text(), Loader)
    assert scenario["why"], "a scenario says why it exists"
    return scenario


@dataclasses.dataclass
class Run:
    """One scenario on one server. Every scenario has a project and trace ids of its own."""

    server: object
    name: str
    now: int = dataclasses.field(default_factory=time.time_ns)
    posted: list = dataclasses.field(default_factory=list)

    def play(self, scenario):
        for number, step in enumerate(scenario["steps"]):
            (action,) = step.keys() & {"post", "repeat", "get"}
            getattr(self, f"_{action}")(step, f"step {number}")

    def _post(self, step, where):
        assert step["post"] == "/v1/traces", step["post"]
        headers = step.get("headers", {"x-project-name": self.name})
        resource = self._filled(step.get("resource", {"service.name": "scenario"}))
        scope = (step.get("scope", "scenario"), "", ())
        body = otlp.request([self._span(span) for span in step["spans"]], resource=resource, scope=scope)
        self.posted.append((body, self._filled(headers)))
        self._send(-1, where)

    def _repeat(self, step, where):
        """Sends the n-th posted request again, byte for byte."""
        self._send(step["repeat"], where)

    def _send(self, index, where):
        body, headers = self.posted[index]
        answer = self.server.export(body, headers=headers)
        assert (answer.status, answer.body) == (200, b""), f"{where}: {answer.status} {answer.body[:300]!r}"

    def _get(self, step, where):
        answer = self.server.get(urllib.parse.quote(self._filled(step["get"]), safe="/?&=%:"))
        assert answer.status == step.get("status", 200), f"{where}: {answer.status} {answer.body[:500]!r}"
        lines = compare.differences(self._filled(step["expect"]), answer.json(), subset=True)
        assert not lines, f"{where}: {step['get']}\n" + "\n".join(lines[:20])

    def _span(self, short):
        assert not short.keys() - SPAN_KEYS, f"unknown keys: {sorted(short.keys() - SPAN_KEYS)}"
        start = self._time(short.get("start", "$now - 1s"))
        return otlp.Span(
            trace_id=bytes.fromhex(self._trace_id(str(short.get("trace", "1")))),
            span_id=bytes.fromhex(self._span_id(str(short.get("span_id", "1")))),
            parent=bytes.fromhex(self._span_id(str(short["parent"]))) if "parent" in short else b"",
            name=short.get("name", "span"),
            start=start,
            end=start + self._duration(short.get("duration", "1ms")),
            kind=KINDS[short.get("otel_kind", "INTERNAL")],
            attributes=self._filled(short.get("attributes", {})),
            events=tuple(self._event(event, start) for event in short.get("events", ())),
            links=tuple(self._link(link) for link in short.get("links", ())),
            status=STATUS[short.get("status", "UNSET")],
            status_message=short.get("status_message", ""),
        )

    def _event(self, short, start):
        after = self._duration(short.get("after", "0ns"))
        return otlp.event(short["name"], start + after, self._filled(short.get("attributes", {})))

    def _link(self, short):
        trace, span = self._trace_id(str(short["trace"])), self._span_id(str(short["span_id"]))
        return otlp.link(bytes.fromhex(trace), bytes.fromhex(span))

    def _trace_id(self, short):
        """Short ids are the last digits; the scenario's name makes the first eight."""
        prefix = sum(ord(letter) * 31**place for place, letter in enumerate(self.name)) & 0xFFFF_FFFF
        return f"{prefix:08x}" + short.rjust(24, "0")

    @staticmethod
    def _span_id(short):
        return short.rjust(16, "0")

    def _time(self, text):
        if isinstance(text, int):
            return text
        terms = NOW.match(text)
        assert terms, f"not a time: {text!r}"
        return self.now + sum(int(sign + count) * UNITS[unit] for sign, count, unit in TERM.findall(terms[1]))

    @staticmethod
    def _duration(text):
        sign, digits, unit = re.fullmatch(r"(-?)(\d+)(ns|us|ms|s|m|h|d)", text).groups()
        return int(sign + digits) * UNITS[unit]

    def _filled(self, value):
        """Puts $project, $trace.1, $span.a1 and "$now - 1s" (as Span JSON writes times) in place."""
        if isinstance(value, dict):
            return {self._filled(key): self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, str):
            return value
        if NOW.match(value):
            return str(self._time(value))
        value = value.replace("$project", self.name)
        return ID.sub(lambda found: getattr(self, f"_{found[1]}_id")(found[2]), value)
