"""An engine that refuses, is slow, or is asked too much: what is acknowledged waits, and is stored in order and once."""

import concurrent.futures
import json
import os
import random
import re
import signal
import subprocess
import threading

import pytest

from harness import otlp_encode as otlp
from harness.load import PROJECT, SPANS, Ledger, Senders, spans_of
from harness.server import BINARY, Server, environment, until

SPANS_TABLE = "nightjar.spans"
# What makes inserts fail, and what ends it.
REFUSALS = {
    "too many parts": (
        f"ALTER TABLE {SPANS_TABLE} MODIFY SETTING parts_to_delay_insert = 1, parts_to_throw_insert = 1",
        f"ALTER TABLE {SPANS_TABLE} RESET SETTING parts_to_delay_insert, parts_to_throw_insert",
    ),
    "a table that may only be read": (
        f"ALTER TABLE {SPANS_TABLE} MODIFY SETTING table_readonly = 1",
        f"ALTER TABLE {SPANS_TABLE} RESET SETTING table_readonly",
    ),
    "no table": (f"RENAME TABLE {SPANS_TABLE} TO nightjar.away", f"RENAME TABLE nightjar.away TO {SPANS_TABLE}"),
}


def pending(server):
    return server.get_json("/api/v1/status")["journal"]["pending_requests"]


# All lists of the API, with what each must be asked.
LISTS = {"/api/v1/projects": ""} | {f"/api/v1/projects/{{project}}/{name}": query for name, query in {
    "traces": "", "spans": "", "facets": "?fields=name", "histogram": "", "usage": "?group_by=model", "sessions": "",
    "users": "", "logs": "", "metrics": "", "metrics/{name}": "", "ingest-health": ""}.items()}
# What is of one trace waits for it, exports say it in a header, and the rest is no list of what was received.
OTHER_ANSWERS = re.compile(
    r"/healthz|/readyz|/openapi.json|/api/v1/(status|rejected|query/fields|stream|prices.*|retention|traces/.*)"
    r"|.*/retention|.*/traces/\{trace_id\}.*|.*/export|.*/suggest|.*/conversation|.*_annotations")


def check_that_every_list_says_what_it_lacks(server):
    """Of the project "before", by the document of the API."""
    documented = {path for path, ways in server.get_json("/openapi.json")["paths"].items() if "get" in ways}
    assert {path for path in documented if not OTHER_ANSWERS.fullmatch(path)} == LISTS.keys()
    paths = [path.format(project="before", name="m") + query for path, query in LISTS.items()]
    with concurrent.futures.ThreadPoolExecutor(len(paths)) as pool:
        answers = dict(zip(paths, pool.map(server.get, paths)))
    assert {path: answer.body for path, answer in answers.items() if answer.status != 200} == {}
    assert [path for path, answer in answers.items() if answer.json()["pending_requests"] == 0] == []


def check_that_reads_say_what_they_lack(server, waiting):
    """`waiting`: a trace that was acknowledged and is not stored. Of the project "before" everything is stored."""
    check_that_every_list_says_what_it_lacks(server)
    assert len(server.get("/api/v1/projects/before/traces").json()["data"]) == 1
    assert server.get(f"/api/v1/projects/{PROJECT}/traces/{waiting}").status == 503
    question = json.dumps({"query": "SELECT count() AS n FROM traces"}).encode()
    answer = server.request("POST", "/api/v1/sql", question)
    assert (answer.status, answer.json()["data"]) == (200, [["1"]])
    assert int(answer.headers["x-nightjar-pending-requests"]) > 0
    for form in ("otlp_json", "csv"):
        answer = server.get("/api/v1/projects/before/export", format=form)
        assert answer.status == 200 and int(answer.headers["x-nightjar-pending-requests"]) > 0
    for command in (["query", "SELECT 1"], ["query", "", "--project", "before"], ["export", "", "--project", "before"]):
        command = [BINARY, *command, "--url", "http://" + server.ready["http"]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment())
        assert done.returncode == 0 and "not stored yet" in done.stderr, done.stderr


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("restart", [False, True], ids=["", "over a restart"])
def test_an_engine_that_refuses_inserts(tmp_path, refusal, restart):
    begin, end = REFUSALS[refusal]
    source, ledger = random.Random(1), Ledger()
    with Server(tmp_path / "data") as server:
        trace = source.randbytes(16)
        server.accept(otlp.request(spans_of(trace, source)), project="before")
        server.trace(trace.hex())
        server.sql(begin)
        with Senders(server, source) as senders:
            senders.wait_for_acks(100)
            until(lambda: "trying until it can" in server.stderr(), "an insert that fails")
        assert senders.refused == 0
        ledger.add(senders)
        assert pending(server) > 0
        if refusal == "too many parts" and not restart:
            check_that_reads_say_what_they_lack(server, senders.acked[-1])
        if restart and refusal != "no table":  # the next start would make it
            server.kill9()
            server.start()
            assert pending(server) > 0
        server.sql(end)
        ledger.check(server)
        assert server.get_json("/api/v1/status")["journal"]["quarantined_requests"] == 0


