"""A server that nothing is asked of gives back the memory that it does not need, and lets merges come last."""

import pathlib

from harness import otlp_encode as otlp
from harness.server import until

MIB = 1 << 20


def resident_mib(pid):
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def nice_values(pid, thread_name):
    values = []
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        _, name, rest = task.joinpath("stat").read_text().replace("(", ")").split(")", 2)
        if name == thread_name:
            values.append(int(rest.split()[16]))  # the 19th field of proc(5)
    return values


def test_memory_goes_back_and_merges_come_last(own_server):
    spans = [otlp.Span(bytes(8) + n.to_bytes(8, "big"), n.to_bytes(8, "big")) for n in range(1, 2001)]
    for at in range(0, len(spans), 500):
        own_server.accept(otlp.request(spans[at : at + 500]))
    engine = own_server.engine_pid()
    until(lambda: resident_mib(engine) + resident_mib(own_server.pid) < 250, "less than 250 MiB of both processes")
    until(lambda: set(nice_values(engine, "MergeMutate")) == {10}, "merges with little priority")
    assert len(own_server.get_json("/api/v1/projects/default/traces", limit=500)["data"]) == 500  # what it gave back it finds again
