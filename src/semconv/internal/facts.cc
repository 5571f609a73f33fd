#include "semconv/internal/facts.h"

#include <algorithm>

#include "semconv/internal/json_reading.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

bool IsTokenCount(Field field) { return field >= Field::kTokensPrompt && field <= Field::kTokensCompletionAudio; }

bool HasTokenCount(const Facts& facts) {
  return facts.Has(Field::kTokensPrompt) || facts.Has(Field::kTokensCompletion) || facts.Has(Field::kTokensTotal);
}

// Only fields that no other kind of span has; in this order, so that a retriever with a model is still a retriever.
constexpr struct {
  Field field;
  ObservationKind kind;
} kTellingFields[] = {
    {Field::kRerankerInput, ObservationKind::kReranker},
    {Field::kRerankerOutput, ObservationKind::kReranker},
    {Field::kRerankerModel, ObservationKind::kReranker},
    {Field::kEmbeddings, ObservationKind::kEmbedding},
    {Field::kEmbeddingModel, ObservationKind::kEmbedding},
    {Field::kDocuments, ObservationKind::kRetriever},
    {Field::kToolName, ObservationKind::kTool},
    {Field::kInputMessages, ObservationKind::kLlm},
    {Field::kOutputMessages, ObservationKind::kLlm},
    {Field::kModel, ObservationKind::kLlm},
    {Field::kRequestModel, ObservationKind::kLlm},
    {Field::kResponseModel, ObservationKind::kLlm},
};

// An empty input or output is one; any other empty text says nothing.
bool IsPayload(Field field) { return field == Field::kInput || field == Field::kOutput; }

bool IsEmptyText(const json::value& value) { return value.is_string() && value.get_string().empty(); }

json::value MemberAt(const json::value& value, std::string_view path) {
  const json::value* place = &value;
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    place = &Member(*place, key);
    path.remove_prefix(std::min(key.size() + 1, path.size()));
  }
  return *place;
}

json::value ProviderOrNull(const json::value& name) {
  const std::string provider = CanonicalProvider(Text(name));
  return provider.empty() ? json::value() : json::value(provider);
}

}  // namespace

void Gather(const Dialect& dialect, const AttributeTree& tree, const SpanEvents& events, Facts& facts) {
  if (facts.dialect.empty()) facts.dialect = dialect.name;
  const bool had_tokens = HasTokenCount(facts);
  for (const auto& [field, key, member] : dialect.rules) {
    if (facts.Has(field) || (had_tokens && IsTokenCount(field))) continue;
    json::value value = tree.Read(key);
    if (!member.empty()) value = MemberAt(Parsed(value), member);
    if (field == Field::kProvider) value = ProviderOrNull(value);
    if (!IsEmptyText(value) || IsPayload(field)) facts.Offer(field, std::move(value));
  }
  if (!had_tokens && HasTokenCount(facts)) facts.token_rule = dialect.token_rule;
  if (!facts.kind) {
    const auto match = std::ranges::find(dialect.kinds, LowerCase(Text(facts[Field::kKind])), &KindWord::word);
    if (match != dialect.kinds.end()) facts.kind = match->kind;
  }
  if (dialect.extend) dialect.extend(tree, events, facts);
}

ObservationKind KindOf(const Facts& facts) {
  if (facts.kind) return *facts.kind;
  for (const auto& [field, kind] : kTellingFields)
    if (facts.Has(field)) return kind;
  return ObservationKind::kUnknown;
}

}  // namespace nightjar::semconv::internal
