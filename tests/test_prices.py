"""/api/v1/prices: own prices are kept, win over the package's, and price what comes after; what cannot be is refused."""

import json
import pathlib

import pytest

from generated import Ids
from harness import oracle
from harness import otlp_encode as otlp
from harness.server import Server, until

PRICES = "/api/v1/prices"
START = 1_795_000_000_000_000_000  # in November 2026
JSON = {"content-type": "application/json"}


@pytest.fixture
def ids(request):
    return Ids(request.node.nodeid)


def send_price(server, method, path, price):
    return server.request(method, path, json.dumps(price).encode(), JSON)


def call(ids, **more):
    """A million tokens of input and none of output, for a model of ours."""
    trace = ids.trace()
    attributes = {"openinference.span.kind": "LLM", "llm.provider": "azure", "llm.model_name": "Our-GPT",
                  "llm.token_count.prompt": 1_000_000, "llm.token_count.completion": 0, **more}
    return trace.hex(), otlp.request([otlp.Span(trace, ids.span(), start=START, end=START + 1, attributes=attributes)])


def row(server, trace, project):
    server.trace(trace)
    return next(r for r in server.get_json(f"/api/v1/projects/{project}/traces")["data"] if r["trace_id"] == trace)


# Rates of genai-prices 0.2.3, in dollars per million tokens; amounts calculated by hand.
EXPLAINED = [
    # 400 x 1.25 = 500; (1000 - 400) x 2.5 = 1500; 200 x 10 = 2000 millionths. Saved: 400 x (2.5 - 1.25) = 500.
    ("openai", "gpt-4o", {"prompt": 1000, "completion": 200, "prompt_details.cache_read": 400}, {
        "cache_read": (400, 1.25, 0.0005, None), "input": (600, 2.5, 0.0015, None), "output": (200, 10, 0.002, None)},
     (0.004, 0.002, 0.002, 0.0005), ("openai/gpt-4o", None)),
    # Below the threshold: 199,000 x 1.25 = 248750; 1000 x 0.125 = 125; 1000 x 10 = 10000. Saved: 1000 x 1.125 = 1125.
    ("google", "gemini-2.5-pro", {"prompt": 200_000, "completion": 1000, "prompt_details.cache_read": 1000}, {
        "cache_read": (1000, 0.125, 0.000125, None), "input": (199_000, 1.25, 0.24875, None),
        "output": (1000, 10, 0.01, None)}, (0.258875, 0.248875, 0.01, 0.001125), ("google/gemini-2.5-pro", None)),
    # Above it all of the request: 199,001 x 2.5 = 497502.5; 1000 x 0.25 = 250; 1000 x 15 = 15000. Saved: 1000 x 2.25 = 2250.
    ("google", "gemini-2.5-pro", {"prompt": 200_001, "completion": 1000, "prompt_details.cache_read": 1000}, {
        "cache_read": (1000, 0.25, 0.00025, 200_000), "input": (199_001, 2.5, 0.4975025, 200_000),
        "output": (1000, 15, 0.015, 200_000)}, (0.5127525, 0.4977525, 0.015, 0.00225), ("google/gemini-2.5-pro", None)),
    # Reasoning is in the completion: 100 x 2 = 200; 50 x 8 = 400. The price holds since June 2025.
    ("openai", "o3", {"prompt": 100, "completion": 50, "completion_details.reasoning": 40}, {
        "input": (100, 2, 0.0002, None), "output": (50, 8, 0.0004, None)},
     (0.0006, 0.0002, 0.0004, None), ("openai/o3", "2025-06-10")),
    # Written for five minutes: 3000 x 3.75 = 11250; read: 6000 x 0.3 = 1800; 1000 x 3 = 3000; 500 x 15 = 7500.
    # Without a cache 10000 x 3 = 30000, which is 13950 more than 16050.
    ("anthropic", "claude-3-5-sonnet-20241022",
     {"prompt": 10_000, "completion": 500, "prompt_details.cache_read": 6000, "prompt_details.cache_write": 3000}, {
         "cache_read": (6000, 0.3, 0.0018, None), "cache_write": (3000, 3.75, 0.01125, None),
         "input": (1000, 3, 0.003, None), "output": (500, 15, 0.0075, None)},
     (0.02355, 0.01605, 0.0075, 0.01395), ("anthropic/claude-3-5-sonnet", None)),
]


