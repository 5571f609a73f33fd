"""The settings of `serve`: what the documentation, the help and the program say is the same, and each one works."""

import pathlib
import re
import signal

import pytest

import grpc_wire
from generated import Ids
from harness import otlp_encode as otlp
from harness.server import FREE_PORTS, ROOT, Server, run_to_end, until
from harness.wire import Wire

GET = b"GET /healthz HTTP/1.1\r\nhost: tests\r\n\r\n"
CONFIGURATION = ROOT / "docs/guide/configuration.md"
LIMITS = ROOT / "docs/guide/limits.md"
RELIABILITY = ROOT / "docs/guide/reliability.md"


def documented():
    """{name: (value, environment, key, default)} of the table in configuration.md."""
    row = re.compile(r"^\| `--([a-z-]+)(?: ([A-Z]+))?` \| `(\w+)` \|(?: `(\w+)`)? \| (.*?) \|", re.MULTILINE)
    return {match[1]: match.groups()[1:] for match in row.finditer(CONFIGURATION.read_text())}


def in_help():
    """{name: (value, default)} of --help."""
    code, text, _ = run_to_end("serve", "--help")
    assert code == 0
    options = re.sub(r"\n {20,}", " ", text.split("Options:")[1].split("\n\n")[0])
    row = re.compile(r"^ *--([a-z-]+)(?: ([A-Z]+))? +(.*?)(?: \[(.*)\])?$", re.MULTILINE)
    return {match[1]: (match[2], match[4]) for match in row.finditer(options)}


def test_the_documentation_lists_what_the_help_lists():
    settings, helped = documented(), in_help()
    assert settings.keys() == helped.keys() and len(settings) > 20
    for name, (value, environment, key, default) in settings.items():
        assert environment == "NIGHTJAR_" + name.upper().replace("-", "_")
        assert key == (None if name == "config" else name.replace("-", "_"))
        assert value == helped[name][0]
        assert default == f"`{helped[name][1]}`" if helped[name][1] else not default.startswith("`6"), name


def limits():
    """The cells of each row of limits.md, without the heads of its tables."""
    lines = LIMITS.read_text().splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return [row for row in rows if row[0] != "what" and set(row[0]) != {"-"}]


def test_every_limit_is_told_whole():
    assert len(limits()) > 60
    assert [row[0] for row in limits() if not all(row)] == []


def test_every_limit_names_a_test_that_exists():
    """`test_file.test_name` of these tests, or `Suite.Name` of GoogleTest."""
    python = {path.stem: path.read_text() for path in ROOT.glob("tests/**/test_*.py")}
    cases = "".join(path.read_text() for path in ROOT.glob("src/**/*_test.cc"))

    def exists(name):
        if name.startswith("test_"):
            file, test = name.split(".")
            return f"\ndef {test}(" in python.get(file, "")
        return re.search(rf"\bTEST(_[FP])?\({name.replace('.', ', ')}\)", cases) is not None

    named = [(row[0], re.findall(r"`([^`]+)`", row[-1])) for row in limits()]
    assert [what for what, names in named if not names] == []
    assert [name for _, names in named for name in names if not exists(name)] == []


def test_every_row_of_reliability_names_tests_that_exist():
    """Files, those of tests/crash by their name alone, and tests that are in them."""
    rows = re.findall(r"^\| (T\d\d.*?) \| .* \| (.*) \|$", RELIABILITY.read_text(), re.MULTILINE)
    assert len(rows) > 55
    for numbers, cell in rows:
        code, folder = "", "tests/crash"
        for name in re.findall(r"`([\w./]+\.(?:py|cc|yaml))`", cell):
            folder = str(pathlib.PurePath(name).parent) if "/" in name else folder
            found = [path for path in (ROOT / name, ROOT / folder / name, ROOT / "tests/crash" / name, *ROOT.glob(f"src/*/{name}")) if path.is_file()]
            assert found, (numbers, name)
            code += found[0].read_text()
        for test in re.findall(r"\btest_\w+\b(?!\.py)", cell):
            assert f"\ndef {test}(" in code, (numbers, test)
        for case in re.findall(r"(?<![\w/`])[A-Z][a-z]+(?:[A-Z0-9][a-z0-9]*)+\b(?!`)", re.sub(r"`[^`]*`", "", cell)):
            assert re.search(rf"\bTEST(_[FP])?\(\w+, {case}\)", code), (numbers, case)


BAD_VALUES = {
    "--max-body-bytes": ["0", "1023", "80MiB", "64MB", "64 MiB", "-1", "lots", "99999999999999999999"],
    "--max-header-bytes": ["1", "2MiB"],
    "--max-buffered-bytes": ["1KiB", "100MiB"],
    "--max-waiting-requests": ["0", "1.5"],
    "--max-connections": ["0", "many"],
    "--header-timeout": ["0s", "5", "25h", "s"],
    "--body-timeout": ["-1s"],
    "--idle-timeout": ["1d"],
    "--write-timeout": ["soon"],
    "--journal-max-bytes": ["1", "100MiB"],
    "--disk-reserve-bytes": ["2GB"],
    "--engine-memory-bytes": ["511MiB", "2GB", "0"],
    "--cors-allowed-origins": ["https://a.example/", "app.example", "https://A.example", "ftp://a.example"],
}


