// Vercel's AI SDK up to version 6, and the legacy telemetry of later ones: ai.*, beside some gen_ai.*.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/provider_bodies.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"ai", "aisdk"};

// The outer span of a call may run many steps: it is an agent, and its usage repeats or sums that of the steps.
constexpr KindWord kKinds[] = {
    {"ai.generatetext", ObservationKind::kAgent},
    {"ai.streamtext", ObservationKind::kAgent},
    {"ai.generateobject", ObservationKind::kAgent},
    {"ai.streamobject", ObservationKind::kAgent},
    {"ai.generatetext.dogenerate", ObservationKind::kLlm},
    {"ai.streamtext.dostream", ObservationKind::kLlm},
    {"ai.generateobject.dogenerate", ObservationKind::kLlm},
    {"ai.streamobject.dostream", ObservationKind::kLlm},
    {"ai.embed", ObservationKind::kChain},
    {"ai.embedmany", ObservationKind::kChain},
    {"ai.embed.doembed", ObservationKind::kEmbedding},
    {"ai.embedmany.doembed", ObservationKind::kEmbedding},
    {"ai.rerank", ObservationKind::kReranker},
    {"ai.rerank.dorerank", ObservationKind::kReranker},
    {"ai.toolcall", ObservationKind::kTool},
};

constexpr std::string_view kMetadata = "ai.telemetry.metadata";

constexpr Rule kRules[] = {
    {Field::kKind, "ai.operationId"},
    {Field::kProvider, "ai.model.provider"},
    {Field::kProvider, "aisdk.model.provider"},
    {Field::kRequestModel, "ai.model.id"},
    {Field::kRequestModel, "aisdk.model.id"},
    {Field::kResponseModel, "ai.response.model"},
    {Field::kResponseId, "ai.response.id"},
    {Field::kInputMessages, "ai.prompt.messages"},
    {Field::kTools, "ai.prompt.tools"},
    {Field::kFinishReasons, "ai.response.finishReason"},
    {Field::kFinishReasons, "ai.finishReason"},
    {Field::kFinishReasons, "gen_ai.finishReason"},
    {Field::kFirstTokenMilliseconds, "ai.response.msToFirstChunk"},
    {Field::kFirstTokenMilliseconds, "ai.stream.msToFirstChunk"},
    {Field::kSessionId, "ai.telemetry.metadata.sessionId"},
    {Field::kSessionId, "ai.telemetry.metadata.session.id"},
    {Field::kSessionId, "ai.telemetry.metadata.session_id"},
    {Field::kUserId, "ai.telemetry.metadata.userId"},
    {Field::kUserId, "ai.telemetry.metadata.user.id"},
    {Field::kUserId, "ai.telemetry.metadata.user_id"},
    {Field::kTags, "ai.telemetry.metadata.tags"},
    {Field::kTemplateName, "ai.telemetry.metadata.langfusePrompt", "name"},
    {Field::kTemplateVersion, "ai.telemetry.metadata.langfusePrompt", "version"},
    {Field::kMetadata, kMetadata},
    {Field::kAgentName, "ai.telemetry.functionId"},
    {Field::kInput, "ai.toolCall.args"},
    {Field::kOutput, "ai.toolCall.result", kInQuotes},
    {Field::kInput, "ai.prompt", kInQuotes},  // not the keys below it
    {Field::kInput, "ai.value"},
    {Field::kInput, "ai.values"},
    {Field::kOutput, "ai.response.text"},
    {Field::kOutput, "ai.response.object"},
    {Field::kOutput, "ai.result.text"},
    {Field::kOutput, "ai.result.object"},

    {Field::kTokensPrompt, "ai.usage.inputTokens"},
    {Field::kTokensPrompt, "ai.usage.promptTokens"},
    {Field::kTokensPrompt, "ai.usage.tokens"},  // embeddings
    {Field::kTokensPrompt, "gen_ai.usage.input_tokens"},
    {Field::kTokensCompletion, "ai.usage.outputTokens"},
    {Field::kTokensCompletion, "ai.usage.completionTokens"},
    {Field::kTokensCompletion, "gen_ai.usage.output_tokens"},
    {Field::kTokensTotal, "ai.usage.totalTokens"},
    {Field::kTokensCacheRead, "ai.usage.inputTokenDetails.cacheReadTokens"},
    {Field::kTokensCacheRead, "ai.usage.cachedInputTokens"},
    {Field::kTokensCacheRead, "ai.response.providerMetadata", "openai.cachedPromptTokens"},
    {Field::kTokensCacheRead, "ai.response.providerMetadata", "anthropic.cacheReadInputTokens"},
    {Field::kTokensCacheRead, "ai.response.providerMetadata", "anthropic.usage.cache_read_input_tokens"},
    {Field::kTokensCacheWrite, "ai.usage.inputTokenDetails.cacheWriteTokens"},
    {Field::kTokensCacheWrite, "ai.response.providerMetadata", "anthropic.cacheCreationInputTokens"},
    {Field::kTokensReasoning, "ai.usage.outputTokenDetails.reasoningTokens"},
    {Field::kTokensReasoning, "ai.usage.reasoningTokens"},
    {Field::kTokensReasoning, "ai.response.providerMetadata", "openai.reasoningTokens"},

    {Field::kToolName, "ai.toolCall.name"},
    {Field::kToolCallId, "ai.toolCall.id"},
    {Field::kToolArguments, "ai.toolCall.args"},
    {Field::kToolResult, "ai.toolCall.result", kInQuotes},
    {Field::kRerankerInput, "ai.documents"},
    {Field::kRerankerOutput, "ai.ranking"},
};

