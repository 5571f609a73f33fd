#include "bench/tally.h"

#include <algorithm>
#include <protozero/pbf_reader.hpp>
#include <utility>

namespace nightjar::bench {
namespace {

std::size_t RejectedSpans(const std::string& response) {
  std::size_t rejected = 0;
  protozero::pbf_reader message(response);
  while (message.next(1)) {
    protozero::pbf_reader partial = message.get_message();
    while (partial.next(1)) rejected = static_cast<std::size_t>(partial.get_int64());
  }
  return rejected;
}

}  // namespace

Tally::Clock::time_point Tally::TakeDue(const Body& body) {
  if (spans_per_s_ <= 0) return Clock::now();
  const std::chrono::duration<double> offset(static_cast<double>(spans_before_) / spans_per_s_);
  spans_before_ += body.spans;
  return start_ + std::chrono::duration_cast<Clock::duration>(offset);
}

void Tally::Acknowledge(const Body& body, Clock::time_point since, const std::string& response) {
  const Clock::time_point now = Clock::now();
  const std::size_t rejected = RejectedSpans(response);
  ++report_.requests;
  report_.spans += body.spans - rejected;
  report_.rejected_spans += rejected;
  report_.bytes += body.bytes.size();
  report_.seconds = std::chrono::duration<double>(now - start_).count();
  report_.latencies.push_back(now - since);
}

SendReport Tally::Finish() {
  std::ranges::sort(report_.latencies);
  return std::move(report_);
}

}  // namespace nightjar::bench
