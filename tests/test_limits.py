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
    "spans": lambda span, over: ("/api/v1/projects/limits/spans", {"limit": 500 + over}),
    "suggestions": lambda span, over: ("/api/v1/projects/limits/suggest", {"q": "kind:", "limit": 100 + over}),
    "prices": lambda span, over: ("/api/v1/prices", {"limit": 1000 + over}),
    "places of a word": lambda span, over: ("/api/v1/projects/limits/spans", {"q": "needle", "matches": 5 + over}),
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


def annotate(server, *annotations):
    body = json.dumps({"data": [{"annotator_kind": "CODE"} | one for one in annotations]}).encode()
    return server.request("POST", "/v1/span_annotations", body, {"content-type": "application/json"})


@pytest.mark.parametrize("of, size", {"name": 256, "identifier": 256, "explanation": 64 * KIB, "metadata": 64 * KIB}.items())
def test_texts_of_an_annotation(server, span, of, size):
    for over, status in ((0, 200), (1, 400)):
        text = "x" * (size + over)
        one = {"span_id": span.span_id.hex(), "name": "long", "result": {"score": 1}}
        one |= {"metadata": {"k": text[8:]}} if of == "metadata" else {"result": {of: text}} if of == "explanation" else {of: text}
        answer = annotate(server, one)
        assert answer.status == status, answer.body
        assert status == 200 or of in answer.json()["error"]["message"]


def test_annotations_that_wait_and_their_list(server):
    """Ten thousand wait for a span, and are on one page once it has come."""
    ids = Ids("late annotations")
    trace, late = ids.trace(), ids.span()
    waiting = [{"span_id": late.hex(), "name": f"n{n}", "result": {"score": n}} for n in range(10_001)]
    assert annotate(server, *waiting[:10_000]).status == 200
    refused = annotate(server, waiting[10_000])
    assert (refused.status, refused.json()["error"]["code"]) == (413, "resource_exhausted")
    assert "10000 annotations wait for what they are of already" in refused.json()["error"]["message"]
    server.accept(otlp.request([otlp.Span(trace, late)]), project="late annotations")
    path = f"/v1/projects/late%20annotations/span_annotations?span_ids={late.hex()}&limit="
    until(lambda: (page := server.get(path + "10000")).status == 200 and len(page.json()["data"]) == 10_000, "all of them on one page")
    assert server.get(path + "10001").status == 400
    assert annotate(server, waiting[10_000]).status == 200


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
