#include "bench/fill.h"

#include <fmt/format.h>

#include <algorithm>

namespace nightjar::bench {
namespace {

constexpr std::size_t kPortionSpans = 200'000;
constexpr auto kMergesMax = std::chrono::seconds(300);

}  // namespace

Result<Filled> Fill(const WorkloadOptions& workload, const Target& target, Progress& progress) {
  Filled filled;
  progress.Begin(fmt::format("{}: filling", ToString(workload.dataset)));
  // Traces of one generator, in bodies that are made when they are due.
  BodyMaker maker(workload);
  const auto whole = static_cast<double>(workload.spans);
  for (std::size_t done = 0; done < workload.spans; done = filled.sent.spans) {
    const std::vector<Body> bodies = maker.Make(kPortionSpans);
    if (bodies.empty()) break;
    const auto next = [&, each = Each(bodies)]() -> const Body* {
      const Body* body = each();
      if (body != nullptr) done += body->spans;
      progress.Show(static_cast<double>(done), whole, "spans");
      return body;
    };
    ASSIGN_OR_RETURN(const SendReport sent, SendHttp({.host = target.host, .port = target.otlp_http_port}, next));
    filled.sent.spans += sent.spans;
    filled.sent.bytes += sent.bytes;
    filled.sent.requests += sent.requests;
    filled.sent.seconds += sent.seconds;
  }
  progress.Begin(fmt::format("{}: waiting for merges", ToString(workload.dataset)));
  ASSIGN_OR_RETURN(filled.tables, WaitForMerges(target.data_directory, kMergesMax, progress));
  return filled;
}

}  // namespace nightjar::bench
