"""`nightjar doctor`: what it says of a server, of what that received, and of a data directory; and its exit code."""

import json
import os
import random
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from harness import otlp_encode as otlp
from harness.server import BINARY, Server, on_a_terminal, run_to_end, until

CALL = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 10, "gen_ai.usage.output_tokens": 5, "session.id": "s", "user.id": "u"}


def send(server, project, *changes):
    """A trace with one call for each dict of changed attributes."""
    source = random.Random(project)
    spans = [otlp.Span(source.randbytes(16), source.randbytes(8), attributes=CALL | more) for more in changes]
    server.accept(otlp.request(spans, resource={"openinference.project.name": project}))


def ask(server, *arguments):
    return run_to_end("doctor", "--url", f"http://{server.ready['http']}", *arguments)


def report(server, *arguments):
    """{title's first two words: {code: finding}} and the exit code."""
    code, out, err = ask(server, "--json", *arguments)
    assert err == ""
    sections = {" ".join(section["title"].split()[:2]).rstrip(":"): {entry["code"]: entry for entry in section["findings"]}
                for section in json.loads(out)["sections"]}
    return sections, code


def test_a_healthy_server(own_server):
    send(own_server, "hale", {})
    code, out, err = ask(own_server)
    assert (code, err) == (0, "")
    assert "  ok      spans can be received and read\n" in out
    assert "  ok      1 span received since the start, the last " in out
    assert "Project hale: 1 span in 1 trace, 1 call of a model\n" in out
    assert out.endswith("\n0 errors, 0 warnings\n")
    assert "\x1b" not in out


def test_findings_with_their_remedies_and_the_exit_code(own_server):
    send(own_server, "fair", {}, {"session.id": ""})
    send(own_server, "bad", {"gen_ai.usage.total_tokens": 3}, {"gen_ai.frobnication": "x"})
    sections, code = report(own_server)
    assert code == 1
    assert sections["Project bad"]["impossible_tokens"]["severity"] == "error"
    assert sections["Project bad"]["impossible_tokens"]["message"].startswith("1 of 2 calls whose token counts cannot be")
    assert "gen_ai.frobnication (1, such as x)" in sections["Project bad"]["unknown_attributes"]["message"]
    assert sections["Project fair"]["no_session"]["severity"] == "warning"
    assert "session.id" in sections["Project fair"]["no_session"]["remedy"]
    assert len(sections["Project fair"]["no_session"]["trace_ids"]) == 1
    sections, code = report(own_server, "--project", "fair")
    assert code == 0 and set(sections) == {f"Server http://{own_server.ready['http']}", "Project fair"}


def test_refusals_are_errors_with_their_fix(own_server):
    own_server.request("POST", "/v1/traces", b"x", {"content-type": "text/plain"})
    sections, code = report(own_server)
    refused = sections[f"Server http://{own_server.ready['http']}"]["refused"]
    assert code == 1 and refused["severity"] == "error"
    assert refused["remedy"] == "set OTEL_EXPORTER_OTLP_PROTOCOL to http/protobuf or http/json"


def test_an_engine_that_was_killed_is_told_of(own_server):
    own_server.kill_engine()
    until(lambda: (now := own_server.get_json("/api/v1/status")["engine"])["restarts"] == 1 and now["state"] == "ready",
          "the engine's return")
    sections, code = report(own_server)
    assert code == 0
    restarts = sections[f"Server http://{own_server.ready['http']}"]["engine_restarts"]
    assert restarts["severity"] == "warning" and "signal 9" in restarts["message"]


def test_text_of_others_does_not_reach_the_terminal_as_it_is(own_server):
    send(own_server, "evil\x1b]0;owned\x07\u202e", {"gen_ai.\x1b[2J": "\x1b[31m\u202etext"})
    code, out, _ = ask(own_server)
    assert code == 0
    assert not any(ord(c) < 0x20 and c != "\n" or c in "\u202e\x7f\x9b" for c in out)
    assert "evil\\x1b]0;owned\\x07\\u202e" in out and "gen_ai.\\x1b[2J" in out


def test_colors_only_on_a_terminal_that_wants_them(own_server):
    arguments = ["doctor", "--url", f"http://{own_server.ready['http']}"]
    assert b"\x1b[32mok" in on_a_terminal(arguments, {"NO_COLOR": ""})
    assert b"\x1b" not in on_a_terminal(arguments, {"NO_COLOR": "1"})