@pytest.mark.parametrize("flag, value", [(flag, value) for flag, values in BAD_VALUES.items() for value in values])
def test_bad_values(tmp_path, flag, value):
    code, stdout, stderr = run_to_end("serve", *FREE_PORTS, "--data-dir", tmp_path / "data", f"{flag}={value}")
    assert (code, stdout) == (1, "") and len(stderr.splitlines()) == 1
    assert flag.removeprefix("--") in stderr and value in stderr


def test_values_from_the_file(tmp_path):
    config = tmp_path / "nightjar.toml"
    config.write_text(
        'max_body_bytes = "2MiB"\nmax_connections = 7\nidle_timeout = "2min"\n'
        'cors_allowed_origins = ["https://a.example", "http://localhost:3000"]\n'
    )
    with Server(tmp_path / "data", env={"NIGHTJAR_CONFIG": str(config)}) as server:
        assert server.export(bytes(2 << 20)).status == 400
        assert server.export(bytes((2 << 20) + 1)).status == 413
        answer = server.export(b"", headers={"origin": "http://localhost:3000"})
        assert answer.headers["access-control-allow-origin"] == "http://localhost:3000"
    config.write_text("cors_allowed_origins = [1]\n")
    code, _, stderr = run_to_end("serve", "--config", config)
    assert code == 1 and "cors_allowed_origins" in stderr


def test_max_header_bytes(tmp_path):
    with Server(tmp_path / "data", env={"NIGHTJAR_MAX_HEADER_BYTES": "2KiB"}) as server:
        for size, status in ((1900, 200), (2048, 431)):
            with Wire(server.ready["http"]) as wire:
                assert wire.ask(GET[:-2] + b"x: " + b"a" * size + b"\r\n\r\n").status == status


def test_max_connections(tmp_path):
    """The third connection is served once one of the others has nothing to do, which ends it."""
    with Server(tmp_path / "data", env={"NIGHTJAR_MAX_CONNECTIONS": "2"}) as server:
        address = server.ready["http"]
        begun, rest = GET[:20], GET[20:]
        with Wire(address) as first, Wire(address) as second, Wire(address) as third:
            assert first.ask(GET).status == second.ask(GET).status == 200
            first.send(begun)
            assert third.ask(GET).status == 200
            assert second.answer() is None
            assert first.ask(rest).status == 200


def test_max_connections_of_grpc(tmp_path):
    """One without a call is sent away, to let another one in."""
    with Server(tmp_path / "data", env={"NIGHTJAR_MAX_CONNECTIONS": "2"}) as server:
        address = server.ready["grpc"]
        with grpc_wire.Wire(address) as busy, grpc_wire.Wire(address) as idle:
            held = busy.open(grpc_wire.request_headers())
            assert idle.call(grpc_wire.message(b"")).status == 0
            assert busy.call(grpc_wire.message(b"")).status == 0
            with grpc_wire.Wire(address) as third:
                assert third.call(grpc_wire.message(b"")).status == 0
                assert idle.read_to_end() == 0
                busy.send_data(held, grpc_wire.message(b""))
                assert busy.answer(held).status == 0


def big_request(number):
    """One span of about 345,000 bytes."""
    ids = Ids(number)
    return otlp.request([otlp.Span(ids.trace(), ids.span(), attributes={"text": "x" * 345_000})])


def test_journal_max_bytes(tmp_path):
    """While the engine is down, requests are taken until the journal is full; then 503, and none of them is lost."""
    limits = {"NIGHTJAR_MAX_BODY_BYTES": "512KiB", "NIGHTJAR_JOURNAL_MAX_BYTES": "1MiB"}
    with Server(tmp_path / "data", env=limits) as server:
        server.kill_engine(signal.SIGSTOP)  # after some seconds this is noticed, and another one started
        statuses = [server.export(big_request(at)).status for at in range(8)]
        assert statuses[0] == 200 and statuses[-1] == 503
        assert sorted(statuses) == statuses
        status = server.get_json("/api/v1/status")["journal"]
        assert status["state"] == "refusing" and "full" in status["failure"]
        until(lambda: server.get_json("/api/v1/status")["journal"]["pending_requests"] == 0, "an empty journal")
        stored = server.get_json("/api/v1/projects")["data"]
        assert sum(project["span_count"] for project in stored) == statuses.count(200)


def test_engine_memory_bytes(tmp_path):
    """A question that needs 800 MB passes or fails by it."""
    question = "SELECT length(groupArray(number)) FROM numbers(50000000)"
    with Server(tmp_path / "small", env={"NIGHTJAR_ENGINE_MEMORY_BYTES": "512MiB"}) as server:
        memory = server.sql("SELECT value FROM system.server_settings WHERE name = 'max_server_memory_usage'")
        assert memory == [[str(512 << 20)]]
        assert server.sql("SELECT getSetting('max_memory_usage')") == [[str(384 << 20)]]
        with pytest.raises(AssertionError, match="MEMORY_LIMIT_EXCEEDED"):
            server.sql(question)
        server.accept(big_request(1))
        assert server.get_json("/api/v1/projects")["data"][0]["span_count"] == 1
    with Server(tmp_path / "large") as server:
        assert server.sql(question) == [["50000000"]]
