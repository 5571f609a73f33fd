// Spans that match a query, or a trace, as files: OTLP/JSON as they were sent, or the rows of the view `spans`.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddExportRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
