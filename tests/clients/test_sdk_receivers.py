"""Spans of the C++ SDK read by OpenTelemetry's own package of the protocol, and by the server: equal, field by field."""

import json
import os
import pathlib
import subprocess
import sys

import packages
from google.protobuf import json_format

from harness import compare, everything, oracle
from harness import server as harness
from harness.receiver import Receiver

RECEIVER = pathlib.Path(__file__).with_name("python_receiver.py")


def test_opentelemetrys_package_reads_what_the_server_shows(own_server):
    environment = {**os.environ, "PYTHONPATH": str(packages.python())}
    other = subprocess.Popen([sys.executable, RECEIVER], env=environment, stdout=subprocess.PIPE, text=True)
    with other, Receiver(upstream=other.stdout.readline().strip()) as between:
        ended = everything.run(f"http://127.0.0.1:{between.port}")
        assert ended.returncode == 0, ended.stderr
        # Fails on a field that is not among those compared.
        request = json_format.ParseDict(json.loads(other.communicate(timeout=60)[0]), oracle.messages().ExportTraceServiceRequest())
    path, headers, body = between.requests[0]
    assert harness.send(own_server.ready["http"], "POST", path, body, headers).status == 200

    theirs, shown = everything.read(request), own_server.trace(everything.TRACE)
    everything.check(theirs)
    everything.check(shown)
    assert compare.raw_differences(theirs, shown) == []
