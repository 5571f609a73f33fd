// Payload: a version byte (1), a byte with the encoding (bit 0: 0 protobuf, 1 JSON) and the signal (bits 1 and 2: 0
// traces, 1 logs, 2 metrics), the arrival time and the length of the project's name as little-endian 64-bit numbers,
// the name, the body.
#include "ingest/export_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "otlp/decode_logs.h"
#include "otlp/decode_metrics.h"
#include "otlp/decode_traces.h"
#include "pricing/span_cost.h"
#include "semconv/normalize.h"

namespace nightjar::ingest {
namespace {

constexpr char kPayloadVersion = 1;
constexpr std::size_t kPayloadHeaderBytes = 2 + 2 * sizeof(std::uint64_t);

// Of a name that came from outside the request's body: what is in the body is valid UTF-8 already.
Result<void> CheckProjectName(std::string_view name) {
  if (name.size() > kProjectNameBytesMax)
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("x-project-name has {} bytes, at most {} are allowed", name.size(), kProjectNameBytesMax));
  if (!IsValidUtf8(name)) return Fail(ErrorCode::kInvalidArgument, "x-project-name is not UTF-8");
  return {};
}

// Spans, log records or data points that are not stored, and why.
struct LeftOut {
  std::uint64_t count = 0;
  std::string first_reason;

