#include "store/span_columns.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <numeric>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/json.h"
#include "store/id_columns.h"

namespace nightjar::store {
namespace {

constexpr UnixNanos kHourNs = 3'600'000'000'000;

// Not keyed: an equal id in another data directory may have an equal hash.
std::uint64_t ResponseHash(std::string_view response_id) {
  return response_id.empty() ? 0 : XXH3_64bits(response_id.data(), response_id.size());
}

// One a line; a line break within one becomes a space.
std::string Lines(const std::vector<std::string>& texts) {
  std::string lines;
  for (std::string text : texts) {
    std::ranges::replace(text, '\n', ' ');
    (lines += lines.empty() ? "" : "\n") += text;
  }
  return lines;
}

// A JSON list of {name, label, score, explanation, target}, which the engine reads; "" for none.
std::string EvaluationsText(const std::vector<model::Evaluation>& evaluations) {
  if (evaluations.empty()) return {};
  json::array list;
  for (const model::Evaluation& evaluation : evaluations)
    list.push_back(json::object{{"name", evaluation.name},
                                {"label", evaluation.label},
                                {"score", NumberOrNull(evaluation.score)},
                                {"explanation", evaluation.explanation},
                                {"target", evaluation.target}});
  return ToJson(list);
}

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
  void Add(const model::SpanSummary& promoted) {
    kind_.Add(model::ToString(promoted.kind));
    dialect_.Add(promoted.dialect);
    rules_version_.Add(promoted.rules_version);
    title_.Add(promoted.title);
    service_name_.Add(promoted.service_name);
    model_.Add(promoted.model);
    provider_.Add(promoted.provider);
    agent_name_.Add(promoted.agent_name);
    tool_name_.Add(promoted.tool_name);
    session_id_.Add(promoted.session_id);
    user_id_.Add(promoted.user_id);
    operation_.Add(promoted.operation);
    response_hash_.Add(ResponseHash(promoted.response_id));
    finish_reason_.Add(promoted.finish_reason);
    first_token_.Add(promoted.time_to_first_token_ns.value_or(0));
    prompt_name_.Add(promoted.prompt_name);
    prompt_version_.Add(promoted.prompt_version);
    exception_type_.Add(promoted.exception_type);
    exception_message_.Add(promoted.exception_message);
    std::uint16_t known = 0;
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      std::optional<std::uint64_t> count;
      if (promoted.tokens) count = (*promoted.tokens).*tokens_[i].field;
      tokens_[i].values.Add(count.value_or(0));
      if (count) known |= static_cast<std::uint16_t>(1U << i);
    }
    reported_cost_.Add(promoted.reported_cost_usd.value_or(0));
    if (promoted.reported_cost_usd) known |= kReportedCostIsKnown;
    if (promoted.cost) known |= kCostIsKnown;
    if (promoted.time_to_first_token_ns) known |= kFirstTokenIsKnown;
    if (promoted.tokens && promoted.tokens->estimated) known |= kTokensAreEstimated;
    AddCost(promoted, known);
    known_.Add(known);
    prices_version_.Add(promoted.prices_version);
    log_records_.Add(promoted.log_records);
    tags_.Add(Lines(promoted.tags));
    metadata_.Add(promoted.metadata);
    evaluations_.Add(EvaluationsText(promoted.evaluations));
    input_preview_.Add(promoted.input_preview);
    output_preview_.Add(promoted.output_preview);
    understood_.Add(promoted.understood);
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("kind", "LowCardinality(String)", kind_);
    block.Add("dialect", "LowCardinality(String)", dialect_);
    block.Add("rules_version", "UInt32", rules_version_);
    block.Add("title", "LowCardinality(String)", title_);
    block.Add("service_name", "LowCardinality(String)", service_name_);
    block.Add("model", "LowCardinality(String)", model_);
    block.Add("provider", "LowCardinality(String)", provider_);
    block.Add("agent_name", "LowCardinality(String)", agent_name_);
    block.Add("tool_name", "LowCardinality(String)", tool_name_);
    block.Add("session_id", "String", session_id_);
    block.Add("user_id", "String", user_id_);
    block.Add("operation", "LowCardinality(String)", operation_);
    block.Add("response_hash", "UInt64", response_hash_);
    block.Add("finish_reason", "LowCardinality(String)", finish_reason_);
    block.Add("first_token_ns", "UInt64", first_token_);
    block.Add("prompt_name", "LowCardinality(String)", prompt_name_);
    block.Add("prompt_version", "LowCardinality(String)", prompt_version_);
    block.Add("exception_type", "LowCardinality(String)", exception_type_);
    block.Add("exception_message", "String", exception_message_);
    block.Add("known", "UInt16", known_);
    for (const TokenColumn& column : tokens_) block.Add(column.name, "UInt64", column.values);
    block.Add("reported_cost_usd", "Float64", reported_cost_);
    block.Add("cost_usd", "Float64", cost_);
    block.Add("prompt_cost_usd", "Float64", prompt_cost_);
    block.Add("completion_cost_usd", "Float64", completion_cost_);
    block.Add("cache_savings_usd", "Float64", cache_savings_);
    block.Add("price", "LowCardinality(String)", price_);
    block.Add("prices_version", "UInt32", prices_version_);
    block.Add("log_records", "UInt32", log_records_);
    block.Add("tags", "String", tags_);
    block.Add("metadata", "String", metadata_);
    block.Add("evaluations", "String", evaluations_);
    block.Add("input_preview", "String", input_preview_);
    block.Add("output_preview", "String", output_preview_);
    block.Add("understood", "String", understood_);
  }

