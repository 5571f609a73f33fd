// GET /api/v1/projects/{project}/ingest-health.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddHealthRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
