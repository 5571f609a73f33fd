"""Every query of the cookbook answers what was reckoned by hand from spans that are known."""

import json
import pathlib
import re
import time

import pytest

from generated import Ids
from harness import otlp_encode as otlp

MS, MINUTE, HOUR = 10**6, 60 * 10**9, 3600 * 10**9
NOW = time.time_ns()
GUIDE = pathlib.Path(__file__).resolve().parents[1] / "docs/guide/sql.md"
# Title to query.
COOKBOOK = dict(re.findall(r"^([A-Z][^\n]*):\n\n```sql\n(.*?)^```", GUIDE.read_text().split("## Cookbook")[1], re.M | re.S))
STARTS = [NOW // HOUR * HOUR - 30 * HOUR, NOW // HOUR * HOUR - 25 * HOUR + 5 * MINUTE, NOW // HOUR * HOUR - HOUR + 5 * MINUTE, NOW // HOUR * HOUR - HOUR + 10 * MINUTE]
USERS = ["ada", "bob", "ada", None]
MODEL = {"openinference.span.kind": "LLM", "llm.provider": "openai"}
TOOL = {"openinference.span.kind": "TOOL"}
FIND = {"openinference.span.kind": "RETRIEVER"}


def call(model, prompt, completion, reason, **more):
    """`more`: cost, version (of the prompt "summary"), cached, asked (texts of the user)."""
    told = MODEL | {"llm.model_name": model, "llm.token_count.prompt": prompt, "llm.token_count.completion": completion, "llm.token_count.total": prompt + completion, "llm.finish_reason": reason}
    for number, text in enumerate(more.pop("asked")):
        told |= {f"llm.input_messages.{number}.message.role": "user", f"llm.input_messages.{number}.message.content": text}
    if version := more.pop("version", None):
        told |= {"prompt.id": "summary", "llm.prompt_template.version": version}
    keys = {"cost": "llm.cost.total", "cached": "llm.token_count.prompt_details.cache_read"}
    return told | {keys[name]: value for name, value in more.items()}


def retrieved(*documents):
    return FIND | {f"retrieval.documents.{n}.document.{key}": value for n, document in enumerate(documents) for key, value in zip(("id", "score", "content"), document)}


# Name, trace, duration in ms, type of the exception, attributes; roots besides.
SPANS = [
    ("first", 0, 10, None, call("tern", 100, 10, "stop", cost=0.5, version="1", asked=["hello"])), ("second", 1, 30, None, call("tern", 300, 30, "length", cost=1.0, version="2", cached=150, asked=["hello"])),
    ("third", 2, 15, "TimeoutError", call("auk", 50, 5, "stop", version="2", asked=["why?"])), ("fourth", 2, 20, None, call("tern", 70, 7, "max_tokens", cost=0.25, asked=["why?"])),
    ("fifth", 3, 40, None, call("tern", 40, 4, "stop", cost=0.125, version="1", asked=["why?", "and then?"])),
    ("search", 2, 10, None, TOOL | {"tool.name": "search"}), ("search", 3, 30, "Lost", TOOL | {"tool.name": "search"}), ("fetch", 3, 5, "Lost", TOOL | {"tool.name": "fetch"}),
    ("find", 2, 1, None, retrieved(("d1", 0.5, "one"), ("d2", 0.25, "two"))), ("find", 3, 1, None, retrieved(("d1", 0.25, "one"))), ("old", 0, 1, "Old", {}),
]
# Of a call: name, score, and a label where there is no score.
SCORES = [("first", "factuality", 0.75), ("fifth", "factuality", 0.5), ("second", "factuality", 0.25), ("third", "factuality", 0.5), ("first", "tone", -1), ("fourth", "factuality", 0)]


def hour(start):
    return time.strftime("%Y-%m-%d %H:00:00", time.gmtime(start // 10**9))


@pytest.fixture(scope="module")
def ids(server):
    """{trace's number or span's name: id}"""
    make, known, spans, failed = Ids("cookbook"), {}, [], lambda kind: (otlp.event("exception", NOW, {"exception.type": kind}),) if kind else ()
    for number, (start, user) in enumerate(zip(STARTS, USERS)):
        known[number] = make.trace()
        spans.append(otlp.Span(known[number], make.span(), "run", start=start, end=start + 50 * MS, attributes={"openinference.span.kind": "AGENT"} | ({"user.id": user} if user else {})))
    for name, trace, duration, exception, attributes in SPANS:
        start = STARTS[trace] + MS * len(spans)
        spans.append(otlp.Span(known[trace], make.span(), name, parent=spans[trace].span_id, start=start, end=start + duration * MS, status=2 if exception else 0, attributes=attributes, events=failed(exception)))
        known[name] = spans[-1].span_id
    server.accept(otlp.request(spans, resource={"service.name": "shop"}), project="cookbook")
    logs = [("lost it", "ERROR", 3), ("all is well", "INFO", 1), ("long ago", "WARN", 0)]
    server.accept(otlp.logs_request([otlp.log_record(text, severity_text=word, time=STARTS[trace], trace_id=known[trace]) for text, word, trace in logs]), project="cookbook", path="/v1/logs")
    exemplars = [otlp.exemplar(0.5, NOW, trace_id=known[2], span_id=known["third"]), otlp.exemplar(0.75, NOW, trace_id=known[3], span_id=known["fifth"]), otlp.exemplar(9.0, NOW)]
    points = [otlp.number_point(3, time=STARTS[2] + MINUTE, exemplars=exemplars), otlp.number_point(5.0, time=STARTS[2] + 2 * MINUTE), otlp.number_point(1, time=STARTS[1])]
    sent = [otlp.number_point(7, time=STARTS[2], attributes={"to": "us"})]
    histogram = otlp.point(otlp.HISTOGRAM_POINT, otlp.fixed64(4, 6), time=STARTS[2])
    server.accept(otlp.metrics_request([otlp.metric("depth", 5, points), otlp.metric("sent", 7, sent, temporality=2), otlp.metric("spread", 9, [histogram], temporality=1)]), project="cookbook", path="/v1/metrics")
    server.get_json("/api/v1/projects/cookbook/spans")  # waits for them
    judged = [{"span_id": known[span].hex(), "name": name, "annotator_kind": "LLM", "result": {"score": score}} for span, name, score in SCORES]
    assert server.request("POST", "/v1/span_annotations?sync=true", json.dumps({"data": judged}).encode(), {"content-type": "application/json"}).status == 200
    return {key: value.hex() for key, value in known.items()}


# What stands in the place of an id: that of a trace by its number, of a span by its name; `...` is one of several.
ANSWERS = {
    # 10, 20, 30 and 40 ms: 0.95 of the way is 2.85 steps, 30 + 0.85 * 10.
    "Cost and latency by model": [["tern", "4", 1.875, 38.5], ["auk", "1", None, 15]],
    "Calls without a price, which no sum of costs holds": [["openai", "auk", "1", "55"]],
    "What failed in the last day, by type": [["Lost", "shop", "2", 3], ["TimeoutError", "shop", "1", 2]],
    "Who spends most": [["bob", "1", 1], ["ada", "2", 0.75]],
    "Answers that were cut off": [["tern", "2", "4", 50], ["auk", "0", "1", 0]],
    "How much of the prompts came from the provider's cache": [["tern", "150", "510", 29.4], ["auk", None, "50", None]],
    "The slowest tools, and how often they fail": [["search", "2", "1", 29], ["fetch", "1", "1", 5]],
    "Traces by hour, beside those of the day before": [[hour(STARTS[0]), "1", "0"], [hour(STARTS[1]), "1", "0"], [hour(STARTS[2]), "2", "1"]],
    "One prompt's versions": [["summary", "1", "2", 7, 0.3125, "0"], ["summary", "2", "2", 17.5, 1, "1"]],
    "Log records of failed traces": [[f"{STARTS[3]}", "ERROR", '"lost it"', 3], [f"{STARTS[0]}", "WARN", '"long ago"', 0]],
    "Which prompt's variant has the worst factuality score": [["summary", "2", 0.375, "2"], ["summary", "1", 0.625, "2"]],
    "What users asked most in the last day, by traces, because calls send earlier messages again": [["why?", "2", ...], ["and then?", "1", 3]],
    "Documents that are retrieved often and score low": [["d1", "2", 0.375, "one"], ["d2", "1", 0.25, "two"]],
    "What services measure, by the hour": [["depth", "{}", hour(STARTS[1]), "1", 1, 1], ["depth", "{}", hour(STARTS[2]), "2", 4, 5], ["sent", '{"to":"us"}', hour(STARTS[2]), "1", 7, 7]],
    "The traces behind what was measured": [["depth", 0.75, 3, "fifth"], ["depth", 0.5, 2, "third"]],
}


def test_each_query_has_an_answer_here():
    assert ANSWERS.keys() == COOKBOOK.keys()
    assert len(COOKBOOK) == GUIDE.read_text().count("```sql")


@pytest.mark.parametrize("title", ANSWERS)
def test_the_cookbook_answers(server, ids, title):
    answer = server.request("POST", "/api/v1/projects/cookbook/sql", json.dumps({"query": COOKBOOK[title]}).encode(), {"content-type": "application/json"})
    assert answer.status == 200, answer.body[:500]
    found = answer.json()["data"]
    if title.startswith("Log records"):  # their time as a number
        at = lambda text: str(int(time.mktime(time.strptime(text.split(".")[0], "%Y-%m-%d %H:%M:%S")) - time.timezone) * 10**9 + int(text.split(".")[1]))
        found = [[at(row[0]), *row[1:]] for row in found]
    is_id = lambda value: isinstance(value, str) and len(value) in (16, 32)
    expected = [[value if cell is ... else ids[cell] if is_id(value) else cell for cell, value in zip(row, shown)] for row, shown in zip(ANSWERS[title], found)]
    assert found == (expected if len(found) == len(ANSWERS[title]) else ANSWERS[title])
    if title.startswith("What users"):
        assert found[0][2] in (ids[2], ids[3])
