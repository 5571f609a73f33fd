#include "store/message_views.h"

#include <fmt/format.h>

namespace nightjar::store {
namespace {

// The value of the rope `rope`, whose first byte says what it is a rope of, with the texts `bodies` of its row's
// segments: docs/formats/span_table.md. `a` is the next byte's place and the pieces so far, as place and length, or as
// 0 and a segment; `n` a piece's number, which has `s` bytes.
std::string JoinedRope() {
  constexpr std::string_view kFourBytes = "reinterpretAsUInt32(substring(rope, a.1, 4))";
  const std::string number = fmt::format(
      "bitAnd({0}, 127) + if(bitTest({0}, 7), bitAnd(bitShiftRight({0}, 1), 16256), 0) + "
      "if(bitAnd({0}, 32896) = 32896, bitAnd(bitShiftRight({0}, 2), 2080768), 0) + "
      "if(bitAnd({0}, 8421504) = 8421504, bitAnd(bitShiftRight({0}, 3), 266338304), 0)",
      kFourBytes);
  const std::string size =
      fmt::format("multiIf(NOT bitTest({0}, 7), 1, NOT bitTest({0}, 15), 2, NOT bitTest({0}, 23), 3, 4)", kFourBytes);
  return fmt::format(
      "arrayStringConcat(arrayMap(p -> if(p.1 = 0, bodies[p.2], substring(rope, p.1, p.2)), "
      "arrayFold((a, i) -> if(a.1 > length(rope), a, arrayMap((n, s) -> if(bitTest(n, 0), "
      "(toUInt64(a.1 + s), arrayPushBack(a.2, (toUInt64(0), toUInt64(intDiv(n, 2) + 1)))), "
      "(toUInt64(a.1 + s + intDiv(n, 2)), arrayPushBack(a.2, (toUInt64(a.1 + s), toUInt64(intDiv(n, 2)))))), "
      "[{}], [{}])[1]), range(length(rope)), (toUInt64(2), CAST([], 'Array(Tuple(UInt64, UInt64))'))).2))",
      number, size);
}

// Spans with an attribute whose key matches, or with something that is understood already, and `texts`: those
// attributes by key, whatever their length, as far as `also` holds.
std::string SpansWithTexts(std::string_view key_regex, std::string_view also) {
  return fmt::format(
      R"(
    SELECT *,
        arrayMap(h -> dictGet('nightjar.bodies', 'body', (toString(segment_scope), toString(h))),
                 if(empty(long_texts), [], segments)) AS bodies,
        CAST(arrayConcat(
            CAST(mapFilter((k, v) -> {2} AND match(k, '{0}'), attrs_str), 'Array(Tuple(String, String))'),
            arrayMap((k, rope) -> (k, if(startsWith(rope, 'j'), substring(rope, 2), {1})),
                     mapKeys(long_texts), mapValues(long_texts))), 'Map(String, String)') AS texts
    FROM (
        SELECT *, CAST(mapFilter((k, v) -> {2} AND match(k, '{0}'), attrs_other), 'Map(String, String)') AS long_texts
        FROM nightjar.spans FINAL
        WHERE arrayExists(k -> match(k, '{0}'), mapKeys(attrs_str)) OR
            arrayExists(k -> match(k, '{0}'), mapKeys(attrs_other)) OR understood != ''))",
      key_regex, JoinedRope(), also);
}

// The keys among `texts` that begin with `begin` and end with `end`, in the order of the number between them.
std::string KeysBetween(std::string_view begin, std::string_view end) {
  return fmt::format(
      "arraySort(k -> toUInt32OrZero(extract(substring(k, length({0}) + 1), '^[0-9]+')), "
      "arrayFilter(k -> startsWith(k, {0}) AND endsWith(k, {1}), mapKeys(texts)))",
      begin, end);
}

// What stands before the attributes of one item of a flattened list that begins with `list`: "list.0.", "list.1.".
std::string Stems(std::string_view list) {
  return fmt::format(
      "arrayMap(n -> concat('{0}.', toString(n), '.'), arraySort(arrayDistinct(arrayMap(k -> "
      "toUInt32OrZero(extract(k, '[0-9]+')), arrayFilter(k -> startsWith(k, '{0}.'), mapKeys(texts))))))",
      list);
}

constexpr std::string_view kMessageKeys =
    "^(llm\\\\.(input|output)_messages\\\\.[0-9]|gen_ai\\\\.(prompt|completion)\\\\.[0-9]|"
    "gen_ai\\\\.(input\\\\.messages|output\\\\.messages|system_instructions)$)";

// `role` in the words of the Span JSON.
std::string Role(std::string_view role) {
  return fmt::format("transform({0}, ['model', 'function', 'unknown'], ['assistant', 'tool', 'assistant'], {0})", role);
}

// Messages as (role, content, names of the tools that are called), from flattened attributes.
std::string FlattenedMessages(std::string_view list, std::string_view member) {
  const std::string stem = fmt::format("concat(stem, '{}')", member);
  return fmt::format(
      "arrayMap(stem -> ({0}, if(mapContains(texts, concat({1}, 'content')), texts[concat({1}, 'content')], "
      "arrayStringConcat(arrayMap(k -> texts[k], arrayFilter(k -> texts[replaceOne(k, '_content.text', "
      "'_content.type')] NOT IN ('reasoning', 'thinking'), {2})))), arrayMap(k -> texts[k], {3})), {4})",
      Role(fmt::format("texts[concat({}, 'role')]", stem)), stem,
      KeysBetween(fmt::format("concat({}, 'contents.')", stem), "'.message_content.text'"),
      KeysBetween(fmt::format("concat({}, 'tool_calls.')", stem), "'.name'"), Stems(list));
}

// The same of the array in the attribute `key`, in the form of the GenAI conventions or of OpenAI. What only answers
// tools is said by a tool, whoever it is said to be.
std::string JsonMessages(std::string_view key) {
  const std::string messages = fmt::format("JSONExtractArrayRaw(texts['{}'])", key);
  return fmt::format(
      "arrayMap((m, parts) -> (if(notEmpty(parts) AND arrayAll(p -> JSONExtractString(p, 'type') IN "
      "('tool_call_response', 'tool_result'), parts), 'tool', {0}), "
      "if(JSONType(m, 'content') = 'String', JSONExtractString(m, 'content'), arrayStringConcat(arrayMap(p -> "
      "if(JSONHas(p, 'content'), JSONExtractString(p, 'content'), JSONExtractString(p, 'text')), "
      "arrayFilter(p -> JSONExtractString(p, 'type') = 'text', parts)))), "
      "arrayMap(p -> JSONExtractString(p, 'name'), arrayFilter(p -> JSONExtractString(p, 'type') IN "
      "('tool_call', 'tool_use'), parts))), {1}, arrayMap(m -> JSONExtractArrayRaw(m, if(JSONHas(m, 'parts'), "
      "'parts', 'content')), {1}))",
      Role("JSONExtractString(m, 'role')"), messages);
}

// The same of those that were understood when the span came.
std::string UnderstoodMessages(std::string_view list) {
  return fmt::format(
      "arrayMap(m -> ({}, JSONExtractString(m, 2), JSONExtract(m, 3, 'Array(String)')), "
      "JSONExtractArrayRaw(understood, '{}'))",
      Role("JSONExtractString(m, 1)"), list);
}

constexpr std::string_view kInstructions =
    "if(texts['gen_ai.system_instructions'] = '' OR JSONExtractString(texts['gen_ai.input.messages'], 1, 'role') = "
    "'system', [], [('system', if(startsWith(texts['gen_ai.system_instructions'], "
    "'['), arrayStringConcat(arrayMap(p -> JSONExtractString(p, 'content'), "
    "JSONExtractArrayRaw(texts['gen_ai.system_instructions']))), texts['gen_ai.system_instructions']), "
    "CAST([], 'Array(String)'))])";

constexpr std::string_view kDocumentKeys = "^(retrieval\\\\.documents|reranker\\\\.(input|output)_documents)\\\\.[0-9]";

std::string Documents(std::string_view origin, std::string_view list, std::string_view understood) {
  return fmt::format(
      "arrayConcat(arrayMap(d -> ('{0}', JSONExtractString(d, 1), JSONExtractString(d, 2), "
      "JSONExtract(d, 3, 'Nullable(Float64)'), JSONExtractString(d, 4)), JSONExtractArrayRaw(understood, '{2}')), "
      "arrayMap(stem -> ('{0}', texts[concat(stem, 'document.id')], texts[concat(stem, 'document.content')], "
      "multiIf(mapContains(attrs_num, concat(stem, 'document.score')), attrs_num[concat(stem, 'document.score')], "
      "mapContains(attrs_int, concat(stem, 'document.score')), "
      "toFloat64(attrs_int[concat(stem, 'document.score')]), NULL), texts[concat(stem, 'document.metadata')]), {1}))",
      origin, Stems(list), understood);
}

constexpr std::string_view kSpanIds = R"(
    toString(project) AS project,
    lower(hex(trace_id)) AS trace_id,
    lower(leftPad(hex(span_id), 16, '0')) AS span_id,
    start_unix_ns,
    fromUnixTimestamp64Nano(toInt64(start_unix_ns), 'UTC') AS start,)";

}  // namespace

