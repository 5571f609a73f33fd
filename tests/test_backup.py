"""`nightjar backup` and `nightjar restore`: what was acknowledged before a backup began is in it, and a damaged or unfinished
backup is refused."""

import json
import os
import pathlib
import random
import resource
import shutil
import signal
import subprocess
import threading

import pytest

from harness import otlp_encode as otlp
from harness.server import BINARY, Server, environment, run_to_end, until

SPANS = 10
LONG = "a text that is kept as a segment of its own, because it is long and comes again. " * 20


def send_trace(server, source, project="backup"):
    """One acknowledged trace; its id."""
    trace = source.randbytes(16)
    spans = [otlp.Span(trace, source.randbytes(8), attributes={"text": f"{n} {LONG}", "shared": LONG})
             for n in range(SPANS)]
    server.accept(otlp.request(spans), project=project)
    return trace.hex()


class Traffic:
    """Sends fifty traces a second at most from a thread of its own until stopped; `acked` grows."""

    def __init__(self, server):
        self.server = server
        self.acked = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self):
        source = random.Random(8)
        while not self._stop.wait(0.02):
            self.acked.append(send_trace(self.server, source))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()


def backup(data_dir, to, *arguments):
    code, out, err = run_to_end("backup", "--data-dir", data_dir, "--to", to, *arguments)
    assert code == 0, err
    return out


def restore(to, *backups):
    sources = [part for path in backups for part in ("--from", path)]
    return run_to_end("restore", "--data-dir", to, *sources)


def check_traces(data_dir, traces):
    """A server on a restored directory has these traces, whole."""
    with Server(data_dir) as server:
        for trace in traces:
            spans = server.trace(trace)
            assert len(spans) == SPANS
            assert all(span["attributes"]["shared"] == LONG for span in spans.values())
        return server.get_json("/api/v1/projects")["data"]


def refused(answer, *words):
    code, _, err = answer
    assert code == 1
    for word in words:
        assert word in err, err


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A backup of three traces, taken while the server ran; the server's directory; the traces."""
    folder = tmp_path_factory.mktemp("kept")
    with Server(folder / "data") as server:
        traces = [send_trace(server, random.Random(seed)) for seed in range(3)]
        backup(folder / "data", folder / "backup")
    return folder, traces


def test_what_was_acknowledged_before_a_backup_is_in_it(tmp_path):
    with Server(tmp_path / "data") as server:
        with Traffic(server) as traffic:
            until(lambda: len(traffic.acked) >= 30, "acknowledgements before the backup")
            before = list(traffic.acked)
            backup(tmp_path / "data", tmp_path / "backup")
            during = len(traffic.acked)
            until(lambda: len(traffic.acked) > during, "acknowledgements after the backup")
        until(lambda: not (tmp_path / "data/engine/shadow/nightjar_backup").exists(), "the end of the frozen tables")
        assert all(len(server.trace(trace)) == SPANS for trace in traffic.acked)
    assert restore(tmp_path / "restored", tmp_path / "backup")[0] == 0
    (project,) = check_traces(tmp_path / "restored", before)
    # A later trace is there whole or not at all.
    assert project["span_count"] == SPANS * project["trace_count"]


def test_a_restored_server_takes_spans_and_backups(kept, tmp_path):
    folder, traces = kept
    assert restore(tmp_path / "one", folder / "backup")[0] == 0
    with Server(tmp_path / "one") as server:
        traces = [*traces, send_trace(server, random.Random(99))]
        backup(tmp_path / "one", tmp_path / "again")
    assert restore(tmp_path / "two", tmp_path / "again")[0] == 0
    (project,) = check_traces(tmp_path / "two", traces)
    assert (project["trace_count"], project["span_count"]) == (4, 4 * SPANS)


def test_every_signal_and_annotations_are_restored(tmp_path):
    source = random.Random(5)
    trace, span = source.randbytes(16), source.randbytes(8)
    gauge = otlp.block(1, "owls") + otlp.block(5, otlp.block(1, otlp.fixed64(3, 1) + otlp.fixed64(6, 42)))
    log = otlp.fixed64(1, 1) + otlp.block(5, otlp.any_value("hoot"))
    note = {"data": [{"span_id": span.hex(), "name": "taste", "annotator_kind": "HUMAN", "result": {"label": "good"}}]}
    with Server(tmp_path / "data") as server:
        server.accept(otlp.request([otlp.Span(trace, span)]), project="all")
        for path, item in (("/v1/logs", log), ("/v1/metrics", gauge)):
            server.accept(otlp.block(1, otlp.block(2, otlp.block(2, item))), path=path, project="all")
        headers = {"content-type": "application/json"}
        sent = server.request("POST", "/v1/span_annotations?sync=true", json.dumps(note).encode(), headers)
        assert sent.status == 200, sent.body
        backup(tmp_path / "data", tmp_path / "backup")
    assert restore(tmp_path / "restored", tmp_path / "backup")[0] == 0
    with Server(tmp_path / "restored") as server:
        (record,) = server.get_json("/api/v1/projects/all/logs")["data"]
        assert record["body"] == "hoot"
        (series,) = server.get_json("/api/v1/projects/all/metrics/owls")["series"]
        assert [point["value"] for point in series["points"]] == [42]
        (annotation,) = server.trace(trace.hex())[span.hex()]["annotations"]
        assert (annotation["name"], annotation["label"]) == ("taste", "good")


