// LiteLLM's own telemetry: the call, and below it the raw request with the provider's fields as Python.
#include <boost/json/object.hpp>

#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"litellm", "hidden_params", "llm.openai", "llm.anthropic"};

constexpr Rule kRules[] = {
    {Field::kOutputMessages, "gen_ai.completion"},
    {Field::kInputMessages, "llm.openai.messages"},
    {Field::kOutputMessages, "llm.openai.choices"},
    {Field::kResponseId, "llm.openai.id"},
    {Field::kResponseId, "llm.anthropic.id"},
    {Field::kResponseModel, "llm.openai.model"},
    {Field::kResponseModel, "llm.anthropic.model"},
    {Field::kFinishReasons, "llm.anthropic.stop_reason"},
    {Field::kInputMessages, "llm.anthropic.messages"},
    {Field::kOutputMessages, "llm.anthropic.content"},
    {Field::kSystemInstructions, "llm.anthropic.system"},
    {Field::kTools, "llm.openai.tools"},
    {Field::kTools, "llm.anthropic.tools"},
    {Field::kMetadata, "metadata"},
    {Field::kUserId, "metadata.user_api_key_user_id"},

    {Field::kTokensPrompt, "gen_ai.usage.input_tokens"},
    {Field::kTokensPrompt, "gen_ai.usage.prompt_tokens"},
    {Field::kTokensCompletion, "gen_ai.usage.output_tokens"},
    {Field::kTokensCompletion, "gen_ai.usage.completion_tokens"},
    {Field::kTokensTotal, "gen_ai.usage.total_tokens"},
    {Field::kTokensCacheRead, "gen_ai.usage.cache_read.input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.cache_creation.input_tokens"},
    {Field::kTokensReasoning, "gen_ai.usage.reasoning.output_tokens"},
    {Field::kUsage, "metadata.usage_object"},
    {Field::kCostTotal, "gen_ai.cost.total_cost"},
    {Field::kCostPrompt, "gen_ai.cost.input_cost"},
    {Field::kCostCompletion, "gen_ai.cost.output_cost"},
};

constexpr std::string_view kCacheRead = "gen_ai.cost.cache_read_cost";
constexpr std::string_view kCacheWrite = "gen_ai.cost.cache_creation_cost";
constexpr std::string_view kReasoning = "gen_ai.cost.reasoning_cost";
constexpr std::string_view kDerivedFrom[] = {kCacheRead, kCacheWrite, kReasoning};

json::value Derive(Field field, Facts& facts) {
  json::object details;
  const auto add = [&](std::string_view name, std::string_view key) {
    if (json::value amount = facts.Read(key); !amount.is_null()) details[name] = std::move(amount);
  };
  if (field == Field::kCostPromptDetails) {
    add("cache_read", kCacheRead);
    add("cache_write", kCacheWrite);
  }
  if (field == Field::kCostCompletionDetails) add("reasoning", kReasoning);
  return details.empty() ? json::value() : json::value(std::move(details));
}

}  // namespace

const Dialect kLitellm = {
    .name = "litellm",
    .token_rule = "litellm.usage",
    .markers = kMarkers,
    .rules = kRules,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
