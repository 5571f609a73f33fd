// For tests: the view of a span made of a few attributes, and messages in short.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/log_record.h"
#include "model/span.h"
#include "semconv/normalize.h"

namespace nightjar::semconv {

using model::Array;
using model::Attributes;
using model::Evaluation;
using model::KeyValueList;
using model::LlmView;
using model::LogRecord;
using model::Message;
using model::ObservationKind;
using model::Part;

// What a span is beside its attributes and events.
struct Rest {
  std::string name = "a span";
  std::string scope;
  model::StatusCode status = model::StatusCode::kUnset;
  std::string status_message;
  UnixNanos start_unix_ns = 0;
  std::vector<LogRecord> logs;
};

inline LlmView View(Attributes attributes, std::vector<model::Event> events = {}, const Rest& rest = {}) {
  model::Span span;
  span.name = rest.name;
  span.start_unix_ns = rest.start_unix_ns;
  span.status = rest.status;
  span.status_message = rest.status_message;
  span.attributes = std::move(attributes);
  span.events = std::move(events);
  return Normalize(span, {}, {.name = rest.scope}, rest.logs);
}

inline Part TextPart(std::string text) { return {.type = Part::Type::kText, .text = std::move(text)}; }

inline Message Said(const char* role, std::string text) {
  return {.role = role, .content = {TextPart(std::move(text))}};
}

// Alone in its conversation.
inline std::vector<Message> OnlySaid(const char* role, std::string text) { return {Said(role, std::move(text))}; }

inline Part CallPart(const char* id, const char* name, const char* arguments) {
  return {.type = Part::Type::kToolCall, .id = id, .name = name, .arguments = arguments};
}

inline Message Called(const char* id, const char* arguments, const char* name = "get_weather") {
  return {.role = "assistant", .content = {CallPart(id, name, arguments)}};
}

inline Message Returned(const char* id, std::string result) {
  return {.role = "tool", .content = {{.type = Part::Type::kToolResult, .id = id, .result = std::move(result)}}};
}

}  // namespace nightjar::semconv
