// Writes protobuf fields into a string that is extended once for all of them: the hot path of a span. The caller knows
// the size beforehand; protozero, used elsewhere, finds it out afterwards.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace nightjar::sdk {

static_assert(std::endian::native == std::endian::little, "fixed-size fields are written as they lie in memory");

constexpr std::size_t VarintBytes(std::uint64_t value) {
  return static_cast<std::size_t>(std::bit_width(value | 1) + 6) / 7;
}

// Bytes of a length-delimited field, its tag (numbers up to 15) and length included.
constexpr std::size_t DelimitedBytes(std::size_t content) { return 1 + VarintBytes(content) + content; }

// Field numbers up to 15 only, whose tag is one byte.
class WireWriter {
 public:
  // Extends `out` by `bytes`, all of which the caller then writes.
  WireWriter(std::string& out, std::size_t bytes) {
    out.append(bytes, '\0');
    at_ = out.data() + out.size() - bytes;
  }

  void Varint(unsigned tag, std::uint64_t value) {
    Tag(tag, 0);
    RawVarint(value);
  }
  void Fixed64(unsigned tag, std::uint64_t value) {
    Tag(tag, 1);
    Raw({reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  void Double(unsigned tag, double value) { Fixed64(tag, std::bit_cast<std::uint64_t>(value)); }
  void Delimited(unsigned tag, std::string_view content) {
    BeginMessage(tag, content.size());
    Raw(content);
  }
  // The next `bytes` written are its content.
  void BeginMessage(unsigned tag, std::size_t bytes) {
    Tag(tag, 2);
    RawVarint(bytes);
  }
  // Fields that are already encoded.
  void Raw(std::string_view bytes) {
    std::memcpy(at_, bytes.data(), bytes.size());
    at_ += bytes.size();
  }

 private:
  void Tag(unsigned tag, unsigned wire_type) { *at_++ = static_cast<char>(tag << 3 | wire_type); }
  void RawVarint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }
  char* at_;
};

}  // namespace nightjar::sdk
