#!/usr/bin/python3
"""Runs the SDK's benchmark and those of OpenTelemetry's Go, Rust and Java SDKs (peers/, pinned versions) in turns, several
times, against one sink, and prints the medians side by side, with their ratios to the SDK's. A peer whose tools are missing is named and
left out. Peers are built in the user's cache, once: the first run takes some minutes more."""

import argparse
import http.server
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
QUEUE = "65536"  # spans, for all: eight threads must not make more than it holds
COLUMN = 18
LOST = "spans that did not arrive"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "nightjar/sdk-peers"
RUN_SECONDS = 300  # of one program, which takes some ten


class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        # Acknowledges the headers at once: a client that holds its body's last packet until then would wait 40 ms each time.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def build_peers():
    """{name: command} of the peers that can be built here, and {name: what is missing} of the others."""
    target = CACHE
    target.mkdir(parents=True, exist_ok=True)
    java = target / "java"
    peers = {
        "Go": (["go", "build", "-o", target / "go_span_bench", "."], [target / "go_span_bench"]),
        "Rust": (["cargo", "build", "--release", "--locked", "--target-dir", target / "rust"],
                 [target / "rust/release/span_bench"]),
        "Java": (["mvn", "-q", "-B", f"-Dbench.build={java}", "compile"],
                 ["java", "-cp", f"{java}/classes:{java}/libraries/*", "SpanBench"]),
    }
    programs, missing = {}, {}
    for name, (build, run) in peers.items():
        absent = [tool for tool in (build[0], run[0]) if isinstance(tool, str) and shutil.which(tool) is None]
        if absent:
            missing[name] = f"there is no {' and no '.join(absent)} in the PATH"
        else:
            print(f"building the one in {name}", flush=True)
            if subprocess.run(build, cwd=HERE / "peers" / name.lower()).returncode == 0:
                programs[name] = run
            else:
                missing[name] = "it does not build here: see above"
        if name in missing:
            print(f"{name} is left out: {missing[name]}", flush=True)
    return programs, missing


def run_once(name, command, environment):
    """The figures that the program prints."""
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=RUN_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.exit(f"{name}: {error}")
    if ended.returncode != 0:
        sys.exit(f"{name} ended with {ended.returncode}: {ended.stderr.strip() or ended.stdout.strip()}")
    return json.loads(ended.stdout)


def table(runs):
    """Rows of text: each measure's median, of the peers with its ratio to the SDK's."""
    own, *peers = runs
    yield f"{'':32}" + "".join(f"{name:>{COLUMN}}" for name in runs)
    for measure in runs[own][0]:
        medians = {name: statistics.median(run[measure] for run in each) for name, each in runs.items() if measure in each[0]}
        row = f"{measure:32}{medians[own]:{COLUMN}.4g}"
        for name in peers:
            cell = f"{medians[name]:.4g}" if name in medians else ""
            if name in medians and not measure.startswith("allocations"):
                cell += f" ({medians[name] / medians[own]:.1f}x)"
            row += f"{cell:>{COLUMN}}"
        yield row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="keep the figures of each run here")
    arguments = parser.parse_args()

    peers, missing = build_peers()
    programs = {"nightjar": [BUILD / "release/sdk_peer_bench"]} | peers
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    environment = os.environ | {"ENDPOINT": f"http://127.0.0.1:{sink.server_address[1]}/v1/traces",
                                "OTEL_BSP_MAX_QUEUE_SIZE": QUEUE}
    runs = {name: [] for name in programs}
    print(f"load before: {os.getloadavg()[0]:.1f}", flush=True)
    for number in range(arguments.runs):
        print(f"run {number + 1} of {arguments.runs}:", end="", flush=True)
        for name, command in programs.items():
            begin = time.monotonic()
            runs[name].append(run_once(name, command, environment))
            print(f" {name} {time.monotonic() - begin:.0f} s", end="", flush=True)
        print(flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(runs, indent=1) + "\n")

    print(f"median of {arguments.runs} runs; nanoseconds a span where nothing else is said; in brackets, how many times the first")
    for row in table(runs):
        print(row)
    for name, why in missing.items():
        print(f"{name}: left out, {why}")
    lost = {name: sum(run.get(LOST, 0) for run in each) for name, each in runs.items()}
    if any(lost.values()):
        sys.exit(f"{LOST}: {lost}; the figures are of less work")


if __name__ == "__main__":
    main()
