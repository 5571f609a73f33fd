"""Requests that no library sends but OTLP allows: every value type at its edges, from a fixed seed."""

import json
import random

from harness import otlp_encode as otlp

TEXT_EDGES = ["", " ", "\x00", "a\x00b", "\n\r\t", '"', "\\", "\u007f", "\u2028\u2029", "\ufeffbom", "é", "e\u0301"]
TEXT_EDGES += ["日本語", "🦉" * 3, "\U0010ffff", "null", "true", "7", "'; DROP TABLE spans; --", "{x:String}", "\\N", "%00"]
TEXT_EDGES += ["<script>alert(1)</script>"]
TEXT_EDGES += ["x" * size for size in (127, 128, 129, 255, 256, 4095, 4096, 100_000)] + ["é" * 64, "é" * 65]
INTEGER_EDGES = [0, 1, -1, 127, 128, 2**31, -(2**31) - 1, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)]
DOUBLE_EDGES = [0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 1.7976931348623157e308, 123456789.0, 1e21, 1e-7]
DOUBLE_EDGES += [float("nan"), float("inf"), float("-inf")]
KEY_EDGES = ["", "a.b.c", "a..b", ".", "a b", 'quo"te', "back\\slash", "sing'le", "`tick`", "nul\x00key", "new\nline"]
KEY_EDGES += ["$", "$double", "$$bytes", "__proto__", "日本", "k" * 300, "llm.input_messages.0", "{p:String}"]
JSON_EDGES = ["[]", "{}", "[ ]", '[ {"role" : "user" , "content" : "hi"} ]', '[\n  {"role": "user"}\n]\n', '"text"']
JSON_EDGES += ['[{"role":"user"}] ', '[{"a":1,"a":2}]', '{"n": 1.0, "m": 1e2}', "[1,2", '[{"role":"user"},]']
JSON_EDGES += ['[{"x":"\\u0041\\/"}]', "[null,null]", "[[],[{}]]"]

# Names that dialects give a meaning, with values that they do not expect.
DIALECT_KEYS = ["openinference.span.kind", "llm.model_name", "llm.input_messages", "llm.input_messages.0.message.role"]
DIALECT_KEYS += ["llm.input_messages.999999999.message.content", "llm.output_messages.0.message.contents.0.message_content.text"]
DIALECT_KEYS += ["llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", "llm.token_count.prompt", "llm.cost.total"]
DIALECT_KEYS += ["input.value", "input.mime_type", "output.value", "llm.invocation_parameters", "metadata", "tag.tags", "session.id"]
DIALECT_KEYS += ["user.id", "retrieval.documents.0.document.content", "retrieval.documents.0.document.score", "tool.parameters"]
DIALECT_KEYS += ["gen_ai.operation.name", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"]
DIALECT_KEYS += ["gen_ai.prompt.0.role", "gen_ai.prompt.-1.content", "gen_ai.completion.0.content", "gen_ai.response.finish_reasons"]
DIALECT_KEYS += ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "gen_ai.tool.call.arguments", "gen_ai.tool.definitions"]
DIALECT_KEYS += ["traceloop.span.kind", "traceloop.entity.input", "ai.operationId", "ai.prompt.messages", "ai.response.text"]
DIALECT_KEYS += ["ai.usage.promptTokens", "langfuse.observation.type", "langfuse.observation.input", "langsmith.span.kind"]
DIALECT_KEYS += ["mlflow.spanType", "mlflow.chat.messages", "logfire.msg", "logfire.json_schema", "all_messages_events", "events"]
DIALECT_KEYS += ["lmnr.span.type", "genkit:type", "genkit:input", "gcp.vertex.agent.llm_request", "lk.chat_ctx", "exception.type"]


class Ids:
    """Trace and span ids that repeat from run to run and differ within one."""

    def __init__(self, seed):
        self._random = random.Random(seed)

    def trace(self):
        return self._random.randbytes(16)

    def span(self):
        return self._random.randbytes(8)


def _nested(value, levels):
    for level in range(levels):
        value = [value, level] if level % 2 else {"in": value, "$level": level}
    return value


def _spans_of_values(ids):
    """One span for each list of edge values: at the top, in an array, in a key-value list."""
    trace = ids.trace()
    mixed = [None, True, False, 7, -0.5, "text", b"\x00\xff", [], {}, [None], [[1], [2.0]], {"a": {"b": [1]}}]
    groups = {"text": TEXT_EDGES, "integer": INTEGER_EDGES, "double": DOUBLE_EDGES, "json": JSON_EDGES, "mixed": mixed}
    groups["bytes"] = [b"", b"\x00", bytes(range(256)), b"b" * 128, b"b" * 129, b"\xff\xfe"]
    for name, values in groups.items():
        attributes = {f"{name}.{i}": value for i, value in enumerate(values)}
        attributes |= {"array": list(values), "list": {str(i): value for i, value in enumerate(values)}}
        yield otlp.Span(trace, ids.span(), name, attributes=attributes, events=(otlp.event(name, 1, attributes),))


def _spans_of_keys(ids):
    trace = ids.trace()
    yield otlp.Span(trace, ids.span(), "keys", attributes={key: f"value of {key}" for key in KEY_EDGES})
    yield otlp.Span(trace, ids.span(), "keys in a list", attributes={"list": dict.fromkeys(KEY_EDGES, 1)})
    repeated = [("twice", 1), ("once", "x"), ("twice", "second"), ("thrice", 1), ("thrice", 2), ("thrice", 3.0)]
    yield otlp.Span(trace, ids.span(), "repeated keys", attributes=repeated, events=(otlp.event("e", 1, repeated),))
    yield otlp.Span(trace, ids.span(), "repeated keys in a list", attributes={"list": otlp.KvList(tuple(repeated))})
    yield otlp.Span(trace, ids.span(), "deep", attributes={"deep": _nested("bottom", 30)})
    for text in TEXT_EDGES[:-10]:
        yield otlp.Span(trace, ids.span(), text, status=2, status_message=text, trace_state=text)