  void Add(std::uint64_t more, const std::string& reason) {
    if (count == 0 && more != 0) first_reason = reason;
    count += more;
  }
};

// kInvalidArgument when the resource names an impossible one.
Result<std::string> ProjectOf(const model::Resource& resource, std::string_view chosen) {
  if (!chosen.empty()) return std::string(chosen);
  const std::string_view named = model::FindString(resource.attributes, "openinference.project.name");
  if (named.size() > kProjectNameBytesMax)
    return Fail(ErrorCode::kInvalidArgument, fmt::format("the project name has {} bytes, at most {} are allowed",
                                                         named.size(), kProjectNameBytesMax));
  // No path of the API could name it.
  if (named.find('\0') != std::string_view::npos)
    return Fail(ErrorCode::kInvalidArgument, "the project name has a byte 0");
  return std::string(named.empty() ? kDefaultProject : named);
}

// Gives each span or log record its project, or leaves it out.
template <typename Item>
void AssignProjects(std::string_view chosen, const std::vector<model::Resource>& resources, std::vector<Item>& items,
                    LeftOut& left_out) {
  std::erase_if(items, [&](Item& item) {
    Result<std::string> project = ProjectOf(resources[item.resource], chosen);
    if (!project) {
      left_out.Add(1, project.error().message);
      return true;
    }
    item.project = *std::move(project);
    return false;
  });
}

// A metric without a project stays, without points.
void AssignProjects(std::string_view chosen, model::MetricBatch& batch, LeftOut& left_out) {
  std::vector<std::string> reason_of(batch.metrics.size());
  for (std::size_t i = 0; i < batch.metrics.size(); ++i) {
    Result<std::string> project = ProjectOf(batch.resources[batch.metrics[i].resource], chosen);
    if (project) {
      batch.metrics[i].project = *std::move(project);
    } else {
      reason_of[i] = project.error().message;
    }
  }
  std::erase_if(batch.points, [&](const model::MetricPoint& point) {
    const std::string& reason = reason_of[point.metric];
    if (!reason.empty()) left_out.Add(1, reason);
    return !reason.empty();
  });
}

// `noun`: what `left_out` counts.
Acknowledgement Acknowledge(const LeftOut& left_out, std::string_view noun, std::uint64_t mended_strings) {
  Acknowledgement answer{.rejected = left_out.count, .message = left_out.first_reason, .notice = {}};
  if (left_out.count > 1) answer.message += fmt::format(" (the first of {} rejected {})", left_out.count, noun);
  if (mended_strings != 0)
    answer.message += fmt::format("{}{} strings were not UTF-8; their bad bytes were replaced by U+FFFD",
                                  answer.message.empty() ? "" : "; ", mended_strings);
  return answer;
}

// "3 h": in the largest unit that says enough.
std::string About(std::chrono::nanoseconds time) {
  using std::chrono::days, std::chrono::hours, std::chrono::minutes, std::chrono::round;
  if (time >= days(2)) return fmt::format("{} d", round<days>(time).count());
  if (time >= hours(1)) return fmt::format("{} h", round<hours>(time).count());
  return fmt::format("{} min", round<minutes>(time).count());
}

std::optional<Notice> NoticeOf(const ExportRequest& request, const otlp::DecodedTraces& decoded) {
  const std::vector<model::Span>& spans = decoded.batch.spans;
  if (spans.empty()) {
    constexpr std::size_t kEmptyObjectBytes = 2;
    if (decoded.rejected_spans != 0 || request.encoding != otlp::Encoding::kJson ||
        request.body.size() <= kEmptyObjectBytes)
      return std::nullopt;
    return Notice{"the request holds no span", "write OTLP/JSON's keys as resourceSpans, scopeSpans and spans"};
  }
  const UnixNanos latest = std::ranges::max_element(spans, {}, &model::Span::start_unix_ns)->start_unix_ns;
  const std::chrono::nanoseconds ahead_max = kClockAheadMax;
  if (latest <= request.received_unix_ns + static_cast<UnixNanos>(ahead_max.count())) return std::nullopt;
  const UnixNanos ahead = std::min<UnixNanos>(latest - request.received_unix_ns, INT64_MAX);
  return Notice{fmt::format("clock {} ahead", About(std::chrono::nanoseconds(static_cast<std::int64_t>(ahead)))),
                "check the sender's clock: a span starts later than it arrived here"};
}

Result<DecodedRequest> DecodeSpans(const ExportRequest& request) {
  ASSIGN_OR_RETURN(otlp::DecodedTraces decoded, request.encoding == otlp::Encoding::kJson
                                                    ? otlp::DecodeTracesJson(request.body)
                                                    : otlp::DecodeTraces(request.body));
  std::optional<Notice> notice = NoticeOf(request, decoded);
  LeftOut left_out{decoded.rejected_spans, decoded.first_reason};
  AssignProjects(request.project, decoded.batch.resources, decoded.batch.spans, left_out);
  DecodedRequest out{std::move(decoded.batch), Acknowledge(left_out, "spans", decoded.mended_strings)};
  out.acknowledgement.notice = std::move(notice);
  return out;
}

Result<DecodedRequest> DecodeLogRecords(const ExportRequest& request) {
  ASSIGN_OR_RETURN(otlp::DecodedLogs decoded, request.encoding == otlp::Encoding::kJson
                                                  ? otlp::DecodeLogsJson(request.body)
                                                  : otlp::DecodeLogs(request.body));
  LeftOut left_out{decoded.rejected_records, decoded.first_reason};
  AssignProjects(request.project, decoded.batch.resources, decoded.batch.records, left_out);
  return DecodedRequest{std::move(decoded.batch), Acknowledge(left_out, "log records", decoded.mended_strings)};
}

Result<DecodedRequest> DecodePoints(const ExportRequest& request) {
  ASSIGN_OR_RETURN(otlp::DecodedMetrics decoded, request.encoding == otlp::Encoding::kJson
                                                     ? otlp::DecodeMetricsJson(request.body)
                                                     : otlp::DecodeMetrics(request.body));
  LeftOut left_out{decoded.rejected_points, decoded.first_reason};
  AssignProjects(request.project, decoded.batch, left_out);
  return DecodedRequest{std::move(decoded.batch), Acknowledge(left_out, "data points", decoded.mended_strings)};
}

// Makes the rows of each signal.
class RowMaker {
 public:
  RowMaker(const store::SegmentKey& key, const pricing::PriceBook& prices, UnixNanos received_unix_ns)
      : key_(key), prices_(prices), received_unix_ns_(received_unix_ns) {}

  store::RowBatch operator()(model::SpanBatch batch) const {
    std::vector<model::SpanSummary> summaries = SummarizeBatch(batch, prices_);
    return store::MakeRows(std::move(batch), std::move(summaries), key_, received_unix_ns_);
  }
  store::RowBatch operator()(model::LogBatch batch) const {
    store::RowBatch rows;
    rows.logs = store::MakeLogRows(std::move(batch), key_, received_unix_ns_);
    rows.bytes = store::MemoryBytes(rows.logs);
    return rows;
  }
  store::RowBatch operator()(model::MetricBatch batch) const {
    store::RowBatch rows;
    rows.metrics = store::MakeMetricRows(std::move(batch), key_, received_unix_ns_);
    rows.bytes = store::MemoryBytes(rows.metrics);
    return rows;
  }