 private:
  struct TokenColumn {
    std::string_view name;
    std::optional<std::uint64_t> model::TokenUsage::* field;
    FixedColumn<std::uint64_t> values{};
  };

  void AddCost(const model::SpanSummary& promoted, std::uint16_t& known) {
    const model::StoredCost cost = promoted.cost.value_or(model::StoredCost());
    cost_.Add(cost.total_usd);
    cache_savings_.Add(cost.cache_savings_usd);
    price_.Add(cost.price);
    // Both are those of the total: by price, else as they were reported.
    const bool priced = promoted.cost.has_value();
    const auto prompt = priced ? cost.prompt_usd : promoted.reported_prompt_usd;
    const auto completion = priced ? cost.completion_usd : promoted.reported_completion_usd;
    prompt_cost_.Add(prompt.value_or(0));
    completion_cost_.Add(completion.value_or(0));
    if (prompt) known |= kPromptCostIsKnown;
    if (completion) known |= kCompletionCostIsKnown;
  }

  LowCardinalityColumn kind_, dialect_, title_, service_name_, model_, provider_, agent_name_, tool_name_, operation_,
      finish_reason_, prompt_name_, prompt_version_, exception_type_, price_;
  FixedColumn<std::uint32_t> rules_version_, prices_version_, log_records_;
  FixedColumn<std::uint64_t> response_hash_, first_token_;
  StringColumn session_id_, user_id_, exception_message_, tags_, metadata_, evaluations_, input_preview_,
      output_preview_, understood_;
  static constexpr std::uint16_t kReportedCostIsKnown = 1U << 6;
  static constexpr std::uint16_t kCostIsKnown = 1U << 7;
  static constexpr std::uint16_t kFirstTokenIsKnown = 1U << 8;
  static constexpr std::uint16_t kTokensAreEstimated = 1U << 9;
  static constexpr std::uint16_t kPromptCostIsKnown = 1U << 10;
  static constexpr std::uint16_t kCompletionCostIsKnown = 1U << 11;
  // Bit i of `known`: the i-th of these is known.
  std::array<TokenColumn, 6> tokens_{{
      {"prompt_tokens", &model::TokenUsage::prompt},
      {"completion_tokens", &model::TokenUsage::completion},
      {"total_tokens", &model::TokenUsage::total},
      {"cache_read_tokens", &model::TokenUsage::cache_read},
      {"cache_write_tokens", &model::TokenUsage::cache_write},
      {"reasoning_tokens", &model::TokenUsage::reasoning},
  }};
  FixedColumn<double> reported_cost_, cost_, prompt_cost_, completion_cost_, cache_savings_;
  FixedColumn<std::uint16_t> known_;
};

class AttributeColumns {
 public:
  void Add(const SpanRow& row) {
    for (const model::Attribute& attribute : row.span.attributes) AddPlain(attribute);
    for (const OtherAttribute& other : row.other_attributes) other_.AddPair(other.key, std::string_view(other.tagged));
    str_.EndRow();
    int_.EndRow();
    num_.EndRow();
    other_.EndRow();
    events_.Add(row.events);
    links_.Add(row.links);
    segment_scope_.Add(row.segment_scope);
    for (const UInt128& hash : row.segments) segments_.items.Add(hash);
    segments_.EndRow();
  }
  void Put(NativeBlockWriter& block) const {
    block.Add("attrs_str", "Map(LowCardinality(String), LowCardinality(String))", str_);
    block.Add("attrs_int", "Map(LowCardinality(String), Int64)", int_);
    block.Add("attrs_num", "Map(LowCardinality(String), Float64)", num_);
    block.Add("attrs_other", "Map(LowCardinality(String), String)", other_);
    block.Add("events", "String", events_);
    block.Add("links", "String", links_);
    block.Add("segment_scope", "UInt128", segment_scope_);
    block.Add("segments", "Array(UInt128)", segments_);
  }

