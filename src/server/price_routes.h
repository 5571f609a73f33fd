// Prices under /api/v1/prices: those of the data package to look at, own ones to change. Contract: docs/guide/api.md.
#pragma once

#include "catalog/price_list.h"
#include "server/http/router.h"

namespace nightjar::server {

// `prices` outlives the router.
void AddPriceRoutes(catalog::PriceList& prices, Router& router);

}  // namespace nightjar::server
