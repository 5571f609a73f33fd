#include "query/aggregate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/lower_case.h"
#include "query/internal/text.h"
#include "store/annotations.h"
#include "store/native_reader.h"

namespace nightjar::query {
namespace {

using store::NativeBlock;
using store::NativeColumn;

constexpr UnixNanos kSecondNs = 1'000'000'000;
constexpr UnixNanos kMinuteNs = 60 * kSecondNs;
constexpr UnixNanos kHourNs = 60 * kMinuteNs;
constexpr UnixNanos kDayNs = 24 * kHourNs;
// Lengths that people count in.
constexpr UnixNanos kRoundNs[] = {
    1'000'000,      10'000'000,  100'000'000,   kSecondNs,     2 * kSecondNs,  5 * kSecondNs,  10 * kSecondNs,
    30 * kSecondNs, kMinuteNs,   2 * kMinuteNs, 5 * kMinuteNs, 10 * kMinuteNs, 30 * kMinuteNs, kHourNs,
    2 * kHourNs,    6 * kHourNs, 12 * kHourNs,  kDayNs,        7 * kDayNs,     30 * kDayNs,    365 * kDayNs};

// The shortest of them that needs at most so many buckets, of which the first and the last may be cut.
UnixNanos RoundLength(UnixNanos extent, std::size_t buckets_max) {
  for (const UnixNanos length : kRoundNs)
    if ((extent + length - 1) / length + 1 <= buckets_max) return length;
  return extent;
}

std::string_view Counted(Grain grain) { return grain == Grain::kTrace ? "uniqExact(cityHash64(trace_id))" : "count()"; }

std::string WordOf(const Field& field, std::string_view stored) {
  const auto found = std::ranges::find_if(field.words, [&](const Word& word) {
    return word.sql == stored || (word.sql.starts_with('\'') && word.sql.substr(1, word.sql.size() - 2) == stored);
  });
  return std::string(found == field.words.end() ? stored : found->word);
}

}  // namespace

Result<std::vector<Facet>> Aggregate::Facets(const Question& question, const std::vector<const Field*>& fields,
                                             std::size_t values_max) const {
  CHECK(values_max > 0 && values_max <= kFacetValuesMax);
  std::vector<Facet> facets;
  for (const Field* field : fields) facets.push_back({field, {}});
  if (fields.empty()) return facets;
  const Condition condition = Compile(question.expression, question.grain, question.window);
  // One pass over the spans, which are grouped by each field on its own.
  std::string values, sets, names, others;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const char* comma = i == 0 ? "" : ", ";
    values += fmt::format("{}toString({}) AS facet_{}", comma, fields[i]->sql, i);
    sets += fmt::format("{}(facet_{})", comma, i);
    names += fmt::format("{}toString(facet_{})", comma, i);
    others += fmt::format("{}grouping(facet_{})", comma, i);
  }
  const std::string sql = fmt::format(
      "SELECT toUInt8(field - 1) AS number, value, spans FROM (SELECT {0}, arrayFirstIndex(other -> other = 0, [{1}]) "
      "AS field, [{2}][field] AS value, {3} AS spans FROM nightjar.spans FINAL WHERE {4} GROUP BY GROUPING SETS ({5})) "
      "WHERE value != '' ORDER BY number, spans DESC, value LIMIT {6} BY number{7}",
      values, others, names, Counted(question.grain), condition.sql, sets, values_max, condition.settings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      Facet& facet = facets.at(block.columns.at(0).Fixed<std::uint8_t>(row));
      facet.values.push_back(
          {WordOf(*facet.field, block.columns.at(1).Text(row)), block.columns.at(2).Fixed<std::uint64_t>(row)});
    }
  return facets;
}

Result<std::optional<std::pair<UnixNanos, UnixNanos>>> Aggregate::Extent(const Question& question) const {
  using Extent = std::optional<std::pair<UnixNanos, UnixNanos>>;
  const Window& window = question.window;
  if (window.from && window.to) return Extent({*window.from, *window.to});
  const Condition condition = Compile(Expression(), Grain::kSpan, window);
  const std::string sql =
      fmt::format("SELECT count(), min(start_unix_ns), max(start_unix_ns) FROM nightjar.spans WHERE {}", condition.sql);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  if (blocks.empty() || blocks[0].columns.at(0).Fixed<std::uint64_t>(0) == 0) return Extent();
  return Extent({window.from.value_or(blocks[0].columns.at(1).Fixed<std::uint64_t>(0)),
                 window.to.value_or(blocks[0].columns.at(2).Fixed<std::uint64_t>(0) + 1)});
}

