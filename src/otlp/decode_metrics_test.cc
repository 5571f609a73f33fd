#include "otlp/decode_metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "otlp/internal/testing.h"
#include "otlp/limits.h"

namespace nightjar::otlp {
namespace {

using protozero::pbf_writer;

enum : protozero::pbf_tag_type { kGauge = 5, kSum = 7, kHistogram = 9, kExponentialHistogram = 10, kSummary = 11 };

// A metric named "m" with one point.
std::string MetricWith(protozero::pbf_tag_type kind, std::string_view point) {
  return Field(2, Field(1, "m") + Field(kind, Field(1, point)));
}

model::MetricPoint Only(const std::string& metric) {
  const auto decoded = DecodeMetrics(RequestOf(metric));
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->first_reason, "");
  return decoded->batch.points.at(0);
}

// Why the point is rejected; the metric after it must be taken.
std::string Reason(const std::string& metric) {
  const auto decoded = DecodeMetrics(RequestOf(metric + MetricWith(kGauge, "")));
  EXPECT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_points, 1u);
  EXPECT_EQ(decoded->batch.points.size(), 1u);
  return decoded->first_reason;
}

// Of every kind of point but the summary's: times 2 and 3.
void AddTimes(pbf_writer& point) {
  point.add_fixed64(2, 1544712660000000001);
  point.add_fixed64(3, UINT64_MAX);
}

const std::string kExemplar = Message([](pbf_writer& exemplar) {
  exemplar.add_fixed64(2, 7);
  exemplar.add_double(3, 0.25);
  exemplar.add_bytes(4, "01234567");
  exemplar.add_bytes(5, "0123456789abcdef");
  exemplar.add_message(7, KeyValue("user", TextValue("u")));
});
const model::Exemplar kExpectedExemplar = {.time_unix_ns = 7,
                                           .value = 0.25,
                                           .trace_id = *TraceId::FromHex("30313233343536373839616263646566"),
                                           .span_id = *SpanId::FromHex("3031323334353637"),
                                           .filtered_attributes = {{"user", "u"}}};

model::MetricPoint ExpectedPoint(decltype(model::MetricPoint::value) value) {
  return {.attributes = {{"a", "1"}},
          .start_time_unix_ns = 1544712660000000001,
          .time_unix_ns = UINT64_MAX,
          .flags = 1,
          .value = std::move(value),
          .exemplars = {kExpectedExemplar}};
}

