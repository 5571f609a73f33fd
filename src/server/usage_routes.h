// GET /api/v1/projects/{project}/usage, …/sessions and …/users.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddUsageRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
