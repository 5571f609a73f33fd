"""Metrics: every type reads back whole, series stay apart, a point that is sent again counts once."""

import json
import math
import time

import pytest

from generated import Ids
from harness import compare, oracle, otlp_encode as otlp
from harness.server import JSON

BASE = time.time_ns() - 3600 * 10**9
SECOND = 10**9
GAUGE, SUM, HISTOGRAM, EXPONENTIAL, SUMMARY = 5, 7, 9, 10, 11
DELTA, CUMULATIVE = 1, 2
ORIGIN = {
    "resource": {"service.name": "tests"},
    "resource_dropped_attributes": 0,
    "resource_schema_url": None,
    "scope": {"name": "tests", "version": "1.0", "attributes": {}, "dropped_attributes": 0, "schema_url": None},
}


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def send(server, metrics, project, **options):
    server.accept(otlp.metrics_request(metrics, **options), path="/v1/metrics", project=project)


def read(server, project, name, **query):
    answer = server.whole_list(f"/api/v1/projects/{project}/metrics/{name}", **query)
    assert answer["name"] == name
    return answer["series"]


def only_series(server, project, name):
    (series,) = read(server, project, name)
    return series


def values(series):
    return [point["value"] for point in series["points"]]


def test_gauge_and_exemplars(server, ids):
    trace, span = ids.trace(), ids.span()
    exemplars = [
        otlp.exemplar(0.5, BASE + 1, trace_id=trace, span_id=span, attributes={"k": "v"}),
        otlp.exemplar(-7, 0),
    ]
    points = [
        otlp.number_point(0.25, time=BASE, start=BASE - 5, attributes={"n": 1}, flags=1, exemplars=exemplars),
        otlp.number_point(-(2**63), time=BASE + 1, attributes={"n": 1}),
        otlp.number_point(None, time=BASE + 2, attributes={"n": 1}),
        otlp.number_point(math.nan, time=BASE + 3, attributes={"n": 1}),
    ]
    more = {"unit": "By", "description": "Memory in use", "metadata": {"m": True}}
    send(server, [otlp.metric("memory", GAUGE, points, **more)], "metrics_gauge")
    point = {"start_time_unix_ns": None, "flags": 0, "exemplars": []}
    first = {
        "start_time_unix_ns": str(BASE - 5),
        "time_unix_ns": str(BASE),
        "flags": 1,
        "value": 0.25,
        "exemplars": [
            {"time_unix_ns": str(BASE + 1), "value": 0.5, "trace_id": trace.hex(), "span_id": span.hex()}
            | {"attributes": {"k": "v"}},
            {"time_unix_ns": None, "value": -7, "trace_id": None, "span_id": None, "attributes": {}},
        ],
    }
    want = {
        "type": "gauge",
        "unit": "By",
        "description": "Memory in use",
        "temporality": None,
        "monotonic": None,
        "metadata": {"m": True},
        "attributes": {"n": 1},
        "points": [
            point | {"time_unix_ns": str(BASE + 3), "value": {"$double": "NaN"}},
            point | {"time_unix_ns": str(BASE + 2), "value": None},
            point | {"time_unix_ns": str(BASE + 1), "value": -(2**63)},
            first,
        ],
    }
    assert not compare.differences(want | ORIGIN, only_series(server, "metrics_gauge", "memory"))


def test_sum(server):
    for temporality, monotonic, word in [(DELTA, True, "DELTA"), (CUMULATIVE, False, "CUMULATIVE")]:
        name = f"sum.{word}"
        points = [otlp.number_point(3, time=BASE)]
        metric = otlp.metric(name, SUM, points, temporality=temporality, monotonic=monotonic)
        send(server, [metric], "metrics_sum")
        series = only_series(server, "metrics_sum", name)
        assert (series["type"], series["temporality"], series["monotonic"]) == ("sum", word, monotonic)
        assert values(series) == [3]


