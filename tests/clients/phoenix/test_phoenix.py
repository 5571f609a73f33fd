"""The session of test_stack.py against a Phoenix server from PyPI in the place of this one: it must show the same trees."""

import os
import subprocess
import sys

import packages
import pytest
from harness import server as harness
from harness.programs import Program, run_traced


class Phoenix:
    """A Phoenix server on free ports, with an empty database, until the with-block ends."""

    def __init__(self, folder, port, grpc_port):
        self.address = f"127.0.0.1:{port}"
        self.log = folder / "log"
        self.env = {
            **os.environ, "PYTHONPATH": str(packages.phoenix()), "PHOENIX_WORKING_DIR": str(folder),
            "PHOENIX_HOST": "127.0.0.1", "PHOENIX_PORT": str(port), "PHOENIX_GRPC_PORT": str(grpc_port),
            "PHOENIX_TELEMETRY_ENABLED": "false",
        }

    def __enter__(self):
        command = [sys.executable, packages.phoenix() / "bin/phoenix", "serve"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=self.env, stdout=log, stderr=log)
        try:
            harness.until(self.answers, "Phoenix to answer", seconds=180)
        except BaseException:
            self.process.kill()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/v1/projects")
        except OSError:
            return None

    def get(self, path):
        answer = harness.send(self.address, "GET", path)
        assert answer.status == 200, answer.body
        return answer.json()["data"]

    def spans(self, trace_id, count):
        def whole():
            spans = self.get(f"/v1/projects/default/spans?limit=100&trace_id={trace_id}")
            return len(spans) >= count and spans

        return [
            {
                "name": span["name"], "id": span["context"]["span_id"], "parent": span["parent_id"], "start": span["start_time"],
                "kind": span["span_kind"], "status": span["status_code"], "attributes": span["attributes"],
            }
            for span in harness.until(whole, f"{count} spans of {trace_id}")
        ]


def spans_here(server, trace_id, count):
    def whole():
        answer = server.get(f"/api/v1/traces/{trace_id}")
        return answer.status == 200 and len(answer.json()["spans"]) >= count and answer.json()["spans"]

    return [
        {
            "name": span["name"], "id": span["span_id"], "parent": span["parent_span_id"], "start": int(span["start_unix_ns"]),
            "kind": span["kind"], "status": span["status"]["code"], "attributes": span["attributes"],
        }
        for span in harness.until(whole, f"{count} spans of {trace_id}")
    ]


def tree(spans):
    """The spans in the order they started, with the place of their parent in it instead of ids and times."""
    spans = sorted(spans, key=lambda span: span["start"])
    places = {span["id"]: place for place, span in enumerate(spans)}
    return [
        {
            "name": span["name"], "parent": places.get(span["parent"]), "kind": span["kind"], "status": span["status"],
            "attributes": {
                key: value for key, value in span["attributes"].items()
                if key != "openinference.span.kind"  # Phoenix has it as span_kind
            },
        }
        for span in spans
    ]


@pytest.fixture
def phoenix(tmp_path, free_ports):
    with Phoenix(tmp_path, *free_ports[:2]) as running:
        yield running


@pytest.fixture
def model():
    with Program("scripted_llm") as running:
        yield running


def run(model, address):
    """The id of the runner's trace."""
    code, out, err = run_traced(
        "--llm-url", f"http://{model.address}/v1", "--endpoint", f"http://{address}/v1/traces",
        "--user", "ada", "--session", "s-ada",
    )
    assert (code, err) == (0, "")
    return out.strip().rsplit("/", 1)[1]


def chat(model, address):
    """A chat server that sends to `address`. Its spans leave at once, so that tests need not wait."""
    return Program(
        "chat_server", "--llm-url", f"http://{model.address}/v1", "--endpoint", f"http://{address}/v1/traces",
        env={"OTEL_BSP_SCHEDULE_DELAY": "10"},
    )


def test_a_run_is_the_same_tree_there_and_here(server, phoenix, model):
    there = tree(phoenix.spans(run(model, phoenix.address), 8))
    here = tree(spans_here(server, run(model, server.ready["http"]), 8))
    assert [(span["name"], span["kind"], span["parent"]) for span in there] == [
        ("agent.run", "AGENT", None), ("llm.chat", "LLM", 0), ("tool.search_docs", "TOOL", 0), ("retrieval", "RETRIEVER", 2),
        ("llm.chat", "LLM", 0), ("tool.fetch_chunk", "TOOL", 0), ("llm.chat", "LLM", 0), ("llm.chat", "LLM", 0),
    ]
    assert there == here


def test_two_users_ask_and_one_complains(server, phoenix, model):
    with chat(model, phoenix.address) as there, chat(model, server.ready["http"]) as here:
        traces = {}
        for user in ("ada", "bob"):
            question = {"message": "What is WAL?"}
            answers = [running.ask("POST", "/chat", question, x_user_id=user, x_session_id=f"s-{user}") for running in (there, here)]
            traces[user] = [answer.headers["X-Trace-Id"] for answer in answers]
        answer = there.ask(
            "POST", "/feedback", {"trace_id": traces["bob"][0], "score": 0, "comment": "not what I asked"}, x_user_id="bob"
        )
        assert (answer.status, answer.json()) == (200, {"status": "recorded"})

    for user, (trace_there, trace_here) in traces.items():
        spans = tree(phoenix.spans(trace_there, 6))
        assert spans == tree(spans_here(server, trace_here, 6))
        assert [span["attributes"].get("user.id") for span in spans] == [None] + 5 * [user]

    of_bob = phoenix.get("/v1/projects/default/spans?limit=100&attribute=user.id:bob")
    assert {span["context"]["trace_id"] for span in of_bob} == {traces["bob"][0]}

    def complaint():
        return phoenix.get(f"/v1/projects/default/trace_annotations?trace_ids={traces['bob'][0]}")

    (annotation,) = harness.until(complaint, "the annotation")
    assert (annotation["name"], annotation["annotator_kind"], annotation["identifier"]) == ("user_feedback", "HUMAN", "bob")
    assert annotation["result"] == {"label": "thumbs-down", "score": 0, "explanation": "not what I asked"}
