// The way in: request bytes → decoded → understood → stored. What the transport adds is the project and the answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/committer.h"
#include "otlp/encoding.h"
#include "store/segment.h"

namespace nightjar::ingest {

constexpr std::size_t kProjectNameBytesMax = 256;
constexpr std::string_view kDefaultProject = "default";

// Since the start of the program.
struct IngestCounters {
  std::atomic<std::uint64_t> requests{0};  // that reached the decoder
  std::atomic<std::uint64_t> bytes{0};     // of their bodies, decompressed
  std::atomic<std::uint64_t> spans{0};     // acknowledged
  std::atomic<std::uint64_t> rejected_spans{0};
  std::atomic<std::uint64_t> refused_requests{0};
  std::atomic<std::uint64_t> last_span_unix_ns{0};  // when the last span was acknowledged; 0: none yet
};

// What the client is told. `message` is empty on full success; with rejected_spans 0 it is a warning.
struct Acknowledgement {
  std::uint64_t rejected_spans = 0;
  std::string message;
};

// Thread-safe.
class Ingest {
 public:
  using Done = std::function<void(Result<Acknowledgement>)>;

  Ingest(Committer& committer, store::SegmentKey key) : committer_(committer), key_(key) {}

  // Decodes on the calling thread; `done` is called once, now or from the committer's thread. `project` is the caller's
  // choice of project, empty to let the resource's openinference.project.name, else "default", decide.
  void AcceptTraces(otlp::Encoding encoding, std::string_view body, std::string_view project, Done done);

  // A request that never came this far.
  void CountRefusal() { ++counters_.refused_requests; }

  [[nodiscard]] const IngestCounters& counters() const { return counters_; }

 private:
  Committer& committer_;
  const store::SegmentKey key_;
  IngestCounters counters_;
};

}  // namespace nightjar::ingest
