#include "otlp/response.h"

#include <protozero/pbf_writer.hpp>

namespace nightjar::otlp {

std::string EncodeTraceResponse(std::uint64_t rejected_spans, std::string_view message) {
  std::string out;
  if (rejected_spans == 0 && message.empty()) return out;
  protozero::pbf_writer response(out);
  protozero::pbf_writer partial_success(response, 1);
  if (rejected_spans != 0) partial_success.add_int64(1, static_cast<std::int64_t>(rejected_spans));
  if (!message.empty()) partial_success.add_string(2, message.data(), message.size());
  return out;
}

std::string EncodeStatus(int code, std::string_view message) {
  std::string out;
  protozero::pbf_writer status(out);
  status.add_int32(1, code);
  status.add_string(2, message.data(), message.size());
  return out;
}

}  // namespace nightjar::otlp
