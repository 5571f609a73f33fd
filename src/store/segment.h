// Long attribute values are stored once. A value is cut where agents repeat themselves (the messages of a JSON array),
// each piece is kept in the table `segments` under its hash, and the span keeps a rope: which segments, and the bytes
// between them. Joining the rope gives the original bytes exactly; nothing here depends on what the value means.
// Format: docs/formats/span_table.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.h"
#include "store/native_writer.h"

namespace nightjar::store {

// Strings up to this long stay in the typed maps; longer ones become ropes.
constexpr std::size_t kShortStringBytesMax = 128;
// Pieces shorter than this stay in the rope: a reference costs 16 bytes and a look-up.
constexpr std::size_t kSegmentBytesMin = 64;

// The secret of a data directory: makes segment hashes unguessable for those who write telemetry.
struct SegmentKey {
  std::array<std::uint8_t, 192> secret{};
};

UInt128 HashSegment(const SegmentKey& key, std::string_view bytes);

struct Piece {
  std::string_view bytes;
  bool is_segment = false;  // otherwise a literal
};

// Cuts `value` at the elements of its outermost JSON arrays, at most three levels down; a value without such arrays is
// one segment. Purely lexical: any bytes are accepted, and the pieces always join to `value`.
// REQUIRES: value.size() > kShortStringBytesMax
std::vector<Piece> SplitAtRepeats(std::string_view value);

// Makes the ropes of one row, one after the other; the row's segments are numbered by first use.
class RopeBuilder {
 public:
  // Called for every segment of the row once.
  using OnSegment = std::function<void(const UInt128& hash, std::string_view body)>;

  RopeBuilder(const SegmentKey& key, OnSegment on_segment) : key_(key), on_segment_(std::move(on_segment)) {}

  // Append to the rope: bytes that stay in it, and a value that is cut where it repeats when it is long.
  void AddLiteral(std::string_view bytes) { literal_ += bytes; }
  void AddValue(std::string_view value);
  // Ends the rope and gives it.
  std::string Take();

  [[nodiscard]] std::vector<UInt128> TakeSegments() { return std::move(segments_); }

 private:
  struct Hash {
    std::size_t operator()(const UInt128& value) const { return value.low; }
  };
  void PutLiteral();
  void PutSegment(std::string_view body);

  const SegmentKey& key_;
  const OnSegment on_segment_;
  std::vector<UInt128> segments_;
  std::unordered_map<UInt128, std::uint64_t, Hash> number_of_;
  std::string rope_;
  std::string literal_;  // not yet in rope_
};

// Joins a rope. `segment_body(i)` gives the bytes of the i-th segment of the span, or nullptr when it is not stored.
// kDataLoss when the rope is malformed or a segment is missing.
Result<std::string> JoinRope(std::string_view rope,
                             const std::function<const std::string_view*(std::uint64_t)>& segment_body);

}  // namespace nightjar::store
