// Parts of a trace for those who do not want all of it: where a text occurs, a range of a long value, and its structure
// as columns (docs/formats/trace_columns.md).
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

constexpr std::size_t kFindMatchesMax = 1000;
constexpr std::size_t kFindTextBytesMax = 1024;
constexpr std::size_t kContentBytesMax = 1 << 20;  // of a range

void AddTracePartRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
