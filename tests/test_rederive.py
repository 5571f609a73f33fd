"""Derived columns are made again when rules are newer than those they were made by: in the background, over restarts and kills,
without bringing back what was erased. Older rules are played by changing the stored rows behind the server's back."""

import contextlib
import random
import re
import time

from harness import otlp_encode as otlp
from harness.server import Server, run_to_end, until

PROJECT = "rederive"
LONG = '[{"role": "user", "content": "a message that is kept as a segment of its own, because it is longer than what rows keep themselves: %s"}]'
DERIVED = ("kind, dialect, model, provider, session_id, known, prompt_tokens, completion_tokens, total_tokens, "
           "input_preview, output_preview, finish_reason, response_hash, cost_usd, price")
AGE = ("ALTER TABLE nightjar.spans UPDATE rules_version = 1, kind = 'UNKNOWN', dialect = 'old', model = 'old', provider = '', "
       "known = 0, prompt_tokens = 0, completion_tokens = 0, total_tokens = 0, input_preview = 'old', output_preview = '', "
       "finish_reason = '', response_hash = 0, cost_usd = 0, price = '' WHERE 1 SETTINGS mutations_sync = 1")
NEWEST = ("SELECT %s FROM (SELECT * FROM nightjar.spans ORDER BY seq DESC, rules_version DESC, prices_version DESC "
          "LIMIT 1 BY project, trace_id, span_id) ORDER BY trace_id, span_id")


def chat(trace, span_id, number=0, **more):
    attributes = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-4o",
                  "gen_ai.response.id": f"chatcmpl-{span_id.hex()}", "gen_ai.usage.input_tokens": 100 + number,
                  "gen_ai.usage.output_tokens": 7, "gen_ai.response.finish_reasons": ["stop"],
                  "gen_ai.input.messages": LONG % number, "session.id": f"session-{number}", "flag": True, "score": 0.5}
    return otlp.Span(trace, span_id, name="chat", attributes=attributes | more.get("attributes", {}))


def send(server, traces=3, spans=4, seed=1):
    """Acknowledged traces that the engine has; their ids."""
    source = random.Random(seed)
    ids = [source.randbytes(16) for _ in range(traces)]
    for begin in range(0, traces, 100):
        sent = [chat(trace, source.randbytes(8), begin + at) for at, trace in enumerate(ids[begin:begin + 100])
                for _ in range(spans)]
        server.accept(otlp.request(sent), project=PROJECT)
    until(lambda: stored(server) == traces * spans, "the spans in the engine")
    return [trace.hex() for trace in ids]


def stored(server):
    return int(server.sql("SELECT uniqExact(trace_id, span_id) FROM nightjar.spans")[0][0])


def age(server):
    """As if the spans had been stored by a program with older rules."""
    server.sql(AGE)
    server.sql("TRUNCATE TABLE nightjar.rederivation")


def rederive(server):
    return server.get_json("/api/v1/status")["rederive"]


def derived_again(server):
    """Waits for the end of the work; its status."""
    return until(lambda: (state := rederive(server))["state"] == "idle" and state, "the end of the work")


def rows_by_newest_rules(server):
    """How many rows each copy of a span has that the newest rules made; the highest such number."""
    rules = rederive(server)["rules_version"]
    return server.sql(f"SELECT ifNull(max(n), 0) FROM (SELECT count() AS n FROM nightjar.spans WHERE rules_version = {rules} "
                      "GROUP BY seq)")[0][0]


@contextlib.contextmanager
def aged(data_dir, **more):
    """A server whose spans older rules have derived, stopped; and what their columns must become."""
    with Server(data_dir) as server:
        traces = send(server, **more)
        derived_again(server)
        columns = server.sql(NEWEST % DERIVED)
        seqs = server.sql(NEWEST % "seq, day, hex(trace_id), span_id")
        spans = server.trace(traces[0])
        age(server)
    try:
        yield server, traces, columns, seqs, spans
    finally:
        server.close()