def test_own_prices_are_restored(tmp_path):
    price = json.dumps({"model": "our-gpt", "rates": {"input": 7}}).encode()
    with Server(tmp_path / "data") as server:
        answer = server.request("POST", "/api/v1/prices", price, {"content-type": "application/json"})
        assert answer.status == 201
        backup(tmp_path / "data", tmp_path / "running")
    backup(tmp_path / "data", tmp_path / "stopped")
    for name in ("running", "stopped"):
        assert restore(tmp_path / f"{name}-restored", tmp_path / name)[0] == 0
        with Server(tmp_path / f"{name}-restored") as server:
            assert server.get_json("/api/v1/prices", model="our-gpt")["data"] == [answer.json()]


def test_a_backup_without_a_running_server_takes_what_its_journal_holds(tmp_path):
    server = Server(tmp_path / "data").start()
    server.kill_engine(signal.SIGSTOP)  # the journal keeps what it cannot pass on
    trace = send_trace(server, random.Random(1))
    os.kill(server.pid, signal.SIGKILL)
    server.kill9()
    backup(tmp_path / "data", tmp_path / "backup")
    assert restore(tmp_path / "restored", tmp_path / "backup")[0] == 0
    check_traces(tmp_path / "restored", [trace])


def test_an_incremental_backup_copies_what_is_new(tmp_path):
    with Server(tmp_path / "data") as server:
        first = [send_trace(server, random.Random(seed)) for seed in range(2)]
        backup(tmp_path / "data", tmp_path / "full")
        second = [send_trace(server, random.Random(seed)) for seed in range(10, 12)]
        out = backup(tmp_path / "data", tmp_path / "more", "--base", tmp_path / "full")
        third = [send_trace(server, random.Random(20))]
        backup(tmp_path / "data", tmp_path / "most", "--base", tmp_path / "more")
    copied, shared = (int(text.split()[0]) for text in out.split(": ", 1)[1].splitlines()[0].split(", "))
    assert copied > 0 and shared > 0  # at least the rows of the migrations are as they were
    refused(restore(tmp_path / "half", tmp_path / "most"), "--from")
    assert not (tmp_path / "half").exists()
    code, _, err = restore(tmp_path / "whole", tmp_path / "most", tmp_path / "more", tmp_path / "full")
    assert code == 0, err
    check_traces(tmp_path / "whole", first + second + third)


def test_an_increment_is_of_its_own_moment_and_damage_in_its_base_is_noticed(tmp_path):
    """What was deleted after the base does not come back, and every file that it takes from the base is checked."""
    with Server(tmp_path / "data") as server:
        gone, kept_trace = (send_trace(server, random.Random(seed)) for seed in range(2))
        price = json.dumps({"model": "late-gpt", "rates": {"input": 7}}).encode()
        backup(tmp_path / "data", tmp_path / "full")
        assert server.request("POST", "/api/v1/prices", price, {"content-type": "application/json"}).status == 201
        assert server.request("DELETE", f"/api/v1/projects/backup/traces/{gone}").status == 204
        backup(tmp_path / "data", tmp_path / "more", "--base", tmp_path / "full")
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("full", "more")]
    shared = [tmp_path / "full/tables" / table["name"] / part["name"] / file["name"]
              for table in manifests[1]["tables"] for part in table["parts"] if part["backup_id"] == manifests[0]["id"]
              for file in part["files"] if file["size"] > 0]
    assert shared
    for path in random.Random(5).sample(shared, min(4, len(shared))):
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        refused(restore(tmp_path / "restored", tmp_path / "more", tmp_path / "full"), path.name, "damaged")
        path.write_bytes(content)
        assert not (tmp_path / "restored").exists()
    assert restore(tmp_path / "restored", tmp_path / "more", tmp_path / "full")[0] == 0
    with Server(tmp_path / "restored") as server:
        assert server.get(f"/api/v1/traces/{gone}").status == 404
        assert len(server.trace(kept_trace)) == SPANS
        assert len(server.get_json("/api/v1/prices", model="late-gpt")["data"]) == 1


def files_of(backup_folder):
    return sorted(path for path in backup_folder.rglob("*") if path.is_file())


