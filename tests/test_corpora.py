"""Every recorded request is accepted whole, and every span reads back as an independent decoder sees it."""

import pathlib

import pytest

from harness import compare, oracle, server as harness

SOURCES = sorted(pathlib.Path(__file__).with_name("corpora").glob("otlp/*"))


def bodies(pattern):
    """[(source, its request files in order)] for the sources that have any; logs/ and other/ are not traces."""
    found = [(source.name, sorted(source.glob(pattern))) for source in SOURCES]
    return [pytest.param(name, files, id=name) for name, files in found if files]


def check(server, project, files, decode, content_type):
    for file in files:
        answer = server.export(file.read_bytes(), project=project, content_type=content_type)
        want = b"{}" if content_type == harness.JSON else b""
        assert (answer.status, answer.body) == (200, want), f"{file.name}: {answer.status} {answer.body[:300]!r}"
    expected = oracle.traces_of(decode(file.read_bytes()) for file in files)
    lines = []
    for trace_id, spans in expected.items():
        lines += compare.raw_differences(spans, server.trace(trace_id))
    assert not lines, "\n".join(lines[:40])


@pytest.mark.parametrize("source, files", bodies("[0-9]*.pb"))
def test_protobuf_recordings_read_back(server, source, files):
    check(server, source, files, oracle.decode_request, harness.PROTOBUF)


@pytest.mark.parametrize("source, files", bodies("[0-9]*.json"))
def test_json_recordings_read_back(server, source, files):
    check(server, source, files, oracle.decode_json_request, harness.JSON)
