// What holds on spans of any origin: OTel's general attributes, and what one field says of another.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"
#include "semconv/internal/rule_book.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr Rule kRules[] = {
    {Field::kSessionId, "session.id"},
    {Field::kUserId, "user.id"},
    {Field::kUserId, "enduser.id"},
};

json::value ProviderOfModel(Facts& facts) {
  for (const Field field : {Field::kRequestModel, Field::kModel, Field::kResponseModel, Field::kEmbeddingModel})
    if (const std::string provider = ProviderOfModelName(facts.Text(field)); !provider.empty())
      return json::value(provider);
  return nullptr;
}

// A retriever's output, when it is a list of documents.
json::value Documents(Facts& facts) {
  const json::value& output = facts.Parsed(Field::kOutput);
  const json::value& listed = FirstMember(output, {"documents", "results", "output"});
  return listed.is_null() ? output : listed;
}

// What went in or out of a call, when it is the words of a person or a model.
json::value TextAsMessages(Facts& facts, Field payload, Field completions, std::string_view role) {
  const json::string* text = facts[payload].if_string();
  if (!text || text->empty() || facts.Has(completions) || facts.Parsed(payload).is_structured()) return nullptr;
  return json::array{json::object{{"role", role}, {"content", *text}}};
}

// What is embedded, where the library calls it a message.
json::value EmbeddedTexts(Facts& facts) {
  json::array texts;
  for (const model::Message& message : ReadMessages(facts.Parsed(Field::kInputMessages), "user"))
    for (const model::Part& part : message.content)
      if (part.type == model::Part::Type::kText) texts.push_back(json::value(part.text));
  return texts.empty() ? json::value() : json::value(std::move(texts));
}

json::value EmbeddingModel(Facts& facts) {
  for (const Field field : {Field::kResponseModel, Field::kRequestModel, Field::kModel})
    if (facts.Has(field)) return facts[field];
  return nullptr;
}

json::value Derive(Field field, Facts& facts) {
  switch (facts.kind()) {
    case ObservationKind::kUnknown: return nullptr;
    case ObservationKind::kLlm:
      if (field == Field::kInputMessages) return TextAsMessages(facts, Field::kInput, Field::kPrompts, "user");
      if (field == Field::kOutputMessages) return TextAsMessages(facts, Field::kOutput, Field::kChoices, "assistant");
      break;
    case ObservationKind::kTool:
      if (field == Field::kToolArguments) return facts[Field::kInput];
      if (field == Field::kToolResult) return facts[Field::kOutput];
      if (field == Field::kToolName) return json::string(facts.span().name);
      break;
    case ObservationKind::kRetriever:
      if (field == Field::kQuery) return facts[Field::kInput];
      if (field == Field::kDocuments) return Documents(facts);
      break;
    case ObservationKind::kEmbedding:
      if (field == Field::kEmbeddingModel) return EmbeddingModel(facts);
      if (field == Field::kEmbeddings) return EmbeddedTexts(facts);
      break;
    default: break;
  }
  return field == Field::kProvider ? ProviderOfModel(facts) : json::value();
}

}  // namespace

const Dialect kGeneric = {.name = "generic", .rules = kRules, .derive = Derive};

}  // namespace nightjar::semconv::internal
