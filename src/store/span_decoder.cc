#include "store/span_decoder.h"

#include <map>
#include <string_view>
#include <unordered_map>

#include "base/json.h"
#include "model/value_json.h"
#include "store/event_text.h"
#include "store/id_columns.h"
#include "store/native_writer.h"
#include "store/origin_text.h"
#include "store/segment.h"

namespace nightjar::store {
namespace {

struct HashOfUInt128 {
  std::size_t operator()(const UInt128& value) const { return value.low ^ value.high; }
};
// Views into the answer of the engine.
using SegmentBodies = std::unordered_map<UInt128, std::string_view, HashOfUInt128>;

// What the spans of a batch have in common.
struct Origins {
  explicit Origins(model::SpanBatch& batch)
      : resources(ParseResource, batch.resources), scopes(ParseScope, batch.scopes) {}
  OriginPool<model::Resource> resources;
  OriginPool<model::Scope> scopes;
};

class RowReader {
 public:
  RowReader(const NativeBlock& block, const SegmentBodies& bodies) : bodies_(bodies) {
    for (const NativeColumn& column : block.columns) columns_.emplace(column.name, &column);
  }

  Result<model::Span> Read(std::size_t row, Origins& origins) const {
    model::Span span = Plain(row);
    ASSIGN_OR_RETURN(span.resource, origins.resources.IndexOf(Text("resource", row)));
    ASSIGN_OR_RETURN(span.scope, origins.scopes.IndexOf(Text("scope", row)));
    RETURN_IF_ERROR(ReadAttributes(row, span.attributes));
    ASSIGN_OR_RETURN(const std::string events, Joined(row, Text("events", row)));
    ASSIGN_OR_RETURN(span.events, DecodeEvents(events));
    ASSIGN_OR_RETURN(const std::string links, Joined(row, Text("links", row)));
    ASSIGN_OR_RETURN(span.links, DecodeLinks(links));
    return span;
  }

 private:
  const NativeColumn& Column(std::string_view name) const { return *columns_.at(name); }
  std::string_view Text(std::string_view name, std::size_t row) const { return Column(name).Text(row); }
  template <typename T>
  T Fixed(std::string_view name, std::size_t row) const {
    return Column(name).Fixed<T>(row);
  }

  model::Span Plain(std::size_t row) const {
    model::Span span;
    span.project = Text("project", row);
    span.trace_id = *TraceId::FromBytes(Text("trace_id", row));
    span.span_id = SpanIdFromNumber(Fixed<std::uint64_t>("span_id", row));
    span.parent_span_id = SpanIdFromNumber(Fixed<std::uint64_t>("parent_span_id", row));
    span.name = Text("name", row);
    span.kind = static_cast<model::SpanKind>(Fixed<std::int32_t>("otel_kind", row));
    span.start_unix_ns = Fixed<std::uint64_t>("start_unix_ns", row);
    span.end_unix_ns = span.start_unix_ns + static_cast<std::uint64_t>(Fixed<std::int64_t>("duration_ns", row));
    span.status = static_cast<model::StatusCode>(Fixed<std::int32_t>("status", row));
    span.status_message = Text("status_message", row);
    span.trace_state = Text("trace_state", row);
    span.flags = Fixed<std::uint32_t>("flags", row);
    span.dropped_attributes = Fixed<std::uint32_t>("dropped_attributes", row);
    span.dropped_events = Fixed<std::uint32_t>("dropped_events", row);
    span.dropped_links = Fixed<std::uint32_t>("dropped_links", row);
    return span;
  }

  // Calls use(key, values column, item) for each pair of a Map column.
  template <typename Use>
  Result<void> ForEachPair(std::string_view name, std::size_t row, Use use) const {
    const NativeColumn& map = Column(name);
    for (std::size_t i = map.begin(row); i < map.end(row); ++i)
      RETURN_IF_ERROR(use(std::string(map.item_column(0).Text(i)), map.item_column(1), i));
    return {};
  }

