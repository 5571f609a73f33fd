"""Traces that are too large to be sent whole: piece by piece, in order, in little memory, and never short without notice."""

import http.client
import json
import pathlib
import random

import pytest

from harness import otlp_encode as otlp
from harness.server import until
from harness.wire import Wire

SPANS = 30_000
TEXT = "x" * 1_000


def store_trace(server, spans):
    for at in range(0, len(spans), 5_000):
        server.accept(otlp.request(spans[at : at + 5_000]), project="large")
    until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")


@pytest.fixture
def large_trace(own_server):
    """(server, trace id, span ids by start): two spans start with each other one, the longer of them first."""
    source = random.Random(1)
    trace = source.randbytes(16)
    ids = [source.randbytes(8) for _ in range(SPANS)]
    begin = 1_700_000_000_000_000_000
    spans = []
    for n in range(SPANS):
        start = begin + n // 2 * 1000
        end = start + (500 if n % 2 else 900)
        spans.append(otlp.Span(trace, ids[n], start=start, end=end, attributes={"text": TEXT, "n": n}))
    source.shuffle(spans)
    store_trace(own_server, spans)
    return own_server, trace.hex(), [span_id.hex() for span_id in ids]


def peak_since_mib(server, work):
    """How much higher than before the resident memory of the server was during `work`."""
    process = pathlib.Path(f"/proc/{server.pid}")
    (process / "clear_refs").write_text("5")
    before = server.memory_peak_mib()
    work()
    return server.memory_peak_mib() - before


def test_a_large_trace_comes_whole_and_in_order(large_trace):
    server, trace, ids = large_trace
    answer = server.get(f"/api/v1/projects/large/traces/{trace}")
    assert answer.status == 200 and answer.headers["transfer-encoding"] == "chunked"
    shown = json.loads(answer.body)
    assert [span["span_id"] for span in shown["spans"]] == ids
    assert [span["attributes"]["n"] for span in shown["spans"]] == list(range(SPANS))
    assert shown["trace"]["span_count"] == SPANS and shown["trace"]["logs_complete"]


def test_it_costs_little_memory(large_trace):
    server, trace, _ = large_trace
    server.get("/api/v1/projects/large/traces")
    bodies = []
    grown = peak_since_mib(server, lambda: bodies.append(server.get(f"/api/v1/projects/large/traces/{trace}").body))
    assert len(bodies[0]) > SPANS * len(TEXT)
    assert grown < 2 * len(bodies[0]) / (1 << 20), f"{grown} MiB for an answer of {len(bodies[0])} bytes"


def test_what_cannot_go_on_is_broken_off(large_trace):
    """The client is not left with what looks like an end."""
    server, trace, _ = large_trace
    connection = http.client.HTTPConnection(server.ready["http"])
    connection.request("GET", f"/api/v1/projects/large/traces/{trace}")
    answer = connection.getresponse()
    assert answer.status == 200 and answer.read(1000).startswith(b'{"trace":')
    server.kill_engine()
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        answer.read()
    connection.close()
    until(lambda: server.get(f"/api/v1/projects/large/traces/{trace}").status == 200, "the whole of it again")


def test_a_trace_of_large_spans(own_server):
    """Pages hold fewer spans when the spans are large."""
    source = random.Random(1)
    trace = source.randbytes(16)
    spans = [otlp.Span(trace, source.randbytes(8), attributes={"text": source.randbytes(500_000).hex()}) for _ in range(60)]
    for span in spans:
        own_server.accept(otlp.request([span]), project="large")
    shown = own_server.trace(trace.hex())
    assert {span_id: span["attributes"]["text"] for span_id, span in shown.items()} == {
        span.span_id.hex(): span.attributes["text"] for span in spans
    }


def test_one_who_reads_nothing_keeps_nobody_waiting(large_trace):
    """More of them than there are threads."""
    server, trace, _ = large_trace
    ask = f"GET /api/v1/projects/large/traces/{trace} HTTP/1.1\r\nhost: tests\r\n\r\n"
    lazy = [Wire(server.ready["http"]) for _ in range(12)]
    for wire in lazy:
        wire.send(ask)
    assert server.get("/api/v1/projects/large/traces").status == 200
    for wire in lazy:
        wire.close()


def test_spans_that_all_start_together_are_not_read_again_for_each_page(own_server):
    """They come in the order of their ids: the rows that are read grow with the trace, not with its square."""
    source, count = random.Random(2), 80_000
    trace = source.randbytes(16)
    begin = 1_700_000_000_000_000_000
    ids = {source.randbytes(8): n for n in range(count)}
    store_trace(own_server, [otlp.Span(trace, span_id, start=begin, end=begin + n % 977) for span_id, n in ids.items()])
    own_server.sql("OPTIMIZE TABLE nightjar.spans FINAL")
    read = lambda: int(own_server.sql("SELECT sum(value) FROM system.events WHERE event = 'SelectedRows'")[0][0])
    before = read()
    shown = own_server.get_json(f"/api/v1/projects/large/traces/{trace.hex()}")
    assert [span["span_id"] for span in shown["spans"]] == [span_id.hex() for span_id in sorted(ids)]
    assert {span["span_id"]: span["duration_ns"] for span in shown["spans"]} == {span_id.hex(): n % 977 for span_id, n in ids.items()}
    # 40 pages of 2,000, each of which has to read up to three blocks of 8,192; all of it for each page would be 3,200,000.
    assert read() - before < 5 * count + 40 * 3 * 8192
