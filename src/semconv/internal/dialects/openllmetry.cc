// OpenLLMetry and the Traceloop SDK: traceloop.* and llm.* beside gen_ai.*.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"traceloop", "llm.request.type", "llm.request.functions",
                                         "llm.usage", "llm.is_streaming", "gen_ai.is_streaming"};

constexpr KindWord kKinds[] = {
    {"workflow", ObservationKind::kChain},
    {"task", ObservationKind::kChain},
    {"agent", ObservationKind::kAgent},
    {"tool", ObservationKind::kTool},
    {"chat", ObservationKind::kLlm},
    {"completion", ObservationKind::kLlm},
    {"embedding", ObservationKind::kEmbedding},
    {"rerank", ObservationKind::kReranker},
};

constexpr Rule kRules[] = {
    {Field::kKind, "traceloop.span.kind"},
    {Field::kKind, "llm.request.type"},
    {Field::kSessionId, "traceloop.association.properties.session_id"},
    {Field::kSessionId, "traceloop.association.properties.thread_id"},
    {Field::kUserId, "traceloop.association.properties.user_id"},
    {Field::kMetadata, "traceloop.association.properties"},
    {Field::kInput, "traceloop.entity.input"},
    {Field::kOutput, "traceloop.entity.output", kInQuotes},
    {Field::kInput, "gen_ai.task.input"},
    {Field::kOutput, "gen_ai.task.output", kInQuotes},
    {Field::kTools, "llm.request.functions"},
    {Field::kTemplate, "traceloop.prompt.template"},
    {Field::kTemplateName, "traceloop.prompt.key"},
    {Field::kTemplateVariables, "traceloop.prompt.template_variables"},
    {Field::kTemplateVersion, "traceloop.prompt.version"},
};

constexpr std::string_view kDerivedFrom[] = {
    "traceloop.entity.name",        "gen_ai.request", "llm.frequency_penalty",
    "llm.presence_penalty",         "llm.top_k",      "llm.chat.stop_sequences",
    "llm.request.reasoning_effort",
};

// Settings that the conventions had no names for then.
constexpr std::string_view kSettings[] = {"llm.frequency_penalty", "llm.presence_penalty", "llm.top_k",
                                          "llm.chat.stop_sequences", "llm.request.reasoning_effort"};

json::value Parameters(const Facts& facts) {
  json::object parameters;
  for (const std::string_view key : kSettings)
    if (facts.HasAttribute(key)) parameters[key.substr(key.rfind('.') + 1)] = facts.Read(key);
  if (parameters.empty()) return nullptr;
  for (const auto& [key, value] : facts.Below("gen_ai.request"))
    if (const std::string_view name = key.substr(15); name != "model") parameters[name] = PlainJson(*value);
  return parameters;
}

// What a vector store found: an event for each.
json::value FoundDocuments(const model::Span& span) {
  json::array documents;
  for (const model::Event& event : span.events) {
    if (event.name != "db.query.result") continue;
    json::object document;
    for (const auto& [key, value] : event.attributes) {
      const std::string_view name = std::string_view(key).substr(key.rfind('.') + 1);
      if (name != "vector") document[name == "document" ? "content" : name] = PlainJson(value);
    }
    documents.push_back(std::move(document));
  }
  return documents.empty() ? json::value() : json::value(std::move(documents));
}

json::value Derive(Field field, Facts& facts) {
  const ObservationKind kind = facts.kind();
  if ((field == Field::kToolName && kind == ObservationKind::kTool) ||
      (field == Field::kAgentName && kind == ObservationKind::kAgent))
    return facts.Read("traceloop.entity.name");
  if (field == Field::kInvocationParameters) return Parameters(facts);
  return field == Field::kDocuments ? FoundDocuments(facts.span()) : json::value();
}

}  // namespace

const Dialect kOpenLlmetry = {
    .name = "openllmetry",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
