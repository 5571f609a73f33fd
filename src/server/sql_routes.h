// POST /api/v1/sql: what people ask in SQL over the documented views.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddSqlRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
