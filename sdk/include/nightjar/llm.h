// Spans of an LLM application: model calls, tool calls, retrievals, agent runs, with OpenInference attributes.
//
// Messages and documents are written as one JSON string each (llm.input_messages = "[{...}]"), as the Python program
// this SDK stands in for does. OpenInference also has a flattened form (llm.input_messages.0.message.role); Nightjar's
// backend reads both.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "nightjar/span.h"

namespace nightjar {

// One call of a chat model, named "llm.chat". `messages_json` is the JSON array that is sent to the model.
Span LlmSpan(std::string_view model, std::string_view messages_json, double temperature = 0.0) noexcept;

// Takes the first choice's message and the token counts from an OpenAI-shaped response. Counts that the response does
// not have are left out. A response without a message is kept whole as output.value.
void RecordLlmOutput(Span& span, std::string_view response_json) noexcept;

// One run of a tool, named "tool.<name>".
Span ToolSpan(std::string_view name, std::string_view arguments_json) noexcept;

// One search for documents, named "retrieval".
Span RetrievalSpan(std::string_view query, std::int64_t top_k) noexcept;

struct RetrievedDocument {
  std::string id;
  double score = 0.0;
  std::string text;  // the first 500 characters are recorded
};
void RecordRetrievalOutput(Span& span, std::span<const RetrievedDocument> documents) noexcept;

// One run of an agent, named "agent.run": the parent of its model and tool calls.
Span AgentSpan(std::string_view goal) noexcept;

// Runs `work` inside `span` and returns what it returns. An exception that leaves `work` is recorded on the span with
// status ERROR and thrown on.
template <typename Work>
decltype(auto) Traced(Span& span, Work&& work) {
  try {
    return std::invoke(std::forward<Work>(work));
  } catch (const std::exception& exception) {
    span.RecordException(exception);
    span.SetStatus(SpanStatus::kError, exception.what());
    throw;
  }
}

}  // namespace nightjar
