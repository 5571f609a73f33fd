#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/utf8.h"
#include "otlp/decode_logs.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto decoded = nightjar::otlp::DecodeLogs({reinterpret_cast<const char*>(data), size});
  if (!decoded) return 0;
  for (const auto& record : decoded->batch.records) {
    CHECK(record.resource < decoded->batch.resources.size() && record.scope < decoded->batch.scopes.size());
    CHECK(nightjar::IsValidUtf8(record.severity_text) && nightjar::IsValidUtf8(record.event_name));
  }
  return 0;
}
