"""What stands in an address is only text: quotes, backticks, comments, NUL, names of prototypes and format strings are refused by their name or
compared as they are. Never an error of the server, never anybody else's rows."""

import json
import pathlib
import re
import time
import urllib.parse

import pytest

from generated import Ids
from harness import oracle, otlp_encode as otlp

MS = 10**6
BASE = time.time_ns() - 600 * 10**9
ROOT = pathlib.Path(__file__).resolve().parents[1]

# Of each kind one or two, for every parameter of every address.
HOSTILE = ["'", "`", '"', "\\", "' OR 1=1 --", "x' /* */", "a\x00b", "__proto__", "%s%n{0}", "{project:String}", "nan(x)", "../*"]
# For what is stored, and compared as it is.
STORED = HOSTILE + ["''", "\\'", "--", "#", ";", "%00", "%", "_", "*", "{q0:String}", "${x}", "$(id)", "constructor", "') OR ('1'='1", "`; DROP TABLE nightjar.spans; --",
                    "x' UNION ALL SELECT * FROM nightjar.spans --", "\\N", "a\nb", "null", "\u202e", "🦉"]

# Parameters that take any text. What they find is what holds it, or comes behind it; the others refuse it.
ANY_TEXT = {("traces", "filter"), ("spans", "filter"), ("projects", "cursor"), ("metrics", "cursor"), ("find", "q"), ("content", "find"), ("prices", "model"),
            ("explain", "provider"), ("explain", "model"), ("explain", "service_tier"), ("session_annotations", "session_ids")}
LANGUAGES = {"q", "filter"}
ANNOTATED = {"identifier", "include_annotation_names", "exclude_annotation_names"}
NEEDED = {"find": {"q": "x"}, "usage": {"group_by": "model"}, "explain": {"provider": "openai", "model": "gpt-4o"}, "span_annotations": {"span_ids": "0102030405060708"},
          "trace_annotations": {"trace_ids": "0102030405060708090a0b0c0d0e0f10"}, "session_annotations": {"session_ids": "s"}, "document_annotations": {"span_ids": "0102030405060708"},
          "content": {"path": "/name"}}


@pytest.fixture(scope="module")
def places(server):
    """What stands in the paths: a trace that is there, in a project of its own. Another project has what must not be shown."""
    ids = Ids("injection")
    trace, span = ids.trace(), ids.span()

    def send(project, trace, span, text):
        attributes = {"openinference.span.kind": "LLM", "llm.model_name": text, "session.id": "s", "user.id": text, "input.value": text, "llm.token_count.total": 3}
        server.accept(otlp.request([otlp.Span(trace, span, text, start=BASE, end=BASE + MS, attributes=attributes)]), project=project)
        point = otlp.metric("m", 5, [otlp.number_point(1, time=BASE)], unit=text)
        server.accept(otlp.metrics_request([point]), path="/v1/metrics", project=project)
        server.get_json(f"/api/v1/projects/{project}/spans")  # waits for them

    send("injection", trace, span, "words of mine")
    send("injection-others", ids.trace(), ids.span(), "words of others")
    return {"project": "injection", "trace_id": trace.hex(), "span_id": span.hex(), "session_id": "s", "name": "m"}


def questions(server):
    """(path, its last word, what it needs, names of its parameters) of each GET that answers with JSON or a file."""
    for path, methods in server.get_json("/openapi.json")["paths"].items():
        if "get" in methods and path != "/api/v1/stream":
            last = path.rstrip("}").rsplit("/", 1)[1]
            yield path, last, NEEDED.get(last, {}), [one["name"] for one in methods["get"]["parameters"] if one["in"] == "query"]


