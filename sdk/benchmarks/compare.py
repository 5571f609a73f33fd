#!/usr/bin/python3
"""Runs the SDK's benchmark and those of OpenTelemetry's Go and Rust SDKs (peers/, pinned versions) in turns, several times,
against one sink, and prints the medians side by side. A peer whose tools are missing is named and left out."""

import argparse
import http.server
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"


class Sink(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def build_peers():
    """{name: command} of the peers that can be built here."""
    target = BUILD / "peers"
    target.mkdir(parents=True, exist_ok=True)
    builds = {
        "Go": (["go", "build", "-o", target / "go_span_bench", "."], HERE / "peers/go", target / "go_span_bench"),
        "Rust": (["cargo", "build", "--release", "--locked", "--target-dir", target / "rust"], HERE / "peers/rust",
                 target / "rust/release/span_bench"),
    }
    programs = {}
    for name, (command, folder, program) in builds.items():
        if shutil.which(command[0]) is None:
            print(f"{name}: there is no {command[0]}; left out", file=sys.stderr)
            continue
        subprocess.run(command, cwd=folder, check=True)
        programs[name] = [program]
    return programs


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, help="keep the figures of each run here")
    arguments = parser.parse_args()

    programs = {"nightjar": [BUILD / "release/sdk_peer_bench"]} | build_peers()
    sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=sink.serve_forever, daemon=True).start()
    environment = os.environ | {"ENDPOINT": f"http://127.0.0.1:{sink.server_address[1]}/v1/traces"}
    runs = {name: [] for name in programs}
    for _ in range(arguments.runs):
        for name, command in programs.items():
            ended = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
            runs[name].append(json.loads(ended.stdout))
    if arguments.json:
        arguments.json.write_text(json.dumps(runs, indent=1) + "\n")

    measures = list(runs["nightjar"][0])
    print(f"median of {arguments.runs} runs; nanoseconds a span where nothing else is said")
    print(f"{'':34}" + "".join(f"{name:>12}" for name in runs))
    for measure in measures:
        row = [statistics.median(run[measure] for run in of_one) if measure in of_one[0] else None for of_one in runs.values()]
        print(f"{measure:34}" + "".join(f"{value:12.4g}" if value is not None else f"{'':>12}" for value in row))


if __name__ == "__main__":
    main()
