#include "ingest/name_counts.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace nightjar::ingest {
namespace {

constexpr UnixNanos kHourNs = 3'600'000'000'000;

struct Limit {
  std::string_view what;
  std::uint64_t count;
};
// In the order of NameCounts::Kind.
constexpr std::array kLimits = {Limit{"projects", 1'000}, Limit{"service names", 1'000}, Limit{"span names", 10'000},
                                Limit{"attribute keys", 10'000}};

}  // namespace

void DistinctCount::Add(std::string_view text) {
  const std::uint64_t hash = XXH3_64bits(text.data(), text.size());
  auto& rank = ranks_[hash >> (64 - kIndexBits)];
  // The bit behind the index bits ends the zeros when there is no other.
  const auto seen = static_cast<std::uint8_t>(std::countl_zero(hash << kIndexBits | 1ull << (kIndexBits - 1)) + 1);
  std::uint8_t known = rank.load(std::memory_order_relaxed);
  while (known < seen && !rank.compare_exchange_weak(known, seen, std::memory_order_relaxed)) continue;
}

// Flajolet, Fusy, Gandouet, Meunier: HyperLogLog (2007), figure 3; hashes of 64 bits need no correction for large
// counts.
std::uint64_t DistinctCount::Estimate() const {
  constexpr double kCells = 1 << kIndexBits;
  double sum = 0;
  double empty = 0;
  for (const auto& rank : ranks_) {
    const int seen = rank.load(std::memory_order_relaxed);
    sum += std::ldexp(1.0, -seen);
    if (seen == 0) ++empty;
  }
  const double raw = 0.7213 / (1 + 1.079 / kCells) * kCells * kCells / sum;
  const bool few = raw <= 2.5 * kCells && empty > 0;
  return static_cast<std::uint64_t>(std::llround(few ? kCells * std::log(kCells / empty) : raw));
}

void DistinctCount::Clear() {
  for (auto& rank : ranks_) rank.store(0, std::memory_order_relaxed);
}

void NameCounts::Add(const Telemetry& telemetry, UnixNanos now) {
  auto& counts = HourOf(now).counts;
  if (const auto* logs = std::get_if<model::LogBatch>(&telemetry))
    for (const model::LogRecord& record : logs->records) counts[kProjects].Add(record.project);
  const auto* spans = std::get_if<model::SpanBatch>(&telemetry);
  if (spans == nullptr) return;
  for (const model::Resource& resource : spans->resources)
    counts[kServices].Add(model::FindString(resource.attributes, "service.name"));
  for (const model::Span& span : spans->spans) {
    counts[kProjects].Add(span.project);
    counts[kSpanNames].Add(span.name);
    for (const model::Attribute& attribute : span.attributes) counts[kAttributeKeys].Add(attribute.key);
  }
}

std::vector<TooManyNames> NameCounts::OverLimit(UnixNanos now) const {
  std::vector<TooManyNames> over;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    const auto [what, limit] = kLimits[kind];
    std::uint64_t count = 0;
    for (const Hour& hour : hours_)
      if (hour.number + 1 >= now / kHourNs) count = std::max(count, hour.counts[kind].Estimate());
    if (count > limit) over.push_back({what, count, limit});
  }
  return over;
}

NameCounts::Hour& NameCounts::HourOf(UnixNanos now) {
  const std::uint64_t number = now / kHourNs;
  Hour& hour = hours_[number % 2];
  if (number > hour.number) {
    const std::lock_guard lock(turn_);
    if (number > hour.number) {
      for (DistinctCount& count : hour.counts) count.Clear();
      hour.number = number;
    }
  }
  return hour;  // of a later number when the clock was set back
}

}  // namespace nightjar::ingest
