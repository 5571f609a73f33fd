#include "store/span_row.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "model/value_json.h"
#include "store/event_text.h"
#include "store/origin_text.h"

namespace nightjar::store {
namespace {

constexpr UnixNanos kDayNs = 86'400'000'000'000;
constexpr std::uint64_t kDaysBackMax = 40;
constexpr std::uint64_t kDaysAheadMax = 1;

UInt128 ScopeOf(const model::Span& span, const std::string& session_id, const SegmentKey& key) {
  std::string owner = span.project;
  owner += '\0';
  owner += session_id.empty() ? span.trace_id.AsBytes() : std::string_view(session_id);
  return HashSegment(key, owner);
}

// Whether the typed maps hold it: see AttributeColumns.
bool IsPlain(const model::Value& value) {
  const auto* text = value.As<std::string>();
  if (text != nullptr) return text->size() <= kShortStringBytesMax;
  return value.As<std::int64_t>() != nullptr || value.As<double>() != nullptr;
}

std::string Tagged(const model::Value& value, RopeBuilder& ropes) {
  if (const auto* text = value.As<std::string>()) {
    ropes.AddValue(*text);
    return 'r' + ropes.Take();
  }
  const std::string json = ToJson(model::ToJsonValue(value));
  if (json.size() <= kShortStringBytesMax) return 'j' + json;
  ropes.AddValue(json);
  return 'R' + ropes.Take();
}

// Moves what is long or composed out of the row's span.
void CutToRopes(SpanRow& row, RopeBuilder& ropes) {
  std::erase_if(row.span.attributes, [&](model::Attribute& attribute) {
    if (IsPlain(attribute.value)) return false;
    std::string tagged = Tagged(attribute.value, ropes);
    row.other_attributes.push_back({std::move(attribute.key), std::move(tagged)});
    return true;
  });
  row.events = EncodeEvents(std::exchange(row.span.events, {}), ropes);
  row.links = EncodeLinks(std::exchange(row.span.links, {}), ropes);
  row.segments = ropes.TakeSegments();
}

std::size_t BytesOf(const SpanRow& row) {
  std::size_t bytes = sizeof(SpanRow) + row.events.size() + row.links.size() + row.segments.size() * sizeof(UInt128) +
                      row.promoted.understood.size();
  for (const model::Attribute& attribute : row.span.attributes) {
    const auto* text = attribute.value.As<std::string>();
    bytes += sizeof attribute + attribute.key.size() + (text != nullptr ? text->size() : 0);
  }
  for (const OtherAttribute& other : row.other_attributes) bytes += sizeof other + other.tagged.size();
  return bytes;
}

}  // namespace

std::uint16_t PartitionDay(UnixNanos start_unix_ns, UnixNanos now_unix_ns) {
  const std::uint64_t day = start_unix_ns / kDayNs;
  const std::uint64_t today = now_unix_ns / kDayNs;
  const bool near = day + kDaysBackMax >= today && day <= today + kDaysAheadMax;
  return near ? static_cast<std::uint16_t>(day) : std::uint16_t{0};
}

RowBatch MakeRows(model::SpanBatch batch, std::vector<model::SpanSummary> summaries, const SegmentKey& key,
                  UnixNanos now_unix_ns) {
  CHECK(summaries.size() == batch.spans.size());
  RowBatch out;
  std::vector<std::string> origins;  // the resources, then the scopes
  origins.reserve(batch.resources.size() + batch.scopes.size());
  for (const model::Resource& resource : batch.resources) origins.push_back(ResourceText(resource));
  for (const model::Scope& scope : batch.scopes) origins.push_back(ScopeText(scope));
  for (const std::string& text : origins) out.bytes += text.size();
  out.origins = std::make_unique<const std::vector<std::string>>(std::move(origins));

  out.spans.reserve(batch.spans.size());
  for (std::size_t i = 0; i < batch.spans.size(); ++i) {
    SpanRow& row = out.spans.emplace_back();
    row.segment_scope = ScopeOf(batch.spans[i], summaries[i].session_id, key);
    row.span = std::move(batch.spans[i]);
    row.resource = (*out.origins)[row.span.resource];
    row.scope = (*out.origins)[batch.resources.size() + row.span.scope];
    row.day = PartitionDay(row.span.start_unix_ns, now_unix_ns);
    row.promoted = std::move(summaries[i]);
    RopeBuilder ropes(key, [&](const UInt128& hash, std::string_view body) {
      out.segments.push_back({row.segment_scope, hash, row.day, std::string(body)});
      out.bytes += sizeof(Segment) + body.size();
    });
    CutToRopes(row, ropes);
    if (row.segments.empty()) row.segment_scope = {};
    out.bytes += BytesOf(row);
  }
  return out;
}

}  // namespace nightjar::store
