// The OpenAPI document of the routes.
#pragma once

#include "server/http/router.h"

namespace nightjar::server {

// Adds GET /openapi.json about itself and every route that `router` has by now: what src/server/openapi.json says of
// it. A route of which that says nothing stands there empty, and what says something of no route is left out;
// tests/test_openapi.py finds both.
void AddOpenApiRoute(Router& router);

}  // namespace nightjar::server
