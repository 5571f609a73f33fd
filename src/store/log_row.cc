#include "store/log_row.h"

#include <utility>

#include "base/json.h"
#include "model/value_json.h"
#include "store/origin_text.h"
#include "store/span_row.h"

namespace nightjar::store {
namespace {

// Each text behind its length, so that no two records give the same bytes.
UInt128 HashRecord(const LogRow& row, const SegmentKey& key) {
  std::string bytes;
  for (const std::string* text :
       {&row.project, &row.severity_text, &row.event_name, &row.body, &row.attributes, &row.resource, &row.scope}) {
    AppendVarint(text->size(), bytes);
    bytes += *text;
  }
  bytes += row.trace_id.AsBytes();
  bytes += row.span_id.AsBytes();
  AppendFixed(row.time_unix_ns, bytes);
  AppendFixed(row.observed_time_unix_ns, bytes);
  AppendFixed(row.severity_number, bytes);
  AppendFixed(row.dropped_attributes, bytes);
  AppendFixed(row.flags, bytes);
  return HashSegment(key, bytes);
}

}  // namespace

std::vector<LogRow> MakeLogRows(model::LogBatch batch, const SegmentKey& key, UnixNanos now_unix_ns) {
  std::vector<std::string> resources;
  for (const model::Resource& resource : batch.resources) resources.push_back(ResourceText(resource));
  std::vector<std::string> scopes;
  for (const model::Scope& scope : batch.scopes) scopes.push_back(ScopeText(scope));

  std::vector<LogRow> rows;
  rows.reserve(batch.records.size());
  for (model::LogRecord& record : batch.records) {
    LogRow& row = rows.emplace_back();
    row.project = std::move(record.project);
    row.trace_id = record.trace_id;
    row.span_id = record.span_id;
    row.time_unix_ns = record.time_unix_ns;
    row.observed_time_unix_ns = record.observed_time_unix_ns;
    row.severity_number = record.severity_number;
    row.severity_text = std::move(record.severity_text);
    row.event_name = std::move(record.event_name);
    row.body = ToJson(model::ToJsonValue(record.body));
    row.attributes = AttributesText(record.attributes);
    row.dropped_attributes = record.dropped_attributes;
    row.flags = record.flags;
    row.resource = resources[record.resource];
    row.scope = scopes[record.scope];
    row.day = PartitionDay(HappenedAt(row.time_unix_ns, row.observed_time_unix_ns), now_unix_ns);
    row.hash = HashRecord(row, key);
  }
  return rows;
}

std::size_t MemoryBytes(std::span<const LogRow> rows) {
  std::size_t bytes = rows.size() * sizeof(LogRow);
  for (const LogRow& row : rows)
    bytes += row.body.size() + row.attributes.size() + row.resource.size() + row.scope.size();
  return bytes;
}

}  // namespace nightjar::store
