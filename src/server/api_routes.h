// The JSON API under /api/v1, and the health checks. Contract: docs/guide/api.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/json.h"
#include "ingest/refusals.h"
#include "pricing/current_prices.h"
#include "server/http/router.h"
#include "store/annotations.h"
#include "store/clickhouse.h"

namespace nightjar::server {

// What the API reads. All references outlive the router.
struct ApiSources {
  store::ClickHouse& clickhouse;
  const pricing::CurrentPrices& prices;
  const ingest::RefusalLog& refusals;
  // Returns once what was acknowledged of a trace can be read; kUnavailable when that takes too long.
  std::function<Result<void>(const TraceId&)> wait_until_stored;
  // The same for all traces; how many acknowledged requests a list would lack.
  std::function<std::uint64_t()> wait_for_lists;
  std::function<std::uint64_t()> stored_end;  // rises when something has been stored
  // Keeps them, and those whose targets have not come yet until they come, unless all must be there.
  std::function<Result<void>(std::vector<store::Annotation>, bool must_exist)> put_annotations;
  std::function<bool()> any_annotations;  // whether there may be any at all
  std::function<json::object()> status;   // the body of /api/v1/status; must not block
  std::function<Result<void>()> ready;    // kUnavailable and why, when spans cannot be received or read
};

// How the engine is asked on behalf of a request: not any longer than its client waits.
store::QueryOptions OptionsOf(const Request& request);

// Says how many acknowledged requests an answer lacks whose body has no place for it.
Header PendingHeader(std::uint64_t pending);

void AddApiRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
