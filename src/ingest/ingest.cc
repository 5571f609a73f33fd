#include "ingest/ingest.h"

#include <chrono>
#include <memory>
#include <utility>

namespace nightjar::ingest {
namespace {

UnixNanos Now() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<UnixNanos>(std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

std::atomic<std::uint64_t>& RejectedOf(otlp::Signal signal, IngestCounters& counters) {
  switch (signal) {
    case otlp::Signal::kLogs: return counters.rejected_log_records;
    case otlp::Signal::kMetrics: return counters.rejected_data_points;
    case otlp::Signal::kTraces: break;
  }
  return counters.rejected_spans;
}

void CountAccepted(const store::RowBatch& rows, UnixNanos now, IngestCounters& counters) {
  counters.spans += rows.spans.size();
  counters.log_records += rows.logs.size();
  counters.data_points += rows.metrics.points.size();
  if (!rows.spans.empty()) counters.last_span_unix_ns = now;
}

}  // namespace

Ingest::~Ingest() {
  std::unique_lock lock(mutex_);
  answered_.wait(lock, [&] { return in_flight_ == 0; });
}

void Ingest::Accept(otlp::Signal signal, otlp::Encoding encoding, std::string_view body, std::string_view project,
                    const Done& done) {
  ++counters_.requests;
  counters_.bytes += body.size();
  const ExportRequest request{
      .received_unix_ns = Now(), .signal = signal, .encoding = encoding, .project = project, .body = body};
  Result<ExportRows> read = ReadRequest(request, key_);
  if (!read) {
    ++counters_.refused_requests;
    return done(Fail(std::move(read).error()));
  }
  RejectedOf(signal, counters_) += read->acknowledgement.rejected;
  if (read->rows.empty()) return done(std::move(read->acknowledgement));

  {
    const std::lock_guard lock(mutex_);
    ++in_flight_;
  }
  // Shared because std::function is copied; used once.
  const auto accepted = std::make_shared<ExportRows>(*std::move(read));
  journal_.Append(EncodePayload(request), [this, accepted, done](const Result<std::uint64_t>& sequence) {
    if (sequence) {
      CountAccepted(accepted->rows, Now(), counters_);
      committer_.Enqueue(*sequence, std::move(accepted->rows));
      done(std::move(accepted->acknowledgement));
    } else {
      ++counters_.refused_requests;
      done(Fail(sequence.error()));
    }
    const std::lock_guard lock(mutex_);
    --in_flight_;
    answered_.notify_all();
  });
}

}  // namespace nightjar::ingest