def test_histogram(server):
    bounds = otlp.packed(7, "d", [0.5, 1.0])
    whole = otlp.fixed64(4, 6) + otlp.double(5, 4.5) + otlp.packed(6, "Q", [1, 2, 3]) + bounds
    whole += otlp.double(11, 0.25) + otlp.double(12, 2.0)
    points = [
        otlp.point(otlp.HISTOGRAM_POINT, whole, time=BASE + 1, exemplars=[otlp.exemplar(2.0, BASE)]),
        otlp.point(otlp.HISTOGRAM_POINT, otlp.fixed64(4, 2**64 - 1), time=BASE),
    ]
    send(server, [otlp.metric("latency", HISTOGRAM, points, temporality=DELTA)], "metrics_histogram")
    series = only_series(server, "metrics_histogram", "latency")
    assert (series["type"], series["temporality"], series["monotonic"]) == ("histogram", "DELTA", None)
    first = {"count": 6, "sum": 4.5, "min": 0.25, "max": 2.0, "bucket_counts": [1, 2, 3], "explicit_bounds": [0.5, 1.0]}
    first |= {"exemplars": [{"value": 2.0, "time_unix_ns": str(BASE)}]}
    second = {"count": 2**64 - 1, "sum": None, "min": None, "max": None, "bucket_counts": [], "explicit_bounds": []}
    assert not compare.differences([first, second], series["points"], subset=True)


def test_exponential_histogram(server):
    def buckets(offset, counts):
        return otlp.sint(1, offset) + otlp.block(2, b"".join(map(otlp.varint, counts)))

    content = otlp.fixed64(4, 9) + otlp.double(5, -1.5) + otlp.sint(6, -3) + otlp.fixed64(7, 2)
    content += otlp.block(8, buckets(-4, [1, 300])) + otlp.block(9, buckets(5, [7]))
    content += otlp.double(12, -8.0) + otlp.double(13, 8.0) + otlp.double(14, 0.125)
    points = [otlp.point(otlp.EXPONENTIAL_POINT, content, time=BASE)]
    send(server, [otlp.metric("size", EXPONENTIAL, points, temporality=CUMULATIVE)], "metrics_exponential")
    series = only_series(server, "metrics_exponential", "size")
    assert (series["type"], series["temporality"]) == ("exponential_histogram", "CUMULATIVE")
    want = {"count": 9, "sum": -1.5, "min": -8.0, "max": 8.0, "scale": -3, "zero_count": 2, "zero_threshold": 0.125}
    want |= {"positive": {"offset": -4, "counts": [1, 300]}, "negative": {"offset": 5, "counts": [7]}}
    assert not compare.differences([want], series["points"], subset=True)


def test_summary(server):
    content = otlp.fixed64(4, 3) + otlp.double(5, 6.0)
    for quantile, value in [(0.0, 1.0), (0.99, math.inf)]:
        content += otlp.block(6, otlp.double(1, quantile) + otlp.double(2, value))
    points = [otlp.point(otlp.SUMMARY_POINT, content, time=BASE)]
    send(server, [otlp.metric("gc", SUMMARY, points)], "metrics_summary")
    series = only_series(server, "metrics_summary", "gc")
    assert series["type"] == "summary"
    quantiles = [{"quantile": 0.0, "value": 1.0}, {"quantile": 0.99, "value": {"$double": "Infinity"}}]
    want = {"count": 3, "sum": 6.0, "quantiles": quantiles, "exemplars": []}
    assert not compare.differences([want], series["points"], subset=True)


def test_series_are_told_apart(server):
    def sent(value, resource, attributes, scope=("tests", "1.0", ())):
        points = [otlp.number_point(value, time=BASE, attributes=attributes)]
        send(server, [otlp.metric("apart", GAUGE, points)], "metrics_series", resource=resource, scope=scope)

    sent(1, {"host": "a"}, {"x": "1", "y": "2"})
    sent(2, {"host": "a"}, {"y": "2", "x": "1"})  # the same series: the later value counts
    sent(3, {"host": "b"}, {"x": "1", "y": "2"})
    sent(4, {"host": "a"}, {"x": 1, "y": "2"})
    sent(5, {"host": "a"}, {"x": "1", "y": "2"}, ("other", "1.0", ()))
    assert sorted(value for series in read(server, "metrics_series", "apart") for value in values(series)) == [2, 3, 4, 5]
    (row,) = server.whole_list("/api/v1/projects/metrics_series/metrics")["data"]
    assert row == {"name": "apart", "type": "gauge", "unit": None, "description": None, "series_count": 4} | {
        "last_seen_unix_ns": str(BASE)
    }


