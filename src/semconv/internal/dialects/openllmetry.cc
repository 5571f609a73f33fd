// OpenLLMetry and the Traceloop SDK: traceloop.* and llm.* beside gen_ai.*.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

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
    "llm.request.reasoning_effort", "gen_ai.prompt",  "gen_ai.completion",
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

// "Doc 1, Score: 0.9" and, where the answer has it, the document in the lines below.
json::value Ranked(std::string_view text, const json::array& documents) {
  constexpr std::string_view kDoc = "Doc ";
  constexpr std::string_view kScore = ", Score: ";
  std::size_t place = 0;
  double score = 0;
  const char* const end = text.data() + text.size();
  if (!text.starts_with(kDoc)) return json::object{{"content", text}};
  const auto [after_place, place_error] = std::from_chars(text.data() + kDoc.size(), end, place);
  if (place_error != std::errc() || !std::string_view(after_place, end).starts_with(kScore))
    return json::object{{"content", text}};
  const auto [after, error] = std::from_chars(after_place + kScore.size(), end, score);
  if (error != std::errc()) return json::object{{"content", text}};
  json::object document{{"score", score}};
  if (after != end && *after == '\n')
    document["content"] = std::string_view(after + 1, end);
  else if (place < documents.size())
    document["content"] = Member(documents[place], "content");
  return document;
}

// Cohere's reranker: the documents are told as messages of the system, the query as the user's, the ranking as answers.
json::value Reranking(Field field, const Facts& facts) {
  json::array documents;
  json::value query;
  const json::value asked = facts.Read("gen_ai.prompt");
  if (const json::array* items = asked.if_array())
    for (const json::value& item : *items) {
      if (Text(Member(item, "role")) == "user") query = Member(item, "content");
      if (Text(Member(item, "role")) == "system")
        documents.push_back(json::object{{"content", Member(item, "content")}});
    }
  if (field == Field::kRerankerQuery) return query;
  if (field == Field::kRerankerOutput) {
    json::array ranking;
    const json::value answer = facts.Read("gen_ai.completion");
    if (const json::array* items = answer.if_array())
      for (const json::value& item : *items) ranking.push_back(Ranked(Text(Member(item, "content")), documents));
    documents = std::move(ranking);
  }
  return documents.empty() ? json::value() : json::value(std::move(documents));
}

json::value Derive(Field field, Facts& facts) {
  const ObservationKind kind = facts.kind();
  const bool is_ranking =
      field == Field::kRerankerQuery || field == Field::kRerankerInput || field == Field::kRerankerOutput;
  if (is_ranking) return kind == ObservationKind::kReranker ? Reranking(field, facts) : json::value();
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
