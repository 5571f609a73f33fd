"""SQL of one project: the rows of others are not there, whatever view is asked, and however."""

import json
import subprocess
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp
from harness.server import BINARY, Server, environment

MS = 10**6
BASE = time.time_ns() - 3600 * 10**9
VIEWS = ["spans", "llm_calls", "tool_calls", "traces", "messages", "documents", "annotations", "logs", "metrics"]
HOSTILE = "it's \\ \"the\" `other` {p:String} unhex('6d696e65') %s -- ü"
PROJECTS = ["mine", "other", HOSTILE]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One of its own, in which each project has the same rows in each view, and texts that name it."""
    with Server(tmp_path_factory.mktemp("sql") / "data") as running:
        for project in PROJECTS:
            make(running, project)
        yield running


def make(server, project):
    ids = Ids("the same in each project")
    trace, root = ids.trace(), ids.span()
    long = f"a message of {project}, " * 30  # in a segment
    said = {"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": long}
    call = {"openinference.span.kind": "LLM", "llm.model_name": "nova", "llm.token_count.prompt": 7, "llm.token_count.total": 7, "llm.cost.total": 0.5, "secret": project} | said
    document = {"openinference.span.kind": "RETRIEVER", "retrieval.documents.0.document.id": project, "retrieval.documents.0.document.content": long}
    server.accept(otlp.request([
        otlp.Span(trace, root, f"run of {project}"[:60], start=BASE, end=BASE + 9 * MS, attributes={"openinference.span.kind": "AGENT", "session.id": "s"}),
        otlp.Span(trace, ids.span(), "chat", parent=root, start=BASE, end=BASE + MS, attributes=call),
        otlp.Span(trace, ids.span(), "chat again", parent=root, start=BASE, end=BASE + MS, attributes={key: value for key, value in call.items() if key not in said}),  # tells the same call
        otlp.Span(trace, ids.span(), "look", parent=root, start=BASE, end=BASE + MS, attributes={"openinference.span.kind": "TOOL", "tool.name": "search"}),
        otlp.Span(trace, ids.span(), "find", parent=root, start=BASE, end=BASE + MS, attributes=document)]), project=project)
    server.accept(otlp.logs_request([otlp.log_record(f"log of {project}", time=BASE, trace_id=trace)]), project=project, path="/v1/logs")
    server.accept(otlp.metrics_request([otlp.metric("m", 5, [otlp.number_point(3, time=BASE, attributes={"of": project})])]), project=project, path="/v1/metrics")
    server.get_json(f"/api/v1/projects/{path_of(project)}/spans")  # waits for them
    body = {"data": [{"trace_id": trace.hex(), "name": "quality", "annotator_kind": "HUMAN", "result": {"score": 1}}]}
    assert server.request("POST", "/v1/trace_annotations?sync=true", json.dumps(body).encode(), {"content-type": "application/json"}).status == 200


def path_of(project):
    return "".join(f"%{byte:02x}" for byte in project.encode())


def sql(server, project, text, **more):
    path = "/api/v1/sql" if project is None else f"/api/v1/projects/{path_of(project)}/sql"
    return server.request("POST", path, json.dumps({"query": text} | more).encode(), {"content-type": "application/json"})


def rows(server, project, text):
    answer = sql(server, project, text)
    assert answer.status == 200, (text, answer.body[:500])
    return answer.json()["data"]


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_the_rows_of_the_project_and_no_others(server, view):
    everywhere = dict(rows(server, None, f"SELECT project, toString(count()) FROM {view} GROUP BY project"))
    assert everywhere.keys() == set(PROJECTS) and len(set(everywhere.values())) == 1
    for project in PROJECTS:
        assert rows(server, project, f"SELECT project, toString(count()) FROM {view} GROUP BY project") == [[project, everywhere[project]]]
        assert not any(other in json.dumps(rows(server, project, f"SELECT * FROM {view}"), ensure_ascii=False) for other in ("of other", '"other"') if project != "other")
    assert rows(server, "none", f"SELECT count() FROM {view}") == [["0"]]


def test_sums_are_those_of_the_project_alone(server):
    """The same spans in three projects, and each counts its call once."""
    assert rows(server, "mine", "SELECT span_count, total_tokens, cost_usd FROM traces") == [["5", "7", 0.5]]
    assert rows(server, "mine", "SELECT count(), sum(total_tokens) FROM llm_calls") == [["1", "7"]]
    assert rows(server, None, "SELECT count(), sum(total_tokens) FROM llm_calls") == [["3", "21"]]


# Each counts rows of others, if it can reach any.
ESCAPES = [
    "SELECT count() FROM {v} WHERE project != 'mine'", "SELECT count() FROM {v} WHERE project = 'other' OR 1 = 1 AND project != 'mine'", "SELECT countIf(project != 'mine') FROM {v}",
    "SELECT count() FROM (SELECT * FROM {v}) WHERE project = 'other'", "SELECT countIf(b.project != 'mine') FROM {v} AS a CROSS JOIN {v} AS b", "SELECT countIf(b.project != 'mine') FROM {v} AS a, {v} AS b",
    "SELECT countIf(b.project != 'mine') FROM (SELECT 1 AS x) AS a LEFT JOIN (SELECT *, 1 AS x FROM {v}) AS b USING (x)", "SELECT countIf(notEmpty(b.project) AND b.project != 'mine') FROM spans AS a FULL JOIN {v} AS b ON a.project = b.project",
    "WITH {v} AS (SELECT * FROM {v}) SELECT countIf(project != 'mine') FROM {v}", "WITH x AS (SELECT project FROM {v}) SELECT countIf(project != 'mine') FROM x",
    "WITH spans AS (SELECT project FROM {v}), y AS (SELECT * FROM spans) SELECT countIf(project != 'mine') FROM y", "WITH RECURSIVE x AS (SELECT project, 1 AS n FROM {v} UNION ALL SELECT project, n + 1 FROM x WHERE n < 3) SELECT countIf(project != 'mine') FROM x",
    "SELECT countIf(project != 'mine') FROM (SELECT project FROM {v} UNION ALL SELECT project FROM {v})", "SELECT countIf(project != 'mine') FROM (SELECT project FROM {v} INTERSECT SELECT project FROM {v})",
    "SELECT countIf(project != 'mine') FROM (SELECT project FROM {v} EXCEPT SELECT 'mine')", "SELECT toUInt64('other' IN (SELECT project FROM {v}))", "SELECT length(arrayFilter(p -> p != 'mine', groupArray(project))) FROM {v}",
    "SELECT (SELECT countIf(project != 'mine') FROM {v})", "SELECT max((SELECT countIf(project != 'mine') FROM {v})) FROM spans", "SELECT countIf(p != 'mine') FROM (SELECT any(project) OVER () AS p FROM {v})",
    "SELECT countIf(project != 'mine') FROM {v} AS nightjar", "SELECT countIf(project != 'mine') FROM {v} AS `nightjar.spans`", "SELECT countIf(project != 'mine') FROM {v} AS spans", "SELECT countIf(project != 'mine') FROM {v} AS segments",
    "SELECT countIf(project != 'mine') FROM (SELECT 'mine' AS mine, * FROM {v} AS `default.{v}`)", "SELECT countIf(x != 'mine') FROM (SELECT project AS x FROM {v} AS mine)",
    "SELECT countIf(project != 'mine') FROM (SELECT * FROM {v} ORDER BY project DESC LIMIT 100)", "SELECT countIf(project != 'mine') FROM (SELECT project FROM {v} GROUP BY project WITH TOTALS)",
    "SELECT countIf(arrayJoin([project]) != 'mine') FROM {v}", "SELECT countIf(project != 'mine') FROM {v} PREWHERE 1", "SELECT countIf(project != 'mine') FROM {v} FINAL", "SELECT countIf(project != 'mine') FROM {v} SAMPLE 1",
    "SELECT sum(if(project = 'mine', 0, 1)) FROM (SELECT DISTINCT project FROM {v})", "SELECT countIf(project != 'mine') FROM {v} QUALIFY 1",
]
REFUSED = [
    "SELECT count() FROM nightjar.spans", "SELECT count() FROM default.spans", "SELECT * FROM view(SELECT * FROM spans)", "SELECT * FROM merge('default', '.*')", "SELECT * FROM merge('nightjar', 'spans')", "SELECT * FROM merge('^spans$')",
    "SELECT * FROM loop(spans)", "SELECT * FROM remote('127.0.0.1', default.spans)", "SELECT * FROM cluster('default', default.spans)", "SELECT * FROM dictionary('nightjar.bodies')", "SELECT dictGet('nightjar.bodies', 'body', ('a', 'b'))",
    "SELECT joinGet('default.spans', 'name', 1)", "SELECT * FROM spans SETTINGS additional_table_filters = {}", "SELECT * FROM (SELECT * FROM spans SETTINGS additional_table_filters = {})", "SELECT getSetting('additional_table_filters')",
    "SET additional_table_filters = {}", "SELECT * FROM system.tables", "SELECT * FROM mergeTreeIndex('nightjar', 'spans')", "SELECT * FROM `nightjar`.`segments`", "SELECT 1 IN nightjar.spans", "SELECT 1; SELECT 2", "EXPLAIN SELECT * FROM spans",
    "SELECT * FROM spans(project = 'other')", "DESCRIBE spans", "SHOW TABLES", "CREATE TEMPORARY VIEW x AS SELECT * FROM spans", "SELECT * FROM numbers(3)", "SELECT * FROM url('http://127.0.0.1/', 'CSV')", "SELECT {project:String}",
]


@pytest.mark.parametrize("number, text", enumerate(ESCAPES))
def test_rows_of_others_are_not_reached(server, number, text):
    reached = 0
    for view in {"spans", "annotations", VIEWS[number % len(VIEWS)]}:
        answer = sql(server, "mine", text.replace("{v}", view))
        assert answer.status in (200, 400), answer.body[:300]
        if answer.status == 200:
            assert answer.json()["data"] in ([["0"]], [[0]]), (view, text)
            everywhere = rows(server, None, text.replace("{v}", view))  # the question would find them
            reached += int(everywhere[0][0]) > 0
    assert reached > 0 or answer.status == 400, text


@pytest.mark.parametrize("text", REFUSED)
def test_the_fence_is_that_of_all_sql(server, text):
    answer = sql(server, "mine", text)
    assert answer.status == 400 and answer.json()["error"]["code"] == "invalid_argument", answer.body[:300]


def test_a_projects_statements_leave_nothing_behind(server):
    """Those of different projects, and of all, at once: each has its own rows, and the next one has all again."""
    for _ in range(40):
        for project in [*PROJECTS, "none"]:
            assert rows(server, project, "SELECT groupUniqArray(project) FROM spans") == [[[project] if project in PROJECTS else []]]
            assert sql(server, project, "SELECT colour FROM spans").status == 400
        assert rows(server, None, "SELECT uniqExact(project) FROM spans") == [["3"]]


def test_formats_and_bad_bodies(server):
    assert sql(server, "mine", "SELECT DISTINCT project FROM spans", format="csv").body == b'"project"\n"mine"\n'
    assert sql(server, "mine", "SELECT DISTINCT project FROM spans", format="arrow").body.startswith(b"\xff\xff\xff\xff")
    assert server.request("POST", "/api/v1/projects/mine/sql", b"[]", {"content-type": "application/json"}).status == 400


def test_the_terminals_question_is_of_the_project(server):
    ask = lambda *more: subprocess.run([BINARY, "query", "--url", f"http://{server.ready['http']}", "SELECT count() AS n FROM spans", *more], env=environment(), capture_output=True, text=True, timeout=60, check=True).stdout
    assert (json.loads(ask()), json.loads(ask("--project", "mine")), json.loads(ask("--project", HOSTILE))) == ({"n": "15"}, {"n": "5"}, {"n": "5"})
