"""Starts, asks, kills and restarts the program under test (build/release/nightjar, or $NIGHTJAR_BIN)."""

import dataclasses
import gzip
import http.client
import json
import os
import pathlib
import pty
import select
import signal
import socket
import subprocess
import time
import urllib.parse
import weakref

from harness import compare

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("NIGHTJAR_BIN", ROOT / "build/release/nightjar")).resolve()
PROTOBUF, JSON = "application/x-protobuf", "application/json"
FREE_PORTS = ("--port", "0", "--otlp-http-port", "0", "--grpc-port", "0")
READY_SECONDS = 60
ANSWER_SECONDS = 60

running = weakref.WeakSet()  # conftest shows their stderr when a test fails


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def media_type(self):
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    def json(self):
        return compare.loads(self.body)


def environment(extra=None):
    """This process's environment without NIGHTJAR_* settings, except where the engine's library is."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("NIGHTJAR_") or k == "NIGHTJAR_ENGINE_LIBRARY"}
    return kept | (extra or {})


def send(address, method, path, body=None, headers=None):
    """One request on a connection of its own. A server may answer before it has read a body it does not want."""
    connection = http.client.HTTPConnection(address, timeout=ANSWER_SECONDS)
    try:
        connection.connect()
        try:
            connection.request(method, path, body, headers or {})
        except (BrokenPipeError, ConnectionResetError):
            pass  # the answer is read all the same
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.host)


def run_to_end(*arguments, env=None, seconds=60):
    """Runs the program until it ends by itself: (exit code, stdout, stderr)."""
    command = [BINARY, *map(str, arguments)]
    done = subprocess.run(command, env=environment(env), capture_output=True, text=True, timeout=seconds, check=False)
    return done.returncode, done.stdout, done.stderr


def on_a_terminal(arguments, env=None, lines=None):
    """What the program writes when its stdout is a terminal; ended once it has written so many lines."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([BINARY, *map(str, arguments)], stdout=theirs, env=environment(env))
    os.close(theirs)
    out = b""
    try:
        while (lines is None or out.count(b"\n") < lines) and (chunk := os.read(ours, 65536)):
            out += chunk
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    if lines is not None:
        process.terminate()
    process.wait()
    return out if lines is None else b"".join(out.splitlines(keepends=True)[:lines])


class Server:
    """`nightjar serve` on `data_dir`. The directory outlives the process: start() after kill9() is a restart."""

    def __init__(self, data_dir, env=None):
        self.data_dir = pathlib.Path(data_dir)
        self.env = env
        self.stderr_path = self.data_dir.with_name(self.data_dir.name + ".stderr")
        self.process = None
        self.ready = {}

    def start(self):
        return self.start_with([*FREE_PORTS, "--data-dir", self.data_dir])

    def start_with(self, arguments):
        """start() with exactly these arguments."""
        self._launch(arguments)
        running.add(self)
        self.ready = self._read_ready_line()
        return self

    def start_and_kill9(self, after_seconds):
        """Kills the server that long after its launch, ready or not."""
        self._launch([*FREE_PORTS, "--data-dir", self.data_dir])
        time.sleep(after_seconds)
        self.kill9()

    def _launch(self, arguments):
        with open(self.stderr_path, "ab") as stderr:
            command = [BINARY, "serve", *map(str, arguments)]
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, env=environment(self.env))

    def _read_ready_line(self):
        if not select.select([self.process.stdout], [], [], READY_SECONDS)[0]:
            self.process.kill()
            raise AssertionError(f"no ready line after {READY_SECONDS} s")
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"ended with {self.process.wait()} before its ready line: {self.stderr()[-500:]}")
        ready = json.loads(line)
        assert ready["event"] == "ready", ready
        return ready

    @property
    def pid(self):
        return self.process.pid

    def stop(self, seconds=30):
        """SIGTERM; the exit code. Killed after that time, which makes the code -9."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self._ended()

    def close(self):
        """stop(), of a server that may never have been started."""
        if self.process is not None:
            self.stop()

    def kill9(self):
        self.process.kill()
        return self._ended()

    def _ended(self):
        code = self.process.wait()
        self.process.stdout.close()
        running.discard(self)
        return code

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def request(self, method, path, body=None, headers=None, *, listener="http"):
        """`listener`: "http" (6006 by default) or "otlp_http" (4318 by default)."""
        return send(self.ready[listener], method, path, body, headers)

    def get(self, path, **query):
        return self.request("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def get_json(self, path, **query):
        """What it is when nothing that was acknowledged is missing: asked for again, as a client would, while a list lacks
        something, or the answer is to come back."""

        def ask():
            answer = self.get(path, **query)
            if answer.status == 503:
                return None
            assert answer.status == 200, f"GET {path} {query}: {answer.status} {answer.body[:500]!r}"
            content = answer.json()
            waiting = isinstance(content, dict) and content.get("pending_requests", 0) > 0
            return None if waiting else (content,)

        (content,) = until(ask, f"the whole of {path}")
        return content

    whole_list = get_json

    def export(self, body, *, path="/v1/traces", project=None, content_type=PROTOBUF, compress=False, **more):
        """`more`: headers, listener."""
        sent = {"content-type": content_type, **(more.get("headers") or {})}
        if project is not None:
            sent["x-project-name"] = project.encode()
        if compress:
            body, sent["content-encoding"] = gzip.compress(body, 1), "gzip"
        return self.request("POST", path, body, sent, listener=more.get("listener", "http"))

    def accept(self, body, **options):
        """export(), which must succeed whole."""
        answer = self.export(body, **options)
        assert (answer.status, answer.body) == (200, b""), f"{answer.status} {answer.body[:500]!r}"

    def trace(self, trace_id):
        """{span id: Span JSON}; each span once."""
        spans = self.get_json(f"/api/v1/traces/{trace_id}")["spans"]
        by_id = {span["span_id"]: span for span in spans}
        assert len(by_id) == len(spans), f"trace {trace_id} shows a span twice"
        return by_id

    def engine_pid(self):
        """0 while the engine is down."""
        return self.get_json("/api/v1/status")["engine"]["pid"] or 0

    def kill_engine(self, number=signal.SIGKILL):
        pid = self.engine_pid()
        assert pid > 0, "no engine to kill"
        os.kill(pid, number)
        return pid

    def sql(self, statement):
        """One statement, asked of the engine behind the server's back: its answer as lines of tab-separated text."""
        connection = UnixConnection(str(self.data_dir / "run/engine.sock"), timeout=ANSWER_SECONDS)
        try:
            connection.request("POST", "/?default_format=TSV", statement.encode())
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        assert response.status == 200, f"{statement}: {text}"
        return [line.split("\t") for line in text.splitlines()]

    def memory_peak_mib(self, pid=None):
        """The highest resident size the server process has had (its engine child not counted), or that process."""
        for line in pathlib.Path(f"/proc/{pid or self.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) // 1024
        raise AssertionError("no VmHWM in /proc")


def until(condition, what, seconds=60):
    """Waits for something that must come; the limit only ends a test that hangs."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not come in {seconds} s"
        time.sleep(0.02)
