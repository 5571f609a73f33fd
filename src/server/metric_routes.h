// GET /api/v1/projects/{project}/metrics and …/metrics/{name}.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddMetricRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
