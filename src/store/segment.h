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

// A rope under construction for one span: segments are numbered by first use.
class RopeBuilder {
 public:
  explicit RopeBuilder(const SegmentKey& key) : key_(key) {}

  // Called for every segment met, also for those met before.
  using OnSegment = std::function<void(const UInt128& hash, std::string_view body)>;
  std::string Encode(std::string_view value, const OnSegment& on_segment);

  [[nodiscard]] const std::vector<UInt128>& segments() const { return segments_; }

 private:
  const SegmentKey& key_;
  std::vector<UInt128> segments_;
};

// Joins a rope. `segment_body(i)` gives the bytes of the i-th segment of the span, or nullptr when it is not stored.
// kDataLoss when the rope is malformed or a segment is missing.
Result<std::string> JoinRope(std::string_view rope,
                             const std::function<const std::string_view*(std::uint64_t)>& segment_body);

}  // namespace nightjar::store
