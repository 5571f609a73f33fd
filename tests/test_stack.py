"""A session of a user of the stack: an agent is run, a chat server is asked by two users, and what they did is found."""

import json
import re
import socket
import subprocess

import pytest

from harness import server as harness
from harness.programs import Program, run_traced

GOAL = "Compare Postgres and SQLite for a small Django app's database."
ANSWER = "Start on SQLite: a small Django app needs no database server"
WATERFALL = [
    "agent.run",
    "  llm.chat",
    "  tool.search_docs",
    "    retrieval",
    "  llm.chat",
    "  tool.fetch_chunk",
    "  llm.chat",
    "  llm.chat",
]


@pytest.fixture(scope="module")
def model():
    with Program("scripted_llm") as running:
        yield running


@pytest.fixture(scope="module")
def chat(server, model):
    """Its spans leave at once, so that tests need not wait."""
    endpoint = f"http://{server.ready['http']}/v1/traces"
    with Program(
        "chat_server", "--llm-url", f"http://{model.address}/v1", "--endpoint", endpoint,
        env={"OTEL_BSP_SCHEDULE_DELAY": "10"},
    ) as running:
        yield running


def waterfall(spans):
    """Names, indented by depth, in the order they started."""
    depths, lines = {None: -1}, []
    for span in sorted(spans, key=lambda span: int(span["start_unix_ns"])):
        depths[span["span_id"]] = depths.get(span["parent_span_id"], -1) + 1
        lines.append("  " * depths[span["span_id"]] + span["name"])
    return lines


def spans_of(server, trace_id, count):
    """The trace, once it has so many spans."""

    def whole():
        answer = server.get(f"/api/v1/traces/{trace_id}")
        return answer.status == 200 and len(answer.json()["spans"]) >= count and answer.json()["spans"]

    return harness.until(whole, f"{count} spans of {trace_id}")


def ask(chat, message, **headers):
    answer = chat.ask("POST", "/chat", {"message": message}, **headers)
    assert answer.status == 200, answer.body
    assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"]
    return answer


def test_the_runner_makes_the_waterfall(server, model):
    code, out, err = run_traced(
        "--llm-url", f"http://{model.address}/v1", "--endpoint", f"http://{server.ready['http']}/v1/traces"
    )
    assert (code, err) == (0, "")
    assert ANSWER in out
    (address,) = re.findall(r"^Trace: (.*)$", out, re.MULTILINE)
    assert address.startswith(f"http://{server.ready['http']}/traces/")
    spans = server.get_json("/api/v1/traces/" + address.rsplit("/", 1)[1])["spans"]
    assert waterfall(spans) == WATERFALL
    spans.sort(key=lambda span: int(span["start_unix_ns"]))
    root, first, search, retrieval, _, fetch, _, last = spans
    assert [span["kind"] for span in spans] == ["AGENT", "LLM", "TOOL", "RETRIEVER", "LLM", "TOOL", "LLM", "LLM"]
    assert root["service_name"] == "stack-dev"
    assert (root["input"]["value"], root["attributes"]["agent.stop_reason"]) == (GOAL, "final_answer")
    assert root["output"]["value"].startswith(ANSWER)

    llm = first["llm"]
    assert llm["invocation_parameters"] == {"temperature": 0.7}
    assert [message["role"] for message in llm["input_messages"]] == ["system", "user"]
    assert [tool["name"] for tool in llm["tools"]] == ["fetch_chunk", "now", "search_docs"]
    assert llm["tools"][2]["parameters"]["required"] == ["query"]
    assert llm["finish_reasons"] == ["tool_calls"]
    # 157 and 62 characters are 40 and 16 tokens; "search_docs" and 51 characters are 3 and 13.
    assert [first["tokens"][name] for name in ("prompt", "completion", "total")] == [56, 16, 72]
    assert len(last["llm"]["input_messages"]) == 8
    assert last["llm"]["output_messages"][0]["content"][0]["text"] == root["output"]["value"]

    assert (search["tool"]["name"], search["tool"]["call_id"]) == ("search_docs", "call_1")
    assert json.loads(search["input"]["value"]) == {"query": "Postgres vs SQLite for Django", "top_k": 3}
    documents = retrieval["retrieval"]["documents"]
    assert [len(documents), documents[0]["id"]] == [3, "dj-001"]
    assert documents[0]["score"] > documents[1]["score"] > 0
    assert documents[0]["content"].startswith("Postgres vs SQLite for Django:")
    assert json.loads(fetch["output"]["value"])["text"] == documents[0]["content"]


