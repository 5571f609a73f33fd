"""Very large spans and traces, and very many names. $NIGHTJAR_LARGE (1) multiplies the sizes; 100 is a million names.

With pytest's -s each test tells what it took."""

import http.client
import os
import pathlib
import random
import re
import struct
import time

from harness import otlp_encode as otlp
from harness.load import PROJECT
from harness.server import Server, until

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


def ids_in_columns(server, path):
    """The span ids of docs/formats/trace_columns.md."""
    answer = server.get(path)
    assert answer.status == 200 and answer.body.startswith(b"NJTC")
    (rows,) = struct.unpack_from("<I", answer.body, 8)
    return struct.unpack_from(f"<{rows}Q", answer.body, 32)


def engine_peak_mib(server):
    status = pathlib.Path(f"/proc/{server.engine_pid()}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def rows_read_by_the_engine(server):
    return int(server.sql("SELECT value FROM system.events WHERE event = 'SelectedRows'")[0][0])


class Took:
    """Tells how long each step took: for the reader, no test decides by it."""

    def __init__(self):
        self.since = time.monotonic()

    def tell(self, step, server):
        now = time.monotonic()
        print(f"{step}: {now - self.since:.1f} s, memory peak {server.memory_peak_mib()} + {engine_peak_mib(server)} MiB")
        self.since = now


def test_a_trace_of_very_many_spans(own_server):
    """It comes whole, in little memory, others are served, and it goes whole."""
    source, took = random.Random(1), Took()
    trace, count = source.randbytes(16), 20_000 * LARGE
    ids = [source.randbytes(8) for _ in range(count)]
    for at in range(0, count, 10_000):
        own_server.accept(otlp.request([otlp.Span(trace, span_id) for span_id in ids[at : at + 10_000]]), project=PROJECT)
    (project,) = own_server.get_json("/api/v1/projects")["data"]
    assert (project["trace_count"], project["span_count"]) == (1, count)
    took.tell(f"{count} spans of one trace sent and stored", own_server)
    path = f"/api/v1/projects/{PROJECT}/traces"
    rows_read = rows_read_by_the_engine(own_server)
    (row,) = own_server.get_json(path)["data"]
    assert (row["trace_id"], row["span_count"]) == (trace.hex(), count)
    assert rows_read_by_the_engine(own_server) - rows_read < 9 * count  # summarised once, however far the list looks back
    took.tell("listed", own_server)
    before = own_server.memory_peak_mib()
    columns = ids_in_columns(own_server, f"{path}/{trace.hex()}/columns")
    assert sorted(columns) == sorted(int.from_bytes(span_id) for span_id in ids)
    took.tell("read as columns", own_server)
    assert count_spans(own_server, f"/api/v1/traces/{trace.hex()}") == count
    assert own_server.memory_peak_mib() - before < 400
    assert own_server.get("/readyz").status == 200
    took.tell("read by id", own_server)
    assert own_server.request("DELETE", f"{path}/{trace.hex()}").status == 204
    assert own_server.get(f"/api/v1/traces/{trace.hex()}").status == 404
    assert own_server.get_json(path)["data"] == []
    assert own_server.sql("SELECT count() FROM nightjar.spans FINAL") == [["0"]]
    took.tell("deleted", own_server)


def test_very_many_names(own_server):
    """Ids in the names of services, spans and attributes: all is stored as it came, in bounded memory, and said aloud."""
    source, count, took = random.Random(1), 12_000 * LARGE, Took()
    for first in range(0, count, 1_000):
        body = b""  # a hundred requests, one after the other, are a request
        for n in range(first, first + 1_000, 10):
            trace = source.randbytes(16)
            spans = [otlp.Span(trace, source.randbytes(8), f"answer {n + k}", attributes={f"user-{n + k}": n}) for k in range(10)]
            body += otlp.request(spans, resource={"service.name": f"service-{n}"})
        own_server.accept(body, project=PROJECT)
    until(lambda: own_server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
    assert len(own_server.trace(trace.hex())) == 10
    names = "uniqExact(service_name), uniqExact(name), uniqExact(arrayJoin(mapKeys(attrs_int)))"
    assert own_server.sql(f"SELECT {names} FROM nightjar.spans") == [[str(count // 10), str(count), str(count)]]
    took.tell(f"{count} names of spans and attributes sent and stored", own_server)
    warnings = own_server.get_json("/api/v1/status")["warnings"]
    warned = ["service names", "span names", "attribute keys"]
    assert [warning.split(" different ")[1].split(" came")[0] for warning in warnings] == warned
    took.tell("status", own_server)
    lists = ("traces", "spans", "facets", "histogram", "ingest-health", "usage?group_by=service", "sessions", "users")
    for path in ("/api/v1/projects", *(f"/api/v1/projects/{PROJECT}/{name}" for name in lists)):
        assert own_server.get(path).status == 200, path
        took.tell(path, own_server)
    assert own_server.memory_peak_mib() < 500
    assert own_server.get("/readyz").status == 200


def calls_of_users(first, count):
    """Rows as the one that is there, each of a user and a trace of its own, an hour for each 100,000."""
    return ("INSERT INTO nightjar.spans SELECT spans.* REPLACE (toFixedString(leftPad(toString(number), 16, '0'), 16) AS trace_id, number AS "
            "span_id, concat('user-', toString(number)) AS user_id, start_unix_ns + intDiv(number, 100000) * 3600000000000 AS start_unix_ns) "
            "FROM (SELECT * FROM nightjar.spans WHERE user_id = 'first') AS spans CROSS JOIN "
            f"(SELECT number FROM numbers({first}, {count})) AS n")


def test_usage_of_very_many_calls(tmp_path):
    """A million, each of a user of its own, are too many for 384 MiB of the engine: that is said, and not to come back. A
    shorter time is answered."""
    source, start, hour = random.Random(1), time.time_ns() - 10 * 24 * 3600 * 10**9, 3600 * 10**9
    call = {"openinference.span.kind": "LLM", "llm.model_name": "m", "llm.token_count.prompt": 7, "user.id": "first"}
    with Server(tmp_path / "data") as server:
        span = otlp.Span(source.randbytes(16), source.randbytes(8), start=start, end=start + 1, attributes=call)
        server.accept(otlp.request([span]), project=PROJECT)
        assert len(server.trace(span.trace_id.hex())) == 1
        for first in range(0, 1_000_000, 250_000):
            server.sql(calls_of_users(first, 250_000))
    with Server(tmp_path / "data", {"NIGHTJAR_ENGINE_MEMORY_BYTES": "512MiB"}) as server:
        assert server.sql("SELECT getSetting('max_memory_usage')") == [[str(384 << 20)]]
        usage, query = f"/api/v1/projects/{PROJECT}/usage", {"group_by": "user", "limit": 2}
        answer = server.get(usage, **query)
        assert (answer.status, answer.json()["error"]["code"]) == (413, "resource_exhausted"), answer.body[:300]
        shorter = server.get_json(usage, **query, **{"from": start - 1, "to": start + hour // 2})
        assert shorter["group_count"] == 100_001
        assert server.get("/readyz").status == 200


def test_very_many_projects(own_server):
    """Each is listed with what it has, page after page."""
    source, count, took = random.Random(1), 100 * LARGE, Took()
    for n in range(count):
        own_server.accept(otlp.request([one_span(source, {})]), project=f"project {n}")
    own_server.get_json("/api/v1/projects")
    took.tell(f"{count} projects sent and stored", own_server)
    seen, cursor = {}, ""
    while cursor is not None:
        page = own_server.get_json("/api/v1/projects", limit=1000, cursor=cursor)
        seen |= {row["name"]: (row["trace_count"], row["span_count"]) for row in page["data"]}
        cursor = page["next_cursor"]
    assert seen == {f"project {n}": (1, 1) for n in range(count)}
    took.tell("every page of them", own_server)
    warnings = own_server.get_json("/api/v1/status")["warnings"]
    assert [" different projects came" in warning for warning in warnings] == [True] * (count > 1_000)
    (row,) = own_server.get_json(f"/api/v1/projects/project%20{count - 1}/traces")["data"]
    assert row["span_count"] == 1
    took.tell("traces of one of them", own_server)
