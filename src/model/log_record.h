// Log records, with OTLP's fields and nothing derived.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/span.h"

namespace nightjar::model {

struct LogRecord {
  std::string project;
  TraceId trace_id;            // all zero: not part of a trace
  SpanId span_id;              // all zero: not part of a span
  UnixNanos time_unix_ns = 0;  // 0: not known
  UnixNanos observed_time_unix_ns = 0;
  std::int32_t severity_number = 0;  // 1 (TRACE) to 24 (FATAL4), 0 unspecified; other numbers are kept as they came
  std::string severity_text;
  std::string event_name;
  Value body;
  Attributes attributes;
  std::uint32_t dropped_attributes = 0;
  std::uint32_t flags = 0;
  std::uint32_t resource = 0;  // index into LogBatch::resources
  std::uint32_t scope = 0;     // index into LogBatch::scopes
  bool operator==(const LogRecord&) const = default;
};

// Records with the resources and scopes they share.
struct LogBatch {
  std::vector<Resource> resources;
  std::vector<Scope> scopes;
  std::vector<LogRecord> records;

  [[nodiscard]] const Resource& resource_of(const LogRecord& record) const { return resources[record.resource]; }
  [[nodiscard]] const Scope& scope_of(const LogRecord& record) const { return scopes[record.scope]; }
};

}  // namespace nightjar::model
