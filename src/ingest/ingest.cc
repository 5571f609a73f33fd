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

// A request on its way into the journal. Shared by the copies of its callback; the last one that goes, even when
// nothing was appended, lets ~Ingest go on.
struct Ingest::Accepted {
  Accepted(Ingest& owner, const RecentRequests::Key& request_key, ExportRows export_rows, Done answer)
      : ingest(owner), key(request_key), rows(std::move(export_rows)), done(std::move(answer)) {
    const std::lock_guard lock(ingest.mutex_);
    ++ingest.in_flight_;
  }
  ~Accepted() {
    const std::lock_guard lock(ingest.mutex_);
    --ingest.in_flight_;
    ingest.answered_.notify_all();
  }
  Accepted(const Accepted&) = delete;

  void Journaled(const Result<std::uint64_t>& sequence) {
    if (!sequence) {
      ++ingest.counters_.refused_requests;
      return done(Fail(sequence.error()));
    }
    CountAccepted(rows.rows, Now(), ingest.counters_);
    // One that was accepted in part is stored again, so that it is told again what is wrong with it.
    if (rows.acknowledgement.message.empty()) ingest.recent_.Insert(key, RecentRequests::Clock::now());
    ingest.committer_.Enqueue(*sequence, std::move(rows.rows));
    done(std::move(rows.acknowledgement));
  }

  Ingest& ingest;
  const RecentRequests::Key key;
  ExportRows rows;
  const Done done;
};

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
  const RecentRequests::Key key = recent_.KeyOf(request);
  if (recent_.Contains(key, RecentRequests::Clock::now())) {
    ++counters_.repeated_requests;
    return done(Acknowledgement());
  }
  Result<ExportRows> read = ReadRequest(request, key_, *prices_.Now());
  if (!read) {
    ++counters_.refused_requests;
    return done(Fail(std::move(read).error()));
  }
  counters_.names.Add(read->rows, request.received_unix_ns);
  RejectedOf(signal, counters_) += read->acknowledgement.rejected;
  if (read->rows.empty()) return done(std::move(read->acknowledgement));

  const auto accepted = std::make_shared<Accepted>(*this, key, *std::move(read), done);
  journal_.Append(EncodePayload(request),
                  [accepted](const Result<std::uint64_t>& sequence) { accepted->Journaled(sequence); });
}

Result<void> Ingest::Erase(store::ErasureTarget target, std::chrono::milliseconds patience) {
  Result<void> erased = committer_.Erase(std::move(target), patience);
  recent_.Clear();
  return erased;
}

}  // namespace nightjar::ingest
