// The benchmark's data sets, as ready request bodies. Deterministic: one seed and one end time make the same bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"

namespace nightjar::bench {

enum class Dataset {
  kJaeger,   // 1 parent and 9 children, 11 short attributes a child: what Jaeger's own benchmark sends; about 300 B a
             // span
  kLlm,      // one question to an agent in 8 spans: retrieval, tool, three model calls; about 1.7 KB a span
  kAgent30,  // one conversation of 30 turns in 91 spans, all history sent again each turn; about 5.5 KB a span
};

std::string_view ToString(Dataset dataset);
Result<Dataset> DatasetFromName(std::string_view name);

struct WorkloadOptions {
  Dataset dataset = Dataset::kLlm;
  std::size_t spans = 100'000;       // rounded up to whole traces
  std::size_t spans_per_body = 512;  // rounded down to whole traces, at least one
  std::uint64_t seed = 1;            // another seed makes other ids
  UnixNanos end_unix_ns = 0;         // traces start evenly over the ten minutes before this
};

struct Body {
  std::string bytes;  // one ExportTraceServiceRequest
  std::size_t spans = 0;
};

std::vector<Body> MakeBodies(const WorkloadOptions& options);

// The same bodies, a portion at a time.
class BodyMaker {
 public:
  explicit BodyMaker(const WorkloadOptions& options);
  ~BodyMaker();

  // Bodies with `spans` spans or a few more; fewer at the end, and then none.
  std::vector<Body> Make(std::size_t spans);

 private:
  class Generator;
  const WorkloadOptions options_;
  const std::unique_ptr<Generator> generator_;
  std::size_t next_trace_ = 0;
};

// The id of a trace in those bodies. REQUIRES: number < TraceCount(options)
TraceId TraceIdOf(std::uint64_t seed, std::uint64_t number);
std::size_t TraceCount(const WorkloadOptions& options);

// Where the spans of a data set are found.
std::string_view ProjectOf(Dataset dataset);

// A query that some of its traces match: by an attribute one in 980 of kJaeger, by its status one in 50 of kLlm, by an
// attribute all of kAgent30.
std::string_view SearchOf(Dataset dataset);

}  // namespace nightjar::bench
