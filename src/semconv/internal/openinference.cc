// OpenInference, the dialect whose nouns the view uses, and the mission text's form of it: the same keys, with messages
// and documents as one JSON string each.
#include <boost/json/array.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {
    "openinference",       "input.value",     "output.value",        "llm.model_name", "llm.input_messages",
    "llm.output_messages", "llm.token_count", "retrieval.documents", "reranker",       "embedding",
};

constexpr KindWord kKinds[] = {
    {"llm", ObservationKind::kLlm},           {"embedding", ObservationKind::kEmbedding},
    {"chain", ObservationKind::kChain},       {"retriever", ObservationKind::kRetriever},
    {"reranker", ObservationKind::kReranker}, {"tool", ObservationKind::kTool},
    {"agent", ObservationKind::kAgent},       {"guardrail", ObservationKind::kGuardrail},
    {"prompt", ObservationKind::kPrompt},     {"evaluator", ObservationKind::kEvaluator},
    {"unknown", ObservationKind::kUnknown},
};

constexpr Rule kRules[] = {
    {Field::kKind, "openinference.span.kind"},
    {Field::kInput, "input.value"},
    {Field::kInputMimeType, "input.mime_type"},
    {Field::kOutput, "output.value"},
    {Field::kOutputMimeType, "output.mime_type"},
    {Field::kSessionId, "session.id"},
    {Field::kUserId, "user.id"},
    {Field::kSessionId, "metadata", "session_id"},
    {Field::kUserId, "metadata", "user_id"},  // LangChain's instrumentation
    {Field::kAgentName, "agent.name"},
    {Field::kTags, "tag.tags"},
    {Field::kMetadata, "metadata"},

    {Field::kProvider, "llm.provider"},
    {Field::kProvider, "llm.system"},
    {Field::kModel, "llm.model_name"},
    {Field::kRequestModel, "llm.request.model_name"},
    {Field::kRequestModel, "llm.invocation_parameters", "model"},
    {Field::kResponseModel, "llm.response.model_name"},
    {Field::kInvocationParameters, "llm.invocation_parameters"},
    {Field::kInputMessages, "llm.input_messages"},
    {Field::kOutputMessages, "llm.output_messages"},
    {Field::kPrompts, "llm.prompts"},
    {Field::kChoices, "llm.choices"},
    {Field::kTools, "llm.tools"},
    {Field::kFinishReasons, "llm.finish_reason"},
    {Field::kTemplate, "llm.prompt_template.template"},
    {Field::kTemplateVariables, "llm.prompt_template.variables"},
    {Field::kTemplateVersion, "llm.prompt_template.version"},

    {Field::kTokensPrompt, "llm.token_count.prompt"},
    {Field::kTokensCompletion, "llm.token_count.completion"},
    {Field::kTokensTotal, "llm.token_count.total"},
    {Field::kTokensCacheRead, "llm.token_count.prompt_details.cache_read"},
    {Field::kTokensCacheRead, "llm.token_count.prompt_details.cache_input"},
    {Field::kTokensCacheWrite, "llm.token_count.prompt_details.cache_write"},
    {Field::kTokensReasoning, "llm.token_count.completion_details.reasoning"},
    {Field::kTokensPromptAudio, "llm.token_count.prompt_details.audio"},
    {Field::kTokensCompletionAudio, "llm.token_count.completion_details.audio"},

    {Field::kCostTotal, "llm.cost.total"},
    {Field::kCostPrompt, "llm.cost.prompt"},
    {Field::kCostCompletion, "llm.cost.completion"},
    {Field::kCostPromptDetails, "llm.cost.prompt_details"},
    {Field::kCostCompletionDetails, "llm.cost.completion_details"},

    {Field::kToolName, "tool.name"},
    {Field::kToolCallId, "tool.id"},
    {Field::kToolDescription, "tool.description"},
    {Field::kDocuments, "retrieval.documents"},
    {Field::kRerankerQuery, "reranker.query"},
    {Field::kRerankerModel, "reranker.model_name"},
    {Field::kRerankerTopK, "reranker.top_k"},
    {Field::kRerankerInput, "reranker.input_documents"},
    {Field::kRerankerOutput, "reranker.output_documents"},
    {Field::kEmbeddingModel, "embedding.model_name"},
    {Field::kEmbeddings, "embedding.embeddings"},
};

