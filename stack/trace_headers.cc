#include "stack/trace_headers.h"

#include <charconv>
#include <span>

namespace stack {
namespace {

// Lower-case hex digits to bytes; false when there are other characters.
bool ReadHex(std::string_view digits, std::span<std::uint8_t> bytes) {
  if (digits.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::from_chars(digits.data() + 2 * i, digits.data() + 2 * i + 2, bytes[i], 16);
  }
  return true;
}

}  // namespace

nightjar::SpanContext ParseTraceparent(std::string_view header) {
  constexpr std::size_t kLength = 55;  // 00-<32>-<16>-<2>; later versions may be longer, after another dash
  if (header.size() < kLength || header[2] != '-' || header[35] != '-' || header[52] != '-') return {};
  std::uint8_t version = 0;
  std::uint8_t flags = 0;
  nightjar::SpanContext context;
  if (!ReadHex(header.substr(0, 2), {&version, 1}) || !ReadHex(header.substr(3, 32), context.trace_id) ||
      !ReadHex(header.substr(36, 16), context.span_id) || !ReadHex(header.substr(53, 2), {&flags, 1})) {
    return {};
  }
  if (version == 0xFF) return {};
  if (header.size() > kLength && (version == 0 || header[kLength] != '-')) return {};
  context.sampled = (flags & 1U) != 0;
  return context;
}

void AppendTraceHeaders(std::vector<std::string>& headers) {
  const nightjar::SpanContext context = nightjar::CurrentContext();
  if (!context.valid()) return;
  headers.push_back("traceparent: 00-" + context.trace_id_hex() + "-" + context.span_id_hex() +
                    (context.sampled ? "-01" : "-00"));
}

}  // namespace stack