def test_columns_of_older_rules_are_made_again(tmp_path):
    with aged(tmp_path / "data") as (server, traces, columns, seqs, spans):
        assert columns[0][0:4] == ["LLM", "otel_genai", "gpt-4o", "openai"]
        server.start()
        state = derived_again(server)
        assert (state["done"], state["left"], state["failed"]) == (12, 0, 0)
        assert server.sql(NEWEST % DERIVED) == columns
        assert server.sql(NEWEST % "seq, day, hex(trace_id), span_id") == seqs
        assert server.trace(traces[0]) == spans
        row = server.whole_list(f"/api/v1/projects/{PROJECT}/traces")["data"][0]
        assert row["models"] == ["gpt-4o"] and row["tokens"]["completion"] == 28
        assert "deriving about 12 spans again" in server.stderr()
        assert "12 spans are derived again" in server.stderr()
        # The engine's own merges keep the same rows as readers do.
        server.sql("OPTIMIZE TABLE nightjar.spans FINAL")
        assert server.sql("SELECT count() FROM nightjar.spans") == [["12"]]
        assert server.sql(NEWEST % DERIVED) == columns


def test_calls_of_older_prices_are_priced_again_and_nothing_else(tmp_path):
    tool = otlp.Span(bytes(16 * [9]), bytes(8 * [9]), name="tool", attributes={"openinference.span.kind": "TOOL"})
    with Server(tmp_path / "data") as server:
        send(server)
        server.accept(otlp.request([tool]), project=PROJECT)
        until(lambda: stored(server) == 13, "the tool's span")
        derived_again(server)
        prices = server.sql(NEWEST % "round(cost_usd, 9), price, prices_version")
        # By genai-prices 0.2.3 an input token of gpt-4o costs 2.5 millionths and an output token 10: 100 and 7 cost 320.
        assert sorted(prices)[1][0:2] == ["0.00032", "openai/gpt-4o"]
        server.sql("ALTER TABLE nightjar.spans UPDATE cost_usd = 9, price = 'old', prices_version = 0, known = bitAnd(known, 63) "
                   "WHERE 1 SETTINGS mutations_sync = 1")
        server.sql("TRUNCATE TABLE nightjar.rederivation")
    with server:
        assert derived_again(server)["done"] == 12
        assert server.sql(NEWEST % "price, prices_version").count(["old", "0"]) == 1  # of the tool
        assert [row for row in server.sql(NEWEST % "round(cost_usd, 9), price, prices_version") if row[1] != "old"] == \
            [row for row in prices if row[1] != ""]


def test_nothing_is_done_when_nothing_is_stale(tmp_path):
    with aged(tmp_path / "data") as (server, *_):
        server.start()
        derived_again(server)
        server.stop()
        server.start()
        derived_again(server)
        marks = server.sql("SELECT max(number) FROM nightjar.rederivation")
        server.stop()
        server.start()
        state = derived_again(server)
        assert (state["done"], state["left"]) == (0, 0)
        assert server.sql("SELECT max(number) FROM nightjar.rederivation") == marks
        assert server.stderr().count("deriving about") == 1
        assert rows_by_newest_rules(server) == "1"


def test_a_directory_of_schema_version_3_is_brought_up_to_date(tmp_path):
    with aged(tmp_path / "data") as (server, traces, columns, seqs, _):
        server.start()
        derived_again(server)
        server.sql("DROP TABLE nightjar.rederivation SYNC")
        for column in ("operation", "response_hash", "finish_reason", "first_token_ns", "prompt_name", "prompt_version",
                       "exception_type", "exception_message", "cost_usd", "cache_savings_usd", "price", "prices_version"):
            server.sql(f"ALTER TABLE nightjar.spans DROP COLUMN {column} SETTINGS mutations_sync = 1")
        server.sql("ALTER TABLE nightjar.spans UPDATE rules_version = 2, known = 7 WHERE 1 SETTINGS mutations_sync = 1")
        server.sql("ALTER TABLE nightjar.spans MODIFY COLUMN known UInt8 SETTINGS mutations_sync = 1")
        server.sql("ALTER TABLE nightjar.migrations DELETE WHERE version >= 4 SETTINGS mutations_sync = 1")
        server.stop()
        server.start()
        assert derived_again(server)["done"] == 12
        assert server.sql(NEWEST % DERIVED) == columns
        assert server.sql(NEWEST % "seq, day, hex(trace_id), span_id") == seqs


