// Payload: a version byte (1), a byte with the encoding (bit 0: 0 protobuf, 1 JSON) and the signal (bits 1 and 2: 0
// traces, 1 logs, 2 metrics), the arrival time and the length of the
// project's name as little-endian 64-bit numbers, the name, the body.
#include "ingest/export_request.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "otlp/decode_traces.h"
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

std::string_view ProjectOf(const model::Resource& resource, std::string_view chosen) {
  if (!chosen.empty()) return chosen;
  const std::string_view named = model::FindString(resource.attributes, "openinference.project.name");
  return named.empty() ? kDefaultProject : named;
}

// Gives each span its project. Spans whose resource names an impossible one are rejected.
void AssignProjects(std::string_view chosen, otlp::DecodedTraces& decoded) {
  std::erase_if(decoded.batch.spans, [&](model::Span& span) {
    const std::string_view project = ProjectOf(decoded.batch.resource_of(span), chosen);
    if (project.size() > kProjectNameBytesMax) {
      if (decoded.rejected_spans++ == 0)
        decoded.first_reason =
            fmt::format("the project name has {} bytes, at most {} are allowed", project.size(), kProjectNameBytesMax);
      return true;
    }
    span.project = project;
    return false;
  });
}

Acknowledgement Acknowledge(const otlp::DecodedTraces& decoded) {
  Acknowledgement answer{decoded.rejected_spans, decoded.first_reason};
  if (decoded.rejected_spans > 1)
    answer.message += fmt::format(" (the first of {} rejected spans)", decoded.rejected_spans);
  if (decoded.mended_strings != 0)
    answer.message += fmt::format("{}{} strings were not UTF-8; their bad bytes were replaced by U+FFFD",
                                  answer.message.empty() ? "" : "; ", decoded.mended_strings);
  return answer;
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

Result<ExportRows> ReadRequest(const ExportRequest& request, const store::SegmentKey& key) {
  RETURN_IF_ERROR(CheckProjectName(request.project));
  ASSIGN_OR_RETURN(otlp::DecodedTraces decoded, request.encoding == otlp::Encoding::kJson
                                                    ? otlp::DecodeTracesJson(request.body)
                                                    : otlp::DecodeTraces(request.body));
  AssignProjects(request.project, decoded);
  ExportRows out;
  out.acknowledgement = Acknowledge(decoded);
  std::vector<model::LlmView> views;
  views.reserve(decoded.batch.spans.size());
  for (const model::Span& span : decoded.batch.spans)
    views.push_back(semconv::Normalize(span, decoded.batch.resource_of(span), decoded.batch.scope_of(span)));
  out.rows = store::MakeRows(std::move(decoded.batch), views, key, request.received_unix_ns);
  return out;
}

}  // namespace nightjar::ingest