std::string MessagesSql() {
  const std::string sent = fmt::format(
      "arrayConcat({}, multiIf(mapContains(texts, 'gen_ai.input.messages'), arrayConcat({}, {}), "
      "notEmpty({} AS flattened_in), flattened_in, {}))",
      UnderstoodMessages("input"), kInstructions, JsonMessages("gen_ai.input.messages"),
      FlattenedMessages("llm.input_messages", "message."), FlattenedMessages("gen_ai.prompt", ""));
  const std::string received = fmt::format(
      "arrayConcat({}, multiIf(mapContains(texts, 'gen_ai.output.messages'), {}, notEmpty({} AS flattened_out), "
      "flattened_out, {}))",
      UnderstoodMessages("output"), JsonMessages("gen_ai.output.messages"),
      FlattenedMessages("llm.output_messages", "message."), FlattenedMessages("gen_ai.completion", ""));
  return fmt::format(
      R"(
SELECT {0}
    toString(model) AS model,
    message.1 AS direction,
    toUInt32(message.2 - 1) AS position,
    message.3.1 AS role,
    message.3.2 AS content,
    message.3.3 AS tool_names
FROM (
    SELECT project, trace_id, span_id, start_unix_ns, model, {1} AS sent, {2} AS received
    FROM ({3})
    WHERE kind = 'LLM')
ARRAY JOIN arrayConcat(arrayMap((m, n) -> ('input', n, m), sent, arrayEnumerate(sent)),
    arrayMap((m, n) -> ('output', n, m), received, arrayEnumerate(received))) AS message)",
      kSpanIds, sent, received, SpansWithTexts(kMessageKeys, "understood = ''"));
}

std::string DocumentsSql() {
  return fmt::format(
      R"(
SELECT {0}
    document.2.1 AS origin,
    toUInt32(document.1 - 1) AS position,
    document.2.2 AS id,
    document.2.3 AS content,
    document.2.4 AS score,
    document.2.5 AS metadata
FROM (
    SELECT project, trace_id, span_id, start_unix_ns, {1} AS retrieved, {2} AS reranked, {3} AS kept
    FROM ({4}))
ARRAY JOIN arrayConcat(arrayZip(arrayEnumerate(retrieved), retrieved), arrayZip(arrayEnumerate(reranked), reranked),
    arrayZip(arrayEnumerate(kept), kept)) AS document)",
      kSpanIds, Documents("retrieval", "retrieval.documents", "retrieval"),
      Documents("reranker input", "reranker.input_documents", "reranker_input"),
      Documents("reranker output", "reranker.output_documents", "reranker_output"), SpansWithTexts(kDocumentKeys, "1"));
}

}  // namespace nightjar::store