 private:
  void AddPlain(const model::Attribute& attribute) {
    if (const auto* text = attribute.value.As<std::string>()) {
      str_.AddPair(attribute.key, std::string_view(*text));
    } else if (const auto* integer = attribute.value.As<std::int64_t>()) {
      int_.AddPair(attribute.key, *integer);
    } else {
      const auto* number = attribute.value.As<double>();
      CHECK(number != nullptr);
      num_.AddPair(attribute.key, *number);
    }
  }

  MapColumn<LowCardinalityColumn> str_;
  MapColumn<FixedColumn<std::int64_t>> int_;
  MapColumn<FixedColumn<double>> num_;
  MapColumn<StringColumn> other_;
  StringColumn events_, links_;
  FixedColumn<UInt128> segment_scope_;
  ArrayColumn<FixedColumn<UInt128>> segments_;
};

// The table's partition and sorting key, and which row has it.
struct SortKey {
  std::uint16_t day;
  std::string_view project;
  std::uint64_t hour;
  TraceId trace_id;
  UnixNanos start_unix_ns;
  SpanId span_id;
  std::size_t row;
  auto operator<=>(const SortKey&) const = default;
};

// String, of what is the bulk of a block: not copied into a column first.
struct BodyColumn {
  std::span<const Segment* const> segments;

  [[nodiscard]] std::size_t rows() const { return segments.size(); }
  [[nodiscard]] std::size_t bytes() const {
    constexpr std::size_t kVarintBytesMax = 10;
    std::size_t bytes = 0;
    for (const Segment* segment : segments) bytes += kVarintBytesMax + segment->body.size();
    return bytes;
  }
  void AppendPrefix(std::string&) const {}
  void AppendRows(std::string& out) const {
    for (const Segment* segment : segments) {
      AppendVarint(segment->body.size(), out);
      out += segment->body;
    }
  }
};

SortKey SortKeyOf(const SpanRow& row, std::size_t number) {
  const model::Span& span = row.span;
  return {row.day, span.project, span.start_unix_ns / kHourNs, span.trace_id, span.start_unix_ns, span.span_id, number};
}

}  // namespace

InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::uint64_t first_seq) {
  std::vector<std::uint64_t> seqs(rows.size());
  std::iota(seqs.begin(), seqs.end(), first_seq);
  return EncodeSpans(rows, seqs);
}

InsertBlock EncodeSpans(std::span<const SpanRow* const> rows, std::span<const std::uint64_t> seqs) {
  // In the order of the table, so that the engine need not move the rows of every column.
  std::vector<SortKey> order;
  order.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) order.push_back(SortKeyOf(*rows[i], i));
  std::ranges::sort(order);

  IdentityColumns identity;
  DerivedColumns derived;
  AttributeColumns attributes;
  for (const SortKey& key : order) {
    const SpanRow& row = *rows[key.row];
    identity.Add(row, seqs[key.row]);
    derived.Add(row.promoted);
    attributes.Add(row);
  }
  NativeBlockWriter block;
  identity.Put(block);
  derived.Put(block);
  attributes.Put(block);
  return MakeInsert("nightjar.spans", std::move(block));
}

InsertBlock EncodeSegments(std::vector<const Segment*> segments) {
  std::ranges::sort(segments, {}, [](const Segment* segment) {
    // UInt128 has its high half second.
    return std::tuple(segment->day, segment->scope.high, segment->scope.low, segment->hash.high, segment->hash.low);
  });
  FixedColumn<UInt128> scope, hash;
  FixedColumn<std::uint16_t> day;
  for (const Segment* segment : segments) {
    scope.Add(segment->scope);
    hash.Add(segment->hash);
    day.Add(segment->day);
  }
  const BodyColumn body{segments};
  NativeBlockWriter block;
  block.Add("scope", "UInt128", scope);
  block.Add("hash", "UInt128", hash);
  block.Add("day", "UInt16", day);
  block.Add("body", "String", body);
  return MakeInsert("nightjar.segments", std::move(block));
}

}  // namespace nightjar::store
