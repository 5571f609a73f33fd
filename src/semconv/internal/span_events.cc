#include "semconv/internal/span_events.h"

#include <boost/json/object.hpp>
#include <ranges>

#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {
namespace {

// SDKs without event names write them as an attribute.
std::string_view NameOf(const model::LogRecord& record) {
  return record.event_name.empty() ? model::FindString(record.attributes, "event.name")
                                   : std::string_view(record.event_name);
}

// A map, or text of one; anything else is the content of a message.
json::value BodyOf(const model::LogRecord& record) {
  json::value body = PlainJson(record.body);
  if (json::value parsed = Parsed(body); parsed.is_object()) return parsed;
  if (body.is_null() || (body.is_string() && body.get_string().empty())) return nullptr;
  return json::object{{"content", std::move(body)}};
}

bool IsRead(std::string_view event_name) { return event_name.starts_with("gen_ai.") || IsException(event_name); }

}  // namespace

bool IsRead(const model::LogRecord& record) { return IsRead(NameOf(record)); }

EventFields::EventFields(const model::Event& event) : name_(event.name), attributes_(&event.attributes) {}

EventFields::EventFields(const model::LogRecord& record)
    : name_(NameOf(record)), attributes_(&record.attributes), body_(BodyOf(record)) {}

json::value EventFields::Read(std::string_view key) const {
  json::value value = ReadTree(*attributes_, key);
  return value.is_null() ? Member(body_, key) : value;
}

const EventFields* LastException(const SpanEvents& events) {
  for (const auto* list : {&events.own, &events.logged})
    for (const EventFields& event : *list | std::views::reverse)
      if (IsException(event.name())) return &event;
  return nullptr;
}

SpanEvents ReadEvents(const model::Span& span, std::span<const model::LogRecord> logs) {
  SpanEvents events;
  for (const model::Event& event : span.events)
    if (IsRead(event.name)) events.own.emplace_back(event);
  for (const model::LogRecord& record : logs)
    if (IsRead(record)) events.logged.emplace_back(record);
  return events;
}

bool IsException(std::string_view event_name) {
  return event_name == "exception" || event_name.ends_with(".exception");
}

}  // namespace nightjar::semconv::internal
