#include "bench/summarize_cost.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>
#include <vector>

#include "base/check.h"
#include "otlp/decode_traces.h"
#include "semconv/normalize.h"

namespace nightjar::bench {
namespace {

constexpr std::size_t kSpans = 8'000;
constexpr std::size_t kRounds = 9;

double ThreadCpuSeconds() {
  timespec time{};
  CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

}  // namespace

Result<double> SummarizeCpuSecondsPerMillion(WorkloadOptions workload) {
  workload.spans = kSpans;
  std::vector<model::SpanBatch> batches;
  std::size_t spans = 0;
  for (const Body& body : MakeBodies(workload)) {
    ASSIGN_OR_RETURN(otlp::DecodedTraces decoded, otlp::DecodeTraces(body.bytes));
    spans += decoded.batch.spans.size();
    batches.push_back(std::move(decoded.batch));
  }
  std::array<double, kRounds> seconds{};
  std::size_t understood = 0;
  for (double& round : seconds) {
    const double before = ThreadCpuSeconds();
    for (const model::SpanBatch& batch : batches)
      for (const model::Span& span : batch.spans)
        understood += semconv::Summarize(span, batch.resource_of(span), batch.scope_of(span)).rules_version != 0;
    round = ThreadCpuSeconds() - before;
  }
  CHECK(understood == spans * kRounds);
  std::ranges::sort(seconds);
  return seconds[kRounds / 2] / static_cast<double>(spans) * 1e6;
}

}  // namespace nightjar::bench
