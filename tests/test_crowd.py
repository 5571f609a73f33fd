"""More heavy questions at once than there is room for: whoever sends is acknowledged, memory stays under its cap, and who asks
again gets an answer."""

import concurrent.futures
import contextlib
import os
import random
import signal
import time

from generated import Ids
from harness import otlp_encode as otlp
from harness.load import Ledger, Senders
from harness.server import Server, until

CAP_MIB = 1024
HEAVY = ("traces?sort=-cost", "facets?of=traces", "usage?group_by=user,model", "spans?q=nowhereatall", "histogram?of=traces")


def requests(ids, number):
    now = time.time_ns()
    for request in range(number):
        attributes = [{"openinference.span.kind": "LLM", "llm.model_name": f"model-{i % 7}", "user.id": f"user-{i}", "llm.token_count.prompt": i,
                       "input.value": f"words of {request} and {i} " * 40} for i in range(200)]
        yield otlp.request([otlp.Span(ids.trace(), ids.span(), "chat", start=now - 10**9, end=now, attributes=one) for one in attributes])


def ask_until_answered(server, path, refusals):
    """As a person would who is told to come back; the answer."""
    while (answer := server.get(path)).status == 503:
        assert answer.headers["retry-after"]
        refusals.append(path)
        time.sleep(0.05)
    return answer


def test_a_crowd(tmp_path):
    """Fifty people, sixteen places in the queue; the engine stands still until it is full."""
    settings = {"NIGHTJAR_ENGINE_MEMORY_BYTES": str(CAP_MIB << 20), "NIGHTJAR_MAX_WAITING_REQUESTS": "16"}
    source, ledger, refusals = random.Random(1), Ledger(), []
    with Server(tmp_path / "data", settings) as server:
        for request in requests(Ids("crowd"), 20):
            server.accept(request, project="crowd")
        assert len(server.get_json("/api/v1/projects/crowd/spans", limit=500)["data"]) == 500
        before = server.memory_peak_mib()
        with Senders(server, source) as senders, concurrent.futures.ThreadPoolExecutor(50) as people:
            senders.wait_for_acks(20)
            standing = server.kill_engine(signal.SIGSTOP)
            paths = [f"/api/v1/projects/crowd/{HEAVY[i % len(HEAVY)]}" for i in range(150)]
            asked = [people.submit(ask_until_answered, server, path, refusals) for path in paths]
            until(lambda: refusals, "a question for which there is no place")
            senders.wait_for_acks(20)  # into the journal
            with contextlib.suppress(ProcessLookupError):  # it stood for so long that it was replaced
                os.kill(standing, signal.SIGCONT)
            senders.wait_for_acks(50)
            answers = [question.result() for question in asked]
        assert {answer.status for answer in answers} == {200}, [answer.body[:200] for answer in answers if answer.status != 200]
        assert server.memory_peak_mib() - before < 256
        assert server.memory_peak_mib(server.engine_pid()) < CAP_MIB + 512  # the pages of its library are no allocations
        assert senders.refused == 0
        ledger.add(senders)
        ledger.check(server)
        assert server.get_json("/api/v1/projects/crowd/usage", group_by="model")["data"][0]["calls"] == 580
