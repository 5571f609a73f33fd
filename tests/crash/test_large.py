"""Very large spans and traces, and very many names. $NIGHTJAR_LARGE (1) multiplies the sizes; 100 is a million names."""

import http.client
import os
import random

from harness import otlp_encode as otlp
from harness.load import PROJECT
from harness.server import until

LARGE = int(os.environ.get("NIGHTJAR_LARGE", "1"))
MIB = 1 << 20


def one_span(source, attributes):
    return otlp.Span(source.randbytes(16), source.randbytes(8), attributes=attributes)


def test_a_span_with_too_many_attributes(server):
    """It is rejected alone, with the limit."""
    source = random.Random(1)
    too_large = one_span(source, {f"key.{n}": n for n in range(100_000)})
    good = one_span(source, {f"key.{n}": n for n in range(60_000)})
    answer = server.export(otlp.request([too_large, good]), project=PROJECT)
    assert answer.status == 200
    assert b"65536" in answer.body.replace(b",", b"") and b"attributes" in answer.body
    assert server.get(f"/api/v1/traces/{too_large.trace_id.hex()}").status == 404
    (stored,) = server.trace(good.trace_id.hex()).values()
    assert len(stored["attributes"]) == 60_000


def test_an_attribute_of_20_mib(server):
    source = random.Random(1)
    text = source.randbytes(10 * MIB).hex()
    span = one_span(source, {"text": text})
    server.accept(otlp.request([span]), project=PROJECT)
    (stored,) = server.trace(span.trace_id.hex()).values()
    assert stored["attributes"]["text"] == text


def count_spans(server, path):
    """Of a trace whose JSON is too large to be parsed here."""
    mark, count, rest = b'"parent_span_id":', 0, b""
    connection = http.client.HTTPConnection(server.ready["http"], timeout=600)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    while piece := answer.read(1 << 20):
        count += (rest + piece).count(mark)
        rest = (rest + piece)[-len(mark) + 1 :]
    assert rest.endswith(b"]}")
    connection.close()
    return count


def test_a_trace_of_very_many_spans(own_server):
    """It comes whole, in little memory, and others are served."""
    source = random.Random(1)
    trace, count = source.randbytes(16), 20_000 * LARGE
    for _ in range(count // 10_000):
        own_server.accept(otlp.request([otlp.Span(trace, source.randbytes(8)) for _ in range(10_000)]), project=PROJECT)
    (project,) = own_server.whole_list("/api/v1/projects")["data"]
    assert (project["trace_count"], project["span_count"]) == (1, count)
    before = own_server.memory_peak_mib()
    assert count_spans(own_server, f"/api/v1/traces/{trace.hex()}") == count
    assert own_server.memory_peak_mib() - before < 400
    assert own_server.get("/readyz").status == 200


def test_very_many_names(own_server):
    """Ids in the names of services and attributes: all is stored as it came, in bounded memory, and said aloud."""
    source, count = random.Random(1), 12_000 * LARGE
    for n in range(0, count, 10):
        span = one_span(source, {f"user-{n + k}": n for k in range(10)})
        own_server.accept(otlp.request([span], resource={"service.name": f"service-{n}"}), project=PROJECT)
    until(lambda: own_server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
    (stored,) = own_server.trace(span.trace_id.hex()).values()
    assert len(stored["attributes"]) == 10
    names = own_server.sql("SELECT uniqExact(service_name), uniqExact(arrayJoin(mapKeys(attrs_int))) FROM nightjar.spans")
    assert names == [[str(count // 10), str(count)]]
    warnings = own_server.get_json("/api/v1/status")["warnings"]
    assert [warning.split(" different ")[1].split(" came")[0] for warning in warnings] == ["service names", "attribute keys"]
    assert own_server.memory_peak_mib() < 500
    assert own_server.get("/readyz").status == 200
