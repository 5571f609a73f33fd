#include "app/storage.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "ingest/export_request.h"
#include "store/eraser.h"
#include "store/schema.h"
#include "store/span_writer.h"
#include "store/views.h"

namespace nightjar::app {
namespace {

constexpr std::chrono::seconds kFreezePatience{60};  // for the engine to take what was acknowledged
constexpr std::chrono::milliseconds kFreezeStep{500};
constexpr std::chrono::milliseconds kTurnPatience{3000};  // SIGTERM waits for this too

Result<void> CopyCatalog(catalog::Catalog& catalog, const backup::Frozen& frozen) {
  std::error_code error;
  std::filesystem::create_directories(frozen.folder, error);  // the engine makes it for tables that have parts
  if (error)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot make {}: {}", frozen.folder.string(), error.message()));
  return catalog.CopyTo(backup::FrozenCatalog(frozen));
}

}  // namespace

Result<std::unique_ptr<Storage>> Storage::Open(const ServeConfig& config) {
  ASSIGN_OR_RETURN(DataDir data_dir, DataDir::Open(config.data_dir));
  ASSIGN_OR_RETURN(const store::SegmentKey segment_key, data_dir.ReadSegmentKey());
  ASSIGN_OR_RETURN(std::unique_ptr<engine::Supervisor> engine,
                   engine::Supervisor::Start({.program = NIGHTJAR_ENGINE_PROGRAM,
                                              .library = config.engine_library,
                                              .data_path = data_dir.engine_path(),
                                              .socket_path = data_dir.engine_socket(),
                                              .memory_bytes_max = config.engine_memory_bytes}));
  std::unique_ptr<Storage> storage(new Storage(std::move(data_dir), segment_key, std::move(engine)));
  RETURN_IF_ERROR(store::Migrate(storage->clickhouse_));
  RETURN_IF_ERROR(store::MakeViews(storage->clickhouse_));
  ASSIGN_OR_RETURN(storage->catalog_, catalog::Catalog::Open(storage->data_dir_.catalog_path()));
  ASSIGN_OR_RETURN(storage->prices_, catalog::PriceList::Open(*storage->catalog_, pricing::EmbeddedPackage()));
  storage->retention_ = std::make_unique<catalog::RetentionList>(*storage->catalog_);
  ASSIGN_OR_RETURN(storage->journal_, journal::Journal::Open({.folder = storage->data_dir_.journal_path(),
                                                              .disk_bytes_max = config.journal_bytes_max,
                                                              .disk_reserve_bytes = config.disk_reserve_bytes}));
  RETURN_IF_ERROR(storage->StartCommitter());
  return storage;
}

Result<void> Storage::StartCommitter() {
  ASSIGN_OR_RETURN(store::SpanWriter writer, store::SpanWriter::Create(clickhouse_));
  const auto make_rows = [this](ingest::Entry entry) {
    told_.Note(entry.telemetry);
    return ingest::MakeRows(std::move(entry), segment_key_, *prices_->current().Now());
  };
  committer_ = std::make_unique<ingest::Committer>(*journal_, std::move(writer), store::Eraser(clickhouse_), make_rows,
                                                   data_dir_.quarantine_path());
  return {};
}

Result<backup::Frozen> Storage::Freeze(const std::stop_token& stop) {
  const std::uint64_t wanted_end = journal_->end_pending();
  const auto deadline = std::chrono::steady_clock::now() + kFreezePatience;
  while (journal_->first_pending() < wanted_end) {
    if (stop.stop_requested()) return Fail(ErrorCode::kUnavailable, "the server is stopping");
    if (std::chrono::steady_clock::now() > deadline)
      return Fail(ErrorCode::kUnavailable,
                  "acknowledged requests still wait for the telemetry engine; try again when it has taken them");
    committer_->WaitUntilAllStored(kFreezeStep);
  }
  backup::Frozen frozen;
  RETURN_IF_ERROR(committer_->BetweenTurns(kTurnPatience, [&]() -> Result<void> {
    ASSIGN_OR_RETURN(frozen, backup::Freeze(clickhouse_, data_dir_.path()));
    return CopyCatalog(*catalog_, frozen);
  }));
  return frozen;
}

}  // namespace nightjar::app
