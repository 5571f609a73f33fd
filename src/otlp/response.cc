#include "otlp/response.h"

#include <protozero/pbf_writer.hpp>

#include "base/json.h"

namespace nightjar::otlp {

namespace {

// protobuf's JSON mapping: a 64-bit integer is a string, and a field with its default value is left out.
std::string_view RejectedName(Signal signal) {
  switch (signal) {
    case Signal::kTraces: return "rejectedSpans";
    case Signal::kLogs: return "rejectedLogRecords";
    case Signal::kMetrics: return "rejectedDataPoints";
  }
  return "";
}

std::string ExportResponseJson(Signal signal, std::uint64_t rejected, std::string_view message) {
  json::object partial_success;
  if (rejected != 0) partial_success[RejectedName(signal)] = std::to_string(rejected);
  if (!message.empty()) partial_success["errorMessage"] = message;
  return partial_success.empty() ? "{}" : ToJson({{"partialSuccess", partial_success}});
}

}  // namespace

// In protobuf the three responses have the same field numbers.
std::string EncodeExportResponse(Signal signal, Encoding encoding, std::uint64_t rejected, std::string_view message) {
  if (encoding == Encoding::kJson) return ExportResponseJson(signal, rejected, message);
  std::string out;
  if (rejected == 0 && message.empty()) return out;
  {
    protozero::pbf_writer response(out);
    protozero::pbf_writer partial_success(response, 1);  // complete when it is destroyed
    if (rejected != 0) partial_success.add_int64(1, static_cast<std::int64_t>(rejected));
    if (!message.empty()) partial_success.add_string(2, message.data(), message.size());
  }
  return out;
}

std::string EncodeStatus(Encoding encoding, int code, std::string_view message) {
  if (encoding == Encoding::kJson) return ToJson({{"code", code}, {"message", message}});
  std::string out;
  protozero::pbf_writer status(out);
  status.add_int32(1, code);
  status.add_string(2, message.data(), message.size());
  return out;
}

std::string EncodeRetryStatus(int code, std::string_view message, int retry_delay_seconds) {
  std::string retry_info;
  protozero::pbf_writer(retry_info).add_message(1, [&] {
    std::string duration;
    protozero::pbf_writer(duration).add_int64(1, retry_delay_seconds);
    return duration;
  }());
  std::string out = EncodeStatus(Encoding::kProtobuf, code, message);
  {
    protozero::pbf_writer status(out);
    protozero::pbf_writer any(status, 3);  // complete when it is destroyed
    any.add_string(1, "type.googleapis.com/google.rpc.RetryInfo");
    any.add_message(2, retry_info);
  }
  return out;
}

}  // namespace nightjar::otlp
