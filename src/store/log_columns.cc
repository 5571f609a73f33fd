#include "store/log_columns.h"

#include <utility>

#include "store/id_columns.h"

namespace nightjar::store {
namespace {

class LogColumns {
 public:
  void Add(const LogRow& row, std::uint64_t seq) {
    project_.Add(row.project);
    day_.Add(row.day);
    at_.Add(HappenedAt(row.time_unix_ns, row.observed_time_unix_ns));
    hash_.Add(row.hash);
    seq_.Add(seq);
    trace_id_.Add(row.trace_id.bytes);
    span_id_.Add(SpanIdNumber(row.span_id));
    time_.Add(row.time_unix_ns);
    observed_time_.Add(row.observed_time_unix_ns);
    severity_number_.Add(row.severity_number);
    severity_text_.Add(row.severity_text);
    event_name_.Add(row.event_name);
    body_.Add(row.body);
    attributes_.Add(row.attributes);
    dropped_attributes_.Add(row.dropped_attributes);
    flags_.Add(row.flags);
    resource_.Add(row.resource);
    scope_.Add(row.scope);
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("project", "LowCardinality(String)", project_);
    block.Add("day", "UInt16", day_);
    block.Add("at_unix_ns", "UInt64", at_);
    block.Add("hash", "UInt128", hash_);
    block.Add("seq", "UInt64", seq_);
    block.Add("trace_id", "FixedString(16)", trace_id_);
    block.Add("span_id", "UInt64", span_id_);
    block.Add("time_unix_ns", "UInt64", time_);
    block.Add("observed_time_unix_ns", "UInt64", observed_time_);
    block.Add("severity_number", "Int32", severity_number_);
    block.Add("severity_text", "LowCardinality(String)", severity_text_);
    block.Add("event_name", "LowCardinality(String)", event_name_);
    block.Add("body", "String", body_);
    block.Add("attributes", "String", attributes_);
    block.Add("dropped_attributes", "UInt32", dropped_attributes_);
    block.Add("flags", "UInt32", flags_);
    block.Add("resource", "LowCardinality(String)", resource_);
    block.Add("scope", "LowCardinality(String)", scope_);
  }

 private:
  LowCardinalityColumn project_, severity_text_, event_name_, resource_, scope_;
  FixedColumn<std::uint16_t> day_;
  FixedColumn<std::uint64_t> at_, seq_, span_id_, time_, observed_time_;
  FixedColumn<UInt128> hash_;
  FixedColumn<TraceIdBytes> trace_id_;
  FixedColumn<std::int32_t> severity_number_;
  FixedColumn<std::uint32_t> dropped_attributes_, flags_;
  StringColumn body_, attributes_;
};

}  // namespace

InsertBlock EncodeLogs(std::span<const LogRow* const> rows, std::uint64_t first_seq) {
  LogColumns columns;
  for (std::size_t i = 0; i < rows.size(); ++i) columns.Add(*rows[i], first_seq + i);
  NativeBlockWriter block;
  columns.Put(block);
  return MakeInsert("nightjar.logs", std::move(block));
}

}  // namespace nightjar::store
