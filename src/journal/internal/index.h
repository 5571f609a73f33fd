// Where the pending entries lie, and which segment files there are. In memory only; recovery builds it.
#pragma once

#include <cstdint>
#include <deque>
#include <filesystem>
#include <list>
#include <vector>

namespace nightjar::journal::internal {

struct Segment {
  std::filesystem::path path;
  std::uint64_t number = 1;  // in the order of their making
  std::uint64_t seed = 0;    // of its checksums
  std::uint64_t first = 1;   // its entries have this number or higher ones, but lower ones than the next segment's
  std::uint64_t bytes = 0;
  bool damaged = false;  // put aside instead of removed
};

struct Entry {
  std::uint64_t sequence = 0;
  Segment* segment = nullptr;  // owned by the index
  std::uint64_t offset = 0;    // of the payload
  std::uint32_t payload_bytes = 0;
  bool damaged = false;
};

// Not thread-safe.
class Index {
 public:
  // The newest segment. The pointer lives until it is taken.
  Segment* AddSegment(Segment segment);

  // REQUIRES: entry.sequence >= end(), and below the first of the segment that follows
  void AddEntry(const Entry& entry);
  void AddBytes(Segment* segment, std::uint64_t bytes);
  void SetAside(std::uint64_t bytes) { disk_bytes_ += bytes; }

  // Null: not pending, or damaged beyond recognition.
  [[nodiscard]] const Entry* Find(std::uint64_t sequence) const;
  // No effect when it was known. REQUIRES: Find(sequence) != nullptr
  void MarkDamaged(std::uint64_t sequence);
  void AddCorrupt(std::uint64_t bytes) { corrupt_bytes_ += bytes; }

  // Everything below `first` is finished.
  void AdvanceTo(std::uint64_t first);
  void ExtendTo(std::uint64_t end);

  // The segments that hold nothing pending, which the index forgets. The newest stays: its name keeps the count.
  std::vector<Segment> TakeFinished();

  [[nodiscard]] std::uint64_t next_segment() const { return segments_.empty() ? 1 : segments_.back().number + 1; }
  [[nodiscard]] std::uint64_t first() const { return first_; }
  [[nodiscard]] std::uint64_t end() const { return end_; }
  [[nodiscard]] std::uint64_t pending_bytes() const { return pending_bytes_; }
  [[nodiscard]] std::uint64_t disk_bytes() const { return disk_bytes_; }
  [[nodiscard]] std::uint64_t corrupt_bytes() const { return corrupt_bytes_; }

 private:
  std::list<Segment> segments_;  // oldest first
  std::deque<Entry> entries_;    // by sequence; a number that is missing was lost to damage
  std::uint64_t first_ = 1;
  std::uint64_t end_ = 1;
  std::uint64_t pending_bytes_ = 0;
  std::uint64_t disk_bytes_ = 0;
  std::uint64_t corrupt_bytes_ = 0;
};

}  // namespace nightjar::journal::internal
