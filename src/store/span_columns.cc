#include "store/span_columns.h"

#include <utility>

#include "base/json.h"
#include "model/value_json.h"
#include "store/id_columns.h"
#include "store/origin_text.h"

namespace nightjar::store {
namespace {

class IdentityColumns {
 public:
  void Add(const SpanRow& row, std::uint64_t seq) {
    const model::Span& span = row.span;
    project_.Add(span.project);
    day_.Add(row.day);
    trace_id_.Add(span.trace_id.bytes);
    span_id_.Add(SpanIdNumber(span.span_id));
    parent_span_id_.Add(SpanIdNumber(span.parent_span_id));
    start_.Add(span.start_unix_ns);
    duration_.Add(static_cast<std::int64_t>(span.end_unix_ns - span.start_unix_ns));
    seq_.Add(seq);
    name_.Add(span.name);
    otel_kind_.Add(static_cast<std::int32_t>(span.kind));
    status_.Add(static_cast<std::int32_t>(span.status));
    status_message_.Add(span.status_message);
    trace_state_.Add(span.trace_state);
    flags_.Add(span.flags);
    resource_.Add(row.resource);
    scope_.Add(row.scope);
    dropped_attributes_.Add(span.dropped_attributes);
    dropped_events_.Add(span.dropped_events);
    dropped_links_.Add(span.dropped_links);
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("project", "LowCardinality(String)", project_);
    block.Add("day", "UInt16", day_);
    block.Add("trace_id", "FixedString(16)", trace_id_);
    block.Add("span_id", "UInt64", span_id_);
    block.Add("parent_span_id", "UInt64", parent_span_id_);
    block.Add("start_unix_ns", "UInt64", start_);
    block.Add("duration_ns", "Int64", duration_);
    block.Add("seq", "UInt64", seq_);
    block.Add("name", "LowCardinality(String)", name_);
    block.Add("otel_kind", "Int32", otel_kind_);
    block.Add("status", "Int32", status_);
    block.Add("status_message", "String", status_message_);
    block.Add("trace_state", "String", trace_state_);
    block.Add("flags", "UInt32", flags_);
    block.Add("resource", "LowCardinality(String)", resource_);
    block.Add("scope", "LowCardinality(String)", scope_);
    block.Add("dropped_attributes", "UInt32", dropped_attributes_);
    block.Add("dropped_events", "UInt32", dropped_events_);
    block.Add("dropped_links", "UInt32", dropped_links_);
  }

 private:
  LowCardinalityColumn project_, name_, resource_, scope_;
  FixedColumn<std::uint16_t> day_;
  FixedColumn<TraceIdBytes> trace_id_;
  FixedColumn<std::uint64_t> span_id_, parent_span_id_, start_, seq_;
  FixedColumn<std::int64_t> duration_;
  FixedColumn<std::int32_t> otel_kind_, status_;
  FixedColumn<std::uint32_t> flags_, dropped_attributes_, dropped_events_, dropped_links_;
  StringColumn status_message_, trace_state_;
};

class DerivedColumns {
 public:
  void Add(const PromotedColumns& promoted) {
    kind_.Add(model::ToString(promoted.kind));
    dialect_.Add(promoted.dialect);
    rules_version_.Add(promoted.rules_version);
    service_name_.Add(promoted.service_name);
    model_.Add(promoted.model);
    provider_.Add(promoted.provider);
    agent_name_.Add(promoted.agent_name);
    tool_name_.Add(promoted.tool_name);
    session_id_.Add(promoted.session_id);
    user_id_.Add(promoted.user_id);
    for (TokenColumn& column : tokens_) {
      const std::uint64_t* count = nullptr;
      if (promoted.tokens && (*promoted.tokens).*column.field) count = &*((*promoted.tokens).*column.field);
      column.values.Add(count);
    }
    cost_.Add(promoted.reported_cost_usd ? &*promoted.reported_cost_usd : nullptr);
    input_preview_.Add(promoted.input_preview);
    output_preview_.Add(promoted.output_preview);
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("kind", "LowCardinality(String)", kind_);
    block.Add("dialect", "LowCardinality(String)", dialect_);
    block.Add("rules_version", "UInt32", rules_version_);
    block.Add("service_name", "LowCardinality(String)", service_name_);
    block.Add("model", "LowCardinality(String)", model_);
    block.Add("provider", "LowCardinality(String)", provider_);
    block.Add("agent_name", "LowCardinality(String)", agent_name_);
    block.Add("tool_name", "LowCardinality(String)", tool_name_);
    block.Add("session_id", "String", session_id_);
    block.Add("user_id", "String", user_id_);
    for (const TokenColumn& column : tokens_) block.Add(column.name, "Nullable(UInt64)", column.values);
    block.Add("reported_cost_usd", "Nullable(Float64)", cost_);
    block.Add("input_preview", "String", input_preview_);
    block.Add("output_preview", "String", output_preview_);
  }

