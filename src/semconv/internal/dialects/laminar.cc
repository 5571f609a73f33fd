// Laminar: lmnr.* beside gen_ai.*.
#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"lmnr"};

constexpr KindWord kKinds[] = {
    {"llm", ObservationKind::kLlm},
    {"tool", ObservationKind::kTool},
    {"default", ObservationKind::kChain},
    {"cached", ObservationKind::kLlm},
    {"executor", ObservationKind::kChain},
    {"evaluator", ObservationKind::kEvaluator},
    {"human_evaluator", ObservationKind::kEvaluator},
    {"evaluation", ObservationKind::kEvaluator},
};

constexpr Rule kRules[] = {
    {Field::kKind, "lmnr.span.type"},
    {Field::kInput, "lmnr.span.input"},
    {Field::kOutput, "lmnr.span.output"},
    {Field::kSessionId, "lmnr.association.properties.session_id"},
    {Field::kUserId, "lmnr.association.properties.user_id"},
    {Field::kTags, "lmnr.association.properties.tags"},
    {Field::kMetadata, "lmnr.association.properties.metadata"},
};

// Of the Responses API the messages are JSON without the instructions, which only the flattened messages hold.
constexpr std::string_view kDerivedFrom[] = {"gen_ai.prompt"};

json::value Derive(Field field, Facts& facts) {
  if (field != Field::kSystemInstructions) return nullptr;
  const json::value prompt = facts.Read("gen_ai.prompt");
  const json::value& first = MemberAt(prompt, "0");
  return Text(Member(first, "role")) == "system" ? Member(first, "content") : json::value();
}

}  // namespace

const Dialect kLaminar = {
    .name = "laminar",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
