#include "app/status.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "base/json.h"
#include "store/native_reader.h"
#include "store/part_folder.h"

namespace nightjar::app {
namespace {

constexpr std::chrono::seconds kRefresh{10};
constexpr std::uint64_t kPartsNamed = 10;        // as in kQuestion
constexpr std::uint64_t kBatchBytes = 64 << 10;  // of an exporter: what ingest must still be able to take

// Parts that the engine put aside at its start, because it could not open them, have a reason; those that
// store/damaged_parts.h put aside have none. Damage in a part that is still read: a skip index, or it is being looked
// at.
constexpr std::string_view kQuestion =
    "WITH aside AS (SELECT concat(table, '/', name) AS part FROM system.detached_parts "
    "WHERE database = 'nightjar' AND (reason = '' OR reason LIKE 'broken%')), "
    "met AS (SELECT value, extract(last_error_message, '/store/[^ ,()\\']+') AS file FROM system.errors "
    "WHERE name IN ('CHECKSUM_DOESNT_MATCH', 'CANNOT_READ_ALL_DATA', 'INCORRECT_DATA') "
    "AND extract(file, '/store/[^/]+/[^/]+/[^/]+/') IN "
    "(SELECT extract(path, '/store/.*') FROM system.parts WHERE database = 'nightjar' AND active)) "
    "SELECT version(), sum(bytes_on_disk), (SELECT count() FROM aside), "
    "ifNull((SELECT sum(value) FROM met), 0), "
    "ifNull((SELECT arrayStringConcat(arraySlice(arraySort(groupArray(part)), 1, 10), ', ') FROM aside), ''), "
    "ifNull((SELECT max(file) FROM met), '') "
    "FROM system.parts WHERE database = 'nightjar' AND active";

std::string_view WordOf(ingest::RederiverState::Phase phase) {
  switch (phase) {
    case ingest::RederiverState::Phase::kIdle: return "idle";
    case ingest::RederiverState::Phase::kChecking: return "checking";
    case ingest::RederiverState::Phase::kRunning: return "running";
    case ingest::RederiverState::Phase::kWaiting: return "waiting";
  }
  return "";
}

}  // namespace

json::object ToJsonObject(const ingest::RederiverState& state) {
  return {{"state", WordOf(state.phase)},
          {"rules_version", state.derivation.rules_version},
          {"prices_version", state.derivation.prices_version},
          {"done", state.done},
          {"left", state.left},
          {"failed", state.failed}};
}

StatusReport::StatusReport(Storage& storage, const ingest::IngestCounters& counters)
    : storage_(storage), counters_(counters), thread_([this] { Run(); }) {}

StatusReport::~StatusReport() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

void StatusReport::SetAddresses(std::string http, std::string otlp_http, std::string grpc) {
  const std::lock_guard lock(mutex_);
  http_ = std::move(http);
  otlp_http_ = std::move(otlp_http);
  grpc_ = std::move(grpc);
}

void StatusReport::Run() {
  for (;;) {
    if (const auto asked = AskEngine(); !asked) spdlog::debug("status: {}", asked.error().message);
    std::unique_lock lock(mutex_);
    if (stop_.wait_for(lock, kRefresh, [&] { return stopping_; })) return;
  }
}

Result<void> StatusReport::AskEngine() {
  if (const std::int64_t engine = storage_.engine().state().pid; engine != counts_compared_) {
    RETURN_IF_ERROR(storage_.damaged_parts().CompareCounts());
    counts_compared_ = engine;
  }
  ASSIGN_OR_RETURN(const std::string bytes, storage_.clickhouse().Select(kQuestion, {}, {}));
  ASSIGN_OR_RETURN(const auto blocks, store::ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered its size with no row");
  const auto number = [&](std::size_t column) { return blocks[0].columns.at(column).Fixed<std::uint64_t>(0); };
  const std::lock_guard lock(mutex_);
  engine_version_ = blocks[0].columns.at(0).Text(0);
  storage_bytes_ = number(1);
  parts_put_aside_ = number(2);
  damage_met_ = number(3);
  first_put_aside_ = blocks[0].columns.at(4).Text(0);
  last_damaged_ = blocks[0].columns.at(5).Text(0);
  if (const std::string part = store::PartFolderIn(last_damaged_); !part.empty())
    storage_.damaged_parts().Suspect(part);
  return {};
}

// REQUIRES: mutex_ is held
json::array StatusReport::Warnings() const {
  json::array warnings;
  if (parts_put_aside_ != 0)
    warnings.push_back(json::value(fmt::format(
        "{} damaged parts of the telemetry are not served ({}{}), and what they hold is missing: they lie in the "
        "engine's folder under \"detached\"; check the disk, restore a backup",
        parts_put_aside_, first_put_aside_, parts_put_aside_ > kPartsNamed ? ", …" : "")));
  if (damage_met_ != 0)
    warnings.push_back(json::value(
        fmt::format("damaged telemetry was met {} times since the engine started, the last time in {}: {}", damage_met_,
                    last_damaged_,
                    last_damaged_.contains("/skp_idx_") ? "reads take longer until its part is merged; check the disk"
                                                        : "reads of it fail; check the disk, restore a backup")));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  for (const ingest::TooManyNames& names :
       counters_.names.OverLimit(static_cast<UnixNanos>(std::chrono::nanoseconds(now).count())))
    warnings.push_back(json::value(fmt::format(
        "about {} different {} came within an hour, more than {}: is there an id in the name? Put ids into values",
        names.count, names.what, names.limit)));
  return warnings;
}

json::object StatusReport::ToJson() const {
  const engine::EngineState engine = storage_.engine().state();
  const journal::JournalState journal = storage_.journal().state();
  const Result<void> accepts = storage_.journal().CheckAccepts(kBatchBytes);
  const std::string_view journal_state = journal.read_only ? "read_only" : accepts ? "ready" : "refusing";
  const std::string refused_because = accepts || journal.read_only ? journal.failure : accepts.error().message;
  const std::uint64_t last_span = counters_.last_span_unix_ns;
  const auto uptime = std::chrono::steady_clock::now() - started_;

  const std::lock_guard lock(mutex_);
  json::object out;
  out["version"] = NIGHTJAR_VERSION;
  out["durability"] = "fsync";  // an acknowledged span is on disk
  out["uptime_s"] = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
  out["storage_bytes"] = storage_bytes_;
  out["listen"] = {{"http", TextOrNull(http_)}, {"otlp_http", TextOrNull(otlp_http_)}, {"grpc", TextOrNull(grpc_)}};
  out["engine"] = {{"state", engine.ready ? "ready" : "restarting"},
                   {"version", TextOrNull(engine_version_)},
                   {"pid", engine.pid == 0 ? json::value() : json::value(engine.pid)},
                   {"restarts", engine.restarts},
                   {"last_exit", TextOrNull(engine.last_exit)},
                   {"sandboxed", engine.sandboxed}};
  out["journal"] = {{"state", journal_state},
                    {"failure", TextOrNull(refused_because)},
                    {"pending_requests", journal.pending_entries},
                    {"pending_bytes", journal.pending_bytes},
                    {"disk_bytes", journal.disk_bytes},
                    {"corrupt_bytes", journal.corrupt_bytes},
                    {"quarantined_requests", storage_.committer().quarantined()}};
  out["warnings"] = Warnings();
  out["ingest"] = {{"encodings", {"protobuf", "json"}},
                   {"requests", counters_.requests.load()},
                   {"bytes", counters_.bytes.load()},
                   {"spans", counters_.spans.load()},
                   {"rejected_spans", counters_.rejected_spans.load()},
                   {"log_records", counters_.log_records.load()},
                   {"rejected_log_records", counters_.rejected_log_records.load()},
                   {"data_points", counters_.data_points.load()},
                   {"rejected_data_points", counters_.rejected_data_points.load()},
                   {"refused_requests", counters_.refused_requests.load()},
                   {"repeated_requests", counters_.repeated_requests.load()},
                   {"last_span_unix_ns", last_span == 0 ? json::value() : json::value(std::to_string(last_span))}};
  return out;
}

}  // namespace nightjar::app
