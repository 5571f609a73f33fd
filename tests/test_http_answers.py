"""Every answer is in the encoding of its request: signal x encoding x coding x outcome."""

import base64
import json

import pytest

import grpc_wire
from generated import Ids
from harness import oracle, otlp_encode as otlp
from harness.codings import CODINGS
from harness.server import JSON, PROTOBUF, Server, until
from harness.wire import Wire, post

IDS = Ids("answers")


def json_span(trace_id, span_id):
    return {"traceId": trace_id.hex(), "spanId": span_id.hex(), "name": "x"}


def json_request(signal, item):
    resource, scope, items = {
        "traces": ("resourceSpans", "scopeSpans", "spans"),
        "logs": ("resourceLogs", "scopeLogs", "logRecords"),
        "metrics": ("resourceMetrics", "scopeMetrics", "metrics"),
    }[signal]
    return json.dumps({resource: [{scope: [{items: [item]}]}]}).encode()


def protobuf_request(item):
    return otlp.block(1, otlp.block(2, otlp.block(2, item)))


TRACE, SPAN = IDS.trace(), IDS.span()
GOOD = {
    ("traces", PROTOBUF): protobuf_request(otlp.Span(TRACE, SPAN).encode()),
    ("traces", JSON): json_request("traces", json_span(TRACE, SPAN)),
    ("logs", PROTOBUF): protobuf_request(otlp.fixed64(1, 1) + otlp.block(5, otlp.any_value("hello"))),
    ("logs", JSON): json_request("logs", {"timeUnixNano": "1", "body": {"stringValue": "hello"}}),
    ("metrics", PROTOBUF): protobuf_request(
        otlp.block(1, "m") + otlp.block(5, otlp.block(1, otlp.fixed64(3, 1) + otlp.fixed64(6, 1)))
    ),
    ("metrics", JSON): json_request(
        "metrics", {"name": "m", "gauge": {"dataPoints": [{"timeUnixNano": "1", "asInt": "1"}]}}
    ),
}
SIGNALS = ("traces", "logs", "metrics")
CONTENT_TYPES = (PROTOBUF, f"{PROTOBUF}; charset=utf-8", JSON, f"{JSON};charset=UTF-8", "Application/JSON")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("answers") / "data", env={"NIGHTJAR_MAX_BODY_BYTES": "16KiB"}) as running:
        yield running


def media_type(content_type):
    return content_type.split(";")[0].lower()


def ask(server, signal, content_type, coding, body):
    headers = {"content-type": content_type, "content-encoding": coding}
    answer = server.request("POST", f"/v1/{signal}", body, headers)
    assert answer.media_type == media_type(content_type)
    return answer


def status_of(answer):
    """(code, message) of a google.rpc.Status."""
    if answer.media_type == PROTOBUF:
        return oracle.decode_status(answer.body)
    status = answer.json()
    return status["code"], status["message"]


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("signal", SIGNALS)
def test_success(server, signal, content_type, coding):
    body = GOOD[signal, media_type(content_type)]
    answer = ask(server, signal, content_type, coding, CODINGS[coding](body))
    assert answer.status == 200, answer.body
    assert answer.body == (b"" if answer.media_type == PROTOBUF else b"{}")


# What is sent instead of a good body; status, and code of google.rpc.Status (3 INVALID_ARGUMENT, 8 RESOURCE_EXHAUSTED).
# None of the statuses lets a client send the same again (429, 502, 503, 504).
REFUSALS = {
    "malformed": (lambda coding, body: CODINGS[coding](b"\xff" + body), 400, 3),
    "cut": (lambda coding, body: CODINGS[coding](body[:-1]), 400, 3),
    "too large": (lambda coding, body: CODINGS[coding](bytes(20_000)), 413, 8),
}


@pytest.mark.parametrize("outcome", REFUSALS)
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("signal", SIGNALS)
def test_refusals(server, signal, content_type, coding, outcome):
    make, status, code = REFUSALS[outcome]
    answer = ask(server, signal, content_type, coding, make(coding, GOOD[signal, media_type(content_type)]))
    assert answer.status == status, answer.body
    said = status_of(answer)
    assert said[0] == code and said[1]
    assert answer.headers["retry-after"] is None


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("signal", SIGNALS)
def test_refusals_of_the_coding(server, signal, content_type):
    body = GOOD[signal, media_type(content_type)]
    for coding, status in (("br", 415), ("gzip", 400), ("deflate", 400), ("zstd", 400)):
        answer = ask(server, signal, content_type, coding, body)
        assert (answer.status, status_of(answer)[0]) == (status, 3)


