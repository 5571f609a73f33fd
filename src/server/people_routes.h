// Lists of a project's sessions and users.
#pragma once

#include "base/json.h"
#include "server/api_routes.h"
#include "store/call_totals.h"

namespace nightjar::server {

void AddPeopleRoutes(const ApiSources& sources, Router& router);

// Adds what calls used, as usage and these lists show it.
void AddTotals(const store::CallTotals& totals, json::object& out);

}  // namespace nightjar::server