TEST(DecodeMetrics, ASumWithEveryField) {
  const std::string point = Message([](pbf_writer& writer) {
    AddTimes(writer);
    writer.add_sfixed64(6, INT64_MIN);
    writer.add_message(5, kExemplar);
    writer.add_message(7, KeyValue("a", TextValue("1")));
    writer.add_uint32(8, 1);
  });
  // The data comes before the name and the points before the temporality: field order is free on the wire.
  const std::string metric = Field(kSum, Field(1, point) + "\x10\x02\x18\x01") + Field(1, "tokens") +
                             Field(2, "used tokens") + Field(3, "{token}") + Field(12, KeyValue("k", TextValue("v")));
  const std::string scope = Field(1, "s") + Field(2, "1");
  const std::string resource = Field(1, KeyValue("service.name", TextValue("svc"))) + "\x10\x07";
  const auto decoded =
      DecodeMetrics(Field(1, Field(2, Field(2, metric) + Field(1, scope) + Field(3, "u2")) + Field(1, resource)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->batch.resources, (std::vector<model::Resource>{{{{"service.name", "svc"}}, 7, ""}}));
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

TEST(DecodeMetrics, PointsNameTheirMetricAndMetricsTheirScope) {
  const std::string gauge = Field(2, Field(1, "g") + Field(kGauge, Field(1, "") + Field(1, "")));
  const auto decoded = DecodeMetrics(RequestOf(gauge) + Field(1, Field(2, gauge) + Field(2, gauge + gauge)));
  ASSERT_TRUE(decoded) << decoded.error().message;
  const model::MetricBatch& batch = decoded->batch;
  ASSERT_EQ(batch.metrics.size(), 4u);
  ASSERT_EQ(batch.points.size(), 8u);
  EXPECT_EQ(batch.points[7].metric, 3u);
  EXPECT_EQ(batch.metrics[3].resource, 1u);
  EXPECT_EQ(batch.metrics[3].scope, 2u);
  EXPECT_EQ(batch.metrics[0].scope, 0u);
}

TEST(DecodeMetrics, AGaugeIsADoubleAnIntegerOrNothing) {
  const std::string one_half("\x21\0\0\0\0\0\0\xe0\x3f", 9);  // as_double
  const std::string seven("\x31\x07\0\0\0\0\0\0\0", 9);       // as_int
  EXPECT_EQ(std::get<model::Number>(Only(MetricWith(kGauge, one_half)).value), model::Number(0.5));
  EXPECT_EQ(std::get<model::Number>(Only(MetricWith(kGauge, seven)).value), model::Number(std::int64_t{7}));
  EXPECT_EQ(std::get<model::Number>(Only(MetricWith(kGauge, seven + one_half)).value), model::Number(0.5));
  EXPECT_EQ(std::get<model::Number>(Only(MetricWith(kGauge, "")).value), model::Number());
}

TEST(DecodeMetrics, AHistogramWithEveryField) {
  const std::string point = Message([](pbf_writer& writer) {
    AddTimes(writer);
    const std::array<std::uint64_t, 3> counts = {1, 0, UINT64_MAX};
    const std::array<double, 2> bounds = {-0.5, 10};
    writer.add_fixed64(4, 8);
    writer.add_double(5, 2.5);
    writer.add_packed_fixed64(6, counts.begin(), counts.end());
    writer.add_packed_double(7, bounds.begin(), bounds.end());
    writer.add_message(8, kExemplar);
    writer.add_message(9, KeyValue("a", TextValue("1")));
    writer.add_uint32(10, 1);
    writer.add_double(11, -1);
    writer.add_double(12, 99);
  });
  EXPECT_EQ(Only(MetricWith(kHistogram, point)),
            ExpectedPoint(model::HistogramValue{.count = 8,
                                                .sum = 2.5,
                                                .min = -1,
                                                .max = 99,
                                                .bucket_counts = {1, 0, UINT64_MAX},
                                                .explicit_bounds = {-0.5, 10}}));
}

TEST(DecodeMetrics, AnExponentialHistogramWithEveryField) {
  const std::string point = Message([](pbf_writer& writer) {
    AddTimes(writer);
    writer.add_message(1, KeyValue("a", TextValue("1")));
    writer.add_fixed64(4, 8);
    writer.add_double(5, 2.5);
    writer.add_sint32(6, -3);
    writer.add_fixed64(7, 2);
    writer.add_message(8, std::string("\x08\x05\x12\x03\x01\xac\x02", 7));  // offset -3, counts 1 and 300, packed
    writer.add_message(9, std::string("\x08\x02\x10\x04", 4));              // offset 1, count 4, not packed
    writer.add_uint32(10, 1);
    writer.add_message(11, kExemplar);
    writer.add_double(12, -1);
    writer.add_double(13, 99);
    writer.add_double(14, 0.125);
  });
  EXPECT_EQ(Only(MetricWith(kExponentialHistogram, point)),
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

TEST(DecodeMetrics, ASummaryWithEveryField) {
  const auto quantile = [](double at, double value) {
    return Message([&](pbf_writer& writer) {
      writer.add_double(1, at);
      writer.add_double(2, value);
    });
  };
  const std::string point = Message([&](pbf_writer& writer) {
    AddTimes(writer);
    writer.add_fixed64(4, 8);
    writer.add_double(5, 2.5);
    writer.add_message(6, quantile(0.5, 10));
    writer.add_message(6, quantile(1, 20));
    writer.add_message(7, KeyValue("a", TextValue("1")));
    writer.add_uint32(8, 1);
  });
  model::MetricPoint expected = ExpectedPoint(model::SummaryValue{8, 2.5, {{0.5, 10}, {1, 20}}});
  expected.exemplars.clear();  // a summary has none
  EXPECT_EQ(Only(MetricWith(kSummary, point)), expected);
}

TEST(DecodeMetrics, ListsOfNumbersMayComePackedOrOneByOneOrBoth) {
  const std::string point = Message([](pbf_writer& writer) {
    const std::array<std::uint64_t, 2> counts = {2, 3};
    writer.add_fixed64(6, 1);
    writer.add_packed_fixed64(6, counts.begin(), counts.end());
    writer.add_double(7, 0.5);
    writer.add_double(7, 1.5);
  });
  const auto value = std::get<model::HistogramValue>(Only(MetricWith(kHistogram, point)).value);
  EXPECT_EQ(value.bucket_counts, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(value.explicit_bounds, (std::vector{0.5, 1.5}));
  EXPECT_EQ(value.sum, std::nullopt);
  EXPECT_EQ(value.min, std::nullopt);
  EXPECT_EQ(value.max, std::nullopt);
}

TEST(DecodeMetrics, APackedListOfPartOfANumberRefusesTheRequest) {
  for (const std::string& point : {Field(6, "1234567"), Field(7, "123456789")}) {
    const auto decoded = DecodeMetrics(RequestOf(MetricWith(kHistogram, point)));
    ASSERT_FALSE(decoded);
    EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidArgument);
  }
  EXPECT_FALSE(DecodeMetrics(RequestOf(MetricWith(kExponentialHistogram, Field(8, Field(2, "\x01\x80"))))));
}

TEST(DecodeMetrics, BucketsThatDoNotFitTheirBoundsRejectThePoint) {
  const auto histogram = [](const std::vector<std::uint64_t>& counts, const std::vector<double>& bounds) {
    return MetricWith(kHistogram, Message([&](pbf_writer& writer) {
                        for (const std::uint64_t count : counts) writer.add_fixed64(6, count);
                        for (const double bound : bounds) writer.add_double(7, bound);
                      }));
  };
  Only(histogram({}, {}));
  Only(histogram({7}, {}));
  Only(histogram({1, 2}, {0}));
  EXPECT_EQ(Reason(histogram({1, 2}, {})),
            "a histogram has 2 bucket counts and 0 bounds, must have one count more or none of both");
  EXPECT_EQ(Reason(histogram({1, 2}, {1, 2})),
            "a histogram has 2 bucket counts and 2 bounds, must have one count more or none of both");
  EXPECT_EQ(Reason(histogram({}, {1})),
            "a histogram has 0 bucket counts and 1 bounds, must have one count more or none of both");
  EXPECT_EQ(Reason(histogram({1, 2, 3}, {2, 2})), "the bounds of a histogram do not ascend");
  EXPECT_EQ(Reason(histogram({1, 2}, {NAN})), "the bounds of a histogram do not ascend");
}

TEST(DecodeMetrics, IdsOfExemplarsAreAbsentOrWhole) {
  EXPECT_EQ(Reason(MetricWith(kGauge, Field(5, Field(4, "0123456")))),
            "span_id of an exemplar has 7 bytes, must have 8");
  EXPECT_EQ(Reason(MetricWith(kGauge, Field(5, Field(5, "0123456789abcdef0")))),
            "trace_id of an exemplar has 17 bytes, must have 16");
  EXPECT_EQ(Only(MetricWith(kGauge, Field(5, Field(4, "")))).exemplars, std::vector{model::Exemplar()});
}

TEST(DecodeMetrics, AMetricWithoutANameRejectsItsPoints) {
  const auto decoded = DecodeMetrics(RequestOf(Field(2, Field(kGauge, Field(1, "") + Field(1, ""))) +
                                               Field(2, Field(kGauge, "")) + MetricWith(kGauge, "")));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_points, 2u);
  EXPECT_EQ(decoded->first_reason, "a metric has no name");
  ASSERT_EQ(decoded->batch.points.size(), 1u);
  EXPECT_EQ(decoded->batch.metric_of(decoded->batch.points[0]).name, "m");
}

TEST(DecodeMetrics, OfTwoKindsOfDataTheLastWinsAndOneKindIsMerged) {
  const std::string bad_point = Field(1, Field(5, Field(4, "short")));
  const auto decoded =
      DecodeMetrics(RequestOf(Field(2, Field(1, "m") + Field(kSum, Field(1, "") + bad_point + "\x10\x02\x18\x01") +
                                           Field(kGauge, Field(1, "")) + Field(kGauge, Field(1, "")))));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->rejected_points, 0u);
  EXPECT_EQ(decoded->first_reason, "");
  EXPECT_EQ(decoded->batch.points.size(), 2u);
  EXPECT_EQ(decoded->batch.metrics, (std::vector{model::Metric{.name = "m", .type = model::MetricType::kGauge}}));
}

TEST(DecodeMetrics, DataOfAKindThatIsNotKnownIsSkipped) {
  const auto decoded = DecodeMetrics(RequestOf(Field(2, Field(1, "m") + Field(13, Field(1, "")))));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_TRUE(decoded->batch.points.empty());
  EXPECT_EQ(decoded->rejected_points, 0u);
}

TEST(DecodeMetrics, BucketsCountAsValues) {
  const std::string counts(kRequestValuesMax, '\x01');  // packed: a byte each
  const auto decoded = DecodeMetrics(RequestOf(MetricWith(kExponentialHistogram, Field(8, Field(2, counts)))));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace nightjar::otlp