def _spans_of_times(ids):
    """Times far from now, zero and negative durations, clocks that disagree."""
    now = 1_767_225_600_000_000_000
    times = [(now, now), (now + 5, now), (now + 10**12, now), (0, 0), (0, 1), (1, 0), (now, now + 10**15)]
    times += [(2**63 - 1, 2**63 - 1), (2**63, 2**63 + 5), (2**64 - 1, 2**64 - 1), (2**64 - 1, 2**64 - 2)]
    for start, end in times:
        events = tuple(otlp.event("at", time) for time in (0, start, end, 2**64 - 1))
        yield otlp.Span(ids.trace(), ids.span(), f"{start} to {end}", start=start, end=end, events=events)


def _spans_of_fields(ids):
    """Numbers outside their enums, flags, dropped counts, links, ids that look like text."""
    trace, root = ids.trace(), ids.span()
    yield otlp.Span(trace, root, "root", kind=0, flags=0x300, dropped=(1, 2, 3), status=1, trace_state="a=1,b=2")
    for kind in (2, 3, 4, 5):
        yield otlp.Span(trace, ids.span(), f"kind {kind}", parent=root, kind=kind)
    links = (
        otlp.link(ids.trace(), ids.span(), {"why": "follows"}, trace_state="c=3", flags=0x101, dropped=4),
        otlp.link(trace, root),
    )
    yield otlp.Span(trace, ids.span(), "links", parent=root, links=links, flags=2**32 - 1, dropped=(2**32 - 1,) * 3)
    yield otlp.Span(trace, ids.span(), "orphan", parent=ids.span())
    own = ids.span()
    yield otlp.Span(trace, own, "its own parent", parent=own)
    yield otlp.Span(trace, ids.span(), "zero parent", parent=bytes(8))
    events = tuple(otlp.event(f"e{i}", i, dropped=i) for i in range(200))
    yield otlp.Span(trace, ids.span(), "events", parent=root, events=events)
    yield otlp.Span(b"aaaaaaaaaaaaaaaa", b'"\\\x00\n\'\xff{}', "ids that are text")


def _conversation(ids, seed):
    """A chat that sends its whole history again each turn, as one JSON string and as flattened attributes."""
    source = random.Random(seed)
    trace, history = ids.trace(), [{"role": "system", "content": "Answer briefly. " + "policy " * 200}]
    for turn in range(12):
        words = " ".join(source.choice(["order", "refund", "étage", "日", "\\n", '"quoted"']) for _ in range(60))
        history.append({"role": "user", "content": words})
        attributes = {"openinference.span.kind": "LLM", "llm.input_messages": json.dumps(history), "llm.turn": turn}
        attributes["llm.input_messages.compact"] = json.dumps(history, separators=(",", ":"), ensure_ascii=False)
        attributes["llm.input_messages.indented"] = json.dumps(history, indent=2)
        attributes["gen_ai.input.messages"] = list(history)
        for i, message in enumerate(history):
            prefix = f"flat.input_messages.{i}.message."
            attributes |= {prefix + "role": message["role"], prefix + "content": message["content"]}
        yield otlp.Span(trace, ids.span(), f"turn {turn}", attributes=attributes)
        call = {"id": f"call_{turn}", "args": {"q": words}}
        history.append({"role": "assistant", "content": None, "tool_calls": [call]})
        history.append({"role": "tool", "content": json.dumps({"found": words * 3})})


def _spans_of_dialects(ids, seed):
    """Names of many dialects on one span, each with any value."""
    source, trace = random.Random(seed), ids.trace()
    values = TEXT_EDGES[:-6] + INTEGER_EDGES + DOUBLE_EDGES + JSON_EDGES
    values += [None, True, b"\x00\xff", [], {}, ["LLM", 1], {"role": "user", "parts": [{"type": "text"}]}, "LLM", "user", "chat"]
    for number in range(200):
        keys = source.sample(DIALECT_KEYS, source.randint(1, len(DIALECT_KEYS)))
        yield otlp.Span(trace, ids.span(), f"dialects {number}", attributes={key: source.choice(values) for key in keys})


def requests():
    """{name: ExportTraceServiceRequest bytes}"""
    ids = Ids(20260101)
    made = {
        "values": otlp.request(_spans_of_values(ids)),
        "keys": otlp.request(_spans_of_keys(ids)),
        "times": otlp.request(_spans_of_times(ids)),
        "fields": otlp.request(_spans_of_fields(ids)),
        "conversation": otlp.request(_conversation(ids, 1)),
        "dialects": otlp.request(_spans_of_dialects(ids, 2)),
    }
    resource = dict.fromkeys(KEY_EDGES[1:], 1)
    resource |= {"service.name": "é\x00", "list": {"$a": [1.0, None]}, "bytes": b"\xff"}
    span = otlp.Span(ids.trace(), ids.span(), "resource and scope")
    made["resource"] = otlp.request([span], resource=resource, scope=("sc\x00pe", "", {"s": b"\x00", "$t": [True]}))
    bare_span = otlp.block(1, ids.trace()) + otlp.block(2, ids.span())
    made["nothing set"] = otlp.block(1, otlp.block(2, otlp.block(2, bare_span)))
    return made
