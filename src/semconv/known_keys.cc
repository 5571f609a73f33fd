#include "semconv/known_keys.h"

#include <unordered_set>

#include "semconv/internal/rule_book.h"

namespace nightjar::semconv {
namespace {

using namespace internal;

// Seen in recordings, and read by no rule on purpose; keys below them too. They are shown as they were sent.
constexpr std::string_view kSetAside[] = {
    // Vectors, figures of speed, and what the request was made of.
    "ai.embedding",
    "ai.embeddings",
    "ai.request",
    "ai.response.avgCompletionTokensPerSecond",
    "ai.response.avgOutputTokensPerSecond",
    "ai.response.msToFinish",
    "ai.response.timestamp",
    "ai.schema",
    "gen_ai.client",
    "gen_ai.execute_tool.duration",
    "gen_ai.server",
    // Ids and descriptions of agents, tools, tasks and workflows, whose names are read.
    "gen_ai.agent",
    "gen_ai.event",
    "gen_ai.serialized",
    "gen_ai.task",
    "gen_ai.tool.json_schema",
    "gen_ai.tool.status",
    "gen_ai.tool.type",
    "gen_ai.workflow",
    "langsmith.request",
    "langsmith.trace.name",
    "langsmith.trace.session_name",
    "traceloop.entity.path",
    "traceloop.workflow.name",
    // How it was asked and answered, beyond what a price depends on.
    "gen_ai.embeddings.dimension.count",
    "gen_ai.is_streaming",
    "gen_ai.openai",
    "gen_ai.output.type",
    "gen_ai.response.system_fingerprint",
    "llm.headers",
    "llm.is_streaming",
    // Discounts and margins of a proxy; parts of usage of which no price knows.
    "gen_ai.aggregated_usage.details",
    "gen_ai.cost",
    "gen_ai.usage.details",
    "pydantic_ai.cache",
    "pydantic_ai.new_message_index",
    // The provider's own fields beside the call's span, which has them.
    "litellm",
    "llm.None",
    "llm.anthropic",
    "llm.openai",
    // About the library, its release and its own screens.
    "gen_ai.sdk.version",
    "langfuse.environment",
    "langfuse.internal",
    "langfuse.release",
    "langfuse.version",
    "lk.agent_label",
    "lk.close",
    "lk.close_reason",
    "lk.function_tool.is_error",
    "lk.function_tools",
    "lk.generation_count",
    "lk.generation_id",
    "lk.interrupted",
    "lk.pii.response.function_calls",
    "lk.provider_request_ids",
    "lk.provider_tools",
    "lk.response.function_calls",
    "lk.retry_count",
    "lk.speech",
    "lk.tool_sets",
    "lmnr.span",
    "logfire.exception",
    "logfire.json_schema",
    "logfire.level_num",
    "logfire.msg_template",
    "logfire.span_type",
    "mlflow.spanLogLevel",
    "mlflow.traceRequestId",
};

std::unordered_set<std::string_view> KeysOfRules() {
  std::unordered_set<std::string_view> keys;
  for (const Dialect* dialect : kDialects) {
    for (const Rule& rule : dialect->rules) keys.insert(rule.key);
    keys.insert(dialect->derived_from.begin(), dialect->derived_from.end());
  }
  return keys;
}

bool IsRead(std::string_view key) {
  static const std::unordered_set<std::string_view> keys = KeysOfRules();
  if (keys.contains(key)) return true;
  // A first segment alone ("llm") is what several rules have in common, and no list.
  const std::size_t first = key.find('.');
  for (std::size_t dot = key.rfind('.'); dot != std::string_view::npos && dot != first; dot = key.rfind('.', dot - 1))
    if (keys.contains(key.substr(0, dot))) return true;
  return false;
}

}  // namespace

bool IsKnown(std::string_view key) {
  for (const std::string_view name : kSetAside)
    if (key.starts_with(name) && (key.size() == name.size() || key[name.size()] == '.')) return true;
  return IsRead(key);
}

}  // namespace nightjar::semconv
