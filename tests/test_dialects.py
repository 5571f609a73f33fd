"""What recorded libraries sent is understood as what really happened: every call of a provider, field by field."""

import collections
import json
import pathlib

import pytest
import yaml

from harness import server as harness, truth

CORPORA = pathlib.Path(__file__).with_name("corpora") / "otlp"
DIFFERENCES = yaml.safe_load((CORPORA / "differences.yaml").read_text())
SOURCES = sorted(path.parent.name for path in CORPORA.glob("*/truth.json"))


def send(server, source):
    """The project that holds the source's spans and log records."""
    project = f"dialects-{source}"
    for folder, path in ((CORPORA / source, "/v1/traces"), (CORPORA / source / "logs", "/v1/logs")):
        for file in sorted(folder.glob("[0-9]*")):
            content_type = harness.JSON if file.suffix == ".json" else harness.PROTOBUF
            answer = server.export(file.read_bytes(), project=project, content_type=content_type, path=path)
            assert answer.status == 200, f"{file}: {answer.body[:300]!r}"
    return project


def differences(server, source):
    """({field: [right, all]}, [(field, call, shown, true)])"""
    project = send(server, source)
    traces, counts, wrong = {}, collections.defaultdict(lambda: [0, 0]), []
    for call in json.loads((CORPORA / source / "truth.json").read_text())["calls"]:
        views = []
        for span in call["observed"]["spans"]:
            trace = span["trace_id"]
            if trace not in traces:
                answer = server.get(f"/api/v1/projects/{project}/traces/{trace}").json()
                traces[trace] = {view["span_id"]: view for view in answer["spans"]}
            views.append(traces[trace][span["span_id"]])
        for field, shown, true in truth.compare(call, views) if views else ():
            counts[field][1] += 1
            if shown == true:
                counts[field][0] += 1
            else:
                wrong.append((field, call["seq"], shown, true))
    return counts, wrong


@pytest.mark.parametrize("source", SOURCES)
def test_recorded_calls_are_understood(server, source, record_property):
    counts, wrong = differences(server, source)
    print(f"\n{source}")
    for field, (right, total) in counts.items():
        print(f"    {field:18} {right:3} of {total}")
    record_property("fields", json.dumps(counts))
    known = {(entry["field"], call) for entry in DIFFERENCES.get(source, []) for call in entry["calls"]}
    new = [line for line in wrong if line[:2] not in known]
    assert not new, "\n".join(f"{field}, call {call}: {shown!r}, not {true!r}" for field, call, shown, true in new)
    gone = known - {line[:2] for line in wrong}
    assert not gone, f"listed in differences.yaml, but right: {sorted(gone)}"