def test_what_the_engine_refuses_for_good_is_put_aside_alone(tmp_path):
    """A condition of the table that throws on one name. Requests before and after that one are stored."""
    source = random.Random(1)
    traces = {name: source.randbytes(16) for name in ("good", "poison", "also good")}
    with Server(tmp_path / "data") as server:
        condition = "toUInt8(if(name = 'poison', 'no number', '1')) = 1"
        server.sql(f"ALTER TABLE {SPANS_TABLE} ADD CONSTRAINT c CHECK {condition}")
        hung = server.kill_engine(signal.SIGSTOP)  # so that the insert of the second has the third too
        for name, trace in traces.items():
            server.accept(otlp.request([otlp.Span(trace, source.randbytes(8), name)]), project=PROJECT)
        os.kill(hung, signal.SIGCONT)
        until(lambda: pending(server) == 0, "an empty journal")
        assert server.get_json("/api/v1/status")["journal"]["quarantined_requests"] == 1
        for _ in range(2):
            rows = server.get_json(f"/api/v1/projects/{PROJECT}/traces")["data"]
            assert sorted(row["name"] for row in rows) == ["also good", "good"]
            (kept,) = (tmp_path / "data/quarantine").iterdir()
            assert kept.suffix == ".request" and traces["poison"] in kept.read_bytes()
            server.kill9()
            server.start()
            assert pending(server) == 0


def test_catching_up_keeps_the_order(tmp_path):
    """Of spans that come again and again while nothing can be stored, the last one stays."""
    source = random.Random(1)
    trace, span_id = source.randbytes(16), source.randbytes(8)
    with Server(tmp_path / "data") as server:
        for kill in (None, server.kill9, None):
            hung = server.kill_engine(signal.SIGSTOP)
            for number in range(50):
                server.accept(otlp.request([otlp.Span(trace, span_id, f"version {number}")]), project=PROJECT)
            if kill:
                kill()
                server.start()
            else:
                os.kill(hung, signal.SIGCONT)
            assert server.trace(trace.hex())[span_id.hex()]["name"] == "version 49"


def test_an_engine_that_is_slow(tmp_path):
    """It stands still for half of the time."""
    source, ledger = random.Random(1), Ledger()
    with Server(tmp_path / "data") as server:
        engine, ended = server.engine_pid(), threading.Event()

        def slow_down():
            while not ended.wait(0.2):
                os.kill(engine, signal.SIGSTOP)
                ended.wait(0.2)
                os.kill(engine, signal.SIGCONT)

        slowing = threading.Thread(target=slow_down)
        slowing.start()
        try:
            with Senders(server, source) as senders:
                senders.wait_for_acks(200)
            assert senders.refused == 0
            ledger.add(senders)
            ledger.check(server)
        finally:
            ended.set()
            slowing.join()


def test_questions_do_not_keep_spans_out(tmp_path):
    """Heavy questions, more than the engine has connections: senders are acknowledged all the same."""
    source, ledger = random.Random(1), Ledger()
    with Server(tmp_path / "data") as server:
        stop = threading.Event()

        def ask():
            while not stop.is_set():
                answer = server.get(f"/api/v1/projects/{PROJECT}/traces", limit=500)
                assert answer.status in (200, 503, 504), answer.body

        askers = [threading.Thread(target=ask) for _ in range(24)]
        with Senders(server, source) as senders:
            senders.wait_for_acks(20)
            for asker in askers:
                asker.start()
            senders.wait_for_acks(100)
            stop.set()
        for asker in askers:
            asker.join()
        assert senders.refused == 0
        ledger.add(senders)
        ledger.check(server)


def test_the_same_request_a_hundred_times(own_server):
    """It is stored once. What was sent again after a restart is stored again, and counts once."""
    source = random.Random(1)
    trace = source.randbytes(16)
    body = otlp.request(spans_of(trace, source))
    for _ in range(100):
        own_server.accept(body, project=PROJECT)
    assert len(own_server.trace(trace.hex())) == SPANS
    assert own_server.sql(f"SELECT count() FROM {SPANS_TABLE}") == [[str(SPANS)]]
    ingest = own_server.get_json("/api/v1/status")["ingest"]
    assert (ingest["spans"], ingest["repeated_requests"]) == (SPANS, 99)

    own_server.accept(body, project="another")
    own_server.trace(trace.hex())
    assert own_server.sql(f"SELECT count() FROM {SPANS_TABLE}") == [[str(2 * SPANS)]]

    own_server.stop()
    own_server.start()
    own_server.accept(body, project=PROJECT)
    assert len(own_server.trace(trace.hex())) == SPANS
    projects = own_server.get_json("/api/v1/projects")["data"]
    assert [(row["name"], row["span_count"]) for row in projects] == [("another", SPANS), (PROJECT, SPANS)]


def test_a_request_that_was_partly_rejected_says_so_again(own_server):
    source = random.Random(1)
    body = otlp.request([otlp.Span(source.randbytes(16), source.randbytes(8)), otlp.Span(bytes(16), source.randbytes(8))])
    answers = [own_server.export(body).body for _ in range(3)]
    assert b"trace_id is all zero" in answers[0] and answers[1:] == answers[:1] * 2


def test_what_was_deleted_can_be_sent_again(own_server):
    source = random.Random(1)
    trace = source.randbytes(16)
    body = otlp.request(spans_of(trace, source))
    own_server.accept(body, project=PROJECT)
    path = f"/api/v1/projects/{PROJECT}/traces/{trace.hex()}"
    assert own_server.request("DELETE", path).status in (200, 204)
    assert own_server.get(path).status == 404
    own_server.accept(body, project=PROJECT)
    assert len(own_server.trace(trace.hex())) == SPANS
