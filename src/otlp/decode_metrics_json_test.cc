#include <gtest/gtest.h>

#include <cmath>

#include "otlp/decode_metrics.h"

namespace nightjar::otlp {
namespace {

std::string Request(std::string_view metrics) {
  return R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[)" + std::string(metrics) + "]}]}]}";
}

// A metric named "m" with one point.
std::string MetricWith(std::string_view kind, std::string_view point) {
  return R"({"name":"m",")" + std::string(kind) + R"(":{"dataPoints":[)" + std::string(point) + "]}}";
}

model::MetricPoint Only(const std::string& metric) {
  const auto decoded = DecodeMetricsJson(Request(metric));
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->first_reason, "");
  return decoded->batch.points.at(0);
}

// Why the point is rejected; the metric after it must be taken.
std::string Reason(const std::string& metric) {
  const auto decoded = DecodeMetricsJson(Request(metric + "," + MetricWith("gauge", "{}")));
  if (!decoded) return "refused: " + decoded.error().message;
  EXPECT_EQ(decoded->rejected_points, 1u);
  EXPECT_EQ(decoded->batch.points.size(), 1u);
  return decoded->first_reason;
}

// The fields that the points of each kind have.
const std::string kShared = R"("startTimeUnixNano":"1544712660000000001","timeUnixNano":18446744073709551615,"flags":1,
    "attributes":[{"key":"a","value":{"stringValue":"1"}}],
    "exemplars":[{"timeUnixNano":"7","asDouble":0.25,"spanId":"EEE19B7EC3C1B174",
                  "traceId":"5b8efff798038103d269b633813fc60c",
                  "filteredAttributes":[{"key":"user","value":{"stringValue":"u"}}]}])";

model::MetricPoint ExpectedPoint(decltype(model::MetricPoint::value) value) {
  return {.attributes = {{"a", "1"}},
          .start_time_unix_ns = 1544712660000000001,
          .time_unix_ns = UINT64_MAX,
          .flags = 1,
          .value = std::move(value),
          .exemplars = {{.time_unix_ns = 7,
                         .value = 0.25,
                         .trace_id = *TraceId::FromHex("5b8efff798038103d269b633813fc60c"),
                         .span_id = *SpanId::FromHex("eee19b7ec3c1b174"),
                         .filtered_attributes = {{"user", "u"}}}}};
}

TEST(DecodeMetricsJson, ASumWithEveryField) {
  const auto decoded = DecodeMetricsJson(R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[
      {"sum":{"dataPoints":[{"asInt":"-9223372036854775808",)" +
                                         kShared + R"(}],"aggregationTemporality":2,"isMonotonic":true},
       "name":"tokens","description":"used tokens","unit":"{token}",
       "metadata":[{"key":"k","value":{"stringValue":"v"}}]}],
     "scope":{"name":"s","version":"1"},"schemaUrl":"u2"}],
    "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]}}]})");
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources, (std::vector<model::Resource>{{{{"service.name", "svc"}}, 0, ""}}));
  EXPECT_EQ(decoded->batch.scopes, (std::vector<model::Scope>{{"s", "1", {}, 0, "u2"}}));
  const model::Metric expected = {.name = "tokens",
                                  .description = "used tokens",
                                  .unit = "{token}",
                                  .type = model::MetricType::kSum,
                                  .temporality = model::Temporality::kCumulative,
                                  .monotonic = true,
                                  .metadata = {{"k", "v"}}};
  EXPECT_EQ(decoded->batch.metrics, std::vector{expected});
  EXPECT_EQ(decoded->batch.points, std::vector{ExpectedPoint(model::Number(std::int64_t{INT64_MIN}))});
}

TEST(DecodeMetricsJson, AGaugeIsADoubleAnIntegerOrNothing) {
  const auto number = [](std::string_view point) {
    return std::get<model::Number>(Only(MetricWith("gauge", point)).value);
  };
  EXPECT_EQ(number(R"({"asDouble":7})"), model::Number(7.0));
  EXPECT_EQ(number(R"({"asInt":7})"), model::Number(std::int64_t{7}));
  EXPECT_EQ(number(R"({"asInt":7,"asDouble":"-Infinity"})"), model::Number(-INFINITY));
  EXPECT_EQ(number("{}"), model::Number());
}

TEST(DecodeMetricsJson, AHistogramWithEveryField) {
  EXPECT_EQ(Only(MetricWith("histogram", R"({"count":"8","sum":2.5,"min":-1,"max":"99",
                "bucketCounts":["1",0,"18446744073709551615"],"explicitBounds":[-0.5,10],)" +
                                             kShared + "}")),
            ExpectedPoint(model::HistogramValue{.count = 8,
                                                .sum = 2.5,
                                                .min = -1,
                                                .max = 99,
                                                .bucket_counts = {1, 0, UINT64_MAX},
                                                .explicit_bounds = {-0.5, 10}}));
}

TEST(DecodeMetricsJson, AnExponentialHistogramWithEveryField) {
  EXPECT_EQ(Only(MetricWith("exponentialHistogram", R"({"count":8,"sum":2.5,"min":-1,"max":99,"scale":-3,
                "zeroCount":"2","zeroThreshold":0.125,"positive":{"offset":-3,"bucketCounts":["1",300]},
                "negative":{"offset":1,"bucketCounts":[4]},)" +
                                                        kShared + "}")),
            ExpectedPoint(model::ExponentialHistogramValue{.count = 8,
                                                           .sum = 2.5,
                                                           .min = -1,
                                                           .max = 99,
                                                           .scale = -3,
                                                           .zero_count = 2,
                                                           .zero_threshold = 0.125,
                                                           .positive = {-3, {1, 300}},
                                                           .negative = {1, {4}}}));
}

