#include "nightjar/llm.h"

#include "json_text.h"
#include "nightjar/openinference.h"
#include "nightjar/tracing.h"
#include "utf8.h"

namespace nightjar {
namespace {

namespace oi = openinference;

constexpr std::size_t kDocumentCharactersMax = 500;

Span StartKind(std::string_view name, std::string_view kind) noexcept {
  Span span = tracer().StartActiveSpan(name);
  span.SetAttribute(oi::kSpanKind, kind);
  return span;
}

void RecordCount(Span& span, std::string_view attribute, std::string_view usage, std::string_view member) {
  const auto text = sdk::JsonMember(usage, member);
  const auto count = text ? sdk::JsonInteger(*text) : std::nullopt;
  if (count) span.SetAttribute(attribute, *count);
}

}  // namespace

Span LlmSpan(std::string_view model, std::string_view messages_json, double temperature) noexcept {
  Span span = StartKind("llm.chat", oi::kLlm);
  if (!span.recording()) return span;
  span.SetAttribute(oi::kLlmModelName, model);
  try {
    std::string parameters = R"({"temperature": )";
    sdk::AppendJsonNumber(parameters, temperature);
    span.SetAttribute(oi::kLlmInvocationParameters, parameters += '}');
  } catch (...) {
    // No memory for one attribute; the span goes on without it.
  }
  span.SetAttribute(oi::kLlmInputMessages, messages_json);
  return span;
}

void RecordLlmOutput(Span& span, std::string_view response_json) noexcept try {
  if (!span.recording()) return;
  const auto choices = sdk::JsonMember(response_json, "choices");
  const auto choice = choices ? sdk::JsonFirstElement(*choices) : std::nullopt;
  const auto message = choice ? sdk::JsonMember(*choice, "message") : std::nullopt;
  if (message) {
    span.SetAttribute(oi::kLlmOutputMessages, "[" + std::string(*message) + "]");
  } else {
    span.SetAttribute(oi::kOutputValue, response_json);
  }
  const auto usage = sdk::JsonMember(response_json, "usage");
  if (!usage) return;
  RecordCount(span, oi::kLlmTokenCountPrompt, *usage, "prompt_tokens");
  RecordCount(span, oi::kLlmTokenCountCompletion, *usage, "completion_tokens");
  RecordCount(span, oi::kLlmTokenCountTotal, *usage, "total_tokens");
} catch (...) {
  // No memory for the copy; the span goes on without it.
}

Span ToolSpan(std::string_view name, std::string_view arguments_json) noexcept try {
  Span span = StartKind("tool." + std::string(name), oi::kTool);
  span.SetAttribute(oi::kToolName, name);
  span.SetAttribute(oi::kInputValue, arguments_json);
  return span;
} catch (...) {
  return Span();  // no memory for the name
}

Span RetrievalSpan(std::string_view query, std::int64_t top_k) noexcept {
  Span span = StartKind("retrieval", oi::kRetriever);
  span.SetAttribute(oi::kInputValue, query);
  span.SetAttribute(oi::kRetrievalTopK, top_k);
  return span;
}

void RecordRetrievalOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept try {
  if (!span.recording()) return;
  std::string json = "[";
  std::string scratch;
  for (const RetrievedDocument& document : documents) {
    json += json.size() > 1 ? R"(, {"id": )" : R"({"id": )";
    sdk::AppendJsonString(json, document.id);
    json += R"(, "score": )";
    sdk::AppendJsonNumber(json, document.score);
    json += R"(, "text": )";
    sdk::AppendJsonString(json, sdk::CleanUtf8(document.text, kDocumentCharactersMax, scratch));
    json += '}';
  }
  span.SetAttribute(oi::kRetrievalDocuments, json += ']');
} catch (...) {
  // No memory for the list; the span goes on without it.
}

Span AgentSpan(std::string_view goal) noexcept {
  Span span = StartKind("agent.run", oi::kAgent);
  span.SetAttribute(oi::kInputValue, goal);
  return span;
}

}  // namespace nightjar
