"""A service in Python asks the chat server, which asks a model behind that service: one trace, across three programs."""

import json
import os
import pathlib
import subprocess
import sys

import packages
from harness import server as harness
from harness.programs import Program

SERVICE = pathlib.Path(__file__).with_name("python_service.py")
WATERFALL = {
    "ask the chat server": (None, "python-service"),
    "POST /chat": ("ask the chat server", "stack-chat"),
    "agent.run": ("POST /chat", "stack-chat"),
    "llm.chat": ("agent.run", "stack-chat"),
    "gateway": ("llm.chat", "python-service"),
    "tool.search_docs": ("agent.run", "stack-chat"),
    "retrieval": ("tool.search_docs", "stack-chat"),
}


def start_service(server, model):
    environment = {
        **os.environ,
        "PYTHONPATH": str(packages.python()),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{server.ready['http']}",
    }
    return subprocess.Popen(
        [sys.executable, SERVICE, model.address],
        env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )


def test_a_python_service_and_the_chat_server_share_a_trace(server):
    with Program("scripted_llm") as model, start_service(server, model) as service:
        gateway = service.stdout.readline().strip()
        chat = Program(
            "chat_server", "--llm-url", f"http://{gateway}/v1",
            "--endpoint", f"http://{server.ready['http']}/v1/traces", env={"OTEL_BSP_SCHEDULE_DELAY": "10"},
        )
        with chat:
            out, err = service.communicate(chat.address + "\n", timeout=90)
    assert service.returncode == 0, err
    told = json.loads(out)
    assert (told["status"], told["told"]) == (200, told["trace_id"])
    assert told["reply"] == "The notes found by the search are all there is on this question."

    def whole():
        spans = server.get_json(f"/api/v1/traces/{told['trace_id']}")["spans"]
        return len(spans) == 9 and spans  # two calls of the model, each with the gateway's span

    spans = harness.until(whole, "the whole trace")
    names = {span["span_id"]: span["name"] for span in spans}
    tree = {span["name"]: (names.get(span["parent_span_id"]), span["service_name"]) for span in spans}
    assert tree == WATERFALL
