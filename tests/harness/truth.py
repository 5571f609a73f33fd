"""What a recorded program asked of a provider and was answered (truth.json), beside what the server shows of it."""

import json
import re

PROVIDERS = {"gemini": "google"}  # the fake provider's word, and OpenInference's
ROLES = {"developer": "system", "model": "assistant"}
REASONS = {
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
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


def compare_input(call, llm, sent):
    wanted = call["request"]["messages"]
    shown = llm["input_messages"]
    if {"input_user_text", "system_text"} & sent:
        yield "roles", [ROLES.get(m["role"], m["role"]) for m in shown], [ROLES.get(m["role"], m["role"]) for m in wanted]
        said = [(m["role"], flat(m["content"])) for m in wanted if m.get("content") and m["role"] in ("user", "assistant")]
        yield "texts", [(m["role"], texts(m)) for m in shown if texts(m) and m["role"] in ("user", "assistant")], said
        if any(m["role"] == "tool" for m in wanted):
            yield "calls before", [c for m in shown for c in calls(m)], [c for m in wanted for c in true_calls(m)]
            got, want = results(shown), true_results(wanted)
            yield "tool results", [value for _, value in got], [value for _, value in want]


def compare_output(call, llm, sent):
    messages = call["response"]["messages"]
    shown = llm["output_messages"]
    if "output_text" in sent:
        want = [flat(m["content"]) for m in messages if m.get("content")]
        yield "answer", [texts(m) for m in shown if texts(m)], want
    if "output_tool_call_name" in sent:
        yield "tool calls", [c for m in shown for c in calls(m)], [c for m in messages for c in true_calls(m)]
    if "output_tool_call_id" in sent:
        ids = [part["id"] for m in shown for part in m["content"] if part["type"] == "tool_call"]
        want = [c["id"] for m in messages for c in m.get("tool_calls") or []]
        if any(want):  # Gemini names no calls; libraries number them
            yield "tool call ids", ids, want
    if "finish_reason" in sent:
        want = {reason(word) for word in call["response"]["finish_reasons"]}
        yield "finish reasons", {reason(word) for word in llm["finish_reasons"]}, want
    if "response_id" in sent:
        yield "response id", llm["response_id"], call["response"]["id"]


def compare_tokens(call, tokens, sent):
    usage = call["usage"]
    if usage["sent"] is False:
        yield "no usage", (tokens.get("prompt"), tokens.get("completion")), (None, None)
        return
    if {"input_tokens_as_sent", "input_tokens_incl_cache"} & sent:
        yield "prompt tokens", tokens.get("prompt"), usage["input"]
    if "output_tokens" in sent:
        yield "completion tokens", tokens.get("completion"), usage["output"]
    for field in ("cache_read", "cache_write", "reasoning"):
        if field in sent:
            yield field, tokens.get(field), usage[field]


def compare(call, views):
    """(field, shown, true) for all that the recorded spans of the call carry."""
    spans = call["observed"]["spans"]
    sent = {field for span in spans for field in span["fields"]}
    view = best(views)
    llm = view["llm"]
    if call["api"].endswith("embeddings"):
        yield "kind", "EMBEDDING" in [v["kind"] for v in views], True
        return
    if call["error"] and "error" in sent:
        yield "error", "ERROR" in [v["status"]["code"] for v in views], True
    if all(span["match"] == "error" for span in spans):
        return
    yield "kind", view["kind"], "LLM"
    if not llm:
        return
    yield "provider", llm["provider"], PROVIDERS.get(call["provider"], call["provider"])
    if "request_model" in sent:
        yield "model", call["request"]["model"] in (llm["request_model"], llm["model"], llm["response_model"]), True
    if "response_model" in sent:
        yield "response model", call["response"]["model"] in (llm["response_model"], llm["model"]), True
    yield from compare_tokens(call, view["tokens"] or {}, sent)
    yield from compare_input(call, llm, sent)
    if call["response"]:
        yield from compare_output(call, llm, sent)
    for field in ("session_id", "user_id"):
        if field in sent and call["context"].get(field):
            yield field, call["context"][field] in [v[field] for v in views], True
