"""SQL over the views: what they hold, the cookbook, and what the fence refuses."""

import json
import pathlib
import re
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import Server

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9
GUIDE = pathlib.Path(__file__).resolve().parents[1] / "docs/guide/sql.md"


def sql(server, text, **more):
    body = json.dumps({"query": text} | more).encode()
    return server.request("POST", "/api/v1/sql", body, {"content-type": "application/json"})


def rows(server, text):
    answer = sql(server, text)
    assert answer.status == 200, answer.body[:500]
    return answer.json()["data"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own: some views look at every span of every project, so that others' spans would cost these tests their time."""
    with Server(tmp_path_factory.mktemp("sql") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def spans(server):
    ids = Ids("sql")
    trace, root, call = ids.trace(), ids.span(), ids.span()
    spans = [
        otlp.Span(trace, root, "run", start=BASE, end=BASE + 30 * MS, attributes={"openinference.span.kind": "AGENT", "user.id": "ada"}),
        otlp.Span(trace, call, "chat", parent=root, start=BASE + MS, end=BASE + 21 * MS, status=2, attributes={
            "openinference.span.kind": "LLM", "llm.model_name": "nova-1", "llm.token_count.prompt": 7, "llm.token_count.total": 9,
            "llm.cost.total": 0.5, "route": "/chat", "n": 2**53 + 1, "x": 0.25}),
        otlp.Span(trace, ids.span(), "look", parent=root, start=BASE + MS, end=BASE + 2 * MS,
                  attributes={"openinference.span.kind": "TOOL", "tool.name": "search", "input.value": "{}"}),
    ]
    request = otlp.request(spans, resource={"service.name": "shop"})
    server.accept(request, project="sql")
    server.accept(otlp.request(spans[1:2], resource={"service.name": "shop"}), project="sql")  # sent again
    server.get_json("/api/v1/projects/sql/spans")  # waits for them
    return {"trace": trace.hex(), "root": root.hex(), "call": call.hex()}


def test_spans(server, spans):
    columns = ("trace_id, span_id, parent_span_id, name, kind, status, start_unix_ns, duration_ms, service_name, model, "
               "prompt_tokens, completion_tokens, total_tokens, cost_usd, attributes['route'], int_attributes['n'], "
               "float_attributes['x'], resource, scope_name")
    found = rows(server, f"SELECT {columns} FROM spans WHERE project = 'sql' AND kind = 'LLM'")
    assert found == [[spans["trace"], spans["call"], spans["root"], "chat", "LLM", "ERROR", str(BASE + MS), 20, "shop", "nova-1",
                      "7", None, "9", 0.5, "/chat", str(2**53 + 1), 0.25, '{"service.name":"shop"}', "tests"]]
    assert rows(server, "SELECT parent_span_id FROM spans WHERE project = 'sql' AND name = 'run'") == [[None]]
    assert rows(server, "SELECT count() FROM llm_calls WHERE project = 'sql'") == [["1"]]
    assert rows(server, "SELECT tool_name, arguments_preview FROM tool_calls WHERE project = 'sql'") == [["search", "{}"]]


def test_traces(server, spans):
    columns = "trace_id, name, user_id, start_unix_ns, duration_ms, span_count, error_count, prompt_tokens, completion_tokens, cost_usd, models"
    assert rows(server, f"SELECT {columns} FROM traces WHERE project = 'sql'") == [
        [spans["trace"], "run", "ada", str(BASE), 30, "3", "1", "7", None, 0.5, ["nova-1"]]]


def test_metrics(server):
    """Every part of every type of point."""
    ids = Ids("sql metrics")
    trace, span = ids.trace(), ids.span()
    exemplars = [otlp.exemplar(0.5, BASE + 1, trace_id=trace, span_id=span, attributes={"k": "v"}), otlp.exemplar(-7, 0)]
    buckets = otlp.packed(6, "Q", [1, 2, 3]) + otlp.packed(7, "d", [0.5, 1.0])
    spread = otlp.sint(6, -3) + otlp.fixed64(7, 2) + otlp.double(14, 0.125)
    spread += otlp.block(8, otlp.sint(1, -4) + otlp.block(2, b"\x01\x07")) + otlp.block(9, otlp.sint(1, 5) + otlp.block(2, b"\x09"))
    quantile = otlp.block(6, otlp.double(1, 0.99) + otlp.double(2, 6.0))
    server.accept(otlp.metrics_request([
        otlp.metric("a", 5, [otlp.number_point(3, time=BASE, exemplars=exemplars)]),
        otlp.metric("b", 9, [otlp.point(otlp.HISTOGRAM_POINT, otlp.fixed64(4, 6) + buckets, time=BASE)], temporality=1),
        otlp.metric("c", 10, [otlp.point(otlp.EXPONENTIAL_POINT, otlp.fixed64(4, 9) + spread, time=BASE)], temporality=2),
        otlp.metric("d", 11, [otlp.point(otlp.SUMMARY_POINT, otlp.fixed64(4, 3) + otlp.double(5, 7.5) + quantile, time=BASE)]),
        otlp.metric("e", 7, [otlp.number_point(0.5, time=BASE)], temporality=2, monotonic=True),
    ]), path="/v1/metrics", project="sql metrics")
    server.get_json("/api/v1/projects/sql%20metrics/metrics")  # waits for them

    def of_each(columns):
        return rows(server, f"SELECT {columns} FROM metrics WHERE project = 'sql metrics' ORDER BY name")

    kinds = [["gauge", "", False], ["histogram", "DELTA", False], ["exponential_histogram", "CUMULATIVE", False], ["summary", "", False], ["sum", "CUMULATIVE", True]]
    assert of_each("type, temporality, monotonic") == kinds
    assert of_each("value, count, sum") == [[3, "0", None], [None, "6", None], [None, "9", None], [None, "3", 7.5], [0.5, "0", None]]
    assert of_each("bucket_counts, explicit_bounds")[1] == [["1", "2", "3"], [0.5, 1]]
    assert of_each("scale, zero_count, zero_threshold, positive_offset, positive_counts, negative_offset, negative_counts")[2] == [
        -3, "2", 0.125, -4, ["1", "7"], 5, ["9"]]
    assert of_each("quantiles, quantile_values")[3] == [[0.99], [6]]
    assert of_each("exemplars")[0] == [[
        {"time_unix_ns": str(BASE + 1), "value": 0.5, "trace_id": trace.hex(), "span_id": span.hex(), "attributes": '{"k":"v"}'},
        {"time_unix_ns": "0", "value": -7, "trace_id": None, "span_id": None, "attributes": "{}"}]]


def test_formats(server, spans):
    query = "SELECT name, duration_ms FROM spans WHERE project = 'sql' ORDER BY name"
    csv = sql(server, query, format="csv")
    assert (csv.media_type, csv.body) == ("text/csv", b'"name","duration_ms"\n"chat",20\n"look",1\n"run",30\n')
    arrow = sql(server, query, format="arrow")
    assert arrow.media_type == "application/vnd.apache.arrow.stream"
    assert arrow.body.startswith(b"\xff\xff\xff\xff") and b"duration_ms" in arrow.body
    assert sql(server, query, format="xml").status == 400


COOKBOOK = re.findall(r"^```sql\n(.*?)^```", GUIDE.read_text(), re.M | re.S)


def test_the_cookbook_uses_every_view(server):
    assert len(COOKBOOK) >= 14
    views = {view for views in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `project`", GUIDE.read_text(), re.M) for view in re.findall(r"\w+", views)}
    assert len(views) == 9
    assert {view for view in views if not any(re.search(rf"(FROM|JOIN) {view}\b", query) for query in COOKBOOK)} == set()


def test_the_guide_names_every_column(server, spans):
    text = GUIDE.read_text()
    for views, columns in re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| (`project`.*) \|$", text, re.M):
        for view in re.findall(r"\w+", views):
            answer = sql(server, f"SELECT * FROM {view} LIMIT 0").json()
            assert [c["name"] for c in answer["meta"]] == re.findall(r"`(\w+)`", columns), view


REFUSED = [
    "SELECT file('/etc/passwd')", "SELECT * FROM file('/etc/passwd', 'LineAsString')", "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
    "SELECT * FROM remote('127.0.0.1', system.one)", "SELECT * FROM remoteSecure('x', system.one)", "SELECT * FROM s3('http://x/y')",
    "SELECT * FROM mysql('a','b','c','d','e')", "SELECT * FROM postgresql('a','b','c','d','e')", "SELECT * FROM sqlite('x','y')",
    "SELECT * FROM executable('id', 'TSV', 'a String')", "SELECT * FROM azureBlobStorage('x')", "SELECT * FROM hdfs('x')",
    "SELECT * FROM numbers(10)", "SELECT * FROM merge('nightjar', '.*')", "SELECT * FROM view(SELECT 1)", "SELECT * FROM loop(spans)",
    "SELECT * FROM cluster('default', system.one)", "SELECT * FROM dictionary('x')", "SELECT * FROM generateRandom('a Int8')",
    "SELECT * FROM input('a Int8')", "SELECT * FROM values('a Int8', 1)", "SELECT * FROM format('CSV', '1')", "SELECT * FROM null('a Int8')",
    "SELECT * FROM system.tables", "SELECT * FROM system.one", "SELECT * FROM information_schema.tables",
    "SELECT * FROM INFORMATION_SCHEMA.TABLES", "SELECT * FROM nightjar.spans", "SELECT * FROM nightjar.segments",
    "SELECT * FROM `nightjar`.`spans`", "SELECT * FROM default.spans", "SELECT * FROM `/etc/passwd`", "SELECT * FROM '/etc/passwd'",
    "SELECT 1 IN system.one", "SELECT 1 NOT IN nightjar.spans", "SELECT 1 GLOBAL IN system.one", "SELECT (1, 2) IN (system.one)",
    "SELECT 1 WHERE 1 IN (SELECT * FROM system.one)", "SELECT * FROM (SELECT * FROM (SELECT * FROM system.one))",
    "WITH x AS (SELECT * FROM system.one) SELECT * FROM x", "WITH (SELECT file('/etc/passwd')) AS x SELECT x",
    "SELECT * FROM spans JOIN system.one ON 1 = 1", "SELECT * FROM spans, system.one", "SELECT 1 UNION ALL SELECT * FROM system.one",
    "SELECT 1 INTERSECT SELECT * FROM system.one", "SELECT 1 EXCEPT SELECT dummy FROM system.one",
    "SELECT * APPLY(file) FROM spans", "SELECT COLUMNS('name') APPLY(x -> file(x)) FROM spans", "SELECT * REPLACE(file(name) AS name) FROM spans",
    "SELECT arrayMap(x -> file(x), ['/etc/passwd'])", "SELECT count() OVER (ORDER BY file('x')) FROM spans",
    "SELECT 1 ORDER BY file('x')", "SELECT 1 LIMIT file('x')", "SELECT 1 GROUP BY sleep(1)", "SELECT 1 HAVING sleepEachRow(1)",
    "SELECT sleep(3)", "SELECT hostName()", "SELECT getSetting('max_threads')", "SELECT currentUser()", "SELECT version()", "SELECT uptime()",
    "SELECT joinGet('a.b', 'c', 1)", "SELECT dictGet('a', 'b', 1)", "SELECT catboostEvaluate('x', 1)", "SELECT getMacro('x')",
    "SELECT filesystemAvailable()", "SELECT showCertificate()", "SELECT addressToSymbol(1)", "SELECT demangle('x')", "SELECT throwIf(1)",
    "SELECT initializeAggregation('count', 1)", "SELECT evalMLMethod(1)", "SELECT structureToProtobufSchema('a Int8')", "SELECT aiGenerate('x')",
    "SELECT 1 SETTINGS max_threads = 9", "SELECT * FROM spans SETTINGS readonly = 0", "SELECT 1 FORMAT CSV", "SELECT 1 FORMAT Null",
    "SELECT 1 INTO OUTFILE '/tmp/nightjar_escape'", "SELECT 1 INTO OUTFILE '/tmp/nightjar_escape' FORMAT CSV", "SELECT {x:String}",
    "SELECT 1; SELECT 2", "SELECT 1; DROP TABLE nightjar.spans", "SELECT 1;\n-- x\nDROP TABLE nightjar.spans", "DROP TABLE nightjar.spans",
    "INSERT INTO nightjar.spans VALUES (1)", "INSERT INTO FUNCTION file('x') SELECT 1", "CREATE TABLE x (a Int8) ENGINE = Memory",
    "CREATE TEMPORARY TABLE x (a Int8)", "ALTER TABLE nightjar.spans DELETE WHERE 1", "OPTIMIZE TABLE nightjar.spans", "SYSTEM SHUTDOWN",
    "KILL QUERY WHERE 1", "SET max_threads = 1", "USE system", "SHOW TABLES", "DESCRIBE file('/etc/passwd')", "EXPLAIN SELECT 1",
    "EXPLAIN QUERY TREE SELECT file('/etc/hostname')", "EXISTS TABLE x", "GRANT ALL ON *.* TO x", "BACKUP DATABASE nightjar TO File('x')",
    "ATTACH TABLE x", "DETACH TABLE nightjar.spans", "RENAME TABLE a TO b", "TRUNCATE TABLE nightjar.spans", "WATCH x", "CHECK TABLE x",
    "graph = 1 SELECT 1", "optimize = 1 SELECT file('x')", "(SELECT 1)", "/* x */ DROP TABLE nightjar.spans", "-- x\nDROP TABLE nightjar.spans",
    "SELECT 1 AS `a\nb`, file('x')", "SELECT file('x') AS `y\n    Function count`", "SELECT `system.one`.x IN `system`.`one`",
    "", " ", ";", "SELECT", "SELECT 1 +", "SELECT (((", "SELECT 'open", "SELECT 1 /* open", "\x00", "SELECT \x00", "WITH", "WITH x", "VALUES (1)",
    "SELECT " + "(" * 3000, "SELECT 1" + " " * 70_000, "FROM spans", "TABLE spans", "COPY spans TO 'x'", "PREPARE x AS SELECT 1",
]


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_the_fence_holds(server, spans, text):
    answer = sql(server, text)
    assert 400 <= answer.status < 500, answer.body[:300]
    assert answer.json()["error"]["code"] in ("invalid_argument", "permission_denied")


def test_after_all_that_everything_is_there(server, spans):
    assert rows(server, "SELECT count() FROM spans WHERE project = 'sql'") == [["3"]]
    assert not pathlib.Path("/tmp/nightjar_escape").exists()


@pytest.mark.parametrize("text", [
    "SELECT 1", "select 1", "\n\tSELECT 1", "WITH 1 AS one SELECT one", "SELECT 1 -- note", "SELECT /* note */ 1",
    "SELECT toDateTime('2026-01-01 00:00:00', 'UTC') + INTERVAL 1 DAY", "SELECT CASE WHEN 1 THEN 'a' ELSE 'b' END",
    "SELECT arrayMap(x -> x * 2, [1, 2])", "SELECT 'SETTINGS FORMAT INTO ; DROP'", "SELECT s.name FROM spans AS s LIMIT 1",
    "SELECT name, count() FROM spans GROUP BY name WITH TOTALS ORDER BY 2 DESC LIMIT 1 BY name",
    "SELECT countIf(kind = 'LLM'), uniqExactIf(trace_id, status = 'ERROR') FROM spans",
    "SELECT a.name FROM spans a JOIN spans b ON a.parent_span_id = b.span_id AND a.trace_id = b.trace_id",
    "SELECT row_number() OVER (PARTITION BY name ORDER BY start_unix_ns) FROM spans", "SELECT * EXCEPT (attributes) FROM spans LIMIT 1"])
def test_the_fence_lets_through(server, spans, text):
    rows(server, text)


def test_limits_end_a_statement(server, spans):
    """Rows and bytes beyond the limit are an error, not a shorter answer."""
    answer = sql(server, "SELECT arrayJoin(range(2000000)) FROM spans LIMIT 1500000")
    assert (answer.status, answer.json()["error"]["code"]) == (413, "resource_exhausted")
    for rows_of_a_megabyte, status in ((66, 200), (68, 413)):  # 64 MiB are 67.1 MB
        answer = sql(server, f"SELECT repeat('x', 1000000) FROM (SELECT arrayJoin(range({rows_of_a_megabyte})))")
        assert answer.status == status, answer.body[:300]
    assert answer.json()["error"]["code"] == "resource_exhausted"
    answer = sql(server, "SELECT length(groupArray(repeat('x', 1000000))) FROM (SELECT arrayJoin(range(5000)))")
    assert (answer.status, answer.json()["error"]["code"]) == (413, "resource_exhausted"), answer.body[:300]


@pytest.mark.parametrize("text, told", [
    ("SELECT colour FROM spans", "colour"), ("SELECT * FROM spams", "spams"), ("SELECT count(), name FROM spans", "name"),
    ("SELECT length(1)", "length"), ("SELECT toDate('x')", "x")])
def test_what_is_wrong_with_a_statement_is_told(server, spans, text, told):
    answer = sql(server, text)
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")
    assert told in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"SELECT 1"', b"{}", b'{"query":1}', b'{"query":null}', b'{"query":"SELECT 1","format":7}'])
def test_bad_bodies(server, body):
    answer = server.request("POST", "/api/v1/sql", body, {"content-type": "application/json"})
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")
