"""DELETE of traces, sessions and projects: what is asked for goes with its bodies, everything else stays."""

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import Server

START = 1_795_000_000_000_000_000
SHARED = "a body that both traces of the session refer to. " * 8 + "."
ONLY = {"first": "said in the first trace alone. " * 8 + ".", "second": "said in the second trace alone. " * 8 + "."}


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def post_session(server, ids, project, session="s-1"):
    """Two traces of one session that share a body; their ids."""
    traces = {name: ids.trace() for name in ONLY}
    spans = [
        otlp.Span(
            trace,
            ids.span(),
            name=name,
            start=START,
            end=START + 1,
            attributes={"session.id": session, "input.value": SHARED, "output.value": ONLY[name]},
        )
        for name, trace in traces.items()
    ]
    for span in spans:
        server.accept(otlp.request([span]), project=project)
    return {name: trace.hex() for name, trace in traces.items()}


def bodies(server):
    return sorted(body for (body,) in server.sql("SELECT body FROM nightjar.segments FINAL"))


def input_and_output(server, trace):
    (span,) = server.get_json(f"/api/v1/traces/{trace}")["spans"]
    return span["attributes"]["input.value"], span["attributes"]["output.value"]


def test_bodies_that_nothing_else_refers_to_go_with_a_trace(tmp_path, ids):
    with Server(tmp_path / "data") as server:
        traces = post_session(server, ids, "shop")
        other = post_session(server, ids, "else")
        assert input_and_output(server, traces["first"]) == (SHARED, ONLY["first"])

        assert server.request("DELETE", f"/api/v1/projects/shop/traces/{traces['first']}").status == 204
        assert server.get(f"/api/v1/traces/{traces['first']}").status == 404
        assert input_and_output(server, traces["second"]) == (SHARED, ONLY["second"])
        texts = [SHARED, ONLY["first"], ONLY["second"]]  # of "else": a scope of its own
        assert bodies(server) == sorted([SHARED, ONLY["second"], *texts])

        # What was erased can come again, with its bodies.
        again = post_session(server, ids, "shop")
        assert input_and_output(server, again["first"]) == (SHARED, ONLY["first"])

        assert server.request("DELETE", "/api/v1/projects/shop/sessions/s-1").status == 204
        for trace in (traces["second"], again["first"], again["second"]):
            assert server.get(f"/api/v1/traces/{trace}").status == 404
        assert bodies(server) == sorted(texts)

        assert server.request("DELETE", "/api/v1/projects/else").status == 204
        assert bodies(server) == []
        assert server.get_json("/api/v1/projects")["data"] == []
        assert server.get(f"/api/v1/traces/{other['second']}").status == 404


def test_nothing_to_delete_is_not_found(server, ids):
    assert server.request("DELETE", "/api/v1/projects/nobody").status == 404
    assert server.request("DELETE", "/api/v1/projects/nobody/sessions/s").status == 404
    assert server.request("DELETE", f"/api/v1/projects/nobody/traces/{ids.trace().hex()}").status == 404
    answer = server.request("DELETE", "/api/v1/projects/nobody/traces/xyz")
    assert answer.status == 400 and '"xyz\\" is not a trace id' in answer.body.decode()


def test_a_noted_deletion_is_finished_by_the_next_start_and_takes_nothing_newer(tmp_path, ids):
    server = Server(tmp_path / "data")
    with server:
        old = post_session(server, ids, "shop")
        assert input_and_output(server, old["first"])
        # As a crash right after the note leaves it.
        seq_end = server.sql("SELECT max(seq) + 1 FROM nightjar.spans")[0][0]
        server.sql(
            "INSERT INTO nightjar.erasing SELECT project, trace_id, "
            f"{seq_end}, segment_scope FROM nightjar.spans WHERE trace_id = unhex('{old['first']}')"
        )
        newer = post_session(server, ids, "shop")
        assert input_and_output(server, newer["first"])
    with server:
        latest = post_session(server, ids, "shop")
        assert input_and_output(server, latest["second"])  # the deletion is finished before anything else is stored
        assert server.get(f"/api/v1/traces/{old['first']}").status == 404
        for trace, name in ((old["second"], "second"), (newer["first"], "first"), (newer["second"], "second")):
            assert input_and_output(server, trace) == (SHARED, ONLY[name])