  Result<void> ReadAttributes(std::size_t row, model::Attributes& attributes) const {
    const auto put = [&](std::string key, model::Value value) -> Result<void> {
      attributes.push_back({std::move(key), std::move(value)});
      return {};
    };
    RETURN_IF_ERROR(ForEachPair("attrs_str", row, [&](std::string key, const NativeColumn& values, std::size_t i) {
      return put(std::move(key), std::string(values.Text(i)));
    }));
    RETURN_IF_ERROR(ForEachPair("attrs_int", row, [&](std::string key, const NativeColumn& values, std::size_t i) {
      return put(std::move(key), values.Fixed<std::int64_t>(i));
    }));
    RETURN_IF_ERROR(ForEachPair("attrs_num", row, [&](std::string key, const NativeColumn& values, std::size_t i) {
      return put(std::move(key), values.Fixed<double>(i));
    }));
    RETURN_IF_ERROR(ForEachPair("attrs_other", row,
                                [&](std::string key, const NativeColumn& values, std::size_t i) -> Result<void> {
                                  ASSIGN_OR_RETURN(model::Value value, Tagged(row, values.Text(i)));
                                  return put(std::move(key), std::move(value));
                                }));
    std::ranges::sort(attributes, {}, &model::Attribute::key);
    return {};
  }

  Result<model::Value> Tagged(std::size_t row, std::string_view tagged) const {
    if (tagged.empty()) return Fail(ErrorCode::kDataLoss, "a stored attribute is empty");
    const char tag = tagged.front();
    tagged.remove_prefix(1);
    std::string text(tagged);
    if (tag != 'j') {
      ASSIGN_OR_RETURN(text, Joined(row, tagged));
    }
    if (tag == 'r') return model::Value(std::move(text));
    ASSIGN_OR_RETURN(const json::value parsed, ParseJson(text));
    return model::FromJsonValue(parsed);
  }

  Result<std::string> Joined(std::size_t row, std::string_view rope) const {
    return JoinRope(rope, [&](std::uint64_t number) { return SegmentBody(row, number); });
  }

  const std::string_view* SegmentBody(std::size_t row, std::uint64_t number) const {
    const NativeColumn& segments = Column("segments");
    if (number >= segments.end(row) - segments.begin(row)) return nullptr;
    const auto found = bodies_.find(segments.item_column(0).Fixed<UInt128>(segments.begin(row) + number));
    return found == bodies_.end() ? nullptr : &found->second;
  }

  const SegmentBodies& bodies_;
  std::map<std::string_view, const NativeColumn*> columns_;
};

Result<SegmentBodies> ReadBodies(std::string_view bytes) {
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  SegmentBodies bodies;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      bodies.emplace(block.columns.at(0).Fixed<UInt128>(row), block.columns.at(1).Text(row));
  return bodies;
}

}  // namespace

Result<model::SpanBatch> DecodeSpans(const std::vector<NativeBlock>& spans, std::string_view segment_bytes) {
  ASSIGN_OR_RETURN(const SegmentBodies bodies, ReadBodies(segment_bytes));
  model::SpanBatch batch;
  Origins origins(batch);
  for (const NativeBlock& block : spans) {
    const RowReader reader(block, bodies);
    for (std::size_t row = 0; row < block.rows; ++row) {
      ASSIGN_OR_RETURN(model::Span span, reader.Read(row, origins));
      batch.spans.push_back(std::move(span));
    }
  }
  return batch;
}

Result<void> DecodeEach(const std::vector<NativeBlock>& spans, std::string_view segment_bytes,
                        const std::vector<RowPlace>& rows, const std::function<void(const model::SpanBatch&)>& take) {
  ASSIGN_OR_RETURN(const SegmentBodies bodies, ReadBodies(segment_bytes));
  std::vector<RowReader> readers;
  readers.reserve(spans.size());
  for (const NativeBlock& block : spans) readers.emplace_back(block, bodies);
  model::SpanBatch batch;
  Origins origins(batch);
  for (const RowPlace& place : rows) {
    ASSIGN_OR_RETURN(model::Span span, readers.at(place.block).Read(place.row, origins));
    batch.spans.clear();
    batch.spans.push_back(std::move(span));
    take(batch);
  }
  return {};
}

}  // namespace nightjar::store
