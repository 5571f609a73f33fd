// What the page of a large trace asks instead of reading every span of it: events by time, and which spans did again
// what another had done.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

constexpr std::size_t kEventsMax = 1000;           // of one answer
constexpr std::size_t kEventsOffsetMax = 100'000;  // that an answer may pass over

void AddTraceScanRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
