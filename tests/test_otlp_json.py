"""OTLP/JSON: the rules in which it differs from protobuf's own JSON, and what must not be believed."""

import gzip
import json

import pytest

from generated import Ids
from harness.server import JSON

INVALID_ARGUMENT = 3


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def request(*spans, **resource_spans):
    return {"resourceSpans": [{"scopeSpans": [{"spans": list(spans)}]} | resource_spans]}


def span(ids, **fields):
    times = {"startTimeUnixNano": "1767225600000000000", "endTimeUnixNano": "1767225600000000007"}
    return {"traceId": ids.trace().hex(), "spanId": ids.span().hex(), "name": "json"} | times | fields


def export(server, body, **options):
    return server.export(body if isinstance(body, bytes) else json.dumps(body).encode(), content_type=JSON, **options)


def shown(server, sent, **options):
    """Sends one span, which must be accepted whole, and reads it back."""
    answer = export(server, request(sent), **options)
    assert (answer.status, answer.body, answer.media_type) == (200, b"{}", JSON)
    return server.trace(sent["traceId"].lower())[sent["spanId"].lower()]


def refused(answer):
    assert (answer.status, answer.media_type) == (400, JSON), answer.body[:300]
    status = answer.json()
    assert status["code"] == INVALID_ARGUMENT and status["message"]


def attribute(key, **value):
    return {"key": key, "value": value}


@pytest.mark.parametrize("content_type", [JSON, f"{JSON}; charset=utf-8", "Application/JSON"])
def test_content_types(server, ids, content_type):
    answer = server.export(json.dumps(request(span(ids))).encode(), content_type=content_type)
    assert (answer.status, answer.body, answer.media_type) == (200, b"{}", JSON)


def test_gzip(server, ids):
    assert shown(server, span(ids, name="packed"), compress=True)["name"] == "packed"


@pytest.mark.parametrize("body", [b"{}", b'{"resourceSpans":[]}', b'{"resourceSpans":[{}]}', b'{"resourceSpans":null}'])
def test_empty(server, body):
    answer = export(server, body)
    assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b'"text"', b'{"resourceSpans":[', b'{"resourceSpans":{}}', b'{"a":1}x', b"\xff\xfe{}"]
)
def test_garbage(server, body):
    refused(export(server, body))


def test_broken_gzip(server):
    body = gzip.compress(b"{}")[:-5]
    assert export(server, body, headers={"content-encoding": "gzip"}).status == 400


def test_ids_are_hex_of_either_case(server, ids):
    sent = span(ids, parentSpanId="00F067AA0BA902B7")
    sent |= {"traceId": sent["traceId"].upper(), "spanId": sent["spanId"].upper()}
    assert shown(server, sent)["parent_span_id"] == "00f067aa0ba902b7"


@pytest.mark.parametrize("fields", [{"traceId": "00"}, {"spanId": "0" * 16}, {"traceId": "W47/95gDgQPSabYzgT/GDA=="}])
def test_bad_ids_are_rejected_alone(server, ids, fields):
    kept = span(ids)
    answer = export(server, request(kept, span(ids, **fields)))
    assert answer.status == 200
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"  # an int64 is a string in JSON
    assert partial["errorMessage"]
    assert server.trace(kept["traceId"]).keys() == {kept["spanId"]}


def test_numbers_as_text_or_number(server, ids):
    sent = span(ids, startTimeUnixNano=1767225600000000001, kind=3, flags=257, droppedEventsCount=2)
    sent["attributes"] = [
        attribute("text", intValue="9007199254740993"),
        attribute("number", intValue=9007199254740993),
        attribute("least", intValue="-9223372036854775808"),
        attribute("double", doubleValue=1),
        attribute("nan", doubleValue="NaN"),
        attribute("infinity", doubleValue="-Infinity"),
    ]
    read = shown(server, sent)
    assert (read["start_unix_ns"], read["otel_kind"], read["flags"]) == ("1767225600000000001", "CLIENT", 257)
    assert read["dropped"]["events"] == 2
    assert read["attributes"] == {
        "text": 9007199254740993,
        "number": 9007199254740993,
        "least": -(2**63),
        "double": 1.0,
        "nan": {"$double": "NaN"},
        "infinity": {"$double": "-Infinity"},
    }
    assert isinstance(read["attributes"]["double"], float)


def test_every_value_type(server, ids):
    values = {"values": [{"stringValue": "s"}, {}, {"boolValue": False}]}
    pairs = {"values": [attribute("k", stringValue=""), attribute("$n", intValue=1)]}
    sent = span(ids, attributes=[attribute("array", arrayValue=values), attribute("list", kvlistValue=pairs)])
    sent["attributes"] += [attribute("bytes", bytesValue="AP8="), attribute("empty"), {"key": "no value"}]
    assert shown(server, sent)["attributes"] == {
        "array": ["s", None, False],
        "list": {"k": "", "$$n": 1},
        "bytes": {"$bytes": "AP8="},
        "empty": None,
        "no value": None,
    }


def test_unknown_keys_and_nulls_are_ignored(server, ids):
    sent = span(ids, unknown={"deep": [1, {"x": None}]}, attributes=None, events=None, status=None, traceState=None)
    sent |= {"start_time_unix_nano": "1", "trace_id": "00"}  # snake case is not OTLP/JSON
    answer = export(server, request(sent, resource={"attributes": [], "x": 1}, y=[]) | {"z": "z"})
    assert (answer.status, answer.body) == (200, b"{}")
    read = server.trace(sent["traceId"])[sent["spanId"]]
    assert (read["start_unix_ns"], read["attributes"]) == ("1767225600000000000", {})


def test_of_repeated_keys_the_last_wins(server, ids):
    sent = span(ids, attributes=[attribute("k", intValue=1), attribute("k", intValue=2)])
    body = json.dumps(request(sent)).replace('"name": "json"', '"name": "first", "name": "last"').encode()
    assert export(server, body).status == 200
    read = server.trace(sent["traceId"])[sent["spanId"]]
    assert (read["name"], read["attributes"]) == ("last", {"k": 2})


def nested(levels):
    value = {"stringValue": "bottom"}
    for _ in range(levels - 1):
        value = {"arrayValue": {"values": [value]}}
    return {"key": "deep", "value": value}


def test_depth_64_is_kept(server, ids):
    value = shown(server, span(ids, attributes=[nested(64)]))["attributes"]["deep"]
    for _ in range(63):
        (value,) = value
    assert value == "bottom"


@pytest.mark.parametrize("levels", [65, 200, 100_000])
def test_deeper_values_harm_nobody(server, ids, levels):
    kept = span(ids)
    deep = '{"stringValue":"x"}'
    opening, closing = '{"arrayValue":{"values":[' * (levels - 1), "]}}" * (levels - 1)
    bad = json.dumps(span(ids, attributes=[attribute("deep", marker=1)])).replace('{"marker": 1}', opening + deep + closing)
    body = json.dumps(request(kept)).replace('"spans": [', f'"spans": [{bad}, ').encode()
    answer = export(server, body)
    assert answer.status in (200, 400)
    if answer.status == 200:
        assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
        assert server.trace(kept["traceId"]).keys() == {kept["spanId"]}
    assert server.get("/healthz").status == 200


def test_text_is_exact(server, ids):
    text = '\x00\x7f\u2028"\\/\U0001f989é' + "x" * 100_000
    assert shown(server, span(ids, name=text, attributes=[attribute(text[:20], stringValue=text)]))["name"] == text
