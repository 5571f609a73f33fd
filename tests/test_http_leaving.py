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