def ask(server, path, query):
    answer = server.request("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))
    assert answer.status < 500, (path, query, answer.body[:300])
    assert b"words of others" not in answer.body and b"DB::" not in answer.body, (path, query)
    return answer


def test_every_parameter_of_every_list(server, places):
    asked = 0
    for path, last, needed, names in questions(server):
        for name in names:
            for text in HOSTILE:
                answer = ask(server, path.format(**places), needed | {name: text})
                asked += 1
                takes_any = name in LANGUAGES or name in ANNOTATED or (last, name) in ANY_TEXT
                assert answer.status in (400, 404) or takes_any, (path, name, text, answer.status)
                if answer.status >= 400 and name not in LANGUAGES:
                    assert text in answer.json()["error"]["message"], (path, name, text)
    assert asked > 1000


def test_every_place_in_a_path(server, places):
    """A project, session or metric that is not there has nothing; ids are refused by their name."""
    for path, _, needed, _ in questions(server):
        for place in re.findall(r"{(\w+)}", path):
            for text in HOSTILE:
                values = {name: urllib.parse.quote(value, safe="") for name, value in (places | {place: text}).items()}
                answer = ask(server, path.format(**values), needed)
                if answer.status != 200:
                    assert answer.status == 404 or "\x00" in text or text in answer.json()["error"]["message"], (path, place, text)
                    continue
                assert b"words of mine" not in answer.body, (path, place, text)
                if "json" in answer.media_type:
                    assert not [row for row in answer.json().get("data") or () if row.get("values") != [] and "meaning" not in row], (path, place, text)


def test_what_handlers_read_is_what_the_document_names(server):
    """So that no parameter is left out above."""
    read = set()
    for file in (ROOT / "src/server").glob("*.cc"):
        read |= set(re.findall(r'(?:query_param\(|ValuesOf\(request, )"(\w+)"', file.read_text()))
    named = {one["name"] for methods in server.get_json("/openapi.json")["paths"].values() for operation in methods.values() for one in operation["parameters"] if one["in"] == "query"}
    of_calls = {name for name in named if name.endswith("_tokens")}  # of prices/explain, from a table
    assert read == named - of_calls


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


@pytest.fixture(scope="module")
def stored(server):
    """A span for each text, which is everything that a span is found by: all in one project, and each in the project of that name."""
    ids, spans, requests = Ids("stored"), [], []
    for number, text in enumerate(STORED):
        attributes = {"openinference.span.kind": "LLM", "llm.prompt_template.version": text, "session.id": text, "user.id": text, text: text, "metadata": json.dumps({text: text}),
                      "llm.token_count.total": number}
        for project in ("stored", text)[: 1 if "\x00" in text else 2]:
            span = otlp.Span(ids.trace(), ids.span(), text, start=BASE + number * MS, end=BASE + (number + 1) * MS, attributes=attributes)
            server.accept(otlp.request([span], resource={"openinference.project.name": project, text: text}))
            if project == "stored":
                spans.append(span.span_id.hex())
    server.get_json("/api/v1/projects/stored/spans")  # waits for them
    data = [{"span_id": span, "name": text, "annotator_kind": "CODE", "identifier": text, "result": {"score": number, "label": text}} for number, (span, text) in enumerate(zip(spans, STORED))]
    answer = server.request("POST", "/v1/span_annotations?sync=true", json.dumps({"data": data}).encode(), {"content-type": "application/json"})
    assert answer.status == 200, answer.body
    return spans


def test_a_text_finds_itself_alone(server, stored):
    for span, text in zip(stored, STORED):
        value = quoted(text)
        for query in (f"name:{value}", f"prompt.version:{value}", f"user:{value}", f"session:{value}", f"attributes.{value}:{value}", f"has:attributes.{value}", f"metadata.{value}:{value}",
                      f"resource.{value}:{value}", f"annotation.{value}:{value}", f"has:score.{value}"):
            found = server.get_json("/api/v1/projects/stored/spans", q=query)["data"]
            assert [row["span_id"] for row in found] == [span], query
        for query in (f"name == {text!r}", f"attributes[{text!r}] == {text!r}", f"metadata[{text!r}] == {text!r}", f"annotations[{text!r}].label == {text!r}"):
            answer = server.get("/api/v1/projects/stored/spans", filter=query)
            if "\x00" in text:
                assert (answer.status, answer.json()["error"]["message"]) == (400, "filter: a text holds no NUL"), answer.body
                continue
            assert [row["span_id"] for row in answer.json()["data"]] == [span], query


def test_values_and_names_come_back_as_they_are(server, stored):
    values = lambda facet: sorted(value["value"] for value in facet["values"])
    facets = server.get_json("/api/v1/projects/stored/facets", of="spans", fields="name,prompt.version,user,session", limit=100)["data"]
    assert [values(facet) for facet in facets] == [sorted(STORED)] * 4
    for path, key in (("sessions", "session_id"), ("users", "user_id")):
        assert sorted(row[key] for row in server.get_json(f"/api/v1/projects/stored/{path}", limit=500)["data"]) == sorted(STORED)
    for by in ("prompt_version", "user", "session"):
        assert sorted(row["group"][by] for row in server.get_json("/api/v1/projects/stored/usage", group_by=by)["data"]) == sorted(STORED)


def test_a_project_of_that_name_has_its_own_span(server, stored):
    for text in STORED:
        if "\x00" in text:
            continue
        name = urllib.parse.quote(text, safe="")
        for path in ("traces", "spans", "sessions", "users"):
            rows = server.get_json(f"/api/v1/projects/{name}/{path}")["data"]
            assert [row.get("name", text) for row in rows] == [text], (path, text)
    assert server.request("DELETE", "/api/v1/projects/" + urllib.parse.quote("' OR 1=1 --", safe="")).status == 204
    left = {row["name"] for row in server.get_json("/api/v1/projects", limit=1000)["data"]}
    assert set(STORED) - left == {"' OR 1=1 --", "a\x00b"}


def test_a_project_that_no_path_can_name_is_refused(server):
    ids = Ids("nul")
    answer = server.export(otlp.request([otlp.Span(ids.trace(), ids.span())], resource={"openinference.project.name": "a\x00b"}))
    assert answer.status == 200 and oracle.decode_response(answer.body) == (1, "the project name has a byte 0")


@pytest.mark.parametrize("path, key, sort", [("spans", "span_id", "name"), ("spans", "span_id", "-prompt.version"), ("traces", "trace_id", "name"), ("sessions", "session_id", "session"),
                                             ("users", "user_id", "-user"), ("sessions", "session_id", "-active"), ("users", "user_id", "-active")])
def test_cursors_of_such_names(server, stored, path, key, sort):
    """The page goes on behind the text, whatever it is."""
    seen, cursor = [], {}
    while cursor is not None:
        page = server.get_json(f"/api/v1/projects/stored/{path}", sort=sort, limit=9, **cursor)
        seen += [row[key] for row in page["data"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert len(seen) == len(set(seen)) == len(STORED)


KEYS = [text.encode() for text in HOSTILE] + [b"\xff", b"nan", b"-nan", b"0x1p3", b"1e999", b"-1", b"1 OR 1", b""]


@pytest.mark.parametrize("path, sort", [("spans", "name"), ("spans", "-start"), ("spans", "duration"), ("spans", "cost"), ("traces", "name"), ("traces", "-start"), ("traces", "cost"),
                                        ("sessions", "user"), ("sessions", "tokens"), ("users", "-start"), ("users", "cost")])
def test_forged_cursors(server, places, path, sort):
    """Of the form of a cursor, with a key and an id that no list gave: refused by its name, or a place between texts."""
    for key in KEYS:
        ids = {"spans": f"{places['trace_id']}-{places['span_id']}", "traces": places["trace_id"]}.get(path, (key or b"x").hex())
        cursor = f"{key.hex()}-{ids}"
        answer = ask(server, f"/api/v1/projects/injection/{path}", {"sort": sort, "cursor": cursor})
        if answer.status == 400:
            assert cursor in answer.json()["error"]["message"]
        else:
            assert answer.status == 200 and (sort in ("name", "user") or key == b"-1"), (sort, key)
