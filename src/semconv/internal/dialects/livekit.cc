// LiveKit agents: lk.*.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"lk"};

constexpr Rule kRules[] = {
    {Field::kInput, "lk.input_text"},
    {Field::kInput, "lk.user_input"},
    {Field::kInput, "lk.user_transcript"},
    {Field::kInput, "lk.function_tool.arguments"},
    {Field::kOutput, "lk.response.text"},
    {Field::kOutput, "lk.function_tool.output"},
    {Field::kInputMessages, "lk.chat_ctx"},
    {Field::kOutputMessages, "lk.response.text"},
    {Field::kToolName, "lk.function_tool.name"},
    {Field::kToolCallId, "lk.function_tool.id"},
    {Field::kToolArguments, "lk.function_tool.arguments"},
    {Field::kToolResult, "lk.function_tool.output"},
    {Field::kAgentName, "lk.agent_name"},
    {Field::kSessionId, "lk.job_id"},
    {Field::kFirstTokenSeconds, "lk.response.ttft"},
    {Field::kRequestModel, "lk.request.model"},
    {Field::kRequestModel, "lk.llm_metrics", "metadata.model_name"},
    {Field::kProvider, "lk.llm_metrics", "metadata.model_provider"},
    {Field::kTokensPrompt, "lk.llm_metrics", "prompt_tokens"},
    {Field::kTokensCompletion, "lk.llm_metrics", "completion_tokens"},
    {Field::kTokensTotal, "lk.llm_metrics", "total_tokens"},
    {Field::kTokensCacheRead, "lk.llm_metrics", "prompt_cached_tokens"},
};

}  // namespace

const Dialect kLiveKit = {
    .name = "livekit",
    .token_rule = "lk.llm_metrics",
    .markers = kMarkers,
    .rules = kRules,
};

}  // namespace nightjar::semconv::internal