@pytest.mark.parametrize("case", EXPLAINED)
def test_a_stored_calls_amount_explains_itself(server, ids, case):
    provider, model, tokens, lines, amounts, price = case
    trace, span = ids.trace(), ids.span()
    attributes = {"openinference.span.kind": "LLM", "llm.provider": provider, "llm.model_name": model,
                  **{f"llm.token_count.{name}": count for name, count in tokens.items()}}
    server.accept(otlp.request([otlp.Span(trace, span, start=START, end=START + 1, attributes=attributes)]), project="explained")
    cost = server.trace(trace.hex())[span.hex()]["cost"]
    total, prompt, completion, saved = (amount if amount is None else pytest.approx(amount, rel=1e-12) for amount in amounts)
    assert cost == {
        "total_usd": total, "prompt_usd": prompt, "completion_usd": completion, "cache_savings_usd": saved,
        "details": {part: {"tokens": count, "usd_per_million": rate, "usd": pytest.approx(usd, rel=1e-12), "above": above}
                    for part, (count, rate, usd, above) in lines.items()},
        "price": {"id": price[0], "date": price[1], "source": "genai-prices 0.2.3"}, "origin": "computed", "reported": None}
    assert row(server, trace.hex(), "explained")["cost"] == {"total_usd": total}  # the stored one is the same


def test_an_own_price_from_its_setting_to_its_end(tmp_path, ids):
    data_dir = tmp_path / "data"
    with Server(data_dir) as server:
        first = server.get_json(PRICES, model="our-gpt")
        assert (first["data"], first["package"]) == ([], "genai-prices 0.2.3")
        early, body = call(ids)
        server.accept(body, project="own")
        assert (row(server, early, "own")["cost"], row(server, early, "own")["unpriced_calls"]) == (None, 1)

        answer = send_price(server, "POST", PRICES, {"provider": "azure", "model": "our-.*", "rates": {"input": 7, "output": 0}})
        assert answer.status == 201
        price = answer.json()
        assert {k: price[k] for k in ("id", "provider", "model", "rates", "valid_from", "service_tier", "note")} == {
            "id": 1, "provider": "azure", "model": "our-.*", "rates": {"input": 7.0, "output": 0.0},
            "valid_from": None, "service_tier": None, "note": None}
        late, body = call(ids)
        server.accept(body, project="own")
        assert row(server, late, "own")["cost"] == {"total_usd": 7.0}
        until(lambda: row(server, early, "own")["cost"] == {"total_usd": 7.0}, "the new price of a stored call")
        for trace in (early, late):
            (span,) = server.trace(trace).values()
            assert span["cost"]["total_usd"] == 7.0
            assert span["cost"]["price"] == {"id": "own/1", "date": None, "source": "own price"}
        server.kill9()

    with Server(data_dir) as server:
        listed = server.get_json(PRICES, model="OUR-")
        assert listed["data"] == [price]
        assert listed["prices_version"] == first["prices_version"] + 1

        price = {"model": "our-gpt", "rates": {"input": {"base": 1, "tiers": [{"above": 200000, "rate": 2}]}, "output": 0},
                 "valid_from": "2026-01-01", "note": "the contract of 2026"}
        changed = send_price(server, "PUT", f"{PRICES}/1", price)
        assert changed.status == 200
        assert (changed.json()["rates"], changed.json()["provider"]) == ({**price["rates"], "input": {
            "base": 1.0, "tiers": [{"above": 200000, "rate": 2.0}]}, "output": 0.0}, None)
        (span,) = server.trace(late).values()
        assert span["cost"]["total_usd"] == 2.0  # the whole prompt is above the threshold
        assert span["cost"]["price"]["date"] == "2026-01-01"

        assert server.request("DELETE", f"{PRICES}/1").status == 204
        assert server.request("DELETE", f"{PRICES}/1").status == 404
        assert send_price(server, "PUT", f"{PRICES}/1", price).status == 404
        (span,) = server.trace(late).values()
        assert (span["cost"], span["unpriced"]) == (None, "there is no price of Our-GPT at azure")


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ({"model": "x(", "rates": {"input": 1}}, "model 'x(' is no regular expression: missing ): x("),
        ({"model": "x", "rates": {"input": -1}}, "the rate input is -1; it must be a number of US dollars from 0 to 1e9"),
        ({"model": "x", "rates": {}}, "rates has no rate"),
        ({"model": "x", "rates": 3}, "rates is not an object"),
        ({"rates": {"input": 1}}, "model is missing"),
        ({"model": 7, "rates": {"input": 1}}, "model is not a text"),
        ({"model": "x", "rates": {"input": 1}, "valid_from": "soon"}, "'soon' is no date such as 2026-01-31"),
        ({"model": "x", "rates": {"input": 1}, "price": 1},
         "a price has no price; it has model, rates, provider, service_tier, valid_from and note"),
        ({"model": "x", "rates": {"input": 1}, "note": "n" * 4097}, "the note has 4097 bytes, at most 4096 are allowed"),
        ([], "the price is not a JSON object"),
    ],
)
def test_a_price_that_cannot_be_is_refused(server, price, message):
    answer = send_price(server, "POST", PRICES, price)
    assert (answer.status, answer.json()) == (400, {"error": {"code": "invalid_argument", "message": message}})
    assert server.get_json(PRICES, limit=1)["data"][0]["source"] == "genai-prices 0.2.3"