TEST(DecodeMetricsJson, ASummaryWithEveryField) {
  model::MetricPoint expected = ExpectedPoint(model::SummaryValue{8, 2.5, {{0.5, 10}, {1, 20}}});
  expected.exemplars.clear();  // a summary has none
  EXPECT_EQ(Only(MetricWith("summary", R"({"count":8,"sum":2.5,
                "quantileValues":[{"quantile":0.5,"value":10},{"quantile":1,"value":20}],)" +
                                           kShared + "}")),
            expected);
}

TEST(DecodeMetricsJson, BadPointsAreRejectedAlone) {
  EXPECT_EQ(Reason(MetricWith("gauge", "7")), "a data point is not an object");
  EXPECT_EQ(Reason(MetricWith("gauge", R"({"asInt":1.5})")), "asInt 1.5 is not a signed integer of 64 bits");
  EXPECT_EQ(Reason(MetricWith("gauge", R"({"asDouble":"inf"})")), "asDouble \"inf\" is not a double");
  EXPECT_EQ(Reason(MetricWith("gauge", R"({"exemplars":[{"traceId":"5b8e"}]})")),
            "traceId of an exemplar has 4 characters, must have 32 hex digits");
  EXPECT_EQ(Reason(MetricWith("histogram", R"({"bucketCounts":[1,2],"explicitBounds":[1,2]})")),
            "a histogram has 2 bucket counts and 2 bounds, must have one count more or none of both");
  EXPECT_EQ(Reason(MetricWith("histogram", R"({"bucketCounts":[null]})")), "bucketCounts is not a number");
  EXPECT_EQ(Reason(MetricWith("histogram", R"({"bucketCounts":[-1]})")),
            "bucketCounts -1 is not an unsigned integer of 64 bits");
  EXPECT_EQ(Reason(MetricWith("exponentialHistogram", R"({"scale":2147483648})")),
            "scale 2147483648 is not a signed integer of 32 bits");
  EXPECT_EQ(Reason(MetricWith("summary", R"({"quantileValues":[7]})")),
            "an element of quantileValues is not an object");
}

TEST(DecodeMetricsJson, ARefusedMetricRejectsItsPointsOnly) {
  const std::string points = R"({"dataPoints":[{}]})";
  EXPECT_EQ(Reason(R"({"gauge":)" + points + "}"), "a metric has no name");
  EXPECT_EQ(Reason(R"({"name":7,"gauge":)" + points + "}"), "name is not a string");
  EXPECT_EQ(Reason(R"({"name":"m","gauge":)" + points + R"(,"metadata":[7]})"), "an attribute is not an object");
  EXPECT_EQ(Reason(R"({"name":"m","sum":{"isMonotonic":"yes","dataPoints":[{}]}})"),
            "isMonotonic is not true or false");
  EXPECT_EQ(Reason(R"({"name":"m","sum":{"dataPoints":[{}],
                       "aggregationTemporality":"AGGREGATION_TEMPORALITY_DELTA"}})"),
            "aggregationTemporality is \"AGGREGATION_TEMPORALITY_DELTA\"; enum names are not OTLP/JSON, send the "
            "number");
}

TEST(DecodeMetricsJson, OfDuplicatesTheLastWins) {
  const auto decoded = DecodeMetricsJson(Request(
      R"({"name":"m","sum":{"isMonotonic":7,"aggregationTemporality":2,"dataPoints":[{"asInt":"x"}]},"description":null,
          "gauge":{"dataPoints":[{},{"asInt":"x"}],"aggregationTemporality":1,
                   "dataPoints":[{"exemplars":[{},{}],"exemplars":[{}],"asInt":1,"asInt":2}]}},
         {"name":"h","histogram":{"dataPoints":[{"bucketCounts":[1,2],"bucketCounts":[3],"explicitBounds":null}]}})"));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_points, 0u);
  EXPECT_EQ(decoded->first_reason, "");
  const model::Metric gauge = {.name = "m"};
  const model::Metric histogram = {.name = "h", .type = model::MetricType::kHistogram};
  EXPECT_EQ(decoded->batch.metrics, (std::vector{gauge, histogram}));
  const model::MetricPoint number = {.metric = 0, .value = model::Number(std::int64_t{2}), .exemplars = {{}}};
  const model::MetricPoint buckets = {.metric = 1, .value = model::HistogramValue{.bucket_counts = {3}}};
  EXPECT_EQ(decoded->batch.points, (std::vector{number, buckets}));
}

TEST(DecodeMetricsJson, WhatCarriesPointsMustHaveItsForm) {
  EXPECT_TRUE(Reason(R"({"name":"m","gauge":7})").ends_with("gauge is not an object"));
  EXPECT_TRUE(Reason(R"({"name":"m","gauge":{"dataPoints":{}}})").ends_with("dataPoints is not a list"));
  EXPECT_TRUE(Reason("7").ends_with("an element of metrics is not an object"));
}

}  // namespace
}  // namespace nightjar::otlp