def test_sent_again_it_counts_once(server):
    points = [otlp.number_point(n, time=BASE + n) for n in range(3)]
    for _ in range(3):
        send(server, [otlp.metric("again", SUM, points, temporality=DELTA)], "metrics_again")
    assert values(only_series(server, "metrics_again", "again")) == [2, 1, 0]


def test_points_in_pages_and_between_times(server):
    points = [
        otlp.number_point(n, time=BASE + n * SECOND, attributes={"series": s}) for s in ("a", "b") for n in range(5)
    ]
    send(server, [otlp.metric("paged/points", GAUGE, points)], "metrics_paged")
    found, cursor = [], {}
    while cursor is not None:
        page = server.whole_list("/api/v1/projects/metrics_paged/metrics/paged%2Fpoints", limit=3, **cursor)
        found += [(s["attributes"]["series"], value) for s in page["series"] for value in values(s)]
        cursor = page["next_cursor"] and {"cursor": page["next_cursor"]}
        assert len(found) <= 10
    assert sorted(found) == [(s, n) for s in ("a", "b") for n in range(5)]
    between = {"from": BASE + SECOND, "to": BASE + 3 * SECOND}
    page = server.whole_list("/api/v1/projects/metrics_paged/metrics/paged%2Fpoints", **between)
    assert [values(series) for series in page["series"]] == [[2, 1], [2, 1]]


def test_metrics_by_name_in_pages(server):
    metrics = [otlp.metric(name, GAUGE, [otlp.number_point(1, time=BASE)]) for name in ("c", "a", "é", "b")]
    send(server, metrics, "metrics_names")
    first = server.whole_list("/api/v1/projects/metrics_names/metrics", limit=3)
    assert [row["name"] for row in first["data"]] == ["a", "b", "c"]
    second = server.whole_list("/api/v1/projects/metrics_names/metrics", limit=3, cursor=first["next_cursor"])
    assert [row["name"] for row in second["data"]] == ["é"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "1001", "x"])
def test_limit_of_the_list(server, limit):
    answer = server.get("/api/v1/projects/p/metrics", limit=limit)
    assert answer.status == 400
    assert answer.json()["error"]["message"] == f'limit "{limit}" is not a number from 1 to 1000'


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "10001"}, {"cursor": "x"}, {"from": "now"}, {"to": "-1"}])
def test_what_cannot_be_understood_is_refused_by_name(server, query):
    answer = server.get("/api/v1/projects/p/metrics/m", **query)
    assert answer.status == 400
    assert all(value in answer.json()["error"]["message"] for value in query.values())


def test_bad_points_are_rejected_and_counted(own_server):
    good = [otlp.number_point(1, time=BASE), otlp.number_point(2, time=BASE + 1)]
    metrics = [otlp.metric("good", GAUGE, good), otlp.metric("", GAUGE, good)]
    answer = own_server.export(otlp.metrics_request(metrics), path="/v1/metrics")
    rejected, message = oracle.decode_response(answer.body)
    assert (answer.status, rejected) == (200, 2)
    assert "(the first of 2 rejected data points)" in message
    counted = own_server.get_json("/api/v1/status")["ingest"]
    assert (counted["data_points"], counted["rejected_data_points"], counted["spans"]) == (2, 2, 0)


def test_after_a_restart_nothing_is_lost_or_doubled(own_server):
    send(own_server, [otlp.metric("kept", GAUGE, [otlp.number_point(1, time=BASE)])], None)
    own_server.kill9()
    own_server.start()
    assert values(only_series(own_server, "default", "kept")) == [1]


def test_json(server):
    point = {"timeUnixNano": str(BASE), "asInt": "7", "attributes": [{"key": "k", "value": {"boolValue": True}}]}
    metric = {"name": "from.json", "unit": "1", "sum": {"dataPoints": [point], "aggregationTemporality": 2, "isMonotonic": True}}
    request = json.dumps({"resourceMetrics": [{"scopeMetrics": [{"metrics": [metric]}]}]})
    answer = server.export(request, path="/v1/metrics", project="metrics_json", content_type=JSON)
    assert (answer.status, answer.body) == (200, b"{}")
    series = only_series(server, "metrics_json", "from.json")
    assert (series["unit"], series["monotonic"], series["attributes"]) == ("1", True, {"k": True})
    assert values(series) == [7]
