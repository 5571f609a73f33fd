#include "query/field.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/lower_case.h"
#include "query/internal/text.h"

namespace nightjar::query {
namespace {

constexpr Word kKinds[] = {{"llm", "'LLM'"},
                           {"embedding", "'EMBEDDING'"},
                           {"chain", "'CHAIN'"},
                           {"retriever", "'RETRIEVER'"},
                           {"reranker", "'RERANKER'"},
                           {"tool", "'TOOL'"},
                           {"agent", "'AGENT'"},
                           {"guardrail", "'GUARDRAIL'"},
                           {"evaluator", "'EVALUATOR'"},
                           {"prompt", "'PROMPT'"},
                           {"unknown", "'UNKNOWN'"}};
constexpr Word kStatuses[] = {{"error", "2"}, {"ok", "1"}, {"unset", "0"}};

constexpr std::string_view kAlways = "1";
// Tokens and money are summed over the spans that made a provider call: the others repeat them. `is_call` is IsCallSql.
#define NIGHTJAR_CALLS "is_call"
#define NIGHTJAR_TOKENS(column, bit)                                          \
  column, "bitTest(known, " bit ")", "sumIf(" column ", " NIGHTJAR_CALLS ")", \
      "bitTest(groupBitOrIf(known, " NIGHTJAR_CALLS "), " bit ")"

// The cost by price, else the cost that the client reported.
#define NIGHTJAR_COST "if(bitTest(known, 7), cost_usd, reported_cost_usd)"
#define NIGHTJAR_COST_KNOWN "bitAnd(known, 192) != 0"
#define NIGHTJAR_PART_OF_COST(column, bit)                                    \
  column, "bitTest(known, " bit ")", "sumIf(" column ", " NIGHTJAR_CALLS ")", \
      "bitTest(groupBitOrIf(known, " NIGHTJAR_CALLS "), " bit ")"

constexpr auto kFields = std::to_array<Field>({
    {"kind", FieldType::kWord, "what the span did", "kind:llm", "kind", kAlways, "", "", kKinds},
    {"name", FieldType::kText, "the span's name", "name:chat*", "name", "", "", "", {}},
    {"status", FieldType::kWord, "how the span ended", "status:error", "status", "status != 0", "", "", kStatuses},
    {"status.message",
     FieldType::kText,
     "what the span says of its status",
     "status.message:*timeout*",
     "status_message",
     "",
     "",
     "",
     {}},
    {"exception",
     FieldType::kText,
     "type of the exception that left the span",
     "exception:TimeoutError",
     "exception_type",
     "exception_type != '' OR exception_message != ''",
     "",
     "",
     {}},
    {"exception.message",
     FieldType::kText,
     "the exception's text, its first 200 characters",
     "exception.message:*refused*",
     "exception_message",
     "",
     "",
     "",
     {}},
    {"model", FieldType::kText, "the model that answered", "model:gpt-4*", "model", "", "", "", {}},
    {"provider", FieldType::kText, "the company that ran the model", "provider:openai", "provider", "", "", "", {}},
    {"operation",
     FieldType::kText,
     "the operation, in the words of the GenAI conventions",
     "operation:chat",
     "operation",
     "",
     "",
     "",
     {}},
    {"finish_reason",
     FieldType::kText,
     "why the model stopped",
     "finish_reason:length",
     "finish_reason",
     "",
     "",
     "",
     {}},
    {"tool", FieldType::kText, "the tool that was called", "tool:search_docs", "tool_name", "", "", "", {}},
    {"agent", FieldType::kText, "the agent", "agent:support*", "agent_name", "", "", "", {}},
    {"prompt", FieldType::kText, "the prompt template's name", "prompt:summary", "prompt_name", "", "", "", {}},
    {"prompt.version",
     FieldType::kText,
     "the prompt template's version",
     "prompt.version:3",
     "prompt_version",
     "",
     "",
     "",
     {}},
    {"user", FieldType::kText, "user.id", "user:ada", "user_id", "", "", "", {}, true},
    {"session", FieldType::kText, "session.id", "session:s-17", "session_id", "", "", "", {}, true},
    {"service", FieldType::kText, "service.name", "service:checkout", "service_name", "", "", "", {}},
    {"dialect",
     FieldType::kText,
     "the convention in which the span was written",
     "dialect:openinference",
     "dialect",
     "",
     "",
     "",
     {}},
    {"tag", FieldType::kTag, "one of the span's tags", "tag:beta", "tags", "", "", "", {}},
    {"duration",
     FieldType::kDuration,
     "how long it took",
     "duration>2s",
     "duration_ns",
     kAlways,
     "max(toInt64(start_unix_ns) + duration_ns) - toInt64(min(start_unix_ns))",
     "",
     {}},
    {"first_token",
     FieldType::kDuration,
     "time until the first token",
     "first_token>800ms",
     "first_token_ns",
     "bitTest(known, 8)",
     "",
     "",
     {}},
    {"cost",
     FieldType::kMoney,
     "US dollars: by price, else as the client reported it",
     "cost>0.01",
     NIGHTJAR_COST,
     NIGHTJAR_COST_KNOWN,
     "sumIf(" NIGHTJAR_COST ", " NIGHTJAR_CALLS ")",
     "bitAnd(groupBitOrIf(known, " NIGHTJAR_CALLS "), 192) != 0",
     {}},
    {"cost.prompt",
     FieldType::kMoney,
     "what the prompt cost",
     "cost.prompt>0.01",
     NIGHTJAR_PART_OF_COST("prompt_cost_usd", "10"),
     {}},
    {"cost.completion",
     FieldType::kMoney,
     "what the answer cost",
     "cost.completion>0.01",
     NIGHTJAR_PART_OF_COST("completion_cost_usd", "11"),
     {}},
    {"tokens",
     FieldType::kCount,
     "tokens, prompt and completion",
     "tokens>10k",
     NIGHTJAR_TOKENS("total_tokens", "2"),
     {}},
    {"tokens.prompt",
     FieldType::kCount,
     "tokens of the prompt, those read from a cache included",
     "tokens.prompt>10k",
     NIGHTJAR_TOKENS("prompt_tokens", "0"),
     {}},
    {"tokens.completion",
     FieldType::kCount,
     "tokens of the answer, reasoning included",
     "tokens.completion<10",
     NIGHTJAR_TOKENS("completion_tokens", "1"),
     {}},
    {"tokens.cache_read",
     FieldType::kCount,
     "tokens read from the provider's cache",
     "tokens.cache_read=0",
     NIGHTJAR_TOKENS("cache_read_tokens", "3"),
     {}},
    {"tokens.cache_write",
     FieldType::kCount,
     "tokens written to the provider's cache",
     "tokens.cache_write>0",
     NIGHTJAR_TOKENS("cache_write_tokens", "4"),
     {}},
    {"tokens.reasoning",
     FieldType::kCount,
     "tokens of reasoning",
     "tokens.reasoning>1k",
     NIGHTJAR_TOKENS("reasoning_tokens", "5"),
     {}},
    {"spans",
     FieldType::kCount,
     "how many spans the trace or session has",
     "spans>100",
     "1",
     kAlways,
     "count()",
     "",
     {}},
    {"errors",
     FieldType::kCount,
     "how many spans failed",
     "errors>=2",
     "toUInt8(status = 2)",
     kAlways,
     "countIf(status = 2)",
     "",
     {}},
    {"start",
     FieldType::kTime,
     "when it began",
     "start>=2026-01-31",
     "start_unix_ns",
     kAlways,
     "min(start_unix_ns)",
     "",
     {}},
    {"end",
     FieldType::kTime,
     "when it ended",
     "end<2100-01-31",
     "toUInt64(toInt64(start_unix_ns) + duration_ns)",
     kAlways,
     "toUInt64(max(toInt64(start_unix_ns) + duration_ns))",
     "",
     {}},
    {"last",
     FieldType::kLast,
     "began within this time before now",
     "last:1h",
     "start_unix_ns",
     kAlways,
     "min(start_unix_ns)",
     "",
     {}},
    {"trace",
     FieldType::kTraceId,
     "the trace id",
     "trace:4bf92f3577b34da6a3ce929d0e0e4736",
     "trace_id",
     kAlways,
     "",
     "",
     {}},
    {"span", FieldType::kSpanId, "the span id", "span:00f067aa0ba902b7", "span_id", kAlways, "", "", {}},
    {"parent",
     FieldType::kSpanId,
     "the parent's span id; -has:parent finds roots",
     "parent:00f067aa0ba902b7",
     "parent_span_id",
     "parent_span_id != 0",
     "",
     "",
     {}},
    {"attributes.",
     FieldType::kAttribute,
     "an attribute of the span by its key, in quotes if need be",
     "attributes.\"http.route\":/chat",
     "",
     "",
     "",
     "",
     {}},
    {"resource.",
     FieldType::kAttribute,
     "an attribute of the resource",
     "resource.service.version:1.2*",
     "",
     "",
     "",
     "",
     {}},
    {"metadata.",
     FieldType::kAttribute,
     "metadata of the span by its key, also nested",
     "metadata.topic:refund",
     "",
     "",
     "",
     "",
     {}},
    {"score.",
     FieldType::kScore,
     "the score that an annotation of this name gives",
     "score.relevance<0.5",
     "score",
     "isNotNull(score)",
     "",
     "",
     {}},
    {"annotation.",
     FieldType::kLabel,
     "the label that an annotation of this name gives",
     "annotation.correctness:wrong",
     "label",
     "1",
     "",
     "",
     {}},
    {"explanation.",
     FieldType::kLabel,
     "the explanation that an annotation of this name gives",
     "explanation.correctness:*date*",
     "explanation",
     "explanation != ''",
     "",
     "",
     {}},
});

#define NIGHTJAR_CUMULATIVE(name, column, counts) \
  {name, FieldType::kCount, "", "", column, counts, "", "", {}, false, true}
constexpr auto kPhoenixFields = std::to_array<Field>({
    {"label of.", FieldType::kLabel, "", "", "label", "label != ''", "", "", {}},
    NIGHTJAR_CUMULATIVE("cumulative prompt tokens", "prompt_tokens", "kind = 'LLM' AND bitTest(known, 0)"),
    NIGHTJAR_CUMULATIVE("cumulative completion tokens", "completion_tokens", "kind = 'LLM' AND bitTest(known, 1)"),
    NIGHTJAR_CUMULATIVE("cumulative tokens", "total_tokens", "kind = 'LLM' AND bitTest(known, 2)"),
    NIGHTJAR_CUMULATIVE("cumulative errors", "1", "status = 2"),
});

constexpr auto kAnnotationFields = std::to_array<Field>({
    {"name", FieldType::kText, "its name", "", "name", "", "", "", {}},
    {"label", FieldType::kText, "its label", "", "label", "", "", "", {}},
    {"score", FieldType::kScore, "its score", "", "score", "isNotNull(score)", "", "", {}},
});

std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::span<const Field> Fields() { return kFields; }
std::span<const Field> AnnotationFields() { return kAnnotationFields; }

const Field* FindPhoenixField(std::string_view name) {
  const auto found = std::ranges::find(kPhoenixFields, name, &Field::name);
  return found == kPhoenixFields.end() ? nullptr : &*found;
}

const Field* FindField(std::string_view name) {
  const std::string lower = LowerCase(name);
  const auto found = std::ranges::find(kFields, lower, &Field::name);
  return found == kFields.end() ? nullptr : &*found;
}

const Field* NearestField(std::string_view name) {
  constexpr std::size_t kNameBytesMax = 40;  // longer than any field's, and the price is the product of both lengths
  if (name.size() > kNameBytesMax) return nullptr;
  const std::string lower = LowerCase(name);
  const Field* nearest = nullptr;
  std::size_t best = 1 + std::max<std::size_t>(2, lower.size() / 3);
  for (const Field& field : kFields)
    if (const std::size_t distance = EditDistance(lower, field.name); distance < best) {
      best = distance;
      nearest = &field;
    }
  return nearest;
}

}  // namespace nightjar::query
