// What the senders share: when a body is due, and what came of it.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "bench/sender.h"

namespace nightjar::bench {

// Begins with its construction. Not thread-safe.
class Tally {
 public:
  using Clock = std::chrono::steady_clock;

  // The rate as in SendOptions.
  explicit Tally(double spans_per_s) : spans_per_s_(spans_per_s) {}

  // When the body is to be sent: at its place in the timetable, or now.
  Clock::time_point TakeDue(const Body& body);
  // `response` is the ExportTraceServiceResponse; `since` is what TakeDue said.
  void Acknowledge(const Body& body, Clock::time_point since, const std::string& response);
  void Refuse(int status) { ++report_.refusals[status]; }
  [[nodiscard]] bool any_acknowledged() const { return report_.requests != 0; }
  SendReport Finish();

 private:
  const double spans_per_s_;
  const Clock::time_point start_ = Clock::now();
  std::size_t spans_before_ = 0;
  SendReport report_;
};

}  // namespace nightjar::bench
