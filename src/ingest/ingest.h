// The way in: a request is decoded, journaled, acknowledged, and left to the committer. What the transport adds is
// the project and the answer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ingest/committer.h"
#include "ingest/export_request.h"
#include "ingest/name_counts.h"
#include "ingest/recent_requests.h"
#include "journal/journal.h"
#include "otlp/encoding.h"
#include "otlp/signal.h"
#include "store/eraser.h"
#include "store/segment.h"

namespace nightjar::ingest {

// Since the start of the program.
struct IngestCounters {
  std::atomic<std::uint64_t> requests{0};  // that reached the decoder
  std::atomic<std::uint64_t> bytes{0};     // of their bodies, decompressed
  std::atomic<std::uint64_t> spans{0};     // acknowledged
  std::atomic<std::uint64_t> rejected_spans{0};
  std::atomic<std::uint64_t> log_records{0};
  std::atomic<std::uint64_t> rejected_log_records{0};
  std::atomic<std::uint64_t> data_points{0};
  std::atomic<std::uint64_t> rejected_data_points{0};
  std::atomic<std::uint64_t> refused_requests{0};
  std::atomic<std::uint64_t> repeated_requests{0};  // acknowledged once more, and not stored again
  NameCounts names;
  std::atomic<std::uint64_t> last_span_unix_ns{0};  // when the last span was acknowledged; 0: none yet
};

// Thread-safe.
class Ingest {
 public:
  using Done = std::function<void(Result<Acknowledgement>)>;

  // REQUIRES: `journal` and `committer` outlive the ingest.
  Ingest(journal::Journal& journal, Committer& committer, const store::SegmentKey& key)
      : journal_(journal), committer_(committer), recent_(key) {}
  // Waits for the journal's answers to what was accepted.
  ~Ingest();
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;

  // Decodes on the calling thread; `done` is called once, now or from the journal's thread. Success means that what was
  // sent is on disk and a read of its trace finds it. `project` is the caller's choice of project, empty to let
  // the resource's openinference.project.name, else "default", decide. A request that was acknowledged whole a few
  // minutes ago, byte for byte, counts once.
  void Accept(otlp::Signal signal, otlp::Encoding encoding, std::string_view body, std::string_view project,
              const Done& done);

  // Committer::Erase. What is sent again afterwards is stored again.
  Result<void> Erase(store::ErasureTarget target, std::chrono::milliseconds patience);

  // A request that never came this far.
  void CountRefusal() { ++counters_.refused_requests; }

  [[nodiscard]] const IngestCounters& counters() const { return counters_; }

 private:
  struct Accepted;

  journal::Journal& journal_;
  Committer& committer_;
  IngestCounters counters_;
  RecentRequests recent_;

  std::mutex mutex_;
  std::condition_variable answered_;
  int in_flight_ = 0;  // guarded by mutex_
};

}  // namespace nightjar::ingest
