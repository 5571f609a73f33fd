"""What a recorded program asked of a provider and was answered (truth.json), beside what the server shows of it."""

import json
import re

PROVIDERS = {"gemini": "google"}  # the fake provider's word, and OpenInference's
ROLES = {"developer": "system", "model": "assistant"}
REASONS = {
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "function_calls": "tool_calls",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "completed": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
}


def reason(word):
    """Libraries translate the providers' words into each other's."""
    word = word.lower().replace("-", "_")
    return REASONS.get(word, word)


def flat(text):
    """Libraries differ in white space at the ends of texts."""
    return re.sub(r"\s+", " ", text or "").strip()


def parsed(value):
    """What JSON text spells, also when it is a JSON string of JSON."""
    while isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            break
    return value


def squeezed(answer):
    return parsed(flat(answer)) if isinstance(answer, str) else answer


def texts(message):
    return flat("".join(part["text"] for part in message["content"] if part["type"] == "text"))


def calls(message):
    parts = [part for part in message["content"] if part["type"] == "tool_call"]
    return [(part["name"], parsed(part["arguments"])) for part in parts]


def results(messages):
    """What tools answered: [(call id, answer)]."""
    found = []
    for message in messages:
        parts = [part for part in message["content"] if part["type"] == "tool_result"]
        found += [(part["id"], squeezed(part["result"])) for part in parts]
        if message["role"] == "tool" and not parts:
            found.append((message["tool_call_id"], squeezed(texts(message))))
    return found


def true_calls(message):
    return [(call["name"], call["arguments"]) for call in message.get("tool_calls") or []]


def true_results(messages):
    return [(m.get("tool_call_id"), squeezed(m["content"])) for m in messages if m["role"] == "tool"]


def best(views):
    """Of the spans that carry a call, the one that says most of it."""
    llm = [view for view in views if view["kind"] == "LLM"]
    return max(llm or views, key=lambda v: (bool(v["llm"] and v["llm"]["output_messages"]), v["tokens"] is not None))


def said_nothing(shown):
    """No fact at all: what a library does not send may be absent from the view, but never wrong on it."""
    if isinstance(shown, (list, set, tuple)):
        return all(said_nothing(item) for item in shown)
    return shown in (None, "")


def compare_input(call, llm, sent):
    wanted = call["request"]["messages"]
    shown = llm["input_messages"]
    is_sent = bool({"input_user_text", "system_text"} & sent)
    yield "roles", [ROLES.get(m["role"], m["role"]) for m in shown], [ROLES.get(m["role"], m["role"]) for m in wanted], is_sent
    said = [(m["role"], flat(m["content"])) for m in wanted if m.get("content") and m["role"] in ("user", "assistant")]
    yield "texts", [(m["role"], texts(m)) for m in shown if texts(m) and m["role"] in ("user", "assistant")], said, is_sent
    if any(m["role"] == "tool" for m in wanted):
        yield "calls before", [c for m in shown for c in calls(m)], [c for m in wanted for c in true_calls(m)], is_sent
        got, want = results(shown), true_results(wanted)
        yield "tool results", [value for _, value in got], [value for _, value in want], is_sent


def compare_output(call, llm, sent):
    messages = call["response"]["messages"]
    shown = llm["output_messages"]
    # Libraries that were asked for an object write it in their own spelling of JSON.
    want = [squeezed(m["content"]) for m in messages if m.get("content")]
    yield "answer", [squeezed(texts(m)) for m in shown if texts(m)], want, "output_text" in sent
    true = [c for m in messages for c in true_calls(m)]
    yield "tool calls", [c for m in shown for c in calls(m)], true, "output_tool_call_name" in sent
    ids = [part["id"] for m in shown for part in m["content"] if part["type"] == "tool_call"]
    want = [c["id"] for m in messages for c in m.get("tool_calls") or []]
    if any(want):  # Gemini names no calls; libraries number them
        yield "tool call ids", ids, want, "output_tool_call_id" in sent
    want = {reason(word) for word in call["response"]["finish_reasons"]}
    yield "finish reasons", {reason(word) for word in llm["finish_reasons"]}, want, "finish_reason" in sent
    yield "response id", llm["response_id"], call["response"]["id"], "response_id" in sent
    # Some write the response's model as the only one.
    true = call["response"]["model"]
    shown = [name for name in (llm["response_model"], llm["model"]) if name]
    yield "response model", true if true in shown else llm["response_model"], true, "response_model" in sent


def compare_tokens(call, tokens, sent):
    usage = call["usage"]
    if usage["sent"] is False:
        yield "no usage", (tokens.get("prompt"), tokens.get("completion")), (None, None), True
        return
    is_sent = bool({"input_tokens_as_sent", "input_tokens_incl_cache"} & sent)
    yield "prompt tokens", tokens.get("prompt"), usage["input"], is_sent
    yield "completion tokens", tokens.get("completion"), usage["output"], "output_tokens" in sent
    for field in ("cache_read", "cache_write", "reasoning"):
        yield field, tokens.get(field), usage[field], field in sent


def compare_call(call, views, sent):
    """(field, shown, true, whether the spans carry it)"""
    spans = call["observed"]["spans"]
    view = best(views)
    llm = view["llm"]
    if call["api"].endswith("embeddings"):
        yield "kind", "EMBEDDING" in [v["kind"] for v in views], True, True
        return
    if call["error"]:
        yield "error", "ERROR" in [v["status"]["code"] for v in views], True, "error" in sent
    if all(span["match"] == "error" for span in spans):
        return
    yield "kind", view["kind"], "LLM", True
    if not llm:
        return
    yield "provider", llm["provider"], PROVIDERS.get(call["provider"], call["provider"]), True
    true = call["request"]["model"]
    named = true in (llm["request_model"], llm["model"], llm["response_model"])
    yield "model", true if named else llm["request_model"], true, "request_model" in sent
    yield from compare_tokens(call, view["tokens"] or {}, sent)
    yield from compare_input(call, llm, sent)
    if call["response"]:
        yield from compare_output(call, llm, sent)
    for field in ("session_id", "user_id"):
        true = call["context"].get(field)
        if true:
            shown = [v[field] for v in views if v[field]]
            yield field, true if true in shown else shown, true, field in sent


def compare(call, views):
    """(field, shown, true) for all that the recorded spans of the call carry, and for all that is shown beyond that."""
    sent = {field for span in call["observed"]["spans"] for field in span["fields"]}
    for field, shown, true, is_sent in compare_call(call, views, sent):
        if is_sent or not said_nothing(shown):
            yield field, shown, true
