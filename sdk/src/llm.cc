#include "nightjar/llm.h"

#include "flatten.h"
#include "json_text.h"
#include "nightjar/openinference.h"
#include "nightjar/tracing.h"

namespace nightjar {
namespace {

namespace oi = openinference;

Span StartKind(std::string_view name, std::string_view kind) noexcept {
  Span span = tracer().StartActiveSpan(name);
  span.SetAttribute(oi::kSpanKind, kind);
  return span;
}

Span StartWithInput(std::string_view name, std::string_view kind, std::string_view input) noexcept {
  Span span = StartKind(name, kind);
  span.SetAttribute(oi::kInputValue, input);
  return span;
}

Span StartTool(std::string_view name, std::string_view arguments_json) noexcept try {
  return StartWithInput("tool." + std::string(name), oi::kTool, arguments_json);
} catch (...) {
  return StartWithInput("tool", oi::kTool, arguments_json);  // no memory for its name
}

void SetUnlessEmpty(Span& span, std::string_view key, std::string_view value) noexcept {
  if (!value.empty()) span.SetAttribute(key, value);
}

// Runs `record` if the span is recorded; without memory the span goes on without what it would have added.
template <typename Record>
void IfRecording(Span& span, const Record& record) noexcept try {
  if (span.recording()) record();
} catch (...) {
}

void RecordCount(Span& span, std::string_view attribute, std::string_view usage, std::string_view member) {
  const auto text = sdk::JsonMember(usage, member);
  const auto count = text ? sdk::JsonInteger(*text) : std::nullopt;
  if (count) span.SetAttribute(attribute, *count);
}

void RecordUsage(Span& span, std::string_view usage) {
  RecordCount(span, oi::kLlmTokenCountPrompt, usage, "prompt_tokens");
  RecordCount(span, oi::kLlmTokenCountCompletion, usage, "completion_tokens");
  RecordCount(span, oi::kLlmTokenCountTotal, usage, "total_tokens");
  if (const auto prompt = sdk::JsonMember(usage, "prompt_tokens_details")) {
    RecordCount(span, oi::kLlmTokenCountCacheRead, *prompt, "cached_tokens");
    RecordCount(span, oi::kLlmTokenCountPromptAudio, *prompt, "audio_tokens");
  }
  if (const auto completion = sdk::JsonMember(usage, "completion_tokens_details")) {
    RecordCount(span, oi::kLlmTokenCountReasoning, *completion, "reasoning_tokens");
    RecordCount(span, oi::kLlmTokenCountCompletionAudio, *completion, "audio_tokens");
  }
}

void RecordText(Span& span, std::string_view attribute, std::string_view object, std::string_view member) {
  const auto json = sdk::JsonMember(object, member);
  const auto text = json ? sdk::JsonString(*json) : std::nullopt;
  if (text) span.SetAttribute(attribute, *text);
}

}  // namespace

Span LlmSpan(std::string_view model, std::string_view messages_json, double temperature) noexcept try {
  std::string parameters = R"({"temperature": )";
  sdk::AppendJsonNumber(parameters, temperature);
  parameters += '}';
  return LlmSpan({.model = model, .messages_json = messages_json, .parameters_json = parameters});
} catch (...) {
  return LlmSpan({.model = model, .messages_json = messages_json});  // no memory for the parameters
}

Span LlmSpan(const LlmCall& call) noexcept {
  Span span = StartKind("llm.chat", oi::kLlm);
  span.SetAttribute(oi::kLlmModelName, call.model);
  SetUnlessEmpty(span, oi::kLlmProvider, call.provider);
  SetUnlessEmpty(span, oi::kLlmInvocationParameters, call.parameters_json);
  IfRecording(span, [&] {
    if (!call.tools_json.empty()) sdk::RecordTools(span, call.tools_json);
    sdk::RecordMessages(span, oi::kLlmInputMessages, call.messages_json);
  });
  return span;
}

void RecordLlmOutput(Span& span, std::string_view response_json) noexcept {
  IfRecording(span, [&] {
    std::string messages;
    for (sdk::JsonItems choices(sdk::JsonMember(response_json, "choices").value_or("")); choices.Next();) {
      const auto message = sdk::JsonMember(choices.value(), "message");
      if (!message) continue;
      if (messages.empty()) RecordText(span, oi::kLlmFinishReason, choices.value(), "finish_reason");
      messages.append(messages.empty() ? "[" : ", ").append(*message);
    }
    if (messages.empty()) return span.SetAttribute(oi::kOutputValue, response_json);
    sdk::RecordMessages(span, oi::kLlmOutputMessages, messages += ']');
    RecordText(span, oi::kLlmResponseModelName, response_json, "model");
    if (const auto usage = sdk::JsonMember(response_json, "usage")) RecordUsage(span, *usage);
  });
}

Span ToolSpan(std::string_view name, std::string_view arguments_json, std::string_view call_id) noexcept {
  Span span = StartTool(name, arguments_json);
  span.SetAttribute(oi::kInputMimeType, oi::kJson);
  span.SetAttribute(oi::kToolName, name);
  SetUnlessEmpty(span, oi::kToolId, call_id);
  return span;
}

Span RetrievalSpan(std::string_view query, std::int64_t top_k) noexcept {
  Span span = StartWithInput("retrieval", oi::kRetriever, query);
  span.SetAttribute(oi::kRetrievalTopK, top_k);
  return span;
}

void RecordRetrievalOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept {
  IfRecording(span, [&] { sdk::RecordDocuments(span, oi::kRetrievalDocuments, documents); });
}

Span RerankerSpan(std::string_view query, std::string_view model, std::int64_t top_k,
                  std::span<const RetrievedDocument> documents) noexcept {
  Span span = StartKind("rerank", oi::kReranker);
  span.SetAttribute(oi::kRerankerQuery, query);
  span.SetAttribute(oi::kRerankerModelName, model);
  span.SetAttribute(oi::kRerankerTopK, top_k);
  IfRecording(span, [&] { sdk::RecordDocuments(span, oi::kRerankerInputDocuments, documents); });
  return span;
}

void RecordRerankerOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept {
  IfRecording(span, [&] { sdk::RecordDocuments(span, oi::kRerankerOutputDocuments, documents); });
}

Span EmbeddingSpan(std::string_view model, std::span<const std::string> texts) noexcept {
  Span span = StartKind("CreateEmbeddings", oi::kEmbedding);
  span.SetAttribute(oi::kEmbeddingModelName, model);
  IfRecording(span, [&] {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      span.SetAttribute(std::string(oi::kEmbeddings) + "." + std::to_string(i) + ".embedding.text", texts[i]);
    }
  });
  return span;
}

