"""Senders that go on while the server under test is killed, and the check of what they were promised."""

import http.client
import random
import threading
import time

from harness import otlp_encode as otlp
from harness.server import until

PROJECT = "crash"
SPANS = 20
SENDERS = 3
READ_BY_ID = 50  # of the traces; the others are counted in the table


def spans_of(trace, source):
    return [otlp.Span(trace, source.randbytes(8), attributes={"text": f"span {n} " * 20}) for n in range(SPANS)]


class Senders:
    """Threads that export traces of SPANS spans, half of them under the same ids twice, until stopped."""

    def __init__(self, server, source):
        self.server = server
        self.acked = []
        self.ack_seconds = []  # one for each of `acked`
        self.sent = []
        self.refused = 0
        self.unexpected = []
        self._stop = threading.Event()
        sources = [random.Random(source.random()) for _ in range(SENDERS)]
        self._threads = [threading.Thread(target=self._run, args=(own,)) for own in sources]

    def _run(self, source):
        while not self._stop.is_set():
            trace = source.randbytes(16)
            body = otlp.request(spans_of(trace, source))
            self.sent.append(trace.hex())
            for _ in range(source.choice((1, 2))):
                self._export(trace, body)

    def _export(self, trace, body):
        began = time.monotonic()
        try:
            answer = self.server.export(body, project=PROJECT)
        except (OSError, http.client.HTTPException):
            return  # the server died with the request in its hands
        if answer.status == 200:
            self.ack_seconds.append(time.monotonic() - began)
            self.acked.append(trace.hex())
        elif answer.status == 503 and answer.headers["retry-after"]:
            self.refused += 1
        else:
            self.unexpected.append((answer.status, answer.body))

    def wait_for_acks(self, count):
        """`count` more acknowledgements."""
        wanted = len(self.acked) + count
        until(lambda: len(self.acked) >= wanted, f"{count} acknowledgements")

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()


class Ledger:
    """What was sent and acknowledged over all lives of a server."""

    def __init__(self):
        self.acked = set()
        self.sent = set()

    def add(self, senders):
        assert not senders.unexpected, senders.unexpected[:3]
        self.acked |= set(senders.acked)
        self.sent |= set(senders.sent)

    def check(self, server):
        """Every acknowledged trace is there, each span once; what was not acknowledged is there whole or not at all."""
        until(lambda: server.get("/readyz").status == 200, "readiness")
        until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal", seconds=600)
        rows = server.sql(
            f"SELECT lower(hex(trace_id)), uniqExact(span_id) FROM nightjar.spans WHERE project = '{PROJECT}' GROUP BY 1"
        )
        stored = {trace: int(spans) for trace, spans in rows}
        missing = self.acked - stored.keys()
        assert not missing, f"{len(missing)} of {len(self.acked)} acknowledged traces are lost: {sorted(missing)[:5]}"
        assert stored.keys() <= self.sent, "a trace that nobody sent"
        assert set(stored.values()) <= {SPANS}, "a request was stored in part"
        for trace in random.Random(1).sample(sorted(self.acked), min(READ_BY_ID, len(self.acked))):
            assert len(server.trace(trace)) == SPANS
        if stored:
            (project,) = [p for p in server.get_json("/api/v1/projects")["data"] if p["name"] == PROJECT]
            assert (project["trace_count"], project["span_count"]) == (len(stored), len(stored) * SPANS)
