// Protobuf's wire format. The writer extends a string once for all fields it writes, whose size the caller knows: this
// is the hot path of a span. The reader trusts nothing: what is cut short or malformed ends it.
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
  void Fixed32(unsigned tag, std::uint32_t value) {
    Tag(tag, 5);
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
