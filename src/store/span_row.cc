#include "store/span_row.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"
#include "model/value_json.h"
#include "store/event_text.h"
#include "store/origin_text.h"

namespace nightjar::store {
namespace {

constexpr UnixNanos kDayNs = 86'400'000'000'000;
constexpr std::uint64_t kDaysBackMax = 40;
constexpr std::uint64_t kDaysAheadMax = 1;

std::string_view FirstText(const std::vector<model::Message>& messages, bool from_end) {
  const auto text_of = [](const model::Message& message) -> std::string_view {
    for (const model::Part& part : message.content)
      if (part.type == model::Part::Type::kText && !part.text.empty()) return part.text;
    return {};
  };
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string_view text = text_of(messages[from_end ? messages.size() - 1 - i : i]);
    if (!text.empty()) return text;
  }
  return {};
}

PromotedColumns Promote(const model::LlmView& view) {
  PromotedColumns promoted;
  promoted.kind = view.kind;
  promoted.dialect = view.dialect;
  promoted.rules_version = view.rules_version;
  promoted.service_name = view.service_name;
  promoted.agent_name = view.agent_name;
  promoted.session_id = view.session_id;
  promoted.user_id = view.user_id;
  promoted.tokens = view.tokens;
  if (view.tool) promoted.tool_name = view.tool->name;
  if (view.cost) promoted.reported_cost_usd = view.cost->total_usd;
  if (view.llm) {
    promoted.model = view.llm->model;
    promoted.provider = view.llm->provider;
  } else if (view.embedding) {
    promoted.model = view.embedding->model;
  } else if (view.reranker) {
    promoted.model = view.reranker->model;
  }
  std::string_view input = view.input ? std::string_view(view.input->value) : std::string_view();
  std::string_view output = view.output ? std::string_view(view.output->value) : std::string_view();
  if (view.llm && input.empty()) input = FirstText(view.llm->input_messages, true);
  if (view.llm && output.empty()) output = FirstText(view.llm->output_messages, false);
  promoted.input_preview = Utf8Prefix(input, kPreviewCharactersMax);
  promoted.output_preview = Utf8Prefix(output, kPreviewCharactersMax);
  return promoted;
}

UInt128 ScopeOf(const model::Span& span, const model::LlmView& view, const SegmentKey& key) {
  std::string owner = span.project;
  owner += '\0';
  owner += view.session_id.empty() ? span.trace_id.AsBytes() : std::string_view(view.session_id);
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
  std::size_t bytes = sizeof(SpanRow) + row.resource.size() + row.scope.size() + row.events.size() + row.links.size() +
                      row.segments.size() * sizeof(UInt128);
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

RowBatch MakeRows(model::SpanBatch batch, const std::vector<model::LlmView>& views, const SegmentKey& key,
                  UnixNanos now_unix_ns) {
  CHECK(views.size() == batch.spans.size());
  std::vector<std::string> resources;
  for (const model::Resource& resource : batch.resources) resources.push_back(ResourceText(resource));
  std::vector<std::string> scopes;
  for (const model::Scope& scope : batch.scopes) scopes.push_back(ScopeText(scope));

  RowBatch out;
  out.spans.reserve(batch.spans.size());
  for (std::size_t i = 0; i < batch.spans.size(); ++i) {
    SpanRow& row = out.spans.emplace_back();
    row.segment_scope = ScopeOf(batch.spans[i], views[i], key);
    row.span = std::move(batch.spans[i]);
    row.resource = resources[row.span.resource];
    row.scope = scopes[row.span.scope];
    row.day = PartitionDay(row.span.start_unix_ns, now_unix_ns);
    row.promoted = Promote(views[i]);
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