Result<Histogram> Aggregate::OverTime(const Question& question, std::size_t buckets_max) const {
  CHECK(buckets_max >= kHistogramBucketsMin && buckets_max <= kHistogramBucketsMax);
  ASSIGN_OR_RETURN(const auto extent, Extent(question));
  Histogram histogram;
  if (!extent || extent->second <= extent->first) return histogram;
  histogram.bucket_ns = RoundLength(extent->second - extent->first, buckets_max);
  const Condition condition = Compile(question.expression, question.grain, question.window);
  const std::string rows =
      question.grain == Grain::kSpan
          ? fmt::format(
                "SELECT start_unix_ns AS begin, duration_ns AS took, toUInt8(status = 2) AS failed "
                "FROM nightjar.spans FINAL WHERE {}",
                condition.sql)
          : fmt::format(
                "SELECT min(start_unix_ns) AS begin, max(toInt64(start_unix_ns) + duration_ns) - toInt64(begin) AS "
                "took, "
                "max(toUInt8(status = 2)) AS failed FROM nightjar.spans FINAL WHERE {} GROUP BY trace_id "
                "HAVING begin >= {} AND begin < {}",
                condition.sql, extent->first, extent->second);
  const std::string sql = fmt::format(
      "SELECT toUInt64(intDiv(begin, {0}) * {0}) AS bucket, count(), countIf(failed = 1), "
      "quantiles(0.5, 0.95)(took) FROM ({1}) GROUP BY bucket ORDER BY bucket{2}",
      histogram.bucket_ns, rows, condition.settings);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, condition.params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) {
      const NativeColumn& took = block.columns.at(3);
      histogram.buckets.push_back(
          {block.columns.at(0).Fixed<std::uint64_t>(row), block.columns.at(1).Fixed<std::uint64_t>(row),
           block.columns.at(2).Fixed<std::uint64_t>(row), took.item_column(0).Fixed<double>(took.begin(row)),
           took.item_column(0).Fixed<double>(took.begin(row) + 1)});
    }
  return histogram;
}

Result<std::vector<ValueCount>> Aggregate::Values(const Question& question, const Field& field,
                                                  const std::string& prefix, std::size_t values_max) const {
  const std::string wanted = LowerCase(prefix);
  if (field.is_annotation())  // its names, whatever the rest of the query says
    return ReadCounts(
        fmt::format("SELECT toString(name) AS value, count() AS annotations FROM ({}) WHERE startsWith(lower(value), "
                    "{{prefix:String}}) AND {} GROUP BY value ORDER BY annotations DESC, value LIMIT {}",
                    store::AllAnnotationsSql("project = {project:String}"), field.known, values_max),
        {{"project", question.window.project}, {"prefix", wanted}});
  Condition condition = Compile(question.expression, question.grain, question.window);
  // Words are stored as something else, and are few.
  condition.params.push_back({"prefix", field.type == FieldType::kWord ? "" : wanted});
  std::string value = fmt::format("toString({})", field.sql);
  std::string_view join;
  if (field.type == FieldType::kTag) value = "arrayJoin(splitByChar('\\n', tags))";
  if (field.name == "attributes.") {
    value = "key";
    join =
        "ARRAY JOIN arrayConcat(mapKeys(attrs_str), mapKeys(attrs_int), mapKeys(attrs_num), mapKeys(attrs_other)) AS "
        "key";
  } else if (field.name == "metadata.") {
    value = "key";
    join = "ARRAY JOIN JSONExtractKeys(metadata) AS key";
  } else if (field.name == "resource.") {
    value = "key";
    join = "ARRAY JOIN JSONExtractKeys(resource, 'attributes') AS key";
  }
  const std::string sql = fmt::format(
      "SELECT {} AS value, {} AS spans FROM nightjar.spans FINAL {} WHERE {} AND value != '' AND "
      "startsWith(lower(value), {{prefix:String}}) GROUP BY value ORDER BY spans DESC, value LIMIT {}{}",
      value, Counted(question.grain), join, condition.sql, values_max, condition.settings);
  ASSIGN_OR_RETURN(std::vector<ValueCount> counts, ReadCounts(sql, condition.params));
  if (field.type == FieldType::kWord) {
    for (ValueCount& count : counts) count.value = WordOf(field, count.value);
    std::erase_if(counts, [&](const ValueCount& count) { return !count.value.starts_with(wanted); });
  }
  return counts;
}

Result<std::vector<ValueCount>> Aggregate::ReadCounts(const std::string& sql,
                                                      const std::vector<store::QueryParam>& params) const {
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options_));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, store::ReadNative(bytes));
  std::vector<ValueCount> counts;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row)
      counts.push_back({std::string(block.columns.at(0).Text(row)), block.columns.at(1).Fixed<std::uint64_t>(row)});
  return counts;
}

}  // namespace nightjar::query