void RecordEmbeddingOutput(Span& span, std::span<const std::vector<double>> vectors) noexcept {
  IfRecording(span, [&] {
    for (std::size_t i = 0; i < vectors.size(); ++i) {
      span.SetAttribute(std::string(oi::kEmbeddings) + "." + std::to_string(i) + ".embedding.vector", vectors[i]);
    }
  });
}

Span AgentSpan(std::string_view goal, std::string_view agent_name) noexcept {
  Span span = StartWithInput("agent.run", oi::kAgent, goal);
  SetUnlessEmpty(span, oi::kAgentName, agent_name);
  return span;
}

Span ChainSpan(std::string_view name, std::string_view input) noexcept {
  return StartWithInput(name, oi::kChain, input);
}

Span GuardrailSpan(std::string_view name, std::string_view input) noexcept {
  return StartWithInput(name, oi::kGuardrail, input);
}

Span EvaluatorSpan(std::string_view name, std::string_view input) noexcept {
  return StartWithInput(name, oi::kEvaluator, input);
}

void RecordEvaluation(Span& span, const Evaluation& evaluation) noexcept {
  IfRecording(span, [&] {
    const std::string prefix = std::string(oi::kEvaluations) + ".0.evaluation.";
    span.SetAttribute(prefix + "name", evaluation.name);
    span.SetAttribute(prefix + "score", evaluation.score);
    SetUnlessEmpty(span, prefix + "label", evaluation.label);
    SetUnlessEmpty(span, prefix + "explanation", evaluation.explanation);
  });
}

void RecordOutput(Span& span, std::string_view output) noexcept {
  span.SetAttribute(oi::kOutputValue, output);
  sdk::JsonItems items(output);
  while (items.Next()) continue;
  span.SetAttribute(oi::kOutputMimeType, items.complete() ? oi::kJson : oi::kTextPlain);
}

}  // namespace nightjar
