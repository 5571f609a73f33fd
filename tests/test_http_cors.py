"""Browsers that export OTLP from a page of another origin (https://fetch.spec.whatwg.org/#http-cors-protocol)."""

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import JSON, PROTOBUF, Server

PAGE = "https://app.example"
PATHS = pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type,traceparent"}


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    origins = f"{PAGE}, http://localhost:3000"
    with Server(tmp_path_factory.mktemp("cors") / "data", env={"NIGHTJAR_CORS_ALLOWED_ORIGINS": origins}) as running:
        yield running


def cors_headers(answer):
    return {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control")}


@PATHS
@pytest.mark.parametrize("origin", [PAGE, "http://localhost:3000"])
def test_preflight(open_server, path, origin):
    answer = open_server.request("OPTIONS", path, headers={"origin": origin, **PREFLIGHT})
    assert (answer.status, answer.body, answer.headers["vary"]) == (204, b"", "Origin")
    assert cors_headers(answer) == {
        "access-control-allow-origin": origin,
        "access-control-expose-headers": "Retry-After",
        "access-control-allow-methods": "POST",
        "access-control-allow-headers": "authorization, baggage, content-encoding, content-type, traceparent, "
        "tracestate, x-project-name",
        "access-control-max-age": "7200",
    }


@pytest.mark.parametrize("origin", ["https://evil.example", "http://app.example", "https://app.example:8443", "null"])
def test_preflight_of_another_origin(open_server, origin):
    answer = open_server.request("OPTIONS", "/v1/traces", headers={"origin": origin, **PREFLIGHT})
    assert (answer.status, cors_headers(answer), answer.headers["vary"]) == (403, {}, "Origin")
    newest = open_server.get_json("/api/v1/rejected")["data"][0]
    assert (newest["status"], newest["fix"]) == (403, f"add {origin} to --cors-allowed-origins")


def test_answers_can_be_read_by_the_page(open_server):
    ids = Ids(1)
    good = otlp.request([otlp.Span(ids.trace(), ids.span())])
    for body, content_type, coding, status in [
        (good, PROTOBUF, "identity", 200),
        (b"\xff", PROTOBUF, "identity", 400),
        (b"{", JSON, "identity", 400),
        (good, "text/plain", "identity", 415),
        (good, PROTOBUF, "br", 415),
        (b"no gzip", PROTOBUF, "gzip", 400),
    ]:
        headers = {"origin": PAGE, "content-encoding": coding}
        answer = open_server.export(body, content_type=content_type, headers=headers)
        assert answer.status == status
        assert cors_headers(answer)["access-control-allow-origin"] == PAGE, status
        assert answer.headers["vary"] == "Origin"
    missing = open_server.request("POST", "/v1/trace", b"", {"origin": PAGE})
    assert (missing.status, cors_headers(missing)["access-control-allow-origin"]) == (404, PAGE)


def test_the_answer_varies_also_without_an_origin(open_server):
    answer = open_server.export(b"")
    assert (answer.headers["vary"], cors_headers(answer)) == ("Origin", {})


def test_options_that_is_no_preflight(open_server):
    assert open_server.request("OPTIONS", "/v1/traces").status == 405


@pytest.mark.parametrize("path", ["/api/v1/status", "/api/v1/projects", "/", "/healthz"])
def test_what_is_stored_stays_closed(open_server, path):
    """A page elsewhere may send, but not read."""
    for method in ("GET", "OPTIONS"):
        assert cors_headers(open_server.request(method, path, headers={"origin": PAGE, **PREFLIGHT})) == {}


def test_nobody_is_allowed_by_default(server):
    answer = server.request("OPTIONS", "/v1/traces", headers={"origin": PAGE, **PREFLIGHT})
    assert (answer.status, cors_headers(answer)) == (405, {})
    newest = server.get_json("/api/v1/rejected")["data"][0]
    assert (newest["status"], newest["fix"]) == (405, f"add {PAGE} to --cors-allowed-origins")
    assert cors_headers(server.export(b"", headers={"origin": PAGE})) == {}


def test_every_origin(tmp_path):
    with Server(tmp_path / "data", env={"NIGHTJAR_CORS_ALLOWED_ORIGINS": "*"}) as server:
        answer = server.request("OPTIONS", "/v1/traces", headers={"origin": "null", **PREFLIGHT})
        assert (answer.status, cors_headers(answer)["access-control-allow-origin"]) == (204, "*")
        answer = server.export(b"", headers={"origin": PAGE})
        assert cors_headers(answer)["access-control-allow-origin"] == "*"
        assert answer.headers["vary"] is None
