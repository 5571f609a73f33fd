// Google's Agent Development Kit: gcp.vertex.agent.*, whose requests and responses are Gemini's.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"gcp.vertex.agent"};

constexpr KindWord kKinds[] = {
    {"call_llm", ObservationKind::kLlm},
    {"generate_content", ObservationKind::kLlm},
    {"execute_tool", ObservationKind::kTool},
    {"invoke_agent", ObservationKind::kAgent},
};

constexpr Rule kRules[] = {
    {Field::kKind, "gen_ai.operation.name"},
    {Field::kRequestBody, "gcp.vertex.agent.llm_request"},
    {Field::kResponseBody, "gcp.vertex.agent.llm_response"},
    {Field::kSessionId, "gcp.vertex.agent.session_id"},
    {Field::kInput, "gcp.vertex.agent.tool_call_args"},
    {Field::kOutput, "gcp.vertex.agent.tool_response"},
    {Field::kToolArguments, "gcp.vertex.agent.tool_call_args"},
    {Field::kToolResult, "gcp.vertex.agent.tool_response"},
    {Field::kOutput, "gcp.vertex.agent.data"},
    {Field::kResponseId, "gcp.vertex.agent.response_id"},
};

}  // namespace

const Dialect kGoogleAdk = {
    .name = "google_adk",
    .token_rule = "gcp.vertex.agent.llm_response",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
};

}  // namespace nightjar::semconv::internal
