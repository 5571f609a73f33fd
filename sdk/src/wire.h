// Protobuf's wire format. The writer extends a buffer once for all fields it writes, whose size the caller knows: this
// is the hot path of a span. The reader trusts nothing: what is cut short or malformed ends it.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bytes.h"

namespace nightjar::sdk {

static_assert(std::endian::native == std::endian::little, "fixed-size fields are written as they lie in memory");

constexpr std::size_t VarintBytes(std::uint64_t value) {
  if (value < 0x80) return 1;
  return static_cast<std::size_t>(std::bit_width(value) + 6) / 7;
}

// Bytes of a length-delimited field, its tag (numbers up to 15) and length included.
constexpr std::size_t DelimitedBytes(std::size_t content) { return 1 + VarintBytes(content) + content; }

// Field numbers up to 15 only, whose tag is one byte. Always inline: bytes that are written through a pointer could be
// those of a WireWriter in memory, which would be read and written again for each.
class WireWriter {
 public:
  // Extends `out` by `bytes`, all of which the caller then writes.
  WireWriter(ByteBuffer& out, std::size_t bytes) : at_(out.Extend(bytes)) {}

  [[gnu::always_inline]] void Varint(unsigned tag, std::uint64_t value) {
    Tag(tag, 0);
    RawVarint(value);
  }
  [[gnu::always_inline]] void Fixed64(unsigned tag, std::uint64_t value) {
    Tag(tag, 1);
    Raw({reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  [[gnu::always_inline]] void Fixed32(unsigned tag, std::uint32_t value) {
    Tag(tag, 5);
    Raw({reinterpret_cast<const char*>(&value), sizeof(value)});
  }
  [[gnu::always_inline]] void Double(unsigned tag, double value) { Fixed64(tag, std::bit_cast<std::uint64_t>(value)); }
  [[gnu::always_inline]] void Delimited(unsigned tag, std::string_view content) {
    BeginMessage(tag, content.size());
    Raw(content);
  }
  // The next `bytes` written are its content.
  [[gnu::always_inline]] void BeginMessage(unsigned tag, std::size_t bytes) {
    Tag(tag, 2);
    RawVarint(bytes);
  }
  // Fields that are already encoded.
  [[gnu::always_inline]] void Raw(std::string_view bytes) {
    CopyShort(at_, bytes);
    at_ += bytes.size();
  }

 private:
  [[gnu::always_inline]] void Tag(unsigned tag, unsigned wire_type) {
    *at_++ = static_cast<char>(tag << 3 | wire_type);
  }
  [[gnu::always_inline]] void RawVarint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *at_++ = static_cast<char>(value | 0x80);
    *at_++ = static_cast<char>(value);
  }
  char* at_;
};

// Writes the message that `fill` appends to `out`, as field `tag`, when its size is not known before.
template <typename Fill>
void AppendMessage(ByteBuffer& out, unsigned tag, const Fill& fill) {
  const std::size_t begin = out.size();
  out.Extend(2);  // the tag, and a length of one byte
  fill();
  const std::size_t bytes = out.size() - begin - 2;
  const std::size_t more = VarintBytes(bytes) - 1;
  if (more > 0) {
    out.Extend(more);
    std::memmove(out.data() + begin + 2 + more, out.data() + begin + 2, bytes);
  }
  out.Truncate(begin);
  WireWriter(out, 2 + more).BeginMessage(tag, bytes);
  out.Extend(bytes);  // what fill() wrote
}

// Reads the fields of one message, one after the other.
//   while (reader.Next()) if (reader.tag() == 1) name = reader.bytes();
class WireReader {
 public:
  explicit WireReader(std::string_view message) : rest_(message) {}

  // False at the end, and when what follows is no field; ok() tells which.
  bool Next() {
    if (rest_.empty()) return false;
    const std::uint64_t key = ReadVarint();
    tag_ = static_cast<unsigned>(key >> 3);
    switch (key & 7U) {
      case 0: number_ = ReadVarint(); break;
      case 1: number_ = ReadFixed(8); break;
      case 2: ReadBytes(); break;
      case 5: number_ = ReadFixed(4); break;
      default: ok_ = false;
    }
    if (!ok_) rest_ = {};
    return ok_;
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] unsigned tag() const { return tag_; }
  [[nodiscard]] std::uint64_t number() const { return number_; }  // of a varint or a fixed-size field
  [[nodiscard]] double real() const { return std::bit_cast<double>(number_); }
  [[nodiscard]] std::string_view bytes() const { return bytes_; }  // of a length-delimited field

 private:
  std::uint64_t ReadVarint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return value;
    }
    ok_ = false;
    return 0;
  }
  std::uint64_t ReadFixed(std::size_t size) {
    std::uint64_t value = 0;
    if (rest_.size() < size) {
      ok_ = false;
      return 0;
    }
    std::memcpy(&value, rest_.data(), size);
    rest_.remove_prefix(size);
    return value;
  }
  void ReadBytes() {
    const std::uint64_t size = ReadVarint();
    if (!ok_ || size > rest_.size()) {
      ok_ = false;
      return;
    }
    bytes_ = rest_.substr(0, size);
    rest_.remove_prefix(size);
  }

  std::string_view rest_;
  bool ok_ = true;
  unsigned tag_ = 0;
  std::uint64_t number_ = 0;
  std::string_view bytes_;
};

}  // namespace nightjar::sdk
