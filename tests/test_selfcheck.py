"""`nightjar selfcheck` against the server, and against a proxy that lies about what the server said."""

import http.client
import http.server
import json
import re
import threading

import pytest

from harness.server import Server, run_to_end


class LyingProxy:
    """Passes requests on to `target`; `lie(path, status, body)` may change what comes back."""

    def __init__(self, target, lie):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self._pass_on()

            def do_POST(self):
                self._pass_on()

            def _pass_on(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                upstream = http.client.HTTPConnection(target, timeout=30)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")}
                upstream.request(self.command, self.path, body or None, headers)
                answer = upstream.getresponse()
                status, content = lie(self.path, answer.status, answer.read())
                upstream.close()
                self.send_response(status)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Server(tmp_path_factory.mktemp("selfcheck") / "data") as running:
        yield running


def check(url, *arguments):
    """One round: (exit code, its JSON line)."""
    code, out, err = run_to_end("selfcheck", "--url", url, "--json", "--traces", 5, *arguments)
    assert err == ""
    (line,) = out.splitlines()
    return code, json.loads(line)


def url_of(server):
    return "http://" + server.ready["http"]


def test_a_good_server_passes_over_every_transport(server):
    code, report = check(url_of(server), "--otlp", "http://" + server.ready["otlp_http"],
                         "--grpc", server.ready["grpc"], "--project", "all transports", "--seed", 7)
    assert (code, report["ok"], report["first_errors"]) == (0, True, [])
    assert (report["seed"], report["traces"]) == (7, 5)
    (project,) = [p for p in server.get_json("/api/v1/projects")["data"] if p["name"] == "all transports"]
    assert (project["trace_count"], project["span_count"]) == (5, report["spans"])


def test_a_seed_makes_the_same_spans(server):
    first = check(url_of(server), "--project", "seed a", "--seed", 3)[1]
    other = check(url_of(server), "--project", "seed b", "--seed", 4)[1]
    again = check(url_of(server), "--project", "seed c", "--seed", 3)[1]
    assert first["spans"] == again["spans"]
    traces = [{row["trace_id"] for row in server.get_json(f"/api/v1/projects/seed%20{name}/traces")["data"]}
              for name in "abc"]
    assert traces[0] == traces[2] and not traces[0] & traces[1]
    assert first["ok"] and other["ok"] and again["ok"]


def test_rounds_go_on_and_each_prints_a_line(server):
    code, out, _ = run_to_end("selfcheck", "--url", url_of(server), "--seconds", 2, "--every", 1, "--traces", 2,
                              "--project", "rounds", "--seed", 100, "--grpc", server.ready["grpc"])
    assert code == 0
    assert [re.match(r"ok +seed (\d+): 2 traces", line)[1] for line in out.splitlines()] == ["100", "101"]


def is_trace(path):
    return re.search(r"/traces/[0-9a-f]{32}$", path) is not None


def changed(body, change):
    content = json.loads(body)
    change(content)
    return json.dumps(content).encode()


def drop_a_span(path, status, body):
    return status, changed(body, lambda trace: trace["spans"].pop()) if is_trace(path) else body


def double_a_span(path, status, body):
    return status, changed(body, lambda t: t["spans"].append(t["spans"][0])) if is_trace(path) else body


def change_an_attribute(path, status, body):
    def change(trace):
        (root,) = [span for span in trace["spans"] if span["parent_span_id"] is None]
        root["attributes"]["check.integer"] += 1

    return status, changed(body, change) if is_trace(path) else body


def turn_an_integer_into_a_double(path, status, body):
    def change(trace):
        for span in trace["spans"]:
            if "llm.token_count.prompt" in span["attributes"]:
                span["attributes"]["llm.token_count.prompt"] = float(span["attributes"]["llm.token_count.prompt"])

    return status, changed(body, change) if is_trace(path) else body


def forget_the_trace(path, status, body):
    return (404, b"{}") if is_trace(path) else (status, body)


def drop_a_row(path, status, body):
    return status, changed(body, lambda page: page["data"].pop(0)) if "/traces?limit=500" in path else body


def hide_from_search(path, status, body):
    return status, changed(body, lambda page: page["data"].clear()) if "&q=" in path else body


def find_another_too(path, status, body):
    return status, changed(body, lambda page: page["data"].append({"trace_id": "0" * 32})) if "&q=" in path else body


def miscount_usage(path, status, body):
    def change(page):
        for row in page["data"]:
            row["calls"] //= 2

    return status, changed(body, change) if "/usage?" in path else body


def miscount_tokens(path, status, body):
    def change(page):
        page["data"][0]["tokens"]["prompt"] += 1

    return status, changed(body, change) if "/traces?" in path else body


def miscount_the_project(path, status, body):
    def change(page):
        for row in page["data"]:
            row["span_count"] //= 2

    return status, changed(body, change) if path.endswith("/projects") else body


def refuse_exports(path, status, body):
    return (500, b"") if path == "/v1/traces" else (status, body)


def reject_in_part(path, status, body):
    return (status, b"\x0a\x02\x08\x01") if path == "/v1/traces" else (status, body)


def break_reads(path, status, body):
    return (500, b"") if is_trace(path) else (status, body)


@pytest.mark.parametrize("lie, fault", [
    (drop_a_span, "missing_spans"),
    (double_a_span, "incorrect_result"),
    (change_an_attribute, "incorrect_result"),
    (turn_an_integer_into_a_double, "incorrect_result"),
    (forget_the_trace, "not_found_by_id"),
    (drop_a_row, "not_in_list"),
    (hide_from_search, "not_in_search"),
    (find_another_too, "not_in_search"),
    (miscount_usage, "wrong_aggregate"),
    (miscount_tokens, "wrong_aggregate"),
    (miscount_the_project, "wrong_aggregate"),
    (refuse_exports, "request_failed"),
    (reject_in_part, "request_failed"),
    (break_reads, "request_failed"),
], ids=lambda value: value if isinstance(value, str) else value.__name__)
def test_a_lie_is_caught(server, lie, fault):
    with LyingProxy(server.ready["http"], lie) as proxy:
        code, report = check(proxy.url, "--patience", 1, "--project", lie.__name__)
    wrong = {name for name, count in report["errors"].items() if count}
    assert (code, report["ok"], wrong) == (1, False, {fault})
    assert report["first_errors"][0].startswith(fault + ": ")


def test_no_server_is_a_failure():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}"
    code, report = check(url)
    assert code == 1
    assert report["errors"]["request_failed"] > 0


def test_wrong_arguments_are_an_error():
    code, _, err = run_to_end("selfcheck", "--traces", "0")
    assert code == 1
    assert "--traces" in err