def test_nobody_answers(tmp_path):
    code, out, _ = run_to_end("doctor", "--url", "http://127.0.0.1:9")
    assert code == 2
    assert "http://127.0.0.1:9" in out and "nightjar serve" in out and "--data-dir" in out
    assert run_to_end("doctor", "--url", "http://127.0.0.1:9", "--json")[0] == 2


@pytest.mark.parametrize("body", [b"[]", b"{}", b"not json", b'{"version": "9", "journal": 3, "engine": [], "ingest": {"spans": -1}}'])
def test_another_program_answers(body):
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    stranger = HTTPServer(("127.0.0.1", 0), Stranger)
    threading.Thread(target=stranger.serve_forever, daemon=True).start()
    code, out, err = run_to_end("doctor", "--url", f"http://127.0.0.1:{stranger.server_port}")
    stranger.shutdown()
    assert code in (1, 2) and out.startswith("Server http://127.0.0.1") and err == ""


def test_mistakes_on_the_command_line():
    assert run_to_end("doctor", "--nonsense")[0] == 1
    code, out, _ = run_to_end("doctor", "--help")
    assert code == 0 and "--data-dir" in out and "Exit code" in out


def inspect(data_dir, *arguments):
    code, out, _ = run_to_end("doctor", "--json", "--data-dir", data_dir, *arguments)
    (section,) = json.loads(out)["sections"]
    return {entry["code"]: (entry["severity"], entry["message"]) for entry in section["findings"]}, code


@pytest.fixture
def stopped(tmp_path):
    """A data directory with a stored trace and no server."""
    with Server(tmp_path / "data") as server:
        send(server, "offline", {})
    return tmp_path / "data"


def tree(data_dir):
    return {path: path.stat().st_mtime_ns for path in sorted(data_dir.rglob("*"))}


def test_a_directory_without_a_server_is_looked_at_and_not_touched(stopped):
    before = tree(stopped)
    found, code = inspect(stopped)
    assert code == 0 and {severity for severity, _ in found.values()} <= {"ok", "warning"}
    assert found["format"][0] == found["segment_key"][0] == found["journal"][0] == found["engine_library"][0] == "ok"
    assert tree(stopped) == before


def test_a_directory_in_use(own_server):
    found, code = inspect(own_server.data_dir)
    assert code == 0 and found["in_use"][0] == "info" and "journal" not in found


def test_what_waits_in_the_journal(tmp_path):
    with Server(tmp_path / "data") as server:
        os.kill(server.engine_pid(), 19)  # SIGSTOP: nothing is stored any more
        send(server, "waiting", {})
        server.kill9()
        found, code = inspect(tmp_path / "data")
    assert code == 0 and found["journal"][0] == "info" and found["journal"][1].startswith("1 acknowledged request")


def damage(path, content):
    path.write_bytes(content)


@pytest.mark.parametrize("name, code, spoil", [
    ("format", "format", lambda d: damage(d / "FORMAT", b"nightjar-data 9\n")),
    ("key", "segment_key", lambda d: damage(d / "segment.key", b"short")),
    ("journal", "journal", lambda d: damage(d / "journal/FORMAT", b"nightjar-journal 9\n")),
])
def test_what_is_damaged_is_an_error(stopped, name, code, spoil):
    del name
    spoil(stopped)
    found, exit_code = inspect(stopped)
    assert exit_code == 1 and found[code][0] == "error"


def test_an_engine_that_is_missing_or_another(stopped, tmp_path):
    found, code = inspect(stopped, "--engine-library", tmp_path / "none.so")
    assert code == 1 and found["engine_library"][0] == "error" and "No such file" in found["engine_library"][1]
    shutil.copy(BINARY, tmp_path / "other.so")
    found, code = inspect(stopped, "--engine-library", tmp_path / "other.so")
    assert code == 1 and "not the one that this program was tested with" in found["engine_library"][1]


def test_no_such_directory(tmp_path):
    found, code = inspect(tmp_path / "nowhere")
    assert code == 1 and found["missing"][0] == "error"
    assert not (tmp_path / "nowhere").exists()


def test_an_open_directory_is_a_warning(stopped):
    stopped.chmod(0o755)
    assert inspect(stopped)[0]["mode"] == ("warning", "others on this machine may enter the directory (mode 755)")
