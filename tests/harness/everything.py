"""What sdk/tests/everything.cc sends with the C++ SDK, a trace that has everything a span can have, as the server must show it."""

import subprocess

from harness import compare, oracle
from harness import server as harness

PROGRAM = harness.ROOT / "build/release/sdk_everything"
TRACE = "0af7651916cd43dd8448eb211c80319c"
START = 1_790_000_000_123_456_789
EVERYTHING = {
    "trace_id": TRACE,
    "parent_span_id": "b7ad6b7169203331",
    "otel_kind": "SERVER",
    "trace_state": "vendor=a,other=b",
    "flags": 0x301,  # sampled; the parent is known to be remote
    "start_unix_ns": str(START),
    "end_unix_ns": str(START + 40),
    "status": {"code": "OK", "message": None},
    "dropped": {"attributes": 0, "events": 0, "links": 0},
    "attributes": {
        "text": "café 😀", "no text": "", "integer": -9_223_372_036_854_775_807, "largest": 9_223_372_036_854_775_807,
        "real": 0.1, "minus zero": -0.0, "infinite": {"$double": "Infinity"}, "no number": {"$double": "NaN"},
        "yes": True, "no": False, "bytes": {"$bytes": "AP9/"}, "nothing": None,
        "texts": ["a", ""], "no texts": [], "integers": [1, 2], "reals": [0.5, -0.25], "flags": [True, False],
        "mixed": [1, "two", 3.5, False, None, {"k": "v"}], "map": {"inner": 1, "deeper": {"deepest": "d"}}, "no map": {},
    },
    "events": [
        {"name": "event", "time_unix_ns": str(START + 10), "attributes": {"n": 1, "why": "test"}},
        {"name": "bare", "time_unix_ns": str(START + 11), "attributes": {}},
    ],
    "links": [
        {"trace_id": TRACE, "span_id": "b7ad6b7169203331", "trace_state": "vendor=a,other=b", "flags": 0x301,
         "attributes": {"why": "test"}},
        {"trace_id": "ab" * 16, "span_id": "cd" * 8, "trace_state": None, "flags": 0x102, "attributes": {}},
    ],
    "scope": {
        "name": "a library", "version": "1.2.3", "attributes": {"build": "release"}, "dropped_attributes": 0,
        "schema_url": "https://opentelemetry.io/schemas/1.37.0",
    },
    "resource_dropped_attributes": 0,
    "resource_schema_url": None,
}
CHILDREN = {  # kind, status, start and end
    "child": ("CLIENT", {"code": "ERROR", "message": "it failed"}, 20, 30),
    "sends": ("PRODUCER", {"code": "UNSET", "message": None}, 31, 32),
    "receives": ("CONSUMER", {"code": "UNSET", "message": None}, 33, 34),
    "over limits": ("INTERNAL", {"code": "UNSET", "message": None}, 35, 37),
}


def run(endpoint, **env):
    settings = {"PHOENIX_COLLECTOR_ENDPOINT": endpoint} | env
    return subprocess.run([PROGRAM], env=harness.environment(settings), capture_output=True, text=True, timeout=60)


def read(request):
    """{span id: Span JSON} of a decoded request."""
    return oracle.traces_of([request])[TRACE]


def check(spans):
    """`spans`: {span id: Span JSON}, of whatever receiver."""
    named = {span["name"]: span for span in spans.values()}
    assert set(named) == {"everything", *CHILDREN}
    root = named["everything"]
    found = {key: root[key] for key in EVERYTHING}
    assert compare.differences(EVERYTHING, found) == []
    said = {key: root["resource"][key] for key in ("service.name", "shard", "zones", "telemetry.sdk.name")}
    assert said == {"service.name": "everything", "shard": 7, "zones": ["a"], "telemetry.sdk.name": "nightjar"}
    for name, (kind, status, start, end) in CHILDREN.items():
        span = named[name]
        assert (span["parent_span_id"], span["flags"], span["trace_state"]) == (root["span_id"], 0x101, root["trace_state"])
        assert (span["otel_kind"], span["status"]) == (kind, status)
        assert (span["start_unix_ns"], span["end_unix_ns"]) == (str(START + start), str(START + end))
        assert (span["scope"], span["resource"]) == (root["scope"], root["resource"])
    over = named["over limits"]
    assert over["dropped"] == {"attributes": 2, "events": 3, "links": 1}
    assert over["attributes"] == {f"key{number}": 7 for number in range(128)}
    assert [len(over[part]) for part in ("events", "links")] == [128, 128]
    for part in (over["events"][0], over["links"][0]):
        assert (len(part["attributes"]), part["dropped_attributes"]) == (128, 2)