constexpr std::string_view kDerivedFrom[] = {"tool.parameters"};

// LangChain's own wrapping: generations of candidates, each with the message object as it was serialised.
const json::value& LangChainMetadata(const json::value& response) {
  const json::value* place = &Member(response, "generations");
  for (int level = 0; level < 2; ++level) {
    const json::array* items = place->if_array();
    if (!items || items->empty()) return FirstMember(response, {});
    place = &items->front();
  }
  return Member(Member(Member(*place, "message"), "kwargs"), "response_metadata");
}

json::value ResponseModel(const json::value& response) {
  const json::value& model = FirstMember(LangChainMetadata(response), {"model_name", "model"});
  return model.is_null() ? FirstMember(response, {"model", "model_version", "modelVersion"}) : model;
}

json::value ResponseId(const json::value& response) {
  const json::value& id = FirstMember(response, {"id", "response_id", "responseId"});
  return id.is_null() ? Member(LangChainMetadata(response), "id") : id;
}

json::value FinishReasons(const json::value& response) {
  const json::value& reason = FirstMember(response, {"stop_reason", "finish_reason"});
  if (!reason.is_null()) return reason;
  json::array reasons;
  if (const json::array* choices = FirstMember(response, {"choices", "candidates"}).if_array())
    for (const json::value& choice : *choices)
      if (const json::value& word = FirstMember(choice, {"finish_reason", "finishReason"}); !word.is_null())
        reasons.push_back(word);
  return reasons.empty() ? json::value() : json::value(std::move(reasons));
}

// `tool.parameters` holds the call's arguments in some libraries and the JSON schema of the tool in others.
bool IsSchema(const json::value& parameters) {
  return Member(parameters, "properties").is_object() && Text(Member(parameters, "type")) == "object";
}

json::value ToolArguments(Facts& facts) {
  json::value parameters = facts.Read("tool.parameters");
  return parameters.is_null() || IsSchema(Parsed(parameters)) ? facts[Field::kInput] : parameters;
}

json::value FirstTokenSeconds(const model::Span& span) {
  for (const model::Event& event : span.events)
    if (event.name == "First Token Stream Event" && event.time_unix_ns >= span.start_unix_ns)
      return static_cast<double>(event.time_unix_ns - span.start_unix_ns) / 1e9;
  return nullptr;
}

// Instrumentations keep the provider's whole request and response in input.value and output.value. Response id, models
// and finish reasons often stand only there.
json::value FromProviderBodies(Field field, Facts& facts) {
  switch (field) {
    case Field::kRequestModel: return Member(facts.Parsed(Field::kInput), "model");
    case Field::kResponseModel: return ResponseModel(facts.Parsed(Field::kOutput));
    case Field::kResponseId: return ResponseId(facts.Parsed(Field::kOutput));
    case Field::kFinishReasons: return FinishReasons(facts.Parsed(Field::kOutput));
    default: return nullptr;
  }
}

json::value Derive(Field field, Facts& facts) {
  if (field == Field::kFirstTokenSeconds) return FirstTokenSeconds(facts.span());
  switch (facts.kind()) {
    case ObservationKind::kLlm: return FromProviderBodies(field, facts);
    case ObservationKind::kRetriever: return field == Field::kQuery ? facts[Field::kInput] : json::value();
    case ObservationKind::kTool:
      if (field == Field::kToolArguments) return ToolArguments(facts);
      return field == Field::kToolResult ? facts[Field::kOutput] : json::value();
    default: return nullptr;
  }
}

}  // namespace

const Dialect kOpenInference = {
    .name = "openinference",
    .token_rule = "openinference.token_count",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
