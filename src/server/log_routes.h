// GET /api/v1/projects/{project}/logs.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddLogRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
