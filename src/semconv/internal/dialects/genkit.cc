// Firebase Genkit: genkit:* keys, whose inputs and outputs are JSON.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"genkit:type", "genkit:name", "genkit:metadata:subtype", "genkit:path"};

constexpr KindWord kKinds[] = {
    {"model", ObservationKind::kLlm},
    {"background-model", ObservationKind::kLlm},
    {"embedder", ObservationKind::kEmbedding},
    {"tool", ObservationKind::kTool},
    {"tool.v2", ObservationKind::kTool},
    {"retriever", ObservationKind::kRetriever},
    {"reranker", ObservationKind::kReranker},
    {"evaluator", ObservationKind::kEvaluator},
    {"prompt", ObservationKind::kPrompt},
    {"executable-prompt", ObservationKind::kPrompt},
    {"prompttemplate", ObservationKind::kPrompt},
    {"dotprompt", ObservationKind::kChain},
    {"agent", ObservationKind::kAgent},
    {"flow", ObservationKind::kChain},
    {"flowstep", ObservationKind::kChain},
    {"util", ObservationKind::kChain},
};

// `raw` is the provider's own response.
constexpr Rule kRules[] = {
    {Field::kKind, "genkit:metadata:subtype"},
    {Field::kKind, "genkit:type"},
    {Field::kInput, "genkit:input", kInQuotes},
    {Field::kOutput, "genkit:output", kInQuotes},
    {Field::kRequestBody, "genkit:input"},
    {Field::kResponseBody, "genkit:output"},
    {Field::kUsage, "genkit:output", "raw.usage"},
    {Field::kUsage, "genkit:output", "raw.usageMetadata"},
    {Field::kUsage, "genkit:output", "usage"},
    {Field::kTemplateName, "genkit:metadata:promptName"},
    {Field::kSessionId, "genkit:metadata:genkit:sessionId"},
    {Field::kSessionId, "genkit:sessionId"},
};

constexpr std::string_view kName = "genkit:name";
constexpr std::string_view kDerivedFrom[] = {kName};

// The words of a document, whose content is a list of parts.
json::value TextOf(const json::value& document) {
  std::string text;
  for (const model::Part& part : ReadParts(Member(document, "content"))) text += part.text;
  return json::value(text);
}

json::value Texts(const json::value& documents) {
  json::array texts;
  if (const json::array* items = documents.if_array())
    for (const json::value& item : *items) texts.push_back(TextOf(item));
  return texts;
}

json::value Documents(const json::value& documents) {
  json::array found;
  if (const json::array* items = documents.if_array())
    for (const json::value& item : *items) {
      const json::value& metadata = Member(item, "metadata");
      found.push_back(json::object{{"id", Member(metadata, "id")}, {"content", TextOf(item)}, {"metadata", metadata}});
    }
  return found;
}

json::value OfModel(Field field, Facts& facts) {
  const auto raw = [&](std::initializer_list<std::string_view> names) {
    return FirstMember(Member(facts.Parsed(Field::kResponseBody), "raw"), names);
  };
  switch (field) {
    case Field::kRequestModel: return facts.Read(kName);
    case Field::kResponseModel: return raw({"model", "modelVersion"});
    case Field::kResponseId: return raw({"id", "responseId"});
    default: return nullptr;
  }
}

json::value Derive(Field field, Facts& facts) {
  switch (facts.kind()) {
    case ObservationKind::kLlm: return OfModel(field, facts);
    case ObservationKind::kReranker: return field == Field::kRerankerModel ? facts.Read(kName) : json::value();
    case ObservationKind::kTool: return field == Field::kToolName ? facts.Read(kName) : json::value();
    case ObservationKind::kEmbedding:
      if (field == Field::kEmbeddings) return Texts(Member(facts.Parsed(Field::kRequestBody), "input"));
      return OfModel(field, facts);
    case ObservationKind::kRetriever:
      if (field == Field::kQuery) return TextOf(Member(facts.Parsed(Field::kRequestBody), "query"));
      if (field == Field::kDocuments) return Documents(Member(facts.Parsed(Field::kResponseBody), "documents"));
      return nullptr;
    default: return nullptr;
  }
}

}  // namespace

const Dialect kGenkit = {
    .name = "genkit",
    .token_rule = "genkit.usage",
    .markers = kMarkers,
    .rules = kRules,
    .kinds = kKinds,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
