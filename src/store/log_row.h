// A log record on its way into the table, its values already in the form in which they are stored.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "model/log_record.h"
#include "store/native_writer.h"
#include "store/segment.h"

namespace nightjar::store {

struct LogRow {
  std::string project;
  TraceId trace_id;
  SpanId span_id;
  UnixNanos time_unix_ns = 0;
  UnixNanos observed_time_unix_ns = 0;
  std::int32_t severity_number = 0;
  std::string severity_text;
  std::string event_name;
  std::string body;        // value JSON
  std::string attributes;  // … of an object
  std::uint32_t dropped_attributes = 0;
  std::uint32_t flags = 0;
  std::string resource;  // canonical JSON text of the resource
  std::string scope;     // … of the instrumentation scope
  std::uint16_t day = 0;
  UInt128 hash;  // of all the fields above but the day: the same record sent again is the same row
};

// When the record happened, as far as it says: its time, else when it was observed, else 0.
inline UnixNanos HappenedAt(UnixNanos time_unix_ns, UnixNanos observed_time_unix_ns) {
  return time_unix_ns != 0 ? time_unix_ns : observed_time_unix_ns;
}

std::vector<LogRow> MakeLogRows(model::LogBatch batch, const SegmentKey& key, UnixNanos now_unix_ns);

// About what the rows hold in memory.
std::size_t MemoryBytes(std::span<const LogRow> rows);

}  // namespace nightjar::store
