// LangSmith through OpenTelemetry: langsmith.* beside gen_ai.*, whose prompt and completion hold whole bodies.
#include <boost/json/object.hpp>

#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"langsmith"};

constexpr KindWord kKinds[] = {
    {"llm", ObservationKind::kLlm},
    {"chain", ObservationKind::kChain},
    {"tool", ObservationKind::kTool},
    {"retriever", ObservationKind::kRetriever},
    {"embedding", ObservationKind::kEmbedding},
    {"prompt", ObservationKind::kPrompt},
    {"parser", ObservationKind::kChain},
};

constexpr Rule kRules[] = {
    {Field::kKind, "langsmith.span.kind"},
    {Field::kRequestBody, "gen_ai.prompt"},
    {Field::kResponseBody, "gen_ai.completion"},
    {Field::kInput, "gen_ai.prompt", kInQuotes},
    {Field::kOutput, "gen_ai.completion", kInQuotes},
    {Field::kSessionId, "langsmith.metadata.session_id"},
    {Field::kSessionId, "langsmith.metadata.thread_id"},
    {Field::kSessionId, "langsmith.metadata.conversation_id"},
    {Field::kSessionId, "langsmith.trace.session_id"},
    {Field::kUserId, "langsmith.metadata.user_id"},
    {Field::kTags, "langsmith.span.tags"},
    {Field::kProvider, "langsmith.metadata.ls_provider"},
    {Field::kRequestModel, "langsmith.metadata.ls_model_name"},
    {Field::kInvocationParameters, "langsmith.metadata.ls_invocation_params"},

    {Field::kTokensPrompt, "gen_ai.usage.input_tokens"},
    {Field::kTokensCompletion, "gen_ai.usage.output_tokens"},
    {Field::kTokensTotal, "gen_ai.usage.total_tokens"},
    {Field::kTokensCacheRead, "langsmith.metadata.usage_metadata", "input_token_details.cache_read"},
    {Field::kTokensCacheRead, "gen_ai.usage.input_token_details", "cache_read"},
    {Field::kTokensCacheWrite, "langsmith.metadata.usage_metadata", "input_token_details.cache_creation"},
    {Field::kTokensCacheWrite, "gen_ai.usage.input_token_details", "cache_creation"},
    {Field::kTokensReasoning, "langsmith.metadata.usage_metadata", "output_token_details.reasoning"},
    {Field::kTokensReasoning, "gen_ai.usage.output_token_details", "reasoning"},
    {Field::kTokensPromptAudio, "gen_ai.usage.input_token_details", "audio"},
    {Field::kTokensCompletionAudio, "gen_ai.usage.output_token_details", "audio"},
    {Field::kUsage, "langsmith.metadata.usage_metadata"},
};

constexpr std::string_view kMetadata = "langsmith.metadata";
constexpr std::string_view kDerivedFrom[] = {kMetadata};

// LangSmith adds its settings, which are environment variables of the program's, to the metadata of each span.
json::value Derive(Field field, Facts& facts) {
  if (field != Field::kMetadata) return nullptr;
  json::value metadata = facts.Read(kMetadata);
  json::object* object = metadata.if_object();
  if (!object) return nullptr;
  json::object kept;
  for (auto& [key, value] : *object)
    if (!key.starts_with("LANGSMITH_") && !key.starts_with("LANGCHAIN_")) kept[key] = std::move(value);
  return kept.empty() ? json::value() : json::value(std::move(kept));
}

}  // namespace

const Dialect kLangSmith = {
    .name = "langsmith",
    .token_rule = "langsmith.usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
