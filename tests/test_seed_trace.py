"""One recorded run of a traced agent reads back as its waterfall, its chats, token counts and documents."""

import datetime
import json
import pathlib

import pytest

SEED = pathlib.Path(__file__).with_name("corpora") / "seed"
TRUTH = json.loads((SEED / "truth.json").read_text())
BY_ID = {span["span_id"]: span for span in TRUTH["spans"]}
FIRST_CALL, SECOND_CALL, LAST_CALL = "7eba8736db007f7b", "c469f23a7b4efa58", "ad03b3c40db9eac5"
RETRIEVAL = "c25d758af00bf802"

SYSTEM = "You are a careful assistant. Use the tools, cite chunk ids, and answer briefly."
QUESTION = "Compare Postgres and SQLite for a small Django app's database."
ANSWER = (
    "For a small Django app start with SQLite [dj-004]; move to PostgreSQL [pg-001] when you need concurrent writers "
    "or backups with point-in-time recovery [op-017]."
)
CHUNK = "Django ships SQLite as the default database engine and recommends PostgreSQL for production."


@pytest.fixture(scope="module")
def spans(server):
    server.accept((SEED / "000.bin").read_bytes(), project="seed")
    return server.trace(TRUTH["trace_id"])


def text(message):
    return "".join(part["text"] for part in message["content"] if part["type"] == "text")


def calls(message):
    return [(part["id"], part["name"]) for part in message["content"] if part["type"] == "tool_call"]


def test_waterfall(spans):
    assert spans.keys() == BY_ID.keys()
    for span_id, want in BY_ID.items():
        have = spans[span_id]
        assert {key: have[key] for key in ("name", "parent_span_id", "kind")} == {
            key: want[key] for key in ("name", "parent_span_id", "kind")
        }
        for shown, recorded in (("start_unix_ns", "start_time"), ("end_unix_ns", "end_time")):
            moment = datetime.datetime.fromisoformat(want[recorded])
            micros = (moment - datetime.datetime.fromtimestamp(0, datetime.UTC)) // datetime.timedelta(microseconds=1)
            assert (int(have[shown]) + 500) // 1000 == micros, want["name"]
        assert have["duration_ns"] == int(have["end_unix_ns"]) - int(have["start_unix_ns"])
        assert have["service_name"] == "stack-dev", "the resource holds only the SDK's default name"


@pytest.mark.parametrize("span_id", [FIRST_CALL, SECOND_CALL, LAST_CALL])
def test_model_and_tokens(spans, span_id):
    want, have = BY_ID[span_id], spans[span_id]
    assert have["llm"]["model"] == want["model"]
    tokens = have["tokens"]
    assert tokens["prompt"] == want["tokens_prompt"]
    assert tokens["completion"] == want["tokens_completion"]
    assert tokens["total"] == want["tokens_total"]
    assert tokens["cache_read"] is None
    assert len(have["llm"]["input_messages"]) == want["input_messages"]
    assert len(have["llm"]["output_messages"]) == want["output_messages"]
    assert have["llm"]["invocation_parameters"] == {"temperature": 0.7}


def test_first_call_asks_for_the_tool(spans):
    llm = spans[FIRST_CALL]["llm"]
    assert [(m["role"], text(m)) for m in llm["input_messages"]] == [("system", SYSTEM), ("user", QUESTION)]
    (answer,) = llm["output_messages"]
    assert (answer["role"], text(answer), calls(answer)) == ("assistant", "", [("call_1", "search_docs")])
    (part,) = answer["content"]
    arguments = part["arguments"]
    arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    assert arguments == {"query": "Postgres vs SQLite for Django", "top_k": 3}


def test_last_call_is_the_whole_chat(spans):
    llm = spans[LAST_CALL]["llm"]
    roles = [message["role"] for message in llm["input_messages"]]
    assert roles == ["system", "user", "assistant", "tool", "assistant", "tool"]
    assert calls(llm["input_messages"][2]) == [("call_1", "search_docs")]
    assert calls(llm["input_messages"][4]) == [("call_2", "fetch_chunk")]
    assert llm["input_messages"][3]["tool_call_id"] == "call_1"
    (answer,) = llm["output_messages"]
    assert text(answer) == ANSWER


def test_retrieved_documents(spans):
    retrieval = spans[RETRIEVAL]["retrieval"]
    assert retrieval["query"] == "Postgres vs SQLite for Django"
    shown = [(document["id"], document["score"]) for document in retrieval["documents"]]
    assert shown == [("dj-004", 0.62), ("op-017", 0.23), ("sq-001", 0.21)]
    assert retrieval["documents"][0]["content"] == CHUNK


def test_tools(spans):
    tool = spans["53632686e3517a4d"]
    assert tool["tool"]["name"] == "fetch_chunk"
    assert tool["input"]["value"] == '{"chunk_id": "dj-004"}'
    assert tool["llm"] is None and tool["tokens"] is None
