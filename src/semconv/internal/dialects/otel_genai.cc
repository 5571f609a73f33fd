// OpenTelemetry's generative AI conventions: attributes of 1.37 and later, with the older names as fallbacks.
#include <algorithm>
#include <boost/json/object.hpp>

#include "semconv/internal/genai_events.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"gen_ai"};

constexpr KindWord kKinds[] = {
    {"chat", ObservationKind::kLlm},
    {"text_completion", ObservationKind::kLlm},
    {"generate_content", ObservationKind::kLlm},
    {"completion", ObservationKind::kLlm},
    {"embeddings", ObservationKind::kEmbedding},
    {"embedding", ObservationKind::kEmbedding},
    {"retrieval", ObservationKind::kRetriever},
    {"rerank", ObservationKind::kReranker},
    {"execute_tool", ObservationKind::kTool},
    {"invoke_agent", ObservationKind::kAgent},
    {"create_agent", ObservationKind::kAgent},
    {"plan", ObservationKind::kAgent},
    {"invoke_workflow", ObservationKind::kChain},
    {"agent_step", ObservationKind::kChain},                // Vercel's AI SDK 7
    {"execute_event_loop_cycle", ObservationKind::kChain},  // Strands
    // LangSmith's exporter writes its own kinds here.
    {"chain", ObservationKind::kChain},
    {"tool", ObservationKind::kTool},
    {"retriever", ObservationKind::kRetriever},
};

constexpr Rule kRules[] = {
    {Field::kKind, "gen_ai.operation.name"},
    {Field::kOperation, "gen_ai.operation.name"},
    {Field::kProvider, "gen_ai.provider.name"},
    {Field::kProvider, "gen_ai.system"},
    {Field::kRequestModel, "gen_ai.request.model"},
    {Field::kResponseModel, "gen_ai.response.model"},
    {Field::kResponseId, "gen_ai.response.id"},
    {Field::kSystemInstructions, "gen_ai.system_instructions"},
    {Field::kInputMessages, "gen_ai.input.messages"},
    {Field::kOutputMessages, "gen_ai.output.messages"},
    {Field::kInputMessages, "gen_ai.prompt"},       // flattened, before 1.37
    {Field::kOutputMessages, "gen_ai.completion"},  // flattened, before 1.37
    {Field::kInputMessages, "gen_ai.content.prompt"},
    {Field::kOutputMessages, "gen_ai.content.completion"},
    {Field::kTools, "gen_ai.tool.definitions"},
    {Field::kFinishReasons, "gen_ai.response.finish_reasons"},
    {Field::kFinishReasons, "gen_ai.response.finish_reason"},
    {Field::kFinishReasons, "anthropic.message.stop_reason"},
    {Field::kFinishReasons, "gen_ai.completion.finish_reason"},
    {Field::kFinishReasons, "llm.response.finish_reason"},
    {Field::kFinishReasons, "llm.response.stop_reason"},
    {Field::kServiceTier, "gen_ai.response.service_tier"},
    {Field::kServiceTier, "openai.response.service_tier"},
    {Field::kServiceTier, "anthropic.response.service_tier"},
    {Field::kServiceTier, "gen_ai.openai.response.service_tier"},  // before 1.36
    {Field::kServiceTier, "gen_ai.request.service_tier"},
    {Field::kServiceTier, "openai.request.service_tier"},
    {Field::kServiceTier, "gen_ai.openai.request.service_tier"},
    {Field::kBatch, "gen_ai.request.batch"},
    {Field::kFirstTokenSeconds, "gen_ai.response.time_to_first_chunk"},
    {Field::kFirstTokenSeconds, "gen_ai.client.operation.time_to_first_chunk"},
    {Field::kFirstTokenSeconds, "gen_ai.client.inference.time_to_first_chunk"},
    {Field::kTemplateName, "gen_ai.prompt.name"},
    {Field::kSessionId, "gen_ai.conversation.id"},
    {Field::kUserId, "user.id"},
    {Field::kUserId, "gen_ai.user"},
    {Field::kUserId, "llm.user"},  // the end user named in the request
    {Field::kAgentName, "gen_ai.agent.name"},
    {Field::kErrorType, "error.type"},

    {Field::kTokensPrompt, "gen_ai.usage.input_tokens"},
    {Field::kTokensPrompt, "gen_ai.usage.prompt_tokens"},
    {Field::kTokensCompletion, "gen_ai.usage.output_tokens"},
    {Field::kTokensCompletion, "gen_ai.usage.completion_tokens"},
    {Field::kTokensTotal, "gen_ai.usage.total_tokens"},
    {Field::kTokensTotal, "llm.usage.total_tokens"},
    {Field::kTokensTotal, "gen_ai.client.token.usage"},
    {Field::kTokensCacheRead, "gen_ai.usage.cache_read.input_tokens"},
    {Field::kTokensCacheRead, "gen_ai.usage.cache_read_input_tokens"},
    {Field::kTokensCacheRead, "gen_ai.usage.details.cache_read_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.cache_write.input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.cache_creation.input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.cache_creation_input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.cache_write_input_tokens"},
    {Field::kTokensCacheWrite, "gen_ai.usage.details.cache_write_tokens"},
    {Field::kTokensCacheWrite1h, "anthropic.usage.cache_creation.ephemeral_1h_input_tokens"},
    {Field::kTokensReasoning, "gen_ai.usage.reasoning.output_tokens"},
    {Field::kTokensReasoning, "gen_ai.usage.reasoning_tokens"},
    {Field::kTokensReasoning, "gen_ai.usage.details.reasoning_tokens"},
    {Field::kTokensReasoning, "llm.usage.reasoning_tokens"},
    {Field::kUsage, "gen_ai.usage.raw"},
    {Field::kTokensPromptAudio, "gen_ai.usage.audio.input_tokens"},
    {Field::kTokensPromptAudio, "gen_ai.usage.details.input_audio_tokens"},
    {Field::kTokensPromptImage, "gen_ai.usage.image.input_tokens"},
    {Field::kTokensCompletionAudio, "gen_ai.usage.audio.output_tokens"},
    {Field::kTokensCompletionAudio, "gen_ai.usage.details.output_audio_tokens"},

    {Field::kCostTotal, "gen_ai.usage.cost"},
    {Field::kCostPrompt, "gen_ai.usage.input_cost"},
    {Field::kCostCompletion, "gen_ai.usage.output_cost"},
    {Field::kCostTotal, "operation.cost"},

    {Field::kToolName, "gen_ai.tool.name"},
    {Field::kToolCallId, "gen_ai.tool.call.id"},
    {Field::kToolDescription, "gen_ai.tool.description"},
    {Field::kToolArguments, "gen_ai.tool.call.arguments"},
    {Field::kToolResult, "gen_ai.tool.call.result", kInQuotes},
    {Field::kInput, "gen_ai.tool.call.arguments"},
    {Field::kOutput, "gen_ai.tool.call.result", kInQuotes},
    {Field::kQuery, "gen_ai.retrieval.query.text"},
    {Field::kInput, "gen_ai.retrieval.query.text"},
    {Field::kDocuments, "gen_ai.retrieval.documents"},
};

