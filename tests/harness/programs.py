"""Runs the stack's programs: scripted_llm, chat_server, run_traced."""

import json
import select
import subprocess

from harness import server as harness

READY_SECONDS = 60


class Program:
    """A server of the stack, on a free port, until the with-block ends. `exit_code` is there after it."""

    def __init__(self, name, *arguments, env=None):
        self.command = [harness.BINARY.parent / name, "--port", "0", *map(str, arguments)]
        self.env = harness.environment(env)
        self.exit_code = None

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.env)
        if not select.select([self.process.stdout], [], [], READY_SECONDS)[0]:
            self.process.kill()
            raise AssertionError(f"{self.command[0].name}: no ready line after {READY_SECONDS} s")
        line = self.process.stdout.readline()
        assert line, f"{self.command[0].name} ended: {self.process.communicate()[1].decode()}"
        ready = json.loads(line)
        assert ready["event"] == "ready", ready
        self.address = ready["http"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.stderr = self.process.communicate(timeout=30)[1].decode()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        self.exit_code = self.process.returncode

    def ask(self, method, path, body=None, **headers):
        """Headers as x_user_id="ada"."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return harness.send(self.address, method, path, None if body is None else json.dumps(body), sent)


def run_traced(*arguments, env=None):
    """(exit code, stdout, stderr)."""
    command = [harness.BINARY.parent / "run_traced", *map(str, arguments)]
    done = subprocess.run(
        command, env=harness.environment(env), capture_output=True, text=True, timeout=60, check=False
    )
    return done.returncode, done.stdout, done.stderr
