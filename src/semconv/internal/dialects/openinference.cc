// OpenInference, the dialect whose nouns the view uses, and the mission text's form of it: the same keys, with messages
// and documents as one JSON string each.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {
    "openinference",       "input.value",         "output.value",      "llm.model_name",      "llm.input_messages",
    "annotations",         "evaluations",         "trace.annotations", "trace.evaluations",   "session.annotations",
    "session.evaluations", "llm.output_messages", "llm.token_count",   "retrieval.documents", "reranker",
    "embedding",
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
    {Field::kRequestBody, "input.value", kStructured},
    {Field::kResponseBody, "output.value", kStructured},
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
    {Field::kSystemInstructions, "llm.invocation_parameters", "system"},  // Anthropic's instrumentation to 0.1
    {Field::kInputMessages, "llm.input_messages"},
    {Field::kOutputMessages, "llm.output_messages"},
    {Field::kPrompts, "llm.prompts"},
    {Field::kChoices, "llm.choices"},
    {Field::kTools, "llm.tools"},
    {Field::kFinishReasons, "llm.finish_reason"},
    {Field::kServiceTier, "llm.invocation_parameters", "service_tier"},
    {Field::kTemplate, "llm.prompt_template.template"},
    {Field::kTemplateName, "prompt.id"},
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

    {Field::kAnnotations, "annotations"},
    {Field::kEvaluations, "evaluations"},
    {Field::kTraceAnnotations, "trace.annotations"},
    {Field::kTraceEvaluations, "trace.evaluations"},
    {Field::kSessionAnnotations, "session.annotations"},
    {Field::kSessionEvaluations, "session.evaluations"},
};

constexpr std::string_view kDerivedFrom[] = {"tool.parameters"};

// `tool.parameters` holds the call's arguments in some libraries and the JSON schema of the tool in others, or of each
// parameter (smolagents).
bool IsSchema(const json::value& parameters) {
  if (Member(parameters, "properties").is_object() && Text(Member(parameters, "type")) == "object") return true;
  const json::object* object = parameters.if_object();
  const auto is_schema = [](const auto& entry) {
    return Member(entry.value(), "type").is_string() && Member(entry.value(), "description").is_string();
  };
  return object && !object->empty() && std::ranges::all_of(*object, is_schema);
}

// CrewAI tells of its calls in the output of an agent's span only: the conversation, and the answer as text.
json::value CrewMessages(Field field, Facts& facts) {
  const json::value& output = facts.Parsed(Field::kOutput);
  const json::value& messages = Member(output, "messages");
  const json::value& answer = Member(output, "raw");
  if (!messages.is_array() || !answer.is_string()) return nullptr;
  if (field == Field::kOutputMessages) return json::array{json::object{{"role", "assistant"}, {"content", answer}}};
  json::array asked = messages.get_array();  // ends with the answer
  if (!asked.empty() && Member(asked.back(), "content") == answer) asked.pop_back();
  return asked;
}

json::value FirstTokenSeconds(const model::Span& span) {
  for (const model::Event& event : span.events)
    if (event.name == "First Token Stream Event" && event.time_unix_ns >= span.start_unix_ns)
      return static_cast<double>(event.time_unix_ns - span.start_unix_ns) / 1e9;
  return nullptr;
}

json::value Derive(Field field, Facts& facts) {
  if (field == Field::kFirstTokenSeconds) return FirstTokenSeconds(facts.span());
  const bool is_messages = field == Field::kInputMessages || field == Field::kOutputMessages;
  if (is_messages && facts.kind() == ObservationKind::kAgent) return CrewMessages(field, facts);
  if (field != Field::kToolArguments || facts.kind() != ObservationKind::kTool) return nullptr;
  json::value parameters = facts.Read("tool.parameters");
  return IsSchema(Parsed(parameters)) ? json::value() : parameters;
}

// LlamaIndex's instrumentation calls whatever an LLM object does a call, also making the request and what chats by
// itself.
bool IsStep(const Facts& facts) {
  constexpr std::string_view kSteps[] = {"._prepare_chat_with_tools",
                                         ".predict",
                                         ".apredict",
                                         ".stream",
                                         ".astream",
                                         ".structured_predict",
                                         ".astructured_predict",
                                         ".stream_structured_predict",
                                         ".astream_structured_predict",
                                         ".predict_and_call",
                                         ".apredict_and_call"};
  return facts.scope().name == "openinference.instrumentation.llama_index" &&
         std::ranges::any_of(kSteps, [&](std::string_view end) { return facts.span().name.ends_with(end); });
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
    .is_step = IsStep,
};

}  // namespace nightjar::semconv::internal
