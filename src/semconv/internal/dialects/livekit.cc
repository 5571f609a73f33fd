// LiveKit agents: lk.*. Later versions write what a person said or was told as lk.pii.*.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"lk"};

constexpr Rule kRules[] = {
    {Field::kAgentRun, "lk.speech_id"},
    {Field::kInput, "lk.pii.input_text"},
    {Field::kInput, "lk.input_text"},
    {Field::kInput, "lk.pii.user_input"},
    {Field::kInput, "lk.user_input"},
    {Field::kInput, "lk.pii.user_transcript"},
    {Field::kInput, "lk.user_transcript"},
    {Field::kInput, "lk.pii.function_tool.arguments"},
    {Field::kInput, "lk.function_tool.arguments"},
    {Field::kOutput, "lk.pii.response.text"},
    {Field::kOutput, "lk.response.text"},
    {Field::kOutput, "lk.pii.function_tool.output"},
    {Field::kOutput, "lk.function_tool.output"},
    {Field::kInputMessages, "lk.pii.chat_ctx"},
    {Field::kInputMessages, "lk.chat_ctx"},
    {Field::kOutputMessages, "lk.pii.response.text"},
    {Field::kOutputMessages, "lk.response.text"},
    {Field::kToolName, "lk.function_tool.name"},
    {Field::kToolCallId, "lk.function_tool.id"},
    {Field::kToolArguments, "lk.pii.function_tool.arguments"},
    {Field::kToolArguments, "lk.function_tool.arguments"},
    {Field::kToolResult, "lk.pii.function_tool.output"},
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
    {Field::kTokensCacheRead, "gen_ai.usage.input_cached_tokens"},
    {Field::kTokensCacheWrite, "lk.llm_metrics", "cache_creation_tokens"},
    {Field::kTokensReasoning, "lk.llm_metrics", "reasoning_tokens"},
};

constexpr std::string_view kUsage = "gen_ai.usage.input_tokens";
constexpr std::string_view kDerivedFrom[] = {kUsage};

// The nodes of its pipeline, each attempt at a request, and what speaks and listens name a model too.
bool IsStep(const Facts& facts) { return facts.span().name != "llm_request" && !facts.HasAttribute(kUsage); }

}  // namespace

const Dialect kLiveKit = {
    .name = "livekit",
    .token_rule = "lk.llm_metrics",
    .markers = kMarkers,
    .rules = kRules,
    .derived_from = kDerivedFrom,
    .is_step = IsStep,
};

}  // namespace nightjar::semconv::internal
