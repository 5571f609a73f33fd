"""What keeps the server from starting is one clear sentence on stderr and exit code 1; what stops it is SIGTERM."""

import re
import socket
import threading
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import FREE_PORTS, ROOT, Server, run_to_end, until

STOP_SECONDS = 10


def refusal(*arguments, env=None, ports=FREE_PORTS):
    """The one sentence with which `serve` refuses to start."""
    code, stdout, stderr = run_to_end("serve", *ports, *arguments, env=env)
    assert code == 1, (code, stdout, stderr)
    assert "ready" not in stdout
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1, stderr
    assert not re.search(r"0x[0-9a-f]{6}|terminate called|exception|\.cc:\d+", lines[0]), stderr
    return lines[0]


def test_second_server_on_the_same_directory(own_server):
    sentence = refusal("--data-dir", own_server.data_dir)
    assert str(own_server.data_dir) in sentence
    assert own_server.get("/readyz").status == 200


@pytest.mark.parametrize("flag", ["--port", "--otlp-http-port", "--grpc-port"])
def test_taken_port(tmp_path, flag):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = [port if previous == flag else argument for previous, argument in zip(("", *FREE_PORTS), FREE_PORTS)]
        assert port in refusal("--data-dir", tmp_path / "data", ports=ports)


def test_missing_engine_library(tmp_path):
    library = tmp_path / "no" / "libchdb.so"
    sentence = refusal("--data-dir", tmp_path / "data", env={"NIGHTJAR_ENGINE_LIBRARY": str(library)})
    assert str(library) in sentence


@pytest.mark.parametrize("place", ["/proc/nightjar", "file", "file/below", "long/" * 30])
def test_directory_that_cannot_be(tmp_path, place):
    (tmp_path / "file").write_text("in the way")
    data_dir = place if place.startswith("/") else str(tmp_path / place)
    assert data_dir in refusal("--data-dir", data_dir)


BAD_VALUES = [("--port", "65536"), ("--port", "-1"), ("--port", "http"), ("--host", "not a host")]
BAD_VALUES += [("--grpc-port", "4317x"), ("--log-level", "loud")]


@pytest.mark.parametrize("flag, value", BAD_VALUES)
def test_bad_flag_value(tmp_path, flag, value):
    ports = [f"{name}=0" for name in ("--port", "--otlp-http-port", "--grpc-port") if name != flag]
    sentence = refusal("--data-dir", tmp_path / "data", f"{flag}={value}", ports=ports)
    assert flag in sentence and value in sentence


def test_bad_environment_value(tmp_path):
    sentence = refusal("--data-dir", tmp_path / "data", env={"NIGHTJAR_PORT": "seven"}, ports=FREE_PORTS[2:])
    assert "NIGHTJAR_PORT" in sentence and "seven" in sentence


def test_unknown_flag(tmp_path):
    assert "--prot" in refusal("--data-dir", tmp_path / "data", "--prot", "1")


def test_config_file_errors(tmp_path):
    missing = tmp_path / "missing.toml"
    assert str(missing) in refusal("--data-dir", tmp_path / "data", "--config", missing)
    config = tmp_path / "nightjar.toml"
    config.write_text("port = \n")
    assert str(config) in refusal("--data-dir", tmp_path / "data", "--config", config)
    config.write_text("prot = 6006\n")
    assert "prot" in refusal("--data-dir", tmp_path / "data", "--config", config)


def test_other_address_needs_a_decision(tmp_path):
    assert "--insecure-no-auth" in refusal("--data-dir", tmp_path / "data", "--host", "0.0.0.0")


def test_newer_data_format(tmp_path):
    data_dir = tmp_path / "data"
    with Server(data_dir):
        pass
    assert (data_dir / "FORMAT").read_text() == "nightjar-data 2\n"
    (data_dir / "FORMAT").write_text("nightjar-data 3\n")
    sentence = refusal("--data-dir", data_dir)
    assert str(data_dir) in sentence and "nightjar-data 3" in sentence


def test_flag_before_environment_before_file(tmp_path):
    places = {name: tmp_path / name for name in ("flag", "environment", "file")}
    config = tmp_path / "nightjar.toml"
    config.write_text(f'data_dir = "{places["file"]}"\nport = 0\notlp_http_port = 0\ngrpc_port = 0\n')
    environment = {"NIGHTJAR_CONFIG": str(config)}

    def starts_on(place, arguments, env):
        running = Server(places[place], env=env)
        running.start_with(arguments)
        assert running.stop() == 0
        return places[place].is_dir()

    assert starts_on("file", [], environment)
    assert not places["environment"].exists() and not places["flag"].exists()
    environment["NIGHTJAR_DATA_DIR"] = str(places["environment"])
    assert starts_on("environment", [], environment)
    assert not places["flag"].exists()
    assert starts_on("flag", ["--data-dir", places["flag"]], environment)


def test_sigterm_with_requests_in_flight(tmp_path):
    ids, acked, stop = Ids(1), [], threading.Event()
    with Server(tmp_path / "data") as server:

        def export():
            while not stop.is_set():
                trace = ids.trace()
                try:
                    status = server.export(otlp.request([otlp.Span(trace, ids.span()) for _ in range(50)])).status
                except (OSError, AssertionError):
                    return  # refused: the server is going
                if status == 200:
                    acked.append(trace.hex())

        senders = [threading.Thread(target=export) for _ in range(4)]
        for sender in senders:
            sender.start()
        half_sent = socket.create_connection(server.ready["http"].split(":"))
        half_sent.sendall(b"POST /v1/traces HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf")
        until(lambda: len(acked) > 20, "acknowledged requests")
        started = time.monotonic()
        assert server.stop() == 0
        assert time.monotonic() - started < STOP_SECONDS
        stop.set()
        for sender in senders:
            sender.join()
        half_sent.close()
        server.start()
        assert server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0
        assert all(len(server.trace(trace)) == 50 for trace in acked)


def test_version_names_itself():
    code, stdout, _ = run_to_end("version")
    assert code == 0
    assert re.search(r"VERSION (\d+\.\d+\.\d+)", (ROOT / "CMakeLists.txt").read_text())[1] in stdout
