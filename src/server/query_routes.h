// Lists of traces and spans by the query language, their facets and histogram, and the completion of a query.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddQueryRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