 private:
  struct TokenColumn {
    std::string_view name;
    std::optional<std::uint64_t> model::TokenUsage::* field;
    NullableColumn<std::uint64_t> values{};
  };

  LowCardinalityColumn kind_, dialect_, service_name_, model_, provider_, agent_name_, tool_name_;
  FixedColumn<std::uint32_t> rules_version_;
  StringColumn session_id_, user_id_, input_preview_, output_preview_;
  std::array<TokenColumn, 6> tokens_{{
      {"prompt_tokens", &model::TokenUsage::prompt},
      {"completion_tokens", &model::TokenUsage::completion},
      {"total_tokens", &model::TokenUsage::total},
      {"cache_read_tokens", &model::TokenUsage::cache_read},
      {"cache_write_tokens", &model::TokenUsage::cache_write},
      {"reasoning_tokens", &model::TokenUsage::reasoning},
  }};
  NullableColumn<double> cost_;
};

class AttributeColumns {
 public:
  void Add(const SpanRow& row) {
    auto rope = row.ropes.begin();
    const model::Attributes& attributes = row.span.attributes;
    for (std::size_t i = 0; i < attributes.size(); ++i) {
      if (rope != row.ropes.end() && rope->attribute == i) {
        rope_.AddPair(attributes[i].key, std::string_view(rope->bytes));
        ++rope;
      } else {
        AddValue(attributes[i]);
      }
    }
    str_.EndRow();
    int_.EndRow();
    num_.EndRow();
    bool_.EndRow();
    json_.EndRow();
    rope_.EndRow();
    segment_scope_.Add(row.segment_scope);
    for (const UInt128& hash : row.segments) segments_.items.Add(hash);
    segments_.EndRow();
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("attrs_str", "Map(LowCardinality(String), LowCardinality(String))", str_);
    block.Add("attrs_int", "Map(LowCardinality(String), Int64)", int_);
    block.Add("attrs_num", "Map(LowCardinality(String), Float64)", num_);
    block.Add("attrs_bool", "Map(LowCardinality(String), UInt8)", bool_);
    block.Add("attrs_json", "Map(LowCardinality(String), String)", json_);
    block.Add("attrs_rope", "Map(LowCardinality(String), String)", rope_);
    block.Add("segment_scope", "UInt128", segment_scope_);
    block.Add("segments", "Array(UInt128)", segments_);
  }

 private:
  void AddValue(const model::Attribute& attribute) {
    const model::Value& value = attribute.value;
    if (const auto* text = value.As<std::string>()) {
      str_.AddPair(attribute.key, std::string_view(*text));
    } else if (const auto* integer = value.As<std::int64_t>()) {
      int_.AddPair(attribute.key, *integer);
    } else if (const auto* number = value.As<double>()) {
      num_.AddPair(attribute.key, *number);
    } else if (const auto* boolean = value.As<bool>()) {
      bool_.AddPair(attribute.key, static_cast<std::uint8_t>(*boolean));
    } else {
      json_.AddPair(attribute.key, std::string_view(ToJson(model::ToJsonValue(value))));
    }
  }

