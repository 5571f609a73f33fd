// Langfuse SDKs 3 and later, and what they add to spans of other libraries: langfuse.*.
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/provider_bodies.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"langfuse"};

constexpr KindWord kKinds[] = {
    {"generation", ObservationKind::kLlm},      {"span", ObservationKind::kChain},
    {"event", ObservationKind::kUnknown},       {"embedding", ObservationKind::kEmbedding},
    {"agent", ObservationKind::kAgent},         {"tool", ObservationKind::kTool},
    {"chain", ObservationKind::kChain},         {"retriever", ObservationKind::kRetriever},
    {"guardrail", ObservationKind::kGuardrail}, {"evaluator", ObservationKind::kEvaluator},
};

constexpr Rule kRules[] = {
    {Field::kKind, "langfuse.observation.type"},
    {Field::kInput, "langfuse.observation.input"},
    {Field::kOutput, "langfuse.observation.output"},
    {Field::kInput, "langfuse.trace.input"},
    {Field::kOutput, "langfuse.trace.output"},
    {Field::kRequestBody, "langfuse.observation.input"},
    {Field::kResponseBody, "langfuse.observation.output"},
    {Field::kSessionId, "langfuse.session.id"},
    {Field::kSessionId, "session.id"},
    {Field::kUserId, "langfuse.user.id"},
    {Field::kUserId, "user.id"},
    {Field::kTags, "langfuse.trace.tags"},
    {Field::kTags, "langfuse.tags"},
    {Field::kMetadata, "langfuse.observation.metadata"},
    {Field::kMetadata, "langfuse.trace.metadata"},
    {Field::kModel, "langfuse.observation.model.name"},
    {Field::kInvocationParameters, "langfuse.observation.model.parameters"},
    {Field::kFinishReasons, "langfuse.observation.metadata.finish_reason", kInQuotes},
    {Field::kFirstTokenTime, "langfuse.observation.completion_start_time", kInQuotes},
    {Field::kTemplateName, "langfuse.observation.prompt.name"},
    {Field::kTemplateVersion, "langfuse.observation.prompt.version"},

    {Field::kCostTotal, "langfuse.observation.cost_details", "total"},
    {Field::kCostPrompt, "langfuse.observation.cost_details", "input"},
    {Field::kCostCompletion, "langfuse.observation.cost_details", "output"},
};

constexpr std::string_view kUsage = "langfuse.observation.usage_details";
constexpr std::string_view kLevel = "langfuse.observation.level";
constexpr std::string_view kStatusMessage = "langfuse.observation.status_message";
constexpr std::string_view kDerivedFrom[] = {kUsage, kLevel, kStatusMessage};

// Langfuse's own usage: buckets that exclude each other, named input…, output… and total.
json::value SumOfBuckets(const json::value& usage, std::string_view prefix) {
  std::uint64_t sum = 0;
  for (const auto& [name, value] : usage.get_object())
    if (std::string_view(name).starts_with(prefix)) sum += Count(value).value_or(0);
  return sum;
}

json::value FromBuckets(Field field, const json::value& usage) {
  switch (field) {
    case Field::kTokensPrompt: return SumOfBuckets(usage, "input");
    case Field::kTokensCompletion: return SumOfBuckets(usage, "output");
    case Field::kTokensTotal: return Member(usage, "total");
    case Field::kTokensCacheRead:
      return FirstMember(usage, {"input_cached_tokens", "input_cache_read", "input_cache_read_tokens"});
    case Field::kTokensCacheWrite: {
      const json::value& whole = FirstMember(usage, {"input_cache_creation", "input_cache_write"});
      return whole.is_null() ? SumOfBuckets(usage, "input_cache_creation") : whole;
    }
    case Field::kTokensReasoning: return FirstMember(usage, {"output_reasoning_tokens", "output_reasoning"});
    case Field::kTokensPromptAudio: return FirstMember(usage, {"input_audio_tokens", "input_audio"});
    case Field::kTokensCompletionAudio: return FirstMember(usage, {"output_audio_tokens", "output_audio"});
    default: return nullptr;
  }
}

json::value Derive(Field field, Facts& facts) {
  if (field == Field::kErrorMessage) return Text(facts.Read(kLevel)) == "ERROR" ? facts.Read(kStatusMessage) : nullptr;
  if (field < Field::kTokensPrompt || field > Field::kTokensCompletionAudio) return nullptr;
  const json::value usage = Parsed(facts.Read(kUsage));
  const bool has_buckets = !FirstMember(usage, {"input", "output"}).is_null();
  return has_buckets ? FromBuckets(field, usage) : FromUsage(field, usage);
}

}  // namespace

const Dialect kLangfuse = {
    .name = "langfuse",
    .token_rule = "langfuse.usage_details",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
