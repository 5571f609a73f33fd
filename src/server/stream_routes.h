// Spans as they arrive, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

constexpr std::size_t kStreamsMax = 64;

void AddStreamRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