  MapColumn<LowCardinalityColumn> str_;
  MapColumn<FixedColumn<std::int64_t>> int_;
  MapColumn<FixedColumn<double>> num_;
  MapColumn<FixedColumn<std::uint8_t>> bool_;
  MapColumn<StringColumn> json_, rope_;
  FixedColumn<UInt128> segment_scope_;
  ArrayColumn<FixedColumn<UInt128>> segments_;
};

class EventAndLinkColumns {
 public:
  void Add(const model::Span& span) {
    for (const model::Event& event : span.events) {
      event_times_.items.Add(event.time_unix_ns);
      event_names_.items.Add(event.name);
      event_attributes_.items.Add(AttributesText(event.attributes));
      event_dropped_.items.Add(event.dropped_attributes);
    }
    for (const model::Link& link : span.links) {
      link_trace_ids_.items.Add(link.trace_id.bytes);
      link_span_ids_.items.Add(SpanIdNumber(link.span_id));
      link_trace_states_.items.Add(link.trace_state);
      link_attributes_.items.Add(AttributesText(link.attributes));
      link_dropped_.items.Add(link.dropped_attributes);
      link_flags_.items.Add(link.flags);
    }
    event_times_.EndRow();
    event_names_.EndRow();
    event_attributes_.EndRow();
    event_dropped_.EndRow();
    link_trace_ids_.EndRow();
    link_span_ids_.EndRow();
    link_trace_states_.EndRow();
    link_attributes_.EndRow();
    link_dropped_.EndRow();
    link_flags_.EndRow();
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("event_times", "Array(UInt64)", event_times_);
    block.Add("event_names", "Array(LowCardinality(String))", event_names_);
    block.Add("event_attributes", "Array(String)", event_attributes_);
    block.Add("event_dropped", "Array(UInt32)", event_dropped_);
    block.Add("link_trace_ids", "Array(FixedString(16))", link_trace_ids_);
    block.Add("link_span_ids", "Array(UInt64)", link_span_ids_);
    block.Add("link_trace_states", "Array(String)", link_trace_states_);
    block.Add("link_attributes", "Array(String)", link_attributes_);
    block.Add("link_dropped", "Array(UInt32)", link_dropped_);
    block.Add("link_flags", "Array(UInt32)", link_flags_);
  }

 private:
  ArrayColumn<FixedColumn<std::uint64_t>> event_times_, link_span_ids_;
  ArrayColumn<LowCardinalityColumn> event_names_;
  ArrayColumn<StringColumn> event_attributes_, link_trace_states_, link_attributes_;
  ArrayColumn<FixedColumn<std::uint32_t>> event_dropped_, link_dropped_, link_flags_;
  ArrayColumn<FixedColumn<TraceIdBytes>> link_trace_ids_;
};

}  // namespace

InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::uint64_t first_seq) {
  IdentityColumns identity;
  DerivedColumns derived;
  AttributeColumns attributes;
  EventAndLinkColumns events_and_links;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    identity.Add(*rows[i], first_seq + i);
    derived.Add(rows[i]->promoted);
    attributes.Add(*rows[i]);
    events_and_links.Add(rows[i]->span);
  }
  NativeBlockWriter block;
  identity.Put(block);
  derived.Put(block);
  attributes.Put(block);
  events_and_links.Put(block);
  return MakeInsert("nightjar.spans", block);
}

InsertBlock EncodeSegments(std::span<const Segment* const> segments) {
  FixedColumn<UInt128> scope, hash;
  FixedColumn<std::uint16_t> day;
  StringColumn body;
  for (const Segment* segment : segments) {
    scope.Add(segment->scope);
    hash.Add(segment->hash);
    day.Add(segment->day);
    body.Add(segment->body);
  }
  NativeBlockWriter block;
  block.Add("scope", "UInt128", scope);
  block.Add("hash", "UInt128", hash);
  block.Add("day", "UInt16", day);
  block.Add("body", "String", body);
  return MakeInsert("nightjar.segments", block);
}

}  // namespace nightjar::store