 private:
  const store::SegmentKey& key_;
  const pricing::PriceBook& prices_;
  const UnixNanos received_unix_ns_;
};

std::span<const model::LogRecord> RecordsOf(const model::Span& span, std::span<const model::LogRecord> logs) {
  constexpr auto kAddress = [](const auto& of) { return std::tie(of.project, of.trace_id, of.span_id); };
  return std::ranges::equal_range(logs, kAddress(span), {}, kAddress);
}

template <typename Items>
std::vector<TraceId> TracesOfItems(const Items& items) {
  std::vector<TraceId> traces;
  for (const auto& item : items)
    if (!item.trace_id.IsZero() && (traces.empty() || traces.back() != item.trace_id)) traces.push_back(item.trace_id);
  return traces;
}

void AppendNumber(std::uint64_t number, std::string& out) {
  std::array<char, sizeof number> bytes{};
  std::memcpy(bytes.data(), &number, sizeof number);
  out.append(bytes.data(), bytes.size());
}

std::uint64_t NumberAt(std::string_view bytes, std::size_t at) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

}  // namespace

std::string EncodePayload(const ExportRequest& request) {
  std::string payload;
  payload.reserve(kPayloadHeaderBytes + request.project.size() + request.body.size());
  payload += kPayloadVersion;
  payload += static_cast<char>(static_cast<int>(request.encoding) | static_cast<int>(request.signal) << 1);
  AppendNumber(request.received_unix_ns, payload);
  AppendNumber(request.project.size(), payload);
  payload += request.project;
  payload += request.body;
  return payload;
}

Result<ExportRequest> DecodePayload(std::string_view payload) {
  if (payload.size() < kPayloadHeaderBytes || payload[0] != kPayloadVersion)
    return Fail(ErrorCode::kDataLoss, "an entry of the journal is not an export request of version 1");
  const auto kind = static_cast<unsigned char>(payload[1]);
  if (kind >> 1 > static_cast<int>(otlp::Signal::kMetrics))
    return Fail(ErrorCode::kDataLoss, "an entry of the journal holds an unknown signal");
  ExportRequest request;
  request.encoding = static_cast<otlp::Encoding>(kind & 1);
  request.signal = static_cast<otlp::Signal>(kind >> 1);
  request.received_unix_ns = NumberAt(payload, 2);
  const std::uint64_t project_bytes = NumberAt(payload, 2 + sizeof(std::uint64_t));
  const std::string_view rest = payload.substr(kPayloadHeaderBytes);
  if (project_bytes > rest.size()) return Fail(ErrorCode::kDataLoss, "an entry of the journal is cut");
  request.project = rest.substr(0, project_bytes);
  request.body = rest.substr(project_bytes);
  return request;
}

std::vector<model::SpanSummary> SummarizeBatch(const model::SpanBatch& batch, const pricing::PriceBook& prices,
                                               std::span<const model::LogRecord> logs) {
  std::vector<model::SpanSummary> summaries;
  summaries.reserve(batch.spans.size());
  for (const model::Span& span : batch.spans)
    summaries.push_back(semconv::Summarize(span, batch.resource_of(span), batch.scope_of(span), RecordsOf(span, logs)));
  for (std::size_t i = 0; i < summaries.size(); ++i) pricing::AddCost(prices, batch.spans[i], summaries[i]);
  return summaries;
}

Result<DecodedRequest> DecodeRequest(const ExportRequest& request) {
  RETURN_IF_ERROR(CheckProjectName(request.project));
  switch (request.signal) {
    case otlp::Signal::kLogs: return DecodeLogRecords(request);
    case otlp::Signal::kMetrics: return DecodePoints(request);
    case otlp::Signal::kTraces: break;
  }
  return DecodeSpans(request);
}

std::size_t CountRows(const Telemetry& telemetry) {
  if (const auto* logs = std::get_if<model::LogBatch>(&telemetry)) return logs->records.size();
  if (const auto* metrics = std::get_if<model::MetricBatch>(&telemetry)) return metrics->points.size();
  return std::get<model::SpanBatch>(telemetry).spans.size();
}

std::vector<TraceId> TracesOf(const Telemetry& telemetry) {
  if (const auto* spans = std::get_if<model::SpanBatch>(&telemetry)) return TracesOfItems(spans->spans);
  if (const auto* logs = std::get_if<model::LogBatch>(&telemetry)) return TracesOfItems(logs->records);
  return {};
}

Result<Entry> DecodeEntry(std::string_view payload) {
  ASSIGN_OR_RETURN(const ExportRequest request, DecodePayload(payload));
  ASSIGN_OR_RETURN(DecodedRequest decoded, DecodeRequest(request));
  return Entry{request.received_unix_ns, std::move(decoded.telemetry)};
}

store::RowBatch MakeRows(Entry entry, const store::SegmentKey& key, const pricing::PriceBook& prices) {
  return std::visit(RowMaker(key, prices, entry.received_unix_ns), std::move(entry.telemetry));
}

}  // namespace nightjar::ingest