def test_two_users_ask_and_one_complains(server, chat):
    ada = ask(chat, "What is WAL?", x_user_id="ada", x_session_id="s-ada")
    bob = ask(chat, "What is PgBouncer?", x_user_id="bob", x_session_id="s-bob")
    ada_trace, bob_trace = ada.headers["X-Trace-Id"], bob.headers["X-Trace-Id"]
    assert ada_trace != bob_trace

    # The id that the answer told is pasted: the trace is there, whole.
    spans = spans_of(server, ada_trace, 6)
    assert waterfall(spans) == [
        "POST /chat", "  agent.run", "    llm.chat", "    tool.search_docs", "      retrieval", "    llm.chat",
    ]
    agent = next(span for span in spans if span["kind"] == "AGENT")
    assert (agent["user_id"], agent["session_id"]) == ("ada", "s-ada")
    spans_of(server, bob_trace, 6)

    project = spans[0]["project"]
    found = server.whole_list(f"/api/v1/projects/{project}/traces", q="user:bob")["data"]
    assert [row["trace_id"] for row in found] == [bob_trace]

    answer = chat.ask(
        "POST", "/feedback", {"trace_id": bob_trace, "score": 0, "comment": "not what I asked"}, x_user_id="bob"
    )
    assert (answer.status, answer.json()) == (200, {"status": "recorded"})
    (annotation,) = server.get_json(f"/api/v1/traces/{bob_trace}")["trace"]["annotations"]
    assert (annotation["name"], annotation["annotator_kind"]) == ("user_feedback", "HUMAN")
    assert (annotation["score"], annotation["label"]) == (0, "thumbs-down")
    assert (annotation["explanation"], annotation["identifier"]) == ("not what I asked", "bob")
    assert server.get_json(f"/api/v1/traces/{ada_trace}")["trace"]["annotations"] == []

    def disliked():
        rows = server.get_json(f"/api/v1/projects/{project}/traces", q="score.user_feedback<1")["data"]
        return [row["trace_id"] for row in rows]

    assert harness.until(disliked, "the trace that bob disliked") == [bob_trace]


def test_feedback_on_a_trace_that_is_not_there(chat):
    answer = chat.ask("POST", "/feedback", {"trace_id": "0" * 31 + "1", "score": 1})
    assert (answer.status, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/healthz", 200), ("GET", "/", 404), ("PUT", "/chat", 405), ("POST", "/chat", 400)]
)
def test_every_answer_has_a_trace_id(chat, method, path, status):
    answer = chat.ask(method, path)
    assert answer.status == status
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Trace-Id"])


def test_a_404_is_in_the_callers_trace(server, chat):
    trace_id, parent = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
    answer = chat.ask("GET", "/nowhere", traceparent=f"00-{trace_id}-{parent}-01")
    assert (answer.status, answer.headers["X-Trace-Id"]) == (404, trace_id)
    (span,) = spans_of(server, trace_id, 1)
    assert (span["parent_span_id"], span["attributes"]["http.response.status_code"]) == (parent, 404)


def test_a_body_that_is_too_large_is_refused_with_a_trace_id(chat):
    answer = harness.send(chat.address, "POST", "/chat", b"x" * 2_000_000)
    assert answer.status == 413
    assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"]


def test_an_answer_is_streamed(server, chat):
    answer = chat.ask("POST", "/chat", {"message": "What is WAL?", "stream": True}, x_user_id="streamer")
    assert answer.media_type == "text/event-stream"
    events = [event.split("\n") for event in answer.body.decode().removesuffix("\n\n").split("\n\n")]
    deltas = [json.loads(lines[0].removeprefix("data: "))["delta"] for lines in events[:-1]]
    assert "".join(deltas) == "The notes found by the search are all there is on this question."
    assert len(deltas) == 4  # of sixteen bytes
    assert events[-1][0] == "event: done"
    done = json.loads(events[-1][1].removeprefix("data: "))
    assert done["trace_id"] == answer.headers["X-Trace-Id"]
    spans = spans_of(server, done["trace_id"], 6)
    calls = [span["llm"] for span in spans if span["kind"] == "LLM"]
    assert all(call["time_to_first_token_ns"] > 0 for call in calls)


def script(tmp_path, *turns):
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"conversations": [{"goal_contains": "", "turns": turns}]}))
    return path


