// Scores, labels and explanations of spans, traces, sessions and documents, as Phoenix's clients send and read them.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddAnnotationRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