def test_it_goes_on_after_kills_and_does_nothing_twice(tmp_path):
    source = random.Random(5)
    with aged(tmp_path / "data", traces=2000, spans=5) as (server, traces, columns, _, spans):
        kills = 0
        server.start()
        server.sql("SYSTEM STOP MERGES nightjar.spans")
        while kills < 4:
            until(lambda: rederive(server)["done"] > 0 or rederive(server)["state"] == "idle", "the beginning")
            time.sleep(source.uniform(0, 0.4))
            server.kill9()
            kills += 1
            server.start()
            server.sql("SYSTEM STOP MERGES nightjar.spans")
        derived_again(server)
        assert server.sql(NEWEST % DERIVED) == columns
        assert rows_by_newest_rules(server) == "1"
        assert server.trace(traces[0]) == spans


def test_what_is_deleted_meanwhile_does_not_come_back(tmp_path):
    with aged(tmp_path / "data", traces=2000, spans=5) as (server, traces, *_):
        server.start()
        until(lambda: rederive(server)["done"] > 0, "the beginning")
        gone = traces[::97]
        for trace in gone:
            assert server.request("DELETE", f"/api/v1/projects/{PROJECT}/traces/{trace}").status == 204
        derived_again(server)
        for trace in gone:
            assert server.get(f"/api/v1/traces/{trace}").status == 404
        assert stored(server) == (len(traces) - len(gone)) * 5
        assert server.sql("SELECT count() FROM nightjar.spans WHERE dialect = 'old' AND seq NOT IN "
                          "(SELECT seq FROM nightjar.spans WHERE dialect != 'old')") == [["0"]]


def test_requests_are_taken_and_read_meanwhile(tmp_path):
    source = random.Random(6)
    with aged(tmp_path / "data", traces=2000, spans=5) as (server, *_):
        server.start()
        # Requests that began and ended while the work was running.
        meanwhile = 0
        while (before := rederive(server)["state"]) != "idle":
            trace, span_id = source.randbytes(16), source.randbytes(8)
            server.accept(otlp.request([chat(trace, span_id, 5)]), project=PROJECT)
            assert server.trace(trace.hex())[span_id.hex()]["tokens"]["prompt"] == 105
            meanwhile += before == rederive(server)["state"] == "running"
        assert meanwhile > 0
        assert derived_again(server)["failed"] == 0
        assert server.sql(NEWEST % "dialect").count(["old"]) == 0


def test_it_works_a_third_of_the_time(tmp_path):
    """By its own clock: it pauses twice as long as each chunk took, but for what is lost where pauses are cut to milliseconds."""
    with aged(tmp_path / "data", traces=2000, spans=5) as (server, *_):
        server.start()
        derived_again(server)
        told = re.search(r"10000 spans are derived again, in ([\d.]+) s, ([\d.]+) s of them at work", server.stderr())
        whole, worked = float(told[1]), float(told[2])
        assert 0 < 3 * worked < whole + 0.05


def test_it_waits_while_much_waits_in_the_journal(tmp_path):
    """The engine takes spans but no log records, of which 18 MiB come while old spans are derived again."""
    text = "a long line of a log " * 50_000
    with aged(tmp_path / "data", traces=1000, spans=25) as (server, *_):
        server.start()
        until(lambda: rederive(server)["done"] > 0, "the beginning")
        server.sql("ALTER TABLE nightjar.logs MODIFY SETTING table_readonly = 1")
        for number in range(3):
            records = [otlp.log_record(f"{number} {n} {text}", time=time.time_ns()) for n in range(6)]
            server.accept(otlp.logs_request(records), path="/v1/logs", project=PROJECT)
        waiting = until(lambda: (now := rederive(server))["state"] == "waiting" and now, "that it waits")
        for _ in range(50):
            assert rederive(server) == waiting
        server.sql("ALTER TABLE nightjar.logs RESET SETTING table_readonly")
        until(lambda: rederive(server)["done"] > waiting["done"], "that it goes on")
        until(lambda: server.sql("SELECT count() FROM nightjar.logs") == [["18"]], "all log records, once each")


