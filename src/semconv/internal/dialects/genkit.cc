// Firebase Genkit: genkit:* keys, whose inputs and outputs are JSON.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"genkit:type", "genkit:name", "genkit:metadata:subtype", "genkit:path"};

constexpr KindWord kKinds[] = {
    {"model", ObservationKind::kLlm},          {"background-model", ObservationKind::kLlm},
    {"embedder", ObservationKind::kEmbedding}, {"tool", ObservationKind::kTool},
    {"tool.v2", ObservationKind::kTool},       {"retriever", ObservationKind::kRetriever},
    {"reranker", ObservationKind::kReranker},  {"evaluator", ObservationKind::kEvaluator},
    {"prompt", ObservationKind::kPrompt},      {"executable-prompt", ObservationKind::kPrompt},
    {"agent", ObservationKind::kAgent},        {"flow", ObservationKind::kChain},
    {"flowstep", ObservationKind::kChain},     {"util", ObservationKind::kChain},
};

constexpr Rule kRules[] = {
    {Field::kKind, "genkit:metadata:subtype"},
    {Field::kKind, "genkit:type"},
    {Field::kInput, "genkit:input"},
    {Field::kOutput, "genkit:output"},
    {Field::kRequestBody, "genkit:input"},
    {Field::kResponseBody, "genkit:output"},
    {Field::kRequestModel, "genkit:name"},
    {Field::kToolName, "genkit:name"},
    {Field::kSessionId, "genkit:metadata:genkit:sessionId"},
    {Field::kSessionId, "genkit:sessionId"},
};

}  // namespace

const Dialect kGenkit = {
    .name = "genkit",
    .token_rule = "genkit.usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
};

}  // namespace nightjar::semconv::internal
