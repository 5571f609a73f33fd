#include "store/span_writer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "store/log_columns.h"
#include "store/metric_columns.h"
#include "store/native_reader.h"
#include "store/span_columns.h"

namespace nightjar::store {
namespace {

std::uint64_t UnixMicros() {
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count());
}

}  // namespace

bool SpanWriter::RecentSegments::Insert(const Segment& segment) {
  // Scope and hash are hashes under one secret. Each times a number of its own, so that a body that says what its scope
  // is the hash of does not take the scope out of the key.
  const UInt128 key{.low = segment.hash.low + segment.scope.low * 0x9E3779B97F4A7C15u,
                    .high = segment.hash.high + segment.scope.high * 0xC2B2AE3D27D4EB4Fu + segment.day};
  if (young_.contains(key) || old_.contains(key)) return false;
  if (young_.size() >= kGenerationMax) {
    old_ = std::move(young_);
    young_.clear();
  }
  young_.insert(key);
  return true;
}

// While segments are being written, and when that ends in an error or for lack of memory, none is taken for stored.
class SpanWriter::ForgetUnlessStored {
 public:
  explicit ForgetUnlessStored(RecentSegments& recent) : recent_(recent) {}
  ForgetUnlessStored(const ForgetUnlessStored&) = delete;
  ~ForgetUnlessStored() {
    if (!stored) recent_ = {};
  }
  bool stored = false;

 private:
  RecentSegments& recent_;
};

Result<SpanWriter> SpanWriter::Create(ClickHouse& clickhouse) {
  const Result<std::string> bytes = clickhouse.Select(
      "SELECT max(seq) FROM (SELECT max(seq) AS seq FROM nightjar.spans UNION ALL "
      "SELECT max(seq) FROM nightjar.logs UNION ALL "
      "SELECT max(seq) FROM nightjar.metric_points)",
      {}, QueryOptions());
  // Damage must not keep new data out. The clock is ahead of every number, unless it was set back.
  if (!bytes && bytes.error().code == ErrorCode::kDataLoss) {
    spdlog::error("the last sequence number cannot be read, going on from the clock: {}", bytes.error().message);
    return SpanWriter(clickhouse, 0);
  }
  if (!bytes) return Fail(bytes.error());
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(*bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered the last sequence number with no row");
  return SpanWriter(clickhouse, blocks[0].columns.at(0).Fixed<std::uint64_t>(0));
}

std::uint64_t SpanWriter::NextSeq(std::size_t count) {
  const std::uint64_t first_seq = std::max(last_seq_ + 1, UnixMicros());
  last_seq_ = first_seq + count;
  return first_seq;
}

void SpanWriter::SkipSeq(std::uint64_t end) { last_seq_ = std::max(last_seq_, end); }

Result<void> SpanWriter::Write(std::span<const RowBatch> batches, std::string_view token, std::uint64_t first_seq,
                               const std::function<bool(const Error&)>& keep_trying) {
  const auto insert = [&](const InsertBlock& block, std::string_view part) -> Result<void> {
    const std::string part_token = fmt::format("{}-{}", token, part);
    for (;;) {
      auto done = clickhouse_->Insert(block.statement, part_token, block.native);
      if (done || done.error().code == ErrorCode::kInvalidArgument || !keep_trying(done.error())) return done;
    }
  };

  {
    ForgetUnlessStored segments(recent_);
    std::vector<const Segment*> fresh;
    for (const RowBatch& batch : batches)
      for (const Segment& segment : batch.segments)
        if (recent_.Insert(segment)) fresh.push_back(&segment);
    if (!fresh.empty()) RETURN_IF_ERROR(insert(EncodeSegments(std::move(fresh)), "segments"));
    segments.stored = true;
  }

  std::vector<const SpanRow*> spans;
  std::vector<const LogRow*> logs;
  std::vector<const MetricRows*> metrics;
  std::size_t points = 0;
  for (const RowBatch& batch : batches) {
    for (const SpanRow& row : batch.spans) spans.push_back(&row);
    for (const LogRow& row : batch.logs) logs.push_back(&row);
    metrics.push_back(&batch.metrics);
    points += batch.metrics.points.size();
  }
  if (!spans.empty()) RETURN_IF_ERROR(insert(EncodeSpans(spans, first_seq), "spans"));
  if (!logs.empty()) RETURN_IF_ERROR(insert(EncodeLogs(logs, first_seq + spans.size()), "logs"));
  if (points != 0) RETURN_IF_ERROR(insert(EncodePoints(metrics, first_seq + spans.size() + logs.size()), "points"));
  return {};
}

}  // namespace nightjar::store
