// Trace and span ids as OTLP defines them: 16 and 8 bytes, all zero is invalid. Text form is lower-case hex.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace nightjar {

namespace internal {
std::string BytesToHex(const std::uint8_t* bytes, std::size_t size);
bool HexToBytes(std::string_view hex, std::uint8_t* bytes, std::size_t size);
}  // namespace internal

template <std::size_t kBytes, typename Tag>
struct Id {
  static constexpr std::size_t kSize = kBytes;
  std::array<std::uint8_t, kBytes> bytes{};

  // From raw bytes; nothing unless there are exactly kBytes of them.
  static std::optional<Id> FromBytes(std::string_view raw) {
    if (raw.size() != kBytes) return std::nullopt;
    Id id;
    for (std::size_t i = 0; i < kBytes; ++i) id.bytes[i] = static_cast<std::uint8_t>(raw[i]);
    return id;
  }
  // From hex of either case; nothing unless there are exactly 2 * kBytes digits.
  static std::optional<Id> FromHex(std::string_view hex) {
    Id id;
    if (!internal::HexToBytes(hex, id.bytes.data(), kBytes)) return std::nullopt;
    return id;
  }

  [[nodiscard]] bool IsZero() const { return *this == Id{}; }
  [[nodiscard]] std::string ToHex() const { return internal::BytesToHex(bytes.data(), kBytes); }
  [[nodiscard]] std::string_view AsBytes() const { return {reinterpret_cast<const char*>(bytes.data()), kBytes}; }
  auto operator<=>(const Id&) const = default;
};

using TraceId = Id<16, struct TraceIdTag>;
using SpanId = Id<8, struct SpanIdTag>;

// Ids are random, so their first bytes are hash enough; those who write telemetry can only slow themselves down.
struct TraceIdHash {
  std::size_t operator()(const TraceId& id) const {
    std::size_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof hash);
    return hash;
  }
};

// Nanoseconds since 1970-01-01 UTC, as OTLP's fixed64.
using UnixNanos = std::uint64_t;

}  // namespace nightjar