constexpr std::string_view kDerivedFrom[] = {
    "ai.settings",        "ai.prompt",      "ai.response.text",    "ai.response.toolCalls", "ai.response.reasoning",
    "ai.response.object", "ai.result.text", "ai.result.toolCalls", "ai.result.object",      "ai.value",
    "ai.values",          "gen_ai.request", "ai.response.files",
};

json::value FirstOf(const Facts& facts, std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys)
    if (json::value value = facts.Read(key); !value.is_null()) return value;
  return nullptr;
}

// The answer lies in pieces beside each other.
json::value Answer(const Facts& facts) {
  json::object message{{"role", "assistant"}};
  if (json::value reasoning = facts.Read("ai.response.reasoning"); !reasoning.is_null())
    message["reasoning"] = std::move(reasoning);
  if (json::value text =
          FirstOf(facts, {"ai.response.text", "ai.result.text", "ai.response.object", "ai.result.object"});
      !text.is_null())
    message["content"] = std::move(text);
  if (json::value calls = Parsed(FirstOf(facts, {"ai.response.toolCalls", "ai.result.toolCalls"})); calls.is_array())
    message["tool_calls"] = std::move(calls);
  if (json::value files = Parsed(facts.Read("ai.response.files")); files.is_array())
    message["parts"] = std::move(files);
  return message.size() == 1 ? json::value() : json::value(json::array{std::move(message)});
}

// Settings of the SDK and of the call.
json::value Parameters(const Facts& facts) {
  json::object parameters;
  for (const std::string_view prefix : {std::string_view("ai.settings"), std::string_view("gen_ai.request")})
    for (const auto& [key, value] : facts.Below(prefix)) {
      const std::string_view name = key.substr(prefix.size() + 1);
      if (name != "model") parameters[name] = PlainJson(*value);
    }
  return parameters.empty() ? json::value() : json::value(std::move(parameters));
}

json::value EmbeddedTexts(const Facts& facts) {
  json::array texts;
  const json::value values = facts.Read("ai.values");
  const json::array* items = values.if_array();
  for (const json::value& item : items ? *items : json::array{facts.Read("ai.value")}) {
    const json::value text = Parsed(item);  // each is JSON text
    if (!item.is_null()) texts.push_back(text.is_string() ? text : item);
  }
  return texts.empty() ? json::value() : json::value(std::move(texts));
}

json::value Derive(Field field, Facts& facts) {
  switch (field) {
    case Field::kInvocationParameters: return Parameters(facts);
    case Field::kInputMessages: return FromRequest(field, Parsed(facts.Read("ai.prompt")));
    case Field::kOutputMessages: return Answer(facts);
    case Field::kEmbeddings: return facts.kind() == ObservationKind::kEmbedding ? EmbeddedTexts(facts) : json::value();
    default: return nullptr;
  }
}

}  // namespace

const Dialect kVercelAi = {
    .name = "vercel_ai",
    .token_rule = "ai.usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
