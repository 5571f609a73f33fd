// MLflow tracing: every attribute is the JSON text of a value.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"mlflow"};

constexpr KindWord kKinds[] = {
    {"llm", ObservationKind::kLlm},
    {"chat_model", ObservationKind::kLlm},
    {"embedding", ObservationKind::kEmbedding},
    {"retriever", ObservationKind::kRetriever},
    {"reranker", ObservationKind::kReranker},
    {"tool", ObservationKind::kTool},
    {"agent", ObservationKind::kAgent},
    {"chain", ObservationKind::kChain},
    {"workflow", ObservationKind::kChain},
    {"task", ObservationKind::kChain},
    {"parser", ObservationKind::kChain},
    {"guardrail", ObservationKind::kGuardrail},
    {"evaluator", ObservationKind::kEvaluator},
};

constexpr Rule kRules[] = {
    {Field::kKind, "mlflow.spanType"},
    {Field::kInput, "mlflow.spanInputs", kInQuotes},
    {Field::kOutput, "mlflow.spanOutputs", kInQuotes},
    {Field::kRequestBody, "mlflow.spanInputs"},
    {Field::kResponseBody, "mlflow.spanOutputs"},
    {Field::kSessionId, "mlflow.trace.session", kInQuotes},
    {Field::kSessionId, "session.id"},
    {Field::kUserId, "mlflow.trace.user", kInQuotes},
    {Field::kUserId, "user.id"},
    {Field::kProvider, "mlflow.llm.provider", kInQuotes},
    {Field::kProvider, "mlflow.message.format", kInQuotes},
    {Field::kResponseModel, "mlflow.spanOutputs", "model"},
    {Field::kModel, "mlflow.llm.model", kInQuotes},
    {Field::kTools, "mlflow.chat.tools"},
    {Field::kTags, "mlflow.trace.tags"},
    {Field::kMetadata, "mlflow.traceTag"},

    {Field::kTokensPrompt, "mlflow.chat.tokenUsage", "input_tokens"},
    {Field::kTokensCompletion, "mlflow.chat.tokenUsage", "output_tokens"},
    {Field::kTokensTotal, "mlflow.chat.tokenUsage", "total_tokens"},
    {Field::kTokensCacheRead, "mlflow.chat.tokenUsage", "cache_read_input_tokens"},
    {Field::kTokensCacheWrite, "mlflow.chat.tokenUsage", "cache_creation_input_tokens"},
    {Field::kUsage, "mlflow.spanOutputs", "usage"},
    {Field::kCostTotal, "mlflow.llm.cost", "total_cost"},
    {Field::kCostPrompt, "mlflow.llm.cost", "input_cost"},
    {Field::kCostCompletion, "mlflow.llm.cost", "output_cost"},
    {Field::kToolName, "mlflow.spanFunctionName", kInQuotes},
    {Field::kTemplateName, "mlflow.linkedPrompts", "0.name"},
    {Field::kTemplateVersion, "mlflow.linkedPrompts", "0.version"},
};

}  // namespace

const Dialect kMlflow = {
    .name = "mlflow",
    .token_rule = "mlflow.chat.tokenUsage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
};

}  // namespace nightjar::semconv::internal
