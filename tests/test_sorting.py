"""Each list sorted by each column that it offers, read in pages while spans arrive: in order, each row once, what is unknown last."""

import re
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, SECOND = 10**6, 10**9
BASE = time.time_ns() // SECOND * SECOND - 3600 * SECOND
LISTS = {"spans": ("span_id",), "traces": ("trace_id",), "sessions": ("session_id",), "users": ("user_id",)}


def spans_of(ids, number, earlier=0):
    """A trace of a root, and most often a call and a tool: no two with the same figures, some with figures unknown."""
    trace, start = ids.trace(), BASE - earlier + number * 1700 * MS
    root = {"openinference.span.kind": ["AGENT", "CHAIN"][number % 2], "input.value": f"question {number * 7 % 10}"}
    if number % 4:
        root |= {"session.id": f"s{number % 3}-{earlier}", "user.id": f"u{number % 2}-{earlier}"}
    spans = [otlp.Span(trace, ids.span(), f"run {number * 3 % 10}", start=start, end=start + (900 - 37 * number) * MS, status=number % 3, attributes=root)]
    if number % 3:
        call = {"openinference.span.kind": "LLM", "llm.model_name": f"m{number * 5 % 7}", "llm.provider": "p", "output.value": f"answer {number}",
                "llm.token_count.prompt": number * 91 % 50, "llm.token_count.completion": number, "llm.token_count.total": number * 91 % 50 + number}
        call |= {"llm.cost.total": number * 0.25} if number % 2 else {}
        spans.append(otlp.Span(trace, ids.span(), "chat", parent=spans[0].span_id, start=start + MS, end=start + (20 + number) * MS, attributes=call))
    if number % 2:
        spans.append(otlp.Span(trace, ids.span(), "look", parent=spans[0].span_id, start=start + 2 * MS, end=start + 9 * MS, status=2,
                               attributes={"openinference.span.kind": "TOOL", "tool.name": f"t{number}"}))
    return spans


def member(*path):
    def value(row):
        for name in path:
            row = row and row[name]
        return row

    return value


def whole(*path):
    return lambda row: int(member(*path)(row))


STATUS = {"UNSET": 0, "OK": 1, "ERROR": 2}
# What a row shows of a column; the columns that no row shows are read in pages only.
ROWS = {"start": whole("start_unix_ns"), "duration": member("duration_ns"), "name": member("name"), "service": member("service_name"), "input": member("input_preview"),
        "output": member("output_preview"), "user": member("user_id"), "session": member("session_id"), "trace": member("trace_id"), "kind": member("kind"),
        "status": lambda row: STATUS[row["status"]], "cost": member("cost", "total_usd"), "tokens": member("tokens", "total"), "tokens.prompt": member("tokens", "prompt"),
        "tokens.completion": member("tokens", "completion")}
PEOPLE = {"active": whole("last_unix_ns"), "start": whole("first_unix_ns"), "traces": member("trace_count"), "spans": member("span_count"), "errors": member("error_count"),
          "calls": member("calls"), "tokens": member("tokens", "total"), "tokens.prompt": member("tokens", "prompt"), "tokens.completion": member("tokens", "completion"),
          "cost": member("cost", "total_usd"), "input": member("last_input_preview")}
SHOWN = {
    "traces": ROWS | {"end": whole("end_unix_ns"), "spans": member("span_count"), "errors": member("error_count"), "model": lambda row: ", ".join(row["models"])},
    "spans": ROWS | {"model": member("model"), "provider": member("provider"), "tool": member("tool_name"), "agent": member("agent_name"), "finish_reason": member("finish_reason"),
                     "status.message": member("status_message"), "exception": member("exception", "type"), "tokens.cache_read": member("tokens", "cache_read"),
                     "first_token": member("time_to_first_token_ns"), "end": lambda row: int(row["start_unix_ns"]) + row["duration_ns"]},
    "sessions": PEOPLE | {"session": member("session_id"), "user": lambda row: min(row["user_ids"], default=None), "users": member("user_count")},
    "users": PEOPLE | {"user": member("user_id"), "sessions": member("session_count")},
}


@pytest.fixture(scope="module")
def ids(server):
    ids = Ids("sorting")
    server.accept(otlp.request([span for number in range(12) for span in spans_of(ids, number)], resource={"service.name": "shop"}), project="sorting")
    return ids


def columns(server, path):
    told = server.get(f"/api/v1/projects/sorting/{path}", sort="nothing").json()["error"]["message"]
    return re.search(r"one of (.*), with - before", told)[1].split(", ")


def identity(path, row):
    return tuple(row[key] for key in LISTS[path])


@pytest.mark.parametrize("path", LISTS)
def test_every_column_that_is_shown_can_be_sorted_by(server, ids, path):
    assert set(SHOWN[path]) - set(columns(server, path)) == set()


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("path", LISTS)
def test_each_column_is_in_order(server, ids, path, descending):
    for column in columns(server, path):
        rows = server.get_json(f"/api/v1/projects/sorting/{path}", sort="-" * descending + column, limit=500, to=BASE + 3600 * SECOND)["data"]
        assert len(rows) >= 2
        value = SHOWN[path].get(column)
        if value is None:
            continue
        values = [value(row) for row in rows]
        known = [one for one in values if one not in (None, "")]
        assert known == sorted(known, reverse=descending), column
        assert all(one in (None, "") for one in values[len(known):]), column


@pytest.mark.parametrize("path", LISTS)
def test_pages_have_each_row_once_while_spans_arrive(server, ids, path):
    project, arrived = f"sorting-{path}", 0
    server.accept(otlp.request([span for number in range(12) for span in spans_of(ids, number)]), project=project)
    for number, column in enumerate(columns(server, path)):
        sort = "-" * (number % 2) + column
        before = {identity(path, row) for row in server.get_json(f"/api/v1/projects/{project}/{path}", limit=500)["data"]}
        seen, cursor = [], {}
        while cursor is not None:
            page = server.get_json(f"/api/v1/projects/{project}/{path}", sort=sort, limit=len(before) // 2 + 1, **cursor)
            seen += [identity(path, row) for row in page["data"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            if arrived < 6:  # new traces, of new sessions and users
                arrived += 1
                server.accept(otlp.request(spans_of(ids, arrived, earlier=arrived * SECOND)), project=project)
        assert len(seen) == len(set(seen)), sort
        assert before <= set(seen), sort


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("params", [{"cursor": "zz"}, {"cursor": "zz-1"}, {"cursor": "31-"}, {"cursor": "-"}, {"sort": "colour"}, {"sort": "-"}, {"matches": "6"}, {"matches": "x"},
                                    {"from": "2", "to": "1"}, {"q": "modle:x"}, {"filter": "name =="}, {"q": "a", "filter": "name == 'x'"}])
def test_bad_parameters(server, ids, path, params):
    answer = server.get(f"/api/v1/projects/sorting/{path}", **({"sort": "cost"} | params))
    assert (answer.status, answer.json()["error"]["code"]) == (400, "invalid_argument")
