"""OTLP/HTTP as the specification asks it of receivers, and what strangers may send instead."""

import http.client

import pytest

from generated import Ids
from harness import oracle, otlp_encode as otlp
from harness.codings import MIB, bomb
from harness.server import PROTOBUF

LISTENERS = pytest.mark.parametrize("listener", ["http", "otlp_http"])
INVALID_ARGUMENT = 3


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


@pytest.fixture(autouse=True)
def lives_through_it(server):
    yield
    assert server.get("/healthz").status == 200


def good(ids, **fields):
    return otlp.Span(ids.trace(), ids.span(), **fields)


def partial(answer):
    assert (answer.status, answer.media_type) == (200, PROTOBUF)
    return oracle.decode_response(answer.body)


def refused(answer, status):
    """The code of the google.rpc.Status in a refusal, which must also say why."""
    assert (answer.status, answer.media_type) == (status, PROTOBUF), answer.body[:300]
    code, message = oracle.decode_status(answer.body)
    assert message
    return code


@LISTENERS
@pytest.mark.parametrize("content_type", [PROTOBUF, f"{PROTOBUF};charset=utf-8", "Application/X-Protobuf ; v=1"])
@pytest.mark.parametrize("compress", [False, True], ids=["identity", "gzip"])
def test_accepts(server, ids, listener, content_type, compress):
    span = good(ids)
    answer = server.export(otlp.request([span]), content_type=content_type, compress=compress, listener=listener)
    assert (answer.status, answer.body, answer.media_type) == (200, b"", PROTOBUF)
    assert span.span_id.hex() in server.trace(span.trace_id.hex())


@LISTENERS
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_wrong_method(server, listener, method):
    answer = server.request(method, "/v1/traces", headers={"content-type": PROTOBUF}, listener=listener)
    assert answer.status == 405
    assert answer.headers["allow"] == "POST"


@LISTENERS
@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/grpc", ""])
def test_wrong_content_type(server, ids, listener, content_type):
    answer = server.export(otlp.request([good(ids)]), content_type=content_type, listener=listener)
    assert answer.status == 415
    assert answer.body


@LISTENERS
def test_unknown_path(server, listener):
    answer = server.request("POST", "/v1/traced", b"", {"content-type": PROTOBUF}, listener=listener)
    refused(answer, 404)


EMPTY_SCOPE = otlp.block(2, b"")


@pytest.mark.parametrize(
    "body", [b"", otlp.block(1, b""), otlp.block(1, EMPTY_SCOPE), otlp.block(1, otlp.block(1, b"") + EMPTY_SCOPE)]
)
def test_empty_requests_and_envelopes(server, body):
    server.accept(body)
    server.accept(body, compress=True)


@pytest.mark.parametrize("cut", [1, 2, 3, 10, 30, 60, 100, -40, -20, -3, -1])
def test_truncated(server, ids, cut):
    whole = otlp.request([good(ids, name="a span that is cut", attributes={"key": "value", "n": 7})])
    assert refused(server.export(whole[:cut]), 400) == INVALID_ARGUMENT


HUGE_LENGTH = b"\x0a" + b"\xff" * 9 + b"\x01"


@pytest.mark.parametrize(
    "body", [b"\xff" * 100, bytes(100), b"not protobuf at all", b'{"resourceSpans":[]}', HUGE_LENGTH]
)
def test_garbage(server, body):
    assert refused(server.export(body), 400) == INVALID_ARGUMENT


def test_bodies_over_the_limit(own_server):
    zeros = bytes(65 * MIB)
    assert refused(own_server.export(zeros), 413) != 0
    assert refused(own_server.export(bomb("gzip", 512 * MIB), headers={"content-encoding": "gzip"}), 413) != 0
    assert own_server.memory_peak_mib() < 900
    assert own_server.get("/healthz").status == 200


