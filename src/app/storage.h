// What keeps data: the data directory, the engine on it, the journal in front of it, the catalog beside it. Built by
// `serve`, and by `backup` when no server runs.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "app/config.h"
#include "app/data_dir.h"
#include "backup/frozen.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "catalog/price_list.h"
#include "catalog/retention_list.h"
#include "engine/supervisor.h"
#include "ingest/committer.h"
#include "ingest/told_spans.h"
#include "journal/journal.h"
#include "store/clickhouse.h"
#include "store/damaged_parts.h"
#include "store/segment.h"

namespace nightjar::app {

// Its parts are thread-safe and live as long as it does. Destroyed, it stores what is pending, then ends the engine.
class Storage {
 public:
  // Locks the directory, starts the engine, brings the schema up to date, begins to store what the journal holds.
  static Result<std::unique_ptr<Storage>> Open(const ServeConfig& config);

  [[nodiscard]] const DataDir& data_dir() const { return data_dir_; }
  [[nodiscard]] const store::SegmentKey& segment_key() const { return segment_key_; }
  engine::Supervisor& engine() { return *engine_; }
  store::ClickHouse& clickhouse() { return clickhouse_; }
  store::DamagedParts& damaged_parts() { return damaged_parts_; }
  journal::Journal& journal() { return *journal_; }
  ingest::Committer& committer() { return *committer_; }
  ingest::ToldSpans& told() { return told_; }  // of what the committer stores
  catalog::PriceList& prices() { return *prices_; }
  catalog::RetentionList& retention() { return *retention_; }

  // A moment of all tables and the catalog that holds everything that was acknowledged before the call. kUnavailable:
  // the engine does not take it, or `stop` came first.
  Result<backup::Frozen> Freeze(const std::stop_token& stop);

 private:
  Storage(DataDir data_dir, const store::SegmentKey& segment_key, std::unique_ptr<engine::Supervisor> engine)
      : data_dir_(std::move(data_dir)),
        segment_key_(segment_key),
        engine_(std::move(engine)),
        damaged_parts_({.unix_socket = data_dir_.engine_socket()}),
        clickhouse_({.unix_socket = data_dir_.engine_socket(),
                     .on_damage = [this](const std::string& part) { return damaged_parts_.PutAside(part); }}) {}

  Result<void> StartCommitter();

  const DataDir data_dir_;
  const store::SegmentKey segment_key_;
  const std::unique_ptr<engine::Supervisor> engine_;
  store::DamagedParts damaged_parts_;
  store::ClickHouse clickhouse_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<catalog::PriceList> prices_;
  std::unique_ptr<catalog::RetentionList> retention_;
  std::unique_ptr<journal::Journal> journal_;
  ingest::ToldSpans told_;
  std::unique_ptr<ingest::Committer> committer_;
};

}  // namespace nightjar::app
