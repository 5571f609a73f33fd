"""What a project keeps no longer is erased with its bodies, also after a restart; nothing younger ever is."""

import http.client
import json
import time
from urllib.parse import quote

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.faults import FaultyServer
from harness.server import Server, until

GAUGE = 5  # the field of a metric that holds them
DAY = 86_400 * 10**9
NOW = time.time_ns()
OLD, YOUNG = NOW - 10 * DAY, NOW - 6 * DAY  # of seven days that are kept
SHARED = "a body of traces old and young. " * 12 + "."
ONLY_OLD = "a body of old traces alone. " * 12 + "."


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def span(ids, trace, at, body=SHARED):
    return otlp.Span(trace, ids.span(), name="turn", start=at, end=at + 1, attributes={"session.id": "s-1", "input.value": body})


def keep(server, project, days):
    headers = {"content-type": "application/json"}
    return server.request("PUT", f"/api/v1/projects/{quote(project)}/retention", json.dumps({"days": days}).encode(), headers)


def post(server, ids, project):
    """Traces by name. Those called old have nothing of the last seven days."""
    traces = {name: ids.trace() for name in ("old", "young", "old with a young span", "old with a young log record")}
    spans = [
        span(ids, traces["old"], OLD, ONLY_OLD),
        span(ids, traces["old"], OLD),
        span(ids, traces["young"], YOUNG),
        span(ids, traces["old with a young span"], OLD),
        span(ids, traces["old with a young span"], YOUNG),
        span(ids, traces["old with a young log record"], OLD),
    ]
    server.accept(otlp.request(spans), project=project)
    records = [
        otlp.log_record("old, of the old trace", time=OLD, trace_id=traces["old"]),
        otlp.log_record("young", time=YOUNG, trace_id=traces["old with a young log record"]),
        otlp.log_record("old and of no trace", time=OLD),
        otlp.log_record("young and of no trace", time=YOUNG),
    ]
    server.accept(otlp.logs_request(records), path="/v1/logs", project=project)
    points = [otlp.number_point(1, time=OLD), otlp.number_point(2, time=YOUNG)]
    server.accept(otlp.metrics_request([otlp.metric("requests", GAUGE, points)]), path="/v1/metrics", project=project)
    return {name: trace.hex() for name, trace in traces.items()}


def kept(server, project, traces):
    """Names of the traces that are there, texts of the log records, values of the metric."""
    there = [name for name, trace in traces.items() if server.get(f"/api/v1/projects/{quote(project)}/traces/{trace}").status == 200]
    logs = server.get_json(f"/api/v1/projects/{quote(project)}/logs")["data"]
    values = server.sql(f"SELECT int_value FROM nightjar.metric_points FINAL WHERE project = '{project}' ORDER BY time_unix_ns")
    return there, sorted(record["body"] for record in logs), [int(value) for (value,) in values]


def wait_for_a_pass(server, ids):
    """Until one that began after the call is over: projects come by their names."""
    traces = post(server, ids, "zz last")
    assert keep(server, "zz last", 7).status == 200
    until(lambda: kept(server, "zz last", traces) == LEFT, "a pass")


ALL = (
    ["old", "young", "old with a young span", "old with a young log record"],
    ["old and of no trace", "old, of the old trace", "young", "young and of no trace"],
    [1, 2],
)
LEFT = (["young", "old with a young span", "old with a young log record"], ["young", "young and of no trace"], [2])


def test_what_is_older_goes_and_nothing_else(tmp_path, ids):
    with Server(tmp_path / "data") as server:
        traces, others = post(server, ids, "shop"), post(server, ids, "other")
        assert kept(server, "shop", traces) == ALL
        answer = keep(server, "shop", 7)
        assert (answer.status, answer.json()) == (200, {"project": "shop", "days": 7})
        until(lambda: kept(server, "shop", traces) == LEFT, "the end of what is old")
        assert kept(server, "other", others) == ALL
        # Bodies are of a project's session: of this one's, what a span still refers to is left.
        left = [[body] for body in sorted([SHARED, SHARED, ONLY_OLD])]
        until(lambda: server.sql("SELECT body FROM nightjar.segments FINAL ORDER BY body") == left, "the end of its bodies")
        spans = server.get_json(f"/api/v1/projects/shop/traces/{traces['old with a young span']}")["spans"]
        assert [span["attributes"]["input.value"] for span in spans] == [SHARED, SHARED]


def test_it_is_kept_over_a_restart_and_applied_at_the_start(tmp_path, ids):
    server = Server(tmp_path / "data")
    with server:
        traces = post(server, ids, "shop")
        assert kept(server, "shop", traces) == ALL
        assert keep(server, "shop", 7).status == 200
        server.kill9()
    with server:
        assert server.get_json("/api/v1/projects/shop/retention") == {"project": "shop", "days": 7}
        until(lambda: kept(server, "shop", traces) == LEFT, "the end of what is old")
        assert {"project": "shop", "days": 7} in server.get_json("/api/v1/retention")["data"]


def test_killed_while_it_erases(tmp_path, ids):
    """Before chosen ones of the words to the engine with which one project's old traces go; a start ends what was begun."""
    numbers = (1, 4, 7, 10, 13)
    with FaultyServer(tmp_path / "data") as server:
        for number in numbers:
            project = f"shop {number}"
            traces = post(server, ids, project)
            assert kept(server, project, traces) == ALL
            server.fault(kill_at_send=number)
            try:
                keep(server, project, 7)  # no other project has days, so that all words are about this one
            except (OSError, http.client.HTTPException):
                pass  # killed before it answered
            server.wait_for_kill()
            server.start()
            if server.get_json(f"/api/v1/projects/{quote(project)}/retention")["days"] is None:  # killed before it was set
                keep(server, project, 7)
            until(lambda: kept(server, project, traces) == LEFT, "the end of what is old")
            assert keep(server, project, None).status == 200


def test_for_ever_is_what_is_not_said_otherwise(server, ids):
    assert server.get_json("/api/v1/projects/kept/retention") == {"project": "kept", "days": None}
    traces = post(server, ids, "kept")
    assert keep(server, "kept", 11).status == 200
    assert keep(server, "kept", None).json() == {"project": "kept", "days": None}
    wait_for_a_pass(server, ids)
    assert kept(server, "kept", traces) == ALL


@pytest.mark.parametrize(
    "body, told",
    [
        ({"days": 0}, "days is 0; it is 1 to 36500"),
        ({"days": 36501}, "it is 1 to 36500"),
        ({"days": 1.5}, "not a whole number"),
        ({"days": "7"}, "not a whole number"),
        ({"day": 7}, 'send {"days": 30}'),
        ([7], 'send {"days": 30}'),
    ],
)
def test_what_is_no_retention_is_refused(server, body, told):
    headers = {"content-type": "application/json"}
    answer = server.request("PUT", "/api/v1/projects/refused/retention", json.dumps(body).encode(), headers)
    assert answer.status == 400 and told in answer.json()["error"]["message"]
    assert server.get_json("/api/v1/projects/refused/retention")["days"] is None


def test_a_page_of_another_origin_cannot_change_it(server):
    answer = server.request("PUT", "/api/v1/projects/shop/retention", b'{"days": 1}', {"content-type": "text/plain"})
    assert answer.status == 400 and "application/json" in answer.json()["error"]["message"]
