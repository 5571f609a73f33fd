// OpenInference, the dialect whose nouns the view uses, and the mission text's form of it: the same keys, with messages
// and documents as one JSON string each.
#include <boost/json/array.hpp>

#include "semconv/internal/facts.h"
#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {
    "openinference.",      "input.value",      "output.value",        "llm.model_name", "llm.input_messages",
    "llm.output_messages", "llm.token_count.", "retrieval.documents", "reranker.",      "embedding.",
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

// LangChain's own wrapping: generations of candidates, each with the message object as it was serialised.
void OfferFromLangChain(const json::value& response, Facts& facts) {
  const json::value* place = &Member(response, "generations");
  for (int level = 0; level < 2; ++level) {
    const json::array* items = place->if_array();
    if (!items || items->empty()) return;
    place = &items->front();
  }
  const json::value& metadata = Member(Member(Member(*place, "message"), "kwargs"), "response_metadata");
  facts.Offer(Field::kResponseId, Member(metadata, "id"));
  facts.Offer(Field::kResponseModel, FirstMember(metadata, {"model_name", "model"}));
}

// Instrumentations keep the provider's whole request and response in input.value and output.value. Response id, models
// and finish reasons often stand only there.
void ReadProviderBodies(Facts& facts) {
  if (!facts.Has(Field::kRequestModel))
    facts.Offer(Field::kRequestModel, json::value(Member(Parsed(facts[Field::kInput]), "model")));
  const json::value response = Parsed(facts[Field::kOutput]);
  if (!response.is_object()) return;
  facts.Offer(Field::kResponseId, FirstMember(response, {"id", "response_id", "responseId"}));
  OfferFromLangChain(response, facts);
  facts.Offer(Field::kResponseModel, FirstMember(response, {"model", "model_version", "modelVersion"}));
  facts.Offer(Field::kFinishReasons, FirstMember(response, {"stop_reason", "finish_reason"}));
  const json::array* choices = FirstMember(response, {"choices", "candidates"}).if_array();
  if (facts.Has(Field::kFinishReasons) || !choices) return;
  json::array reasons;
  for (const json::value& choice : *choices) {
    const json::value& reason = FirstMember(choice, {"finish_reason", "finishReason"});
    if (!reason.is_null()) reasons.push_back(reason);
  }
  if (!reasons.empty()) facts.Offer(Field::kFinishReasons, std::move(reasons));
}

// `tool.parameters` holds the call's arguments in some libraries and the JSON schema of the tool in others.
bool IsSchema(const json::value& parameters) {
  return Member(parameters, "properties").is_object() && Text(Member(parameters, "type")) == "object";
}

void Extend(const AttributeTree& tree, const SpanEvents& events, Facts& facts) {
  const ObservationKind kind = KindOf(facts);
  if (kind == ObservationKind::kLlm) ReadProviderBodies(facts);
  if (kind == ObservationKind::kRetriever) facts.Offer(Field::kQuery, facts[Field::kInput]);
  if (kind == ObservationKind::kTool) {
    json::value parameters = tree.Read("tool.parameters");
    if (!IsSchema(Parsed(parameters))) facts.Offer(Field::kToolArguments, std::move(parameters));
    facts.Offer(Field::kToolArguments, facts[Field::kInput]);
    facts.Offer(Field::kToolResult, facts[Field::kOutput]);
  }
  const model::Span& span = events.span;
  for (const model::Event& event : span.events) {
    if (event.name != "First Token Stream Event" || event.time_unix_ns < span.start_unix_ns) continue;
    facts.Offer(Field::kFirstTokenSeconds, static_cast<double>(event.time_unix_ns - span.start_unix_ns) / 1e9);
  }
}

}  // namespace

const Dialect kOpenInference = {
    .name = "openinference",
    .token_rule = "openinference.token_count",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .extend = Extend,
};

}  // namespace nightjar::semconv::internal
