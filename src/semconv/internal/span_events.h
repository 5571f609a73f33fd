// What happened in a span, as libraries tell it: events of the span, or log records that name it. Both carry the same
// names and fields; a log record may hold them in its body.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/log_record.h"
#include "model/span.h"
#include "semconv/internal/attribute_tree.h"

namespace nightjar::semconv::internal {

// A view into the event or record, which must outlive it.
class EventFields {
 public:
  explicit EventFields(const model::Event& event);
  explicit EventFields(const model::LogRecord& record);

  [[nodiscard]] std::string_view name() const { return name_; }
  // What ReadTree reads at `key`; without it, the member `key` of the body.
  [[nodiscard]] json::value Read(std::string_view key) const;

 private:
  std::string_view name_;
  const model::Attributes* attributes_;
  json::value body_;  // an object, or null
};

struct SpanEvents {
  // Those whose fields some rule reads, in order.
  std::vector<EventFields> own;
  std::vector<EventFields> logged;
};

// What left the span: its last exception, else the last of its log records; null when it has none.
const EventFields* LastException(const SpanEvents& events);

// Whether some rule reads its fields.
bool IsRead(const model::LogRecord& record);

SpanEvents ReadEvents(const model::Span& span, std::span<const model::LogRecord> logs);

// "exception", and names of the newer conventions such as "gen_ai.client.operation.exception".
bool IsException(std::string_view event_name);

}  // namespace nightjar::semconv::internal