def test_a_later_copy_of_a_span_wins(tmp_path):
    trace, span_id = bytes(range(16)), bytes(range(8))
    with Server(tmp_path / "data") as server:
        server.accept(otlp.request([chat(trace, span_id)]), project=PROJECT)
        until(lambda: stored(server) == 1, "the span")
        age(server)
    with server:
        derived_again(server)
        server.accept(otlp.request([chat(trace, span_id, attributes={"gen_ai.usage.output_tokens": 9})]), project=PROJECT)
        assert server.trace(trace.hex())[span_id.hex()]["tokens"]["completion"] == 9
        assert server.sql(NEWEST % "completion_tokens") == [["9"]]


def test_a_span_that_cannot_be_read_stays_and_does_not_stop_the_others(tmp_path):
    with aged(tmp_path / "data", traces=30, spans=1) as (server, traces, *_):
        server.start()
        derived_again(server)
        age(server)
        server.sql(f"ALTER TABLE nightjar.segments DELETE WHERE scope = (SELECT segment_scope FROM nightjar.spans WHERE "
                   f"hex(trace_id) = '{traces[7].upper()}' LIMIT 1) SETTINGS mutations_sync = 1")
        server.stop()
        server.start()
        state = derived_again(server)
        assert (state["done"], state["failed"]) == (29, 1)
        assert f"a span of trace {traces[7]} cannot be derived again" in server.stderr()
        assert server.sql(NEWEST % "dialect").count(["otel_genai"]) == 29


def test_bodies_move_with_a_span_whose_session_is_understood_now(tmp_path):
    with aged(tmp_path / "data", traces=1, spans=1) as (server, traces, columns, _, spans):
        server.start()
        derived_again(server)
        scope = server.sql("SELECT segment_scope FROM nightjar.spans LIMIT 1")
        server.sql("INSERT INTO nightjar.segments SELECT 42, hash, day, body FROM nightjar.segments")
        server.sql("ALTER TABLE nightjar.segments DELETE WHERE scope != 42 SETTINGS mutations_sync = 1")
        server.sql("ALTER TABLE nightjar.spans UPDATE segment_scope = 42, session_id = '' WHERE 1 SETTINGS mutations_sync = 1")
        age(server)
        server.stop()
        server.start()
        derived_again(server)
        assert server.sql(NEWEST % "segment_scope") == scope
        assert server.sql(NEWEST % DERIVED) == columns
        server.sql("ALTER TABLE nightjar.segments DELETE WHERE scope = 42 SETTINGS mutations_sync = 1")
        assert server.trace(traces[0]) == spans


def test_a_backup_taken_meanwhile_is_whole(tmp_path):
    with aged(tmp_path / "data", traces=2000, spans=2) as (server, traces, *_):
        server.start()
        derived_again(server)
        # Every row gets bodies in another scope, so that work writes both tables.
        server.sql("INSERT INTO nightjar.segments SELECT 42, hash, day, body FROM nightjar.segments")
        server.sql("ALTER TABLE nightjar.segments DELETE WHERE scope != 42 SETTINGS mutations_sync = 1")
        server.sql("ALTER TABLE nightjar.spans UPDATE segment_scope = 42, session_id = '' WHERE 1 SETTINGS mutations_sync = 1")
        age(server)
        server.stop()
        server.start()
        until(lambda: rederive(server)["done"] > 0, "the beginning")
        code, _, err = run_to_end("backup", "--data-dir", server.data_dir, "--to", tmp_path / "backup")
        assert code == 0, err
        derived_again(server)
    code, _, err = run_to_end("restore", "--data-dir", tmp_path / "restored", "--from", tmp_path / "backup")
    assert code == 0, err
    with Server(tmp_path / "restored") as server:
        derived_again(server)
        for trace in traces[::199]:
            assert len(server.trace(trace)) == 2
        assert server.sql(NEWEST % "dialect").count(["otel_genai"]) == 4000


def test_status_tells_what_is_left(tmp_path):
    with aged(tmp_path / "data", traces=1000, spans=5) as (server, *_):
        server.start()
        state = until(lambda: (now := rederive(server))["state"] == "running" and now["done"] > 0 and now, "the beginning")
        assert state["done"] + state["left"] == 5000 and state["rules_version"] > 1
        assert derived_again(server) == state | {"state": "idle", "done": 5000, "left": 0}