# Of each signal, an item that is rejected: its name in the answer, a word of the reason, in protobuf, in JSON.
POINT = otlp.fixed64(3, 1) + otlp.fixed64(6, 1)
REJECTED = {
    "traces": ("rejectedSpans", "span_id", otlp.Span(TRACE, b"short").encode(), json_span(TRACE, b"short")),
    "logs": ("rejectedLogRecords", "trace_id", otlp.block(9, b"short"), {"traceId": "00"}),
    "metrics": ("rejectedDataPoints", "name", otlp.block(5, otlp.block(1, POINT)), {"gauge": {"dataPoints": [{"asInt": "1"}]}}),
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("signal", SIGNALS)
def test_partial_success(server, signal, content_type, coding):
    name, reason, in_protobuf, in_json = REJECTED[signal]
    body = protobuf_request(in_protobuf) if media_type(content_type) == PROTOBUF else json_request(signal, in_json)
    answer = ask(server, signal, content_type, coding, CODINGS[coding](body))
    assert answer.status == 200
    if answer.media_type == PROTOBUF:
        rejected, message = oracle.decode_response(answer.body)
    else:
        partial = answer.json()["partialSuccess"]
        assert partial.keys() == {name, "errorMessage"}
        rejected, message = int(partial[name]), partial["errorMessage"]
    assert rejected == 1 and reason in message.replace("Id", "_id")


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
@pytest.mark.parametrize("signal", SIGNALS)
def test_wrong_method_and_path(server, signal, content_type):
    for method, path, status, code in (
        ("PUT", f"/v1/{signal}", 405, 12),
        ("POST", f"/v1/{signal}/", 404, 5),
        ("POST", "/", 404, 5),
    ):
        answer = server.request(method, path, b"", {"content-type": content_type})
        assert (answer.status, answer.media_type, status_of(answer)[0]) == (status, content_type, code)


@pytest.mark.parametrize("content_type", [PROTOBUF, JSON])
def test_overload_says_when_to_come_back(tmp_path, content_type):
    """A disk below its reserve: 503 in the request's encoding, with one Retry-After; reads go on."""
    with Server(tmp_path / "data", env={"NIGHTJAR_DISK_RESERVE_BYTES": "1000TiB"}) as server:
        for signal, path in zip(SIGNALS, (grpc_wire.EXPORT, grpc_wire.LOGS_EXPORT, grpc_wire.METRICS_EXPORT)):
            answer = ask(server, signal, content_type, "identity", GOOD[signal, content_type])
            assert answer.status == 503
            assert answer.headers.get_all("retry-after") == ["1"]
            code, message = status_of(answer)
            assert code == 14 and "nearly full" in message
            with grpc_wire.Wire(server.ready["grpc"]) as wire:
                answer = wire.call(grpc_wire.message(GOOD[signal, PROTOBUF]), path=path)
            assert answer.status == 14 and "nearly full" in answer.headers["grpc-message"]
            details = base64.b64decode(answer.headers["grpc-status-details-bin"] + "==")
            # the Any's value: a RetryInfo of one second
            assert details.endswith(b"\x0a\x28type.googleapis.com/google.rpc.RetryInfo" + b"\x12\x04\x0a\x02\x08\x01")
        status = server.get_json("/api/v1/status")["journal"]
        assert status["state"] == "refusing" and "nearly full" in status["failure"]
        assert server.get_json("/api/v1/projects")["data"] == []


def test_a_crowd_that_holds_too_many_bytes(tmp_path):
    """The transport's own 503, in the encoding of the request, with one Retry-After."""
    limits = {"NIGHTJAR_MAX_BODY_BYTES": "1MiB", "NIGHTJAR_MAX_BUFFERED_BYTES": "2MiB"}
    with Server(tmp_path / "data", env=limits) as server:
        part = post(bytes(1 << 20))[:-1]

        def refusal():
            """None when the third came before the other two were read: then one of those is refused."""
            with Wire(server.ready["http"]) as first, Wire(server.ready["http"]) as second:
                first.send(part)
                second.send(part)
                answer = server.export(bytes(1 << 20), content_type=JSON)
            return answer if answer.status == 503 else None

        answer = until(refusal, "503")
        assert (answer.media_type, answer.headers.get_all("retry-after")) == (JSON, ["1"])
        assert answer.json()["code"] == 14
