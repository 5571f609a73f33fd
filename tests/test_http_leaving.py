"""Clients that leave before they have their answer: the engine does not go on for them."""

import pytest

from harness.server import Server, until
from harness.wire import Wire

RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%FROM nightjar.logs%' AND query NOT LIKE '%processes%'"
QUESTION = b"GET /api/v1/projects/p/logs HTTP/1.1\r\nhost: tests\r\n\r\n"


@pytest.fixture
def slow_server(tmp_path):
    """One whose log records take for ever to find."""
    with Server(tmp_path / "data") as server:
        server.sql("INSERT INTO nightjar.logs (project) SELECT 'p'")
        server.sql("RENAME TABLE nightjar.logs TO nightjar.kept")
        server.sql(
            "CREATE VIEW nightjar.logs AS SELECT kept.* FROM numbers(1000000000000) AS n "
            "CROSS JOIN nightjar.kept AS kept WHERE sipHash64(n.number) = 1"
        )
        yield server


@pytest.fixture(scope="module")
def drowsy_server(tmp_path_factory):
    """One that takes seconds to read each day of spans: a column of theirs is made when it is read."""
    with Server(tmp_path_factory.mktemp("drowsy") / "data") as server:
        server.sql("ALTER TABLE nightjar.spans DROP COLUMN provider")
        server.sql(
            "INSERT INTO nightjar.spans (project, day, trace_id, span_id, start_unix_ns, kind, session_id, user_id, seq) SELECT 'p', 20000 + number % 40, "
            "toFixedString(unhex(leftPad(hex(number + 1), 32, '0')), 16), number + 1, (20000 + number % 40) * 86400000000000, 'LLM', 's', 'u', number + 1 FROM numbers(400)"
        )
        server.sql("ALTER TABLE nightjar.spans ADD COLUMN provider LowCardinality(String) DEFAULT if(sleepEachRow(0.25) = 0, 'x', 'y')")
        yield server


OF_SPANS = "SELECT count() FROM system.processes WHERE query LIKE '%nightjar.spans%' AND query NOT LIKE '%processes%'"
OF_VIEWS = "SELECT count() FROM system.processes WHERE query LIKE '%provider FROM spans%' AND query NOT LIKE '%processes%'"
SQL = b'{"query":"SELECT provider FROM spans"}'
QUESTIONS = {
    "traces": "projects/p/traces?q=provider:x", "spans": "projects/p/spans?q=provider:x", "sessions": "projects/p/sessions?q=provider:x", "users": "projects/p/users?q=provider:x",
    "sort": "projects/p/spans?sort=provider", "facets": "projects/p/facets?fields=provider", "histogram": "projects/p/histogram?q=provider:x", "suggest": "projects/p/suggest?q=provider:",
    "usage": "projects/p/usage?group_by=provider", "export of traces": "projects/p/export?q=provider:x", "export of rows": "projects/p/export?format=csv",
    "stream": "stream?project=p&q=provider:x&last_event_id=1", "filter": "projects/p/traces?filter=any(s.llm.provider+%3D%3D+%27x%27+for+s+in+spans)",
}


@pytest.mark.parametrize("kind", [*QUESTIONS, "sql"])
def test_each_kind_of_question_stops_when_its_client_leaves(drowsy_server, kind):
    count = OF_VIEWS if kind == "sql" else OF_SPANS
    until(lambda: drowsy_server.sql(count) == [["0"]], "no question before it")
    with Wire(drowsy_server.ready["http"]) as wire:
        if kind == "sql":
            wire.send(b"POST /api/v1/sql HTTP/1.1\r\nhost: tests\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (len(SQL), SQL))
        else:
            wire.send(b"GET /api/v1/%s HTTP/1.1\r\nhost: tests\r\n\r\n" % QUESTIONS[kind].encode())
        until(lambda: drowsy_server.sql(count) != [["0"]], "the question")
    # Left alone it would take 50 s: 40 days of 2.5 s each, two at a time.
    until(lambda: drowsy_server.sql(count) == [["0"]], "its end", seconds=20)


def running(server, count):
    return lambda: server.sql(RUNNING) == [[str(count)]]


def test_a_client_that_leaves_stops_its_question(slow_server):
    with Wire(slow_server.ready["http"]) as stays, Wire(slow_server.ready["http"]) as leaves:
        stays.send(QUESTION)
        leaves.send(QUESTION)
        until(running(slow_server, 2), "both questions")
        leaves.close()
        until(running(slow_server, 1), "the end of one", seconds=10)  # the engine itself gives up after 30 s
        until(running(slow_server, 1), "the other, which goes on")


def test_the_stop_of_the_server_ends_its_questions(slow_server):
    with Wire(slow_server.ready["http"]) as wire:
        wire.send(QUESTION)
        until(running(slow_server, 1), "the question")
        assert slow_server.stop(seconds=10) == 0
