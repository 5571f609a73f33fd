#include "journal/internal/index.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/check.h"
#include "journal/internal/frame.h"

namespace nightjar::journal::internal {

Segment* Index::AddSegment(Segment segment) {
  disk_bytes_ += segment.bytes;
  return &segments_.emplace_back(std::move(segment));
}

void Index::AddEntry(const Entry& entry) {
  CHECK(entry.sequence >= end_);
  entries_.push_back(entry);
  end_ = entry.sequence + 1;
  if (!entry.damaged) pending_bytes_ += entry.payload_bytes;
}

void Index::AddBytes(Segment* segment, std::uint64_t bytes) {
  segment->bytes += bytes;
  disk_bytes_ += bytes;
}

const Entry* Index::Find(std::uint64_t sequence) const {
  const auto found = std::ranges::lower_bound(entries_, sequence, {}, &Entry::sequence);
  return found != entries_.end() && found->sequence == sequence ? &*found : nullptr;
}

void Index::MarkDamaged(std::uint64_t sequence) {
  const auto entry = std::ranges::lower_bound(entries_, sequence, {}, &Entry::sequence);
  CHECK(entry != entries_.end() && entry->sequence == sequence);
  if (entry->damaged) return;
  entry->damaged = true;
  entry->segment->damaged = true;
  pending_bytes_ -= entry->payload_bytes;
  corrupt_bytes_ += kHeaderBytes + entry->payload_bytes;
}

void Index::AdvanceTo(std::uint64_t first) {
  while (!entries_.empty() && entries_.front().sequence < first) {
    if (!entries_.front().damaged) pending_bytes_ -= entries_.front().payload_bytes;
    entries_.pop_front();
  }
  first_ = std::max(first_, first);
  ExtendTo(first_);
}

void Index::ExtendTo(std::uint64_t end) { end_ = std::max(end_, end); }

std::vector<Segment> Index::TakeFinished() {
  std::vector<Segment> finished;
  while (segments_.size() > 1 && std::next(segments_.begin())->first <= first_) {
    disk_bytes_ -= segments_.front().bytes;
    finished.push_back(std::move(segments_.front()));
    segments_.pop_front();
  }
  return finished;
}

}  // namespace nightjar::journal::internal
