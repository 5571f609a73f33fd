// GET /api/v1/projects/{project}/traces/{trace_id}/conversation and …/sessions/{session_id}/conversation.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "semconv/conversation.h"
#include "server/api_routes.h"

namespace nightjar::server {

// What the results of tools cost in the prompts of a project's latest traces, at most kToolTracesMax.
constexpr std::size_t kToolTracesMax = 100;
struct ToolCosts {
  std::map<std::string, semconv::ToolCost> tools;  // by name
  std::size_t traces = 0;                          // that were looked at
  bool complete = true;                            // there are no others in the range
};
// `request` names the project. Of traces with a call that starts at `from` or later and before `to`.
Result<ToolCosts> ReadToolCosts(const ApiSources& sources, const Request& request, UnixNanos from, UnixNanos to);

void AddConversationRoutes(const ApiSources& sources, Router& router);

}  // namespace nightjar::server
