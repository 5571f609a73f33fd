"""Fifty heavy questions at once: whoever sends is acknowledged, memory stays under its cap, and questions go on afterwards."""

import concurrent.futures
import time

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import Server

CAP_MIB = 1024
HEAVY = ("traces?sort=-cost", "facets?of=traces", "usage?group_by=user,model", "spans?q=nowhereatall", "histogram?of=traces")


def requests(ids, number):
    now = time.time_ns()
    for request in range(number):
        attributes = [{"openinference.span.kind": "LLM", "llm.model_name": f"model-{i % 7}", "user.id": f"user-{i}", "llm.token_count.prompt": i,
                       "input.value": f"words of {request} and {i} " * 40} for i in range(200)]
        yield otlp.request([otlp.Span(ids.trace(), ids.span(), "chat", start=now - 10**9, end=now, attributes=one) for one in attributes])


def test_a_crowd(tmp_path):
    with Server(tmp_path / "data", {"NIGHTJAR_ENGINE_MEMORY_BYTES": str(CAP_MIB << 20)}) as server:
        ids = Ids("crowd")
        for request in requests(ids, 20):
            server.accept(request, project="crowd")
        assert len(server.get_json("/api/v1/projects/crowd/spans", limit=500)["data"]) == 500
        with concurrent.futures.ThreadPoolExecutor(50) as people:
            asked = [people.submit(server.request, "GET", f"/api/v1/projects/crowd/{HEAVY[i % len(HEAVY)]}") for i in range(150)]
            for request in requests(ids, 5):
                server.accept(request, project="crowd")  # acknowledged while they wait
            answers = [question.result() for question in asked]
        # A question that finds no memory or no place is told so.
        assert {answer.status for answer in answers} <= {200, 503}, [answer.body[:200] for answer in answers if answer.status not in (200, 503)]
        assert sum(answer.status == 200 for answer in answers) >= 50
        assert server.memory_peak_mib(server.engine_pid()) < CAP_MIB + 512  # the pages of its library are no allocations
        assert server.get_json("/api/v1/projects/crowd/usage", group_by="model")["data"][0]["calls"] == 725