def test_a_model_that_fails_is_on_its_span(server, tmp_path):
    with Program("scripted_llm", "--script", script(tmp_path, {"status": 400, "error": "too long"})) as model:
        code, _, err = run_traced(
            "--llm-url", f"http://{model.address}/v1", "--endpoint", f"http://{server.ready['http']}/v1/traces",
            "--user", "unlucky", "fail please",
        )
    assert code == 1
    assert "answered 400: too long" in err
    rows = server.whole_list("/api/v1/projects/default/traces", q="user:unlucky")["data"]
    spans = server.get_json(f"/api/v1/traces/{rows[0]['trace_id']}")["spans"]
    failed = next(span for span in spans if span["kind"] == "LLM")
    assert failed["status"]["code"] == "ERROR"
    assert failed["exception"]["type"] == "stack::LlmError"
    assert failed["exception"]["message"].endswith("answered 400: too long")


def test_the_runner_prints_its_spans(model):
    code, out, err = run_traced("--llm-url", f"http://{model.address}/v1", "--console", env={"OTEL_TRACES_EXPORTER": "console"})
    assert (code, err) == (0, "")
    assert re.findall(r"^\d\d:\d\d:\d\d\.\d{6} ([\w.]+) ", out, re.MULTILINE) == [
        "llm.chat", "retrieval", "tool.search_docs", "llm.chat", "tool.fetch_chunk", "llm.chat", "llm.chat", "agent.run",
    ]
    assert "Trace: " not in out  # it went nowhere


def test_the_runner_says_why_its_trace_did_not_leave(model):
    where = ("--llm-url", f"http://{model.address}/v1", "--endpoint")
    assert run_traced(*where, "nowhere") == (2, "", "tracing did not start: not an http:// or https:// URL: nowhere/v1/traces\n")
    code, out, err = run_traced(*where, "http://127.0.0.1:9", env={"OTEL_BSP_EXPORT_TIMEOUT": "100"})
    assert (code, err) == (3, "the trace was not delivered: http://127.0.0.1:9/v1/traces: Couldn't connect to server\n")
    assert ANSWER in out
    assert "Trace: " not in out


def test_an_agent_with_a_tool_of_its_own(server, tmp_path):
    """stack/examples/weather_agent.cc"""
    call = {"name": "weather", "arguments": {"place": "Ulm", "fahrenheit": True}}
    turns = [{"tool_calls": [call]}, {"content": "68 degrees."}]
    with Program("scripted_llm", "--script", script(tmp_path, *turns)) as model:
        done = subprocess.run(
            [harness.BINARY.parent / "weather_agent", "How warm is it?"],
            env=harness.environment({
                "LLM_BASE_URL": f"http://{model.address}",
                "PHOENIX_COLLECTOR_ENDPOINT": f"http://{server.ready['http']}",
            }),
            capture_output=True, text=True, timeout=60, check=False,
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "68 degrees.\n", "")
    (row,) = server.whole_list("/api/v1/projects/default/traces", q="service:weather")["data"]
    spans = server.get_json(f"/api/v1/traces/{row['trace_id']}")["spans"]
    assert waterfall(spans) == ["agent.run", "  llm.chat", "  tool.weather", "  llm.chat"]
    tool = next(span for span in spans if span["kind"] == "TOOL")
    assert json.loads(tool["output"]["value"]) == {"place": "Ulm", "temperature": 68}


def test_sigterm_ends_a_chat_server_while_it_answers(server, tmp_path):
    """What runs is waited for; the answer arrives, and its trace too."""
    with Program("scripted_llm", "--script", script(tmp_path, {"delay_ms": 1500, "content": "Late."})) as model:
        chat = Program(
            "chat_server", "--llm-url", f"http://{model.address}/v1",
            "--endpoint", f"http://{server.ready['http']}/v1/traces",
        )
        with chat, socket.create_connection(chat.address.split(":")) as connection:
            body = b'{"message":"q"}'
            connection.sendall(b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
            with Program("scripted_llm"):
                pass  # long enough for the request to have arrived
            chat.process.terminate()
            answer = b""
            while piece := connection.recv(65536):
                answer += piece
    assert chat.exit_code == 0
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    trace_id = re.search(rb"X-Trace-Id: ([0-9a-f]{32})", answer).group(1).decode()
    assert len(server.get_json(f"/api/v1/traces/{trace_id}")["spans"]) == 3


def test_a_taken_port_is_named(chat):
    port = chat.address.split(":")[1]
    second = Program("chat_server")
    second.command[2] = port
    with pytest.raises(AssertionError, match=f"cannot listen on port {port}: Address already in use"), second:
        pass
