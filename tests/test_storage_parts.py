"""What inserts and merges write, which decides what a span costs."""

from generated import Ids
from harness import otlp_encode as otlp

START = 1_795_000_000_000_000_000


def parts(server):
    return server.sql("SELECT part_type, level FROM system.parts WHERE active AND table = 'spans' ORDER BY name")


def test_inserts_write_compact_parts_and_merges_go_column_by_column(own_server):
    ids = Ids("parts")
    for letter in "ab":
        trace = ids.trace()
        name = letter * (11 << 20)
        own_server.accept(otlp.request([otlp.Span(trace, ids.span(), name=name, start=START, end=START + 1)]))
        own_server.trace(trace.hex())  # waits until it is stored
    assert parts(own_server) == [["Compact", "0"]] * 2
    own_server.sql("OPTIMIZE TABLE nightjar.spans FINAL")
    assert parts(own_server) == [["Wide", "1"]]
    (gathered,) = own_server.sql("SELECT value FROM system.events WHERE event = 'GatheredColumns'")
    assert int(gathered[0]) > 40