def test_every_damaged_or_missing_file_is_noticed(kept, tmp_path):
    folder, _ = kept
    copy = tmp_path / "copy"
    shutil.copytree(folder / "backup", copy)
    files = [path for path in files_of(copy) if path.stat().st_size > 0]
    assert {"manifest.json", "manifest.sha256", "segment.key", "FORMAT", "data.bin"} <= {path.name for path in files}
    chosen = random.Random(5).sample(files, 6) + [path for path in files if path.parent == copy]
    for path in chosen:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        refused(restore(tmp_path / "restored", copy), path.name.replace("manifest.sha256", "manifest.json"), "damaged")
        path.unlink()
        refused(restore(tmp_path / "restored", copy), path.name)
        path.write_bytes(content)
        assert not (tmp_path / "restored").exists()
    assert restore(tmp_path / "restored", copy)[0] == 0


def test_a_manifest_cannot_name_files_elsewhere(kept, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(kept[0] / "backup", copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["files"][0]["name"] = "../outside"
    (copy / "manifest.json").write_text(json.dumps(manifest))
    subprocess.run("sha256sum manifest.json > manifest.sha256", shell=True, cwd=copy, check=True)
    refused(restore(tmp_path / "restored", copy), "../outside")
    assert not (tmp_path / "restored").exists() and not (tmp_path / "outside").exists()


def test_checksums_are_those_of_sha256sum(kept):
    subprocess.run(["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=kept[0] / "backup", check=True)
    manifest = json.loads((kept[0] / "backup/manifest.json").read_text())
    (key,) = [entry for entry in manifest["files"] if entry["name"] == "segment.key"]
    told = subprocess.run(["sha256sum", kept[0] / "backup/segment.key"], capture_output=True, text=True, check=True)
    assert told.stdout.split()[0] == key["sha256"]


def test_a_directory_that_is_in_use_is_not_restored_over(kept, tmp_path):
    folder, _ = kept
    refused(restore(folder / "data", folder / "backup"), "not an empty directory")
    (tmp_path / "empty").mkdir()
    assert restore(tmp_path / "empty", folder / "backup")[0] == 0


def test_a_backup_is_not_written_over_another(kept):
    folder, _ = kept
    refused(run_to_end("backup", "--data-dir", folder / "data", "--to", folder / "backup"), "exists already")


def limited(bytes_max):
    """Files end at this size, as on a full disk."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))
    return limit


def test_a_full_disk_is_explained_and_leaves_nothing(tmp_path):
    with Server(tmp_path / "data") as server:
        send_trace(server, random.Random(1))
        command = [BINARY, "backup", "--data-dir", tmp_path / "data", "--to", tmp_path / "backup"]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False,
                              preexec_fn=limited(200))
    assert done.returncode == 1
    assert "cannot write" in done.stderr and "File too large" in done.stderr
    assert [path.name for path in tmp_path.glob("backup*")] == []


def test_a_killed_backup_is_no_backup(tmp_path):
    with Server(tmp_path / "data") as server:
        source = random.Random(1)
        for _ in range(20):
            send_trace(server, source)
        command = [BINARY, "backup", "--data-dir", tmp_path / "data", "--to", tmp_path / "backup"]
        # A pipe for a file stops the copy in the middle, whatever the machine's speed.
        (tmp_path / "data/quarantine").mkdir()
        os.mkfifo(tmp_path / "data/quarantine/1.request")
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
        frozen = tmp_path / "data/engine/shadow/nightjar_backup"
        until(lambda: list(tmp_path.glob("backup.partial-*/segment.key")), "the first copied file")
        assert frozen.exists()
        process.kill()
        process.wait()
        until(lambda: not frozen.exists(), "the server's notice")
        (tmp_path / "data/quarantine/1.request").unlink()
        (partial,) = tmp_path.glob("backup*")
        refused(restore(tmp_path / "restored", partial), "no finished backup")
        backup(tmp_path / "data", tmp_path / "backup")
    assert restore(tmp_path / "restored", tmp_path / "backup")[0] == 0


def test_a_killed_restore_is_not_served(kept, tmp_path):
    """What it leaves is refused: the first thing it writes says so."""
    copy = tmp_path / "copy"
    shutil.copytree(kept[0] / "backup", copy)
    (file,) = copy.glob("segment.key")
    file.unlink()
    os.mkfifo(file)
    command = [BINARY, "restore", "--from", copy, "--data-dir", tmp_path / "restored"]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
    until(lambda: (tmp_path / "restored/run").exists(), "the restore's beginning")
    process.kill()
    process.wait()
    refused(run_to_end("serve", "--data-dir", tmp_path / "restored", "--port", 0, "--otlp-http-port", 0,
                       "--grpc-port", 0), "unfinished restore")
    refused(run_to_end("restore", "--from", kept[0] / "backup", "--data-dir", tmp_path / "restored"),
            "not an empty directory")


def test_no_data_directory_is_an_error(tmp_path):
    refused(run_to_end("backup", "--data-dir", tmp_path / "none", "--to", tmp_path / "backup"), "is no data directory")
    assert not pathlib.Path(tmp_path / "none").exists()
