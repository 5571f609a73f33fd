// For tests: the view of a span made of a few attributes, and messages in short.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/log_record.h"
#include "model/span.h"
#include "semconv/normalize.h"

namespace nightjar::semconv {

// What a span is beside its attributes and events.
struct Rest {
  std::string name = "a span";
  std::string scope;
  model::StatusCode status = model::StatusCode::kUnset;
  std::string status_message;
  UnixNanos start_unix_ns = 0;
  std::vector<model::LogRecord> logs;
};

inline model::LlmView View(model::Attributes attributes, std::vector<model::Event> events = {}, const Rest& rest = {}) {
  model::Span span;
  span.name = rest.name;
  span.start_unix_ns = rest.start_unix_ns;
  span.status = rest.status;
  span.status_message = rest.status_message;
  span.attributes = std::move(attributes);
  span.events = std::move(events);
  return Normalize(span, {}, {.name = rest.scope}, rest.logs);
}

inline model::Part TextPart(std::string text) { return {.type = model::Part::Type::kText, .text = std::move(text)}; }

inline model::Message Said(const char* role, const char* text) { return {.role = role, .content = {TextPart(text)}}; }

// Alone in its conversation.
inline std::vector<model::Message> OnlySaid(const char* role, const char* text) { return {Said(role, text)}; }

inline model::Part CallPart(const char* id, const char* name, const char* arguments) {
  return {.type = model::Part::Type::kToolCall, .id = id, .name = name, .arguments = arguments};
}

inline model::Message Called(const char* id, const char* arguments, const char* name = "get_weather") {
  return {.role = "assistant", .content = {CallPart(id, name, arguments)}};
}

inline model::Message Returned(const char* id, const char* result) {
  return {.role = "tool", .content = {{.type = model::Part::Type::kToolResult, .id = id, .result = result}}};
}

}  // namespace nightjar::semconv
