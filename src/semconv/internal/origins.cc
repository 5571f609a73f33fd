#include "semconv/internal/origins.h"

#include <string_view>

namespace nightjar::semconv::internal {
namespace {

using Origins = std::map<std::string, std::string>;

// Of several fields for one place the first that the span has gave it.
constexpr struct {
  Field field;
  const char* path;  // in the Span JSON
} kOrigins[] = {
    {Field::kTitle, "title"},
    {Field::kInput, "input"},
    {Field::kOutput, "output"},
    {Field::kSessionId, "session_id"},
    {Field::kUserId, "user_id"},
    {Field::kAgentName, "agent_name"},
    {Field::kTags, "tags"},
    {Field::kMetadata, "metadata"},
    {Field::kOperation, "llm.operation"},
    {Field::kProvider, "llm.provider"},
    {Field::kModel, "llm.model"},
    {Field::kResponseModel, "llm.model"},
    {Field::kRequestModel, "llm.model"},
    {Field::kRequestModel, "llm.request_model"},
    {Field::kResponseModel, "llm.response_model"},
    {Field::kResponseId, "llm.response_id"},
    {Field::kInvocationParameters, "llm.invocation_parameters"},
    {Field::kSystemInstructions, "llm.system_instructions"},
    {Field::kInputMessages, "llm.input_messages"},
    {Field::kPrompts, "llm.input_messages"},
    {Field::kSystemInstructions, "llm.input_messages"},
    {Field::kOutputMessages, "llm.output_messages"},
    {Field::kChoices, "llm.output_messages"},
    {Field::kTools, "llm.tools"},
    {Field::kFinishReasons, "llm.finish_reasons"},
    {Field::kServiceTier, "llm.service_tier"},
    {Field::kBatch, "llm.service_tier"},
    {Field::kFirstTokenSeconds, "llm.time_to_first_token_ns"},
    {Field::kFirstTokenMilliseconds, "llm.time_to_first_token_ns"},
    {Field::kFirstTokenTime, "llm.time_to_first_token_ns"},
    {Field::kTemplate, "llm.prompt_template.template"},
    {Field::kTemplateName, "llm.prompt_template.name"},
    {Field::kTemplateVariables, "llm.prompt_template.variables"},
    {Field::kTemplateVersion, "llm.prompt_template.version"},
    {Field::kTokensPrompt, "tokens.prompt"},
    {Field::kTokensCompletion, "tokens.completion"},
    {Field::kTokensTotal, "tokens.total"},
    {Field::kTokensCacheRead, "tokens.cache_read"},
    {Field::kTokensCacheWrite, "tokens.cache_write"},
    {Field::kTokensCacheWrite1h, "tokens.cache_write_1h"},
    {Field::kTokensReasoning, "tokens.reasoning"},
    {Field::kTokensPromptAudio, "tokens.prompt_audio"},
    {Field::kTokensPromptImage, "tokens.prompt_image"},
    {Field::kTokensCompletionAudio, "tokens.completion_audio"},
    {Field::kTokensEstimated, "tokens.estimated"},
    {Field::kCostTotal, "cost.total_usd"},
    {Field::kCostPrompt, "cost.prompt_usd"},
    {Field::kCostCompletion, "cost.completion_usd"},
    {Field::kCostPromptDetails, "cost.details"},
    {Field::kCostCompletionDetails, "cost.details"},
    {Field::kToolName, "tool.name"},
    {Field::kToolCallId, "tool.call_id"},
    {Field::kToolDescription, "tool.description"},
    {Field::kToolArguments, "tool.arguments"},
    {Field::kToolResult, "tool.result"},
    {Field::kQuery, "retrieval.query"},
    {Field::kDocuments, "retrieval.documents"},
    {Field::kRerankerQuery, "reranker.query"},
    {Field::kRerankerModel, "reranker.model"},
    {Field::kRequestModel, "reranker.model"},
    {Field::kRerankerTopK, "reranker.top_k"},
    {Field::kRerankerInput, "reranker.input_documents"},
    {Field::kRerankerOutput, "reranker.output_documents"},
    {Field::kEmbeddingModel, "embedding.model"},
    {Field::kEmbeddings, "embedding.texts"},
};

void AddException(Facts& facts, const model::Exception& exception, Origins& origins) {
  const bool told_by_event = LastException(facts.events()) != nullptr;
  const auto add = [&](const std::string& text, const std::string& key, Field field) {
    if (!text.empty()) origins[key] = told_by_event ? "event: " + key : facts.Origin(field);
  };
  add(exception.type, "exception.type", Field::kErrorType);
  add(exception.message, "exception.message", Field::kErrorMessage);
  if (!exception.stacktrace.empty()) origins["exception.stacktrace"] = "event: exception.stacktrace";
}

// What is made of other fields of the view.
void AddDerived(Facts& facts, const model::LlmView& view, Origins& origins) {
  if (view.llm && !view.llm->finish_reasons.empty())
    if (const auto messages = origins.find("llm.output_messages"); messages != origins.end())
      origins.try_emplace("llm.finish_reasons", messages->second);
  if (!view.tokens) return;
  const std::string derived = std::string(facts.token_dialect()->name) + ": derived";
  if (view.tokens->total) origins.try_emplace("tokens.total", derived);
  if (view.tokens->uncached) origins.try_emplace("tokens.uncached", derived);
}

}  // namespace

Origins OriginsOf(Facts& facts, const model::LlmView& view) {
  const auto shown = [&](std::string_view path) {
    if (path == "title") return !view.title.empty();
    if (path.starts_with("llm.")) return view.llm.has_value();
    if (path.starts_with("tokens.")) return view.tokens.has_value();
    if (path.starts_with("cost.")) return view.cost.has_value();
    if (path.starts_with("tool.")) return view.tool.has_value();
    if (path.starts_with("retrieval.")) return view.retrieval.has_value();
    if (path.starts_with("reranker.")) return view.reranker.has_value();
    return !path.starts_with("embedding.") || view.embedding.has_value();
  };
  Origins origins;
  for (const auto& [field, path] : kOrigins)
    if (shown(path))
      if (std::string origin = facts.Origin(field); !origin.empty()) origins.try_emplace(path, std::move(origin));
  if (std::string origin = facts.KindOrigin(); !origin.empty()) origins["kind"] = std::move(origin);
  if (view.exception) AddException(facts, *view.exception, origins);
  AddDerived(facts, view, origins);
  return origins;
}

}  // namespace nightjar::semconv::internal