def test_chunked_body(server, ids):
    span = good(ids)
    body = otlp.request([span])
    connection = http.client.HTTPConnection(server.ready["http"], timeout=60)
    pieces = iter([body[:7], body[7:]])
    connection.request("POST", "/v1/traces", pieces, {"content-type": PROTOBUF}, encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    assert len(server.trace(span.trace_id.hex())) == 1


def nested(levels):
    """An attribute whose value has `levels` levels: the innermost is a string."""
    value = otlp.any_value("bottom")
    for _ in range(levels - 1):
        value = otlp.block(5, otlp.block(1, value))
    return otlp.block(1, "deep") + otlp.block(2, value)


def nested_in_maps(levels):
    value = otlp.any_value("bottom")
    for _ in range(levels - 1):
        value = otlp.block(6, otlp.block(1, otlp.block(1, "k") + otlp.block(2, value)))
    return otlp.block(1, "deep") + otlp.block(2, value)


def test_depth_64_of_maps_is_kept(server, ids):
    span = good(ids, extra=otlp.block(9, nested_in_maps(64)))
    server.accept(otlp.request([span]))
    value = server.trace(span.trace_id.hex())[span.span_id.hex()]["attributes"]["deep"]
    for _ in range(63):
        assert value.keys() == {"k"}
        value = value["k"]
    assert value == "bottom"


def test_depth_64_is_kept(server, ids):
    span = good(ids, extra=otlp.block(9, nested(64)) + otlp.block(11, otlp.block(3, nested(64))))
    server.accept(otlp.request([span]))
    shown = server.trace(span.trace_id.hex())[span.span_id.hex()]
    for value in (shown["attributes"]["deep"], shown["events"][0]["attributes"]["deep"]):
        for _ in range(63):
            (value,) = value
        assert value == "bottom"


@pytest.mark.parametrize("levels", [65, 200, 20_000])
@pytest.mark.parametrize("nest", [nested, nested_in_maps])
def test_deeper_spans_are_rejected_alone(server, ids, nest, levels):
    trace = ids.trace()
    kept = otlp.Span(trace, ids.span())
    deeper = otlp.Span(trace, ids.span(), extra=otlp.block(9, nest(levels)))
    rejected, message = partial(server.export(otlp.request([kept, deeper])))
    assert rejected == 1
    assert "64" in message
    assert server.trace(trace.hex()).keys() == {kept.span_id.hex()}


def test_bad_ids_are_rejected_alone(server, ids):
    trace = ids.trace()
    spans = [otlp.Span(bad, ids.span()) for bad in (ids.trace()[:15], ids.trace() + b"x", bytes(16), b"")]
    spans += [otlp.Span(trace, bad) for bad in (ids.span()[:7], ids.span() + b"x", bytes(8), b"")]
    kept = otlp.Span(trace, ids.span())
    rejected, message = partial(server.export(otlp.request(spans[:4] + [kept] + spans[4:])))
    assert rejected == 8
    assert message
    assert server.trace(trace.hex()).keys() == {kept.span_id.hex()}


def test_a_request_of_only_bad_spans_is_still_no_error(server, ids):
    rejected, message = partial(server.export(otlp.request([otlp.Span(b"short", ids.span())])))
    assert rejected == 1
    assert "5" in message


def test_unknown_fields_are_ignored(server, ids):
    unknown = otlp.uint(1000, 7) + otlp.fixed64(1001, 7) + otlp.block(1002, "x") + otlp.fixed32(1003, 7)
    attribute = otlp.block(9, otlp.block(1, "k") + otlp.block(2, otlp.any_value(1) + unknown))
    span = good(ids, name="known", extra=unknown + attribute)
    scope = otlp.block(1, otlp.block(1, "s") + unknown) + otlp.block(2, span.encode()) + unknown
    server.accept(otlp.block(1, otlp.block(1, unknown) + otlp.block(2, scope) + unknown) + unknown)
    shown = server.trace(span.trace_id.hex())[span.span_id.hex()]
    assert (shown["name"], shown["attributes"], shown["resource"]) == ("known", {"k": 1}, {})


def test_a_known_field_of_another_wire_type_is_unknown(server, ids):
    span = good(ids, name="known", extra=otlp.uint(5, 7) + otlp.block(7, "text"))
    server.accept(otlp.request([span]))
    assert server.trace(span.trace_id.hex())[span.span_id.hex()]["name"] == "known"


@pytest.mark.parametrize("wire_type", [3, 4, 6, 7])
def test_groups_and_reserved_wire_types(server, ids, wire_type):
    answer = server.export(otlp.request([good(ids)]) + otlp.tag(99, wire_type))
    assert refused(answer, 400) == INVALID_ARGUMENT


def project_of(server, ids, *, header=None, resource=None):
    span = good(ids)
    server.accept(otlp.request([span], resource=resource), project=header)
    return server.get_json(f"/api/v1/traces/{span.trace_id.hex()}")["spans"][0]["project"]


def test_project_from_header_before_resource_before_default(server, ids):
    named = {"openinference.project.name": "from resource"}
    assert project_of(server, ids, header="from header", resource=named) == "from header"
    assert project_of(server, ids, resource=named) == "from resource"
    assert project_of(server, ids) == "default"


@pytest.mark.parametrize("name", [b"caf\xe9", b"x" * 5000], ids=["not UTF-8", "too long"])
def test_impossible_project_names(server, ids, name):
    answer = server.export(otlp.request([good(ids)]), headers={"x-project-name": name})
    assert refused(answer, 400) == INVALID_ARGUMENT
