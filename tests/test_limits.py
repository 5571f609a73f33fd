"""Limits of questions that have no other test: what is at the limit is answered, one more is refused with the number."""

import http.client
import json
import socket
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import until

KIB, MIB = 1 << 10, 1 << 20
FACETS = "kind,model,provider,service,status,operation,tool,agent,user,session,prompt,finish_reason,name"


@pytest.fixture(scope="module")
def span(server):
    ids = Ids("limits")
    span = otlp.Span(ids.trace(), ids.span(), "a span", start=time.time_ns(), attributes={"input.value": "needle"})
    server.accept(otlp.request([span]), project="limits")
    server.trace(span.trace_id.hex())
    return span


def of_trace(span, rest):
    return f"/api/v1/projects/limits/traces/{span.trace_id.hex()}/{rest}"


ASKED = {
    "matches of find": lambda span, over: (of_trace(span, "find"), {"q": "needle", "limit": 1000 + over}),
    "text to find": lambda span, over: (of_trace(span, "find"), {"q": "n" * (KIB + over)}),
    "range of a value": lambda span, over: (
        of_trace(span, f"spans/{span.span_id.hex()}/content?path=/attributes/input.value&limit={MIB + over}"), {}),
    "facets": lambda span, over: ("/api/v1/projects/limits/facets", {"fields": ",".join(FACETS.split(",")[:12 + over])}),
    "values of a facet": lambda span, over: ("/api/v1/projects/limits/facets", {"limit": 100 + over}),
    "buckets of a histogram": lambda span, over: ("/api/v1/projects/limits/histogram", {"buckets": 500 + over}),
}  # fmt: skip


@pytest.mark.parametrize("what", ASKED)
def test_of_one_question(server, span, what):
    path, query = ASKED[what](span, 0)
    assert server.get(path, **query).status == 200
    path, query = ASKED[what](span, 1)
    refused = server.get(path, **query)
    assert (refused.status, refused.json()["error"]["code"]) == (400, "invalid_argument"), refused.body


def test_of_a_statement(server, span):
    for size, status in ((64 * KIB, 200), (64 * KIB + 1, 400)):
        statement = json.dumps({"query": "SELECT 1".ljust(size)}).encode()
        assert server.request("POST", "/api/v1/sql", statement, {"content-type": "application/json"}).status == status


def test_targets_of_annotations(server, span):
    for count, status in ((1000, 200), (1001, 400)):
        asked = "&".join(f"span_ids={n:016x}" for n in range(1, count + 1))
        assert server.get(f"/v1/projects/limits/span_annotations?{asked}").status == status


def begin_export(server):
    """A client that reads the head of an export and no more than it can help."""
    host, port = server.ready["http"].split(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.sock.settimeout(60)
    connection.sock.connect((host, int(port)))
    connection.request("GET", "/api/v1/projects/many/export?format=jsonl")
    return connection, connection.getresponse()


def test_exports_at_one_time(own_server):
    """Two that are not taken; a third is told to come back, and gets its turn when one of them leaves."""
    ids = Ids("exports")
    for _ in range(20):
        spans = [otlp.Span(ids.trace(), ids.span(), f"span {n}", attributes={"input.value": "words " * 100}) for n in range(1000)]
        own_server.accept(otlp.request(spans), project="many")
    until(lambda: own_server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
    first, second = begin_export(own_server), begin_export(own_server)
    assert first[1].status == second[1].status == 200
    refused = own_server.get("/api/v1/projects/many/export", format="jsonl")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    first[0].close()
    whole = until(lambda: (answer := own_server.get("/api/v1/projects/many/export", format="jsonl")).status == 200 and answer, "its turn")
    assert whole.body.count(b"\n") == 20_000
    assert second[1].read().count(b"\n") == 20_000
    second[0].close()