constexpr std::string_view kRequest = "gen_ai.request";
constexpr std::string_view kUsage = "gen_ai.usage.input_tokens";
constexpr std::string_view kOpenAiRequest = "gen_ai.openai.request";  // before 1.30
constexpr std::string_view kDerivedFrom[] = {kRequest, kOpenAiRequest, kUsage};

// gen_ai.request.temperature … become one object; the model is a field of its own.
json::value InvocationParameters(const Facts& facts) {
  json::object parameters;
  for (const std::string_view request : {kRequest, kOpenAiRequest}) {
    TreeEntries entries = facts.Below(request);
    std::ranges::sort(entries, {}, &TreeEntry::key);
    for (const auto& [key, value] : entries) {
      const std::string_view name = key.substr(request.size() + 1);
      if (name != "model") parameters[name] = PlainJson(*value);
    }
  }
  return parameters.empty() ? json::value() : json::value(std::move(parameters));
}

json::value EventMessages(Field field, Facts& facts) {
  if (facts.kind() != ObservationKind::kLlm && facts.kind() != ObservationKind::kAgent) return nullptr;
  const SpanEvents& events = facts.events();
  json::value messages = MessagesOfEvents(events.own, field);
  return messages.is_null() ? MessagesOfEvents(events.logged, field) : messages;
}

json::value EventsOfTool(Field field, Facts& facts) {
  return facts.kind() == ObservationKind::kTool ? ToolOfEvents(facts.events().own, field) : json::value();
}

// Of a call that failed without an event that says why.
json::value StatusMessage(const model::Span& span) {
  const bool failed = span.status == model::StatusCode::kError && !span.status_message.empty();
  return failed ? json::value(span.status_message) : json::value();
}

// Agent Development Kit names the user on the log records only.
json::value UserOfLogs(const SpanEvents& events) {
  for (const EventFields& record : events.logged)
    if (json::value user = record.Read("user.id"); !user.is_null()) return user;
  return nullptr;
}

// Bedrock's own counts leave the cached tokens out of the prompt, and these instrumentations keep them as they are.
bool CountsApart(const Facts& facts) {
  const std::string_view scope = facts.scope().name;
  return scope == "opentelemetry.instrumentation.bedrock" ||
         scope.starts_with("opentelemetry.instrumentation.botocore");
}

json::value Derive(Field field, Facts& facts) {
  switch (field) {
    case Field::kTokensCacheApart: return CountsApart(facts) ? json::value(true) : json::value();
    case Field::kErrorMessage: return StatusMessage(facts.span());
    case Field::kUserId: return UserOfLogs(facts.events());
    case Field::kInvocationParameters: return InvocationParameters(facts);
    case Field::kSystemInstructions:
    case Field::kInputMessages:
    case Field::kOutputMessages: return EventMessages(field, facts);
    case Field::kInput:
    case Field::kToolArguments: return EventsOfTool(Field::kToolArguments, facts);
    case Field::kOutput:
    case Field::kToolResult: return EventsOfTool(Field::kToolResult, facts);
    default: return nullptr;
  }
}

// Version 7 of Vercel's AI SDK has a span around its calls of an embedding model that looks like them, but for the
// usage, which is on each call, be it unknown.
bool IsStep(const Facts& facts) {
  constexpr std::string_view kScope = "gen_ai";
  return facts.scope().name == kScope && facts.span().status != model::StatusCode::kError &&
         facts.Read("gen_ai.operation.name") == "embeddings" && !facts.HasAttribute(kUsage);
}

}  // namespace

const Dialect kOtelGenAi = {
    .name = "otel_genai",
    .token_rule = "gen_ai.usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
    .is_step = IsStep,
};

}  // namespace nightjar::semconv::internal
