"""SIGKILL at chosen moments: instead of the Nth sync, the Nth change of a name in the journal's folder, or the Nth word to
the engine. The moments in a group commit are $NIGHTJAR_CRASH_ROUNDS."""

import contextlib
import functools
import http.client
import os
import random
import shutil

from harness import otlp_encode as otlp
from harness.faults import FaultyServer
from harness.load import Ledger, Senders

ROUNDS = int(os.environ.get("NIGHTJAR_CRASH_ROUNDS", "3"))


def test_in_a_group_commit(tmp_path):
    """The group that is being synced was written, and is not acknowledged."""
    source, ledger = random.Random(1), Ledger()
    with FaultyServer(tmp_path / "data") as server:
        for number in range(1, 10 * ROUNDS, 10):
            with Senders(server, source) as senders:
                senders.wait_for_acks(5)
                server.fault(kill_at_sync=number)
                server.wait_for_kill()
            ledger.add(senders)
            server.start()
        ledger.check(server)


def test_when_a_segment_begins_and_ends(tmp_path):
    """64 MiB make a new segment, which is killed in its creation; then the old ones are, in their removal."""
    source = random.Random(1)
    large = [source.randbytes(16) for _ in range(6)]
    acked = []
    with FaultyServer(tmp_path / "data") as server:
        server.accept(otlp.request([otlp.Span(source.randbytes(16), source.randbytes(8))]))
        server.fault(kill_at_name=1)
        try:
            for trace in large:
                text = source.randbytes(10 << 20).hex()
                server.accept(otlp.request([otlp.Span(trace, source.randbytes(8), attributes={"text": text})]))
                acked.append(trace.hex())
        except (OSError, http.client.HTTPException):
            server.wait_for_kill()
        assert len(acked) == 4
        for number in (1, 2, 1):  # its own segment; the removal of an old one; that again, in the next start
            server.start_and_wait_for_kill(kill_at_name=number)
        server.start()
        for trace in acked:
            (span,) = server.trace(trace).values()
            assert len(span["attributes"]["text"]) == 20 << 20


def test_in_a_migration_of_what_is_stored(tmp_path):
    """A folder as an older version left it, killed at each word to the engine until all is migrated: the next start ends it."""
    source, ledger = random.Random(1), Ledger()
    data, older = tmp_path / "data", tmp_path / "older"
    tables = data / "engine/metadata/nightjar"
    copy = functools.partial(shutil.copytree, symlinks=True, ignore=shutil.ignore_patterns("*.sock"))

    def migrated():
        return [(tables / "rederivation.sql").exists(), (tables / "annotations.sql").exists(),
                "evaluations" in (tables / "spans.sql").read_text()]

    with FaultyServer(data) as server:
        with Senders(server, source) as senders:
            senders.wait_for_acks(8)
        ledger.add(senders)
        ledger.check(server)
        server.sql("DROP TABLE nightjar.rederivation SYNC")
        server.sql("DROP TABLE nightjar.annotations SYNC")
        server.sql("ALTER TABLE nightjar.spans DROP COLUMN tags, DROP COLUMN metadata, DROP COLUMN evaluations")
        server.sql("RENAME TABLE nightjar.migrations TO nightjar.all")  # which remembers the inserts that come again
        server.sql("CREATE TABLE nightjar.migrations AS nightjar.all")
        server.sql("INSERT INTO nightjar.migrations SELECT * FROM nightjar.all WHERE version <= 5")
        server.sql("DROP TABLE nightjar.all SYNC")
        server.stop()
        assert migrated() == [False] * 3
        copy(data, older)
        words_behind_the_columns, number = 0, 0
        while words_behind_the_columns < 6:  # their version, the next migration, and the beginning of the last
            number += 1
            shutil.rmtree(data)
            copy(older, data)
            server.start_and_wait_for_kill(kill_at_send=number)
            words_behind_the_columns += migrated() == [True] * 3
            server.start()
            ledger.check(server)
            assert migrated() == [True] * 3
            assert server.sql("SELECT count(), uniqExact(version), max(version) FROM nightjar.migrations") == [["13"] * 3]
            server.stop()
        assert number > 10


def test_in_the_first_start(tmp_path):
    """The folders, the formats and each statement of the schema's migration, again and again."""
    source = random.Random(1)
    with contextlib.closing(FaultyServer(tmp_path / "data")) as server:
        for number in (1, 2, 3):
            server.start_and_wait_for_kill(kill_at_name=number)
        for number in range(2, 8):
            server.start_and_wait_for_kill(kill_at_send=number)
            server.start_and_kill9(after_seconds=source.uniform(0.1, 0.3))
        server.start()
        with Senders(server, source) as senders:
            senders.wait_for_acks(10)
        ledger = Ledger()
        ledger.add(senders)
        ledger.check(server)
        assert server.sql("SELECT count() - uniqExact(version) FROM nightjar.migrations") == [["0"]]
