// Field numbers are those of opentelemetry-proto 1.x, metrics.proto. Lists of numbers may come packed or one by one.
#include "otlp/decode_metrics.h"

#include "otlp/internal/proto_request.h"

namespace nightjar::otlp {
namespace {

using internal::Batch;
using internal::Fixed64;
using internal::Text;
using internal::Varint;
using model::MetricType;
using protozero::pbf_reader;

class MetricReader {
 public:
  MetricReader(Batch<DecodedMetrics>& batch, internal::ProtoValues& values)
      : batch_(batch), counters_(batch.counters()), values_(values) {}

  void Read(pbf_reader message, internal::Origin origin) {
    const auto begin = batch_.here();
    const std::uint32_t index = batch_.AddMetric();
    model::Metric& metric = batch_.metric(index);
    metric.resource = origin.resource;
    metric.scope = origin.scope;
    std::string reason;  // not empty: the metric was refused, and its points with it
    const auto read_data = [&](MetricType type) {
      if (metric.type != type) {  // the kinds are a oneof: of several the last wins
        batch_.ForgetSince(begin);
        internal::SetType(metric, type);
      }
      ReadData(message.get_message(), index);
    };
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): metric.name = values_.ReadString(message); break;
        case Text(2): metric.description = values_.ReadString(message); break;
        case Text(3): metric.unit = values_.ReadString(message); break;
        case Text(5): read_data(MetricType::kGauge); break;
        case Text(7): read_data(MetricType::kSum); break;
        case Text(9): read_data(MetricType::kHistogram); break;
        case Text(10): read_data(MetricType::kExponentialHistogram); break;
        case Text(11): read_data(MetricType::kSummary); break;
        case Text(12):
          internal::Attempt(reason, [&] { values_.AppendAttribute(message.get_message(), metric.metadata); });
          break;
        default: message.skip();
      }
    }
    if (metric.name.empty() && reason.empty()) reason = internal::kMetricHasNoName;
    internal::KeepLastOfDuplicates(metric.metadata);
    batch_.RejectSince(begin, std::move(reason));
  }

 private:
  // The five messages are one but for the points, and for what some lack.
  void ReadData(pbf_reader message, std::uint32_t index) {
    model::Metric& metric = batch_.metric(index);
    const bool has_temporality = metric.type != MetricType::kGauge && metric.type != MetricType::kSummary;
    while (message.next()) {
      if (message.tag_and_type() == Text(1)) {
        batch_.AddItem([&, point_message = message.get_message()](model::MetricPoint& point) {
          point.metric = index;
          ReadPoint(point_message, metric.type, point);
        });
      } else if (message.tag_and_type() == Varint(2) && has_temporality) {
        metric.temporality = static_cast<model::Temporality>(message.get_int32());
      } else if (message.tag_and_type() == Varint(3) && metric.type == MetricType::kSum) {
        metric.monotonic = message.get_bool();
      } else {
        message.skip();
      }
    }
  }

  void ReadPoint(pbf_reader message, MetricType type, model::MetricPoint& point) {
    switch (type) {
      case MetricType::kGauge:
      case MetricType::kSum: ReadNumber(message, point); break;
      case MetricType::kHistogram: ReadHistogram(message, point); break;
      case MetricType::kExponentialHistogram: ReadExponentialHistogram(message, point); break;
      case MetricType::kSummary: ReadSummary(message, point); break;
    }
    internal::KeepLastOfDuplicates(point.attributes);
  }

  void ReadNumber(pbf_reader message, model::MetricPoint& point) {
    auto& value = point.value.emplace<model::Number>();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(2): point.start_time_unix_ns = message.get_fixed64(); break;
        case Fixed64(3): point.time_unix_ns = message.get_fixed64(); break;
        case Fixed64(4): value = message.get_double(); break;
        case Text(5): AppendExemplar(message.get_message(), point); break;
        case Fixed64(6): value = message.get_sfixed64(); break;
        case Text(7): values_.AppendAttribute(message.get_message(), point.attributes); break;
        case Varint(8): point.flags = message.get_uint32(); break;
        default: message.skip();
      }
    }
  }

  void ReadHistogram(pbf_reader message, model::MetricPoint& point) {
    auto& value = point.value.emplace<model::HistogramValue>();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(2): point.start_time_unix_ns = message.get_fixed64(); break;
        case Fixed64(3): point.time_unix_ns = message.get_fixed64(); break;
        case Fixed64(4): value.count = message.get_fixed64(); break;
        case Fixed64(5): value.sum = message.get_double(); break;
        case Text(6): Append(message.get_packed_fixed64(), value.bucket_counts); break;
        case Fixed64(6): Append(message.get_fixed64(), value.bucket_counts); break;
        case Text(7): Append(message.get_packed_double(), value.explicit_bounds); break;
        case Fixed64(7): Append(message.get_double(), value.explicit_bounds); break;
        case Text(8): AppendExemplar(message.get_message(), point); break;
        case Text(9): values_.AppendAttribute(message.get_message(), point.attributes); break;
        case Varint(10): point.flags = message.get_uint32(); break;
        case Fixed64(11): value.min = message.get_double(); break;
        case Fixed64(12): value.max = message.get_double(); break;
        default: message.skip();
      }
    }
    internal::CheckBuckets(value);
  }

  void ReadExponentialHistogram(pbf_reader message, model::MetricPoint& point) {
    auto& value = point.value.emplace<model::ExponentialHistogramValue>();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Text(1): values_.AppendAttribute(message.get_message(), point.attributes); break;
        case Fixed64(2): point.start_time_unix_ns = message.get_fixed64(); break;
        case Fixed64(3): point.time_unix_ns = message.get_fixed64(); break;
        case Fixed64(4): value.count = message.get_fixed64(); break;
        case Fixed64(5): value.sum = message.get_double(); break;
        case Varint(6): value.scale = message.get_sint32(); break;
        case Fixed64(7): value.zero_count = message.get_fixed64(); break;
        case Text(8): ReadBuckets(message.get_message(), value.positive); break;
        case Text(9): ReadBuckets(message.get_message(), value.negative); break;
        case Varint(10): point.flags = message.get_uint32(); break;
        case Text(11): AppendExemplar(message.get_message(), point); break;
        case Fixed64(12): value.min = message.get_double(); break;
        case Fixed64(13): value.max = message.get_double(); break;
        case Fixed64(14): value.zero_threshold = message.get_double(); break;
        default: message.skip();
      }
    }
  }

  void ReadBuckets(pbf_reader message, model::ExponentialHistogramValue::Buckets& buckets) {
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Varint(1): buckets.offset = message.get_sint32(); break;
        case Text(2): Append(message.get_packed_uint64(), buckets.counts); break;
        case Varint(2): Append(message.get_uint64(), buckets.counts); break;
        default: message.skip();
      }
    }
  }

  void ReadSummary(pbf_reader message, model::MetricPoint& point) {
    auto& value = point.value.emplace<model::SummaryValue>();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(2): point.start_time_unix_ns = message.get_fixed64(); break;
        case Fixed64(3): point.time_unix_ns = message.get_fixed64(); break;
        case Fixed64(4): value.count = message.get_fixed64(); break;
        case Fixed64(5): value.sum = message.get_double(); break;
        case Text(6): AppendQuantile(message.get_message(), value.quantiles); break;
        case Text(7): values_.AppendAttribute(message.get_message(), point.attributes); break;
        case Varint(8): point.flags = message.get_uint32(); break;
        default: message.skip();
      }
    }
  }

  void AppendQuantile(pbf_reader message, std::vector<model::SummaryValue::Quantile>& quantiles) {
    counters_.CountValues(1);
    model::SummaryValue::Quantile& quantile = quantiles.emplace_back();
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(1): quantile.quantile = message.get_double(); break;
        case Fixed64(2): quantile.value = message.get_double(); break;
        default: message.skip();
      }
    }
  }

  void AppendExemplar(pbf_reader message, model::MetricPoint& point) {
    counters_.CountValues(1);
    model::Exemplar& exemplar = point.exemplars.emplace_back();
    std::string_view trace_id;
    std::string_view span_id;
    while (message.next()) {
      switch (message.tag_and_type()) {
        case Fixed64(2): exemplar.time_unix_ns = message.get_fixed64(); break;
        case Fixed64(3): exemplar.value = message.get_double(); break;
        case Text(4): span_id = internal::ReadBytes(message); break;
        case Text(5): trace_id = internal::ReadBytes(message); break;
        case Fixed64(6): exemplar.value = message.get_sfixed64(); break;
        case Text(7): values_.AppendAttribute(message.get_message(), exemplar.filtered_attributes); break;
        default: message.skip();
      }
    }
    exemplar.trace_id = internal::BytesToOptionalId<TraceId>(trace_id, "trace_id of an exemplar");
    exemplar.span_id = internal::BytesToOptionalId<SpanId>(span_id, "span_id of an exemplar");
    internal::KeepLastOfDuplicates(exemplar.filtered_attributes);
  }

  template <typename Number>
  void Append(Number number, std::vector<Number>& numbers) {
    counters_.CountValues(1);
    numbers.push_back(number);
  }

  template <typename Iterator, typename Number>
  void Append(const protozero::iterator_range<Iterator>& packed, std::vector<Number>& numbers) {
    counters_.CountValues(packed.size());
    numbers.insert(numbers.end(), packed.begin(), packed.end());
  }

  Batch<DecodedMetrics>& batch_;
  internal::Counters& counters_;
  internal::ProtoValues& values_;
};

}  // namespace

Result<DecodedMetrics> DecodeMetrics(std::string_view body) {
  return internal::DecodeProto<DecodedMetrics, MetricReader>(body, "ExportMetricsServiceRequest");
}

}  // namespace nightjar::otlp
