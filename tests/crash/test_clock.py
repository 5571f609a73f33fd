"""A wall clock that jumps, and spans of other centuries."""

import random

from harness import otlp_encode as otlp
from harness.faults import FaultyServer
from harness.load import PROJECT, Ledger, Senders
from harness.server import until

DAY_S = 86_400
YEAR_NS = 31_536_000_000_000_000


def test_a_clock_that_jumps_a_day(tmp_path):
    """Forwards, backwards and over a restart: the order of storing stays, and nothing is lost or counted twice."""
    source, ledger, order = random.Random(1), Ledger(), []
    with FaultyServer(tmp_path / "data") as server:
        for clock_s in (0, DAY_S, -DAY_S, 0):
            server.fault(clock_s=clock_s)
            with Senders(server, source) as senders:
                senders.wait_for_acks(10)
            ledger.add(senders)
            order.append(min(senders.acked, key=senders.sent.index))
            until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
            if clock_s > 0:
                server.kill9()
                server.start()
        ledger.check(server)
        seq = {t: int(n) for t, n in server.sql("SELECT lower(hex(trace_id)), max(seq) FROM nightjar.spans GROUP BY 1")}
        assert sorted(order, key=seq.get) == order
        rows = server.sql("SELECT count(), uniqExact(seq) FROM nightjar.spans")
        assert rows[0][0] == rows[0][1]
        shown = server.get_json(f"/api/v1/projects/{PROJECT}/traces", limit=500)["data"]
        assert {trace["trace_id"] for trace in shown} <= ledger.sent


def test_spans_of_other_centuries(own_server):
    """1970, 2100, the last nanosecond there is; a later copy of each replaces it wherever it lies."""
    source = random.Random(1)
    starts = [0, 1, YEAR_NS, 130 * YEAR_NS, 2**63 - 1, 2**63, 2**64 - 2]
    trace = source.randbytes(16)
    ids = {source.randbytes(8): start for start in starts}
    for name in ("first", "second"):
        spans = [otlp.Span(trace, span_id, name, start=start, end=start + 1) for span_id, start in ids.items()]
        own_server.accept(otlp.request(spans), project=PROJECT)
    spans = own_server.trace(trace.hex())
    assert len(spans) == len(starts)
    for span_id, start in ids.items():
        span = spans[span_id.hex()]
        assert (span["name"], span["start_unix_ns"], span["end_unix_ns"]) == ("second", str(start), str(start + 1))
    (shown,) = own_server.get_json(f"/api/v1/projects/{PROJECT}/traces")["data"]
    assert (shown["span_count"], shown["start_unix_ns"]) == (len(starts), "0")


def test_durations_at_the_edges(own_server):
    """A span may end before it starts, or 2^64 - 1 ns later: both ends come back as they were sent."""
    source = random.Random(1)
    ends = [(0, 2**64 - 1), (0, 2**63 - 1), (0, 2**63), (2**64 - 1, 0), (2**63, 0), (5, 3)]
    trace = source.randbytes(16)
    ids = {source.randbytes(8): times for times in ends}
    own_server.accept(otlp.request([otlp.Span(trace, span_id, start=s, end=e) for span_id, (s, e) in ids.items()]))
    spans = own_server.trace(trace.hex())
    for span_id, (start, end) in ids.items():
        span = spans[span_id.hex()]
        assert (span["start_unix_ns"], span["end_unix_ns"]) == (str(start), str(end))
    assert own_server.get("/api/v1/projects/default/traces").status == 200
