#include <cstddef>
#include <cstdint>

#include "otlp/decode_traces.h"
#include "otlp/internal/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto decoded = nightjar::otlp::DecodeTracesJson({reinterpret_cast<const char*>(data), size});
  if (decoded) nightjar::otlp::internal::CheckComesBack(decoded->batch);
  return 0;
}
