"""The generated requests (generated.py) read back byte for byte."""

import pytest

import generated
from harness import compare, oracle, otlp_encode as otlp

REQUESTS = generated.requests()


@pytest.mark.parametrize("name", REQUESTS)
def test_reads_back(server, name):
    server.accept(REQUESTS[name], project="generated")
    lines = []
    for trace_id, spans in oracle.traces_of([oracle.decode_request(REQUESTS[name])]).items():
        lines += compare.raw_differences(spans, server.trace(trace_id))
    assert not lines, "\n".join(lines[:40])


def test_span_kinds_outside_the_enum_are_kept(server):
    ids = generated.Ids(7)
    trace = ids.trace()
    server.accept(otlp.request([otlp.Span(trace, ids.span(), f"kind {kind}", kind=kind) for kind in (6, 99, -1)]))
    shown = {span["name"]: span["otel_kind"] for span in server.trace(trace.hex()).values()}
    assert shown == {"kind 6": "6", "kind 99": "99", "kind -1": "-1"}


def test_text_that_is_not_utf8_is_mended_and_said(server):
    ids = generated.Ids(8)
    trace, span = ids.trace(), ids.span()
    attributes = {"bad": otlp.RawText(b"a\xffb\xc3"), "good": "é"}
    answer = server.export(otlp.request([otlp.Span(trace, span, attributes=attributes)]))
    rejected, message = oracle.decode_response(answer.body)
    assert (answer.status, rejected) == (200, 0)
    assert "UTF-8" in message
    assert server.trace(trace.hex())[span.hex()]["attributes"] == {"bad": "a\ufffdb\ufffd", "good": "é"}
