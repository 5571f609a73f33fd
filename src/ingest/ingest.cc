#include "ingest/ingest.h"
#include "base/now.h"

#include <chrono>
#include <memory>
#include <utility>

namespace nightjar::ingest {
namespace {

std::atomic<std::uint64_t>& RejectedOf(otlp::Signal signal, IngestCounters& counters) {
  switch (signal) {
    case otlp::Signal::kLogs: return counters.rejected_log_records;
    case otlp::Signal::kMetrics: return counters.rejected_data_points;
    case otlp::Signal::kTraces: break;
  }
  return counters.rejected_spans;
}

void CountAccepted(otlp::Signal signal, std::size_t rows, UnixNanos now, IngestCounters& counters) {
  switch (signal) {
    case otlp::Signal::kLogs: counters.log_records += rows; return;
    case otlp::Signal::kMetrics: counters.data_points += rows; return;
    case otlp::Signal::kTraces: break;
  }
  counters.spans += rows;
  counters.last_span_unix_ns = now;
}

}  // namespace

// A request on its way into the journal. Shared by the copies of its callback; the last one that goes, even when
// nothing was appended, lets ~Ingest go on.
struct Ingest::Accepted {
  Accepted(Ingest& owner, const ExportRequest& request, const RecentRequests::Key& request_key, DecodedRequest decoded,
           Done answer)
      : ingest(owner),
        signal(request.signal),
        key(request_key),
        rows(CountRows(decoded.telemetry)),
        traces(TracesOf(decoded.telemetry)),
        acknowledgement(std::move(decoded.acknowledgement)),
        kept(owner.committer_.Keep({request.received_unix_ns, std::move(decoded.telemetry)}, request.body.size())),
        done(std::move(answer)) {
    const std::lock_guard lock(ingest.mutex_);
    ++ingest.in_flight_;
  }
  ~Accepted() {
    kept.reset();
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
    CountAccepted(signal, rows, Now(), ingest.counters_);
    // One that was accepted in part is stored again, so that it is told again what is wrong with it.
    if (acknowledgement.message.empty()) ingest.recent_.Insert(key, RecentRequests::Clock::now());
    ingest.committer_.Enqueue(*sequence, rows, std::move(traces), std::move(kept));
    done(std::move(acknowledgement));
  }

  Ingest& ingest;
  const otlp::Signal signal;
  const RecentRequests::Key key;
  const std::size_t rows;
  std::vector<TraceId> traces;
  Acknowledgement acknowledgement;
  std::shared_ptr<Entry> kept;
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
  Result<DecodedRequest> decoded = DecodeRequest(request);
  if (!decoded) {
    ++counters_.refused_requests;
    return done(Fail(std::move(decoded).error()));
  }
  counters_.names.Add(decoded->telemetry, request.received_unix_ns);
  RejectedOf(signal, counters_) += decoded->acknowledgement.rejected;
  if (CountRows(decoded->telemetry) == 0) return done(std::move(decoded->acknowledgement));

  const auto accepted = std::make_shared<Accepted>(*this, request, key, *std::move(decoded), done);
  journal_.Append(EncodePayload(request),
                  [accepted](const Result<std::uint64_t>& sequence) { accepted->Journaled(sequence); });
}

Result<void> Ingest::Erase(store::ErasureTarget target, std::chrono::milliseconds patience) {
  Result<void> erased = committer_.Erase(std::move(target), patience);
  if (erased || erased.error().code != ErrorCode::kNotFound) recent_.Clear();
  return erased;
}

}  // namespace nightjar::ingest
