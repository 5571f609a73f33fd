"""The examples of the welcome page, run to the letter: each sends a trace to the server whose page shows it."""

import json
import os
import pathlib
import subprocess
import sys
import time

import packages
import pytest

from harness.server import until

SNIPPETS = pathlib.Path(__file__).resolve().parents[2] / "ui/src/features/welcome/snippets.mjs"
PRINT = f"import {{ snippetsFor }} from {json.dumps(SNIPPETS.as_uri())}; " \
        "console.log(JSON.stringify(snippetsFor(process.argv[1], Number(process.argv[2]))));"
QUESTION = "What is a nightjar?"
ANSWER = "A bird that is awake at 2 a.m."


def snippets(server):
    command = ["node", "--input-type=module", "--eval", PRINT, f"http://{server.ready['http']}", str(int(time.time() * 1000))]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {snippet["id"]: snippet["code"] for snippet in shown}


def rows(server):
    return server.get_json("/api/v1/projects/default/traces", q="name:hello")["data"]


def run_python(code, folder):
    (folder / "hello.py").write_text(code)
    return [sys.executable, folder / "hello.py"]


def run_js(code, folder):
    (folder / "hello.mjs").write_text(code)
    (folder / "node_modules").symlink_to(packages.node())
    return ["node", folder / "hello.mjs"]


def run_curl(code, _folder):
    return ["bash", "-c", code]


@pytest.mark.parametrize("of", ["python", "js", "curl"])
def test_an_example_sends_a_trace_as_it_stands(server, tmp_path, of):
    run = {"python": run_python, "js": run_js, "curl": run_curl}[of]
    known = {row["trace_id"] for row in rows(server)}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    command = run(snippets(server)[of], tmp_path)
    done = subprocess.run(command, env=clean | {"PYTHONPATH": str(packages.python())}, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    (row,) = until(lambda: [row for row in rows(server) if row["trace_id"] not in known], "its trace")
    assert (row["name"], row["input_preview"], row["output_preview"]) == ("hello", QUESTION, ANSWER)
