// What matches a query, counted: values of fields, and how it spreads over time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "query/compile.h"
#include "query/expression.h"
#include "store/clickhouse.h"

namespace nightjar::query {

constexpr std::size_t kFacetValuesMax = 100;
constexpr std::size_t kHistogramBucketsMin = 2;
constexpr std::size_t kHistogramBucketsMax = 500;

struct ValueCount {
  std::string value;
  std::uint64_t count = 0;  // of spans, or of traces
};

struct Facet {
  const Field* field = nullptr;
  std::vector<ValueCount> values;  // the most frequent first; without the empty value
};

struct Bucket {
  UnixNanos start_unix_ns = 0;
  std::uint64_t count = 0;
  std::uint64_t errors = 0;  // traces with a failed span, or failed spans
  double duration_p50_ns = 0;
  double duration_p95_ns = 0;
};

struct Histogram {
  UnixNanos bucket_ns = 0;
  std::vector<Bucket> buckets;  // in order, those without a span left out
};

struct Question {
  const Expression& expression;
  Grain grain = Grain::kTrace;  // not kSession
  const Window& window;
};

// Thread-safe.
class Aggregate {
 public:
  Aggregate(store::ClickHouse& clickhouse, store::QueryOptions options)
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // The values of each field among the spans that match, or of the traces that match.
  // REQUIRES: 0 < values_max <= kFacetValuesMax; the fields are texts or words, and take no key
  Result<std::vector<Facet>> Facets(const Question& question, const std::vector<const Field*>& fields,
                                    std::size_t values_max) const;

  // By start, in buckets of a round length: as many as there can be up to `buckets_max`. Without an end of the window,
  // up to the last span; without a beginning, from the first.
  // REQUIRES: kHistogramBucketsMin <= buckets_max <= kHistogramBucketsMax
  Result<Histogram> OverTime(const Question& question, std::size_t buckets_max) const;

  // Values of the field that begin with `prefix`, of either case, among spans that match. For a field that takes a key,
  // its keys. REQUIRES: the field is a text, a word or takes a key
  Result<std::vector<ValueCount>> Values(const Question& question, const Field& field, const std::string& prefix,
                                         std::size_t values_max) const;

 private:
  Result<std::optional<std::pair<UnixNanos, UnixNanos>>> Extent(const Question& question) const;
  Result<std::vector<ValueCount>> ReadCounts(const std::string& sql,
                                             const std::vector<store::QueryParam>& params) const;

  store::ClickHouse& clickhouse_;
  const store::QueryOptions options_;
};

}  // namespace nightjar::query
