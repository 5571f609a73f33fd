// GET /api/v1/projects/{project}/traces/{trace_id}/conversation and …/sessions/{session_id}/conversation.
#pragma once

#include "server/api_routes.h"

namespace nightjar::server {

void AddConversationRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