def test_a_page_of_another_origin_cannot_set_prices(server):
    body = json.dumps({"model": "x", "rates": {"input": 1}}).encode()
    for headers in ({"content-type": "text/plain"}, {}):
        assert server.request("POST", PRICES, body, headers).status == 400


def test_the_packages_prices_can_be_searched(server):
    rows = server.get_json(PRICES, model="openai/gpt-4o-mini-tr")["data"]
    assert rows[0] | {"uncounted": []} == {
        "source": "genai-prices 0.2.3", "id": None, "provider": "openai", "model": "gpt-4o-mini-transcribe",
        "service_tier": None, "valid_from": None, "condition": None, "uncounted": [], "note": None, "created_unix_ns": None,
        "rates": {"input": 1.25, "input_audio": 3.0, "output": 5.0}}
    assert len(server.get_json(PRICES, limit=5)["data"]) == 5
    assert server.get(PRICES, limit=1001).status == 400


def test_a_price_can_be_asked_for(server):
    # 10 of reasoning are inside the 100 of output: 1000 x 2 + 100 x 8 millionths; until June 2025 1000 x 10 + 100 x 40.
    ask = {"provider": "openai", "model": "o3", "prompt_tokens": 1000, "completion_tokens": 100, "reasoning_tokens": 10}
    now = server.get_json(f"{PRICES}/explain", **ask)
    assert (now["cost"]["total_usd"], now["unpriced"]) == (0.0028, None)
    assert server.get_json(f"{PRICES}/explain", **ask, time="2025-06-09T23:59:59Z")["cost"]["total_usd"] == 0.014
    flex = server.get_json(f"{PRICES}/explain", **ask, service_tier="scale")
    assert flex == {"cost": None, "unpriced": "there is no price of openai/o3 for the tier scale"}
    assert server.get(f"{PRICES}/explain", **(ask | {"prompt_tokens": -1})).status == 400


@pytest.mark.parametrize("source", ["litellm-1.106.2", "openinference-litellm-0.1.51", "pydantic-ai-2.68.0"])
def test_libraries_that_compute_costs_come_to_the_same(server, source):
    """Recordings of libraries that price calls themselves, LiteLLM by another price list."""
    files = sorted((pathlib.Path(__file__).with_name("corpora") / "otlp" / source).glob("[0-9]*.pb"))
    traces = {trace for file in files for trace in oracle.traces_of([oracle.decode_request(file.read_bytes())])}
    for file in files:
        server.accept(file.read_bytes(), project=f"costs of {source}")
    costs = [span["cost"] for trace in traces for span in server.trace(trace).values()
             if span["cost"] and span["cost"]["origin"] == "computed" and span["cost"]["reported"]]
    assert len(costs) >= 7
    for cost in costs:
        assert cost["total_usd"] == pytest.approx(cost["reported"]["total_usd"], abs=1e-12)
