#include "semconv/internal/facts.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr DialectSet kEverywhere = DialectSet{1} << (kDialectCount - 1);

bool IsTokenCount(Field field) { return field >= Field::kTokensPrompt && field <= Field::kTokensCompletionAudio; }

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

// An empty text, or a number that is none.
bool SaysNothing(const model::Value& value, Field field) {
  if (const auto* real = value.As<double>()) return !std::isfinite(*real);
  const auto* text = value.As<std::string>();
  return text && text->empty() && !IsPayload(field);
}

const json::value& MemberAt(const json::value& value, std::string_view path) {
  const json::value* place = &value;
  while (!path.empty()) {
    const std::string_view key = path.substr(0, path.find('.'));
    place = &Member(*place, key);
    path.remove_prefix(std::min(key.size() + 1, path.size()));
  }
  return *place;
}

}  // namespace

Facts::Facts(const model::Span& span, std::span<const model::LogRecord> logs)
    : span_(span),
      logs_(logs),
      index_(span.attributes, RuleBook::Instance().keys()),
      present_(index_.marked() | kEverywhere) {
  kind_ = FindKind();
  for (std::size_t i = 0; i < kDialectCount && !token_dialect_; ++i) {
    if ((present_ >> i & 1) == 0) continue;
    for (const Field field : {Field::kTokensPrompt, Field::kTokensCompletion, Field::kTokensTotal}) {
      Finding finding;
      if (Search(i, field, finding)) token_dialect_ = kDialects[i];
    }
  }
}

std::string_view Facts::dialect() const { return kDialects[std::countr_zero(present_)]->name; }

ObservationKind Facts::FindKind() {
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    if ((present_ >> i & 1) == 0) continue;
    Finding finding;
    if (!SearchRules(i, Field::kKind, finding)) continue;
    const std::string word =
        LowerCase(internal::Text(finding.attribute ? PlainJson(*finding.attribute) : finding.made));
    const auto match = std::ranges::find(kDialects[i]->kinds, word, &KindWord::word);
    if (match != kDialects[i]->kinds.end()) return match->kind;
  }
  if (present_ == kEverywhere) return ObservationKind::kUnknown;
  for (const auto& [field, kind] : kTellingFields)
    for (std::size_t i = 0; i < kDialectCount; ++i) {
      Finding finding;
      if ((present_ >> i & 1) != 0 && SearchRules(i, field, finding)) return kind;
    }
  return ObservationKind::kUnknown;
}

bool Facts::SearchRules(std::size_t dialect, Field field, Finding& finding) {
  for (const auto& [rule, key] : RuleBook::Instance().RulesOf(dialect, field)) {
    const model::Value* attribute = index_.At(key);
    if (!attribute && !index_.HasBelow(key)) continue;
    if (!rule->member.empty() || field == Field::kProvider) {
      json::value value = attribute ? PlainJson(*attribute) : ComposeTree(index_.Below(key), rule->key.size() + 1);
      if (!rule->member.empty()) {
        auto [place, is_new] = parsed_attributes_.try_emplace(key);
        if (is_new) place->second = internal::Parsed(value);
        value = MemberAt(place->second, rule->member);
      }
      if (field == Field::kProvider) {
        const std::string provider = CanonicalProvider(internal::Text(value));
        value = provider.empty() ? json::value() : json::value(provider);
      }
      if (value.is_null() || (IsEmptyText(value) && !IsPayload(field))) continue;
      finding.made = std::move(value);
      return true;
    }
    if (attribute && SaysNothing(*attribute, field)) continue;
    finding.attribute = attribute;
    if (!attribute) finding.tree = key;
    return true;
  }
  return false;
}

bool Facts::Search(std::size_t dialect, Field field, Finding& finding) {
  if (SearchRules(dialect, field, finding)) return true;
  if (!kDialects[dialect]->derive) return false;
  finding.made = kDialects[dialect]->derive(field, *this);
  return !finding.made.is_null();
}

Facts::Finding& Facts::Find(Field field) {
  Finding& finding = findings_[static_cast<std::size_t>(field)];
  if (finding.searched) return finding;
  finding.searched = true;
  for (std::size_t i = 0; i < kDialectCount; ++i) {
    if ((present_ >> i & 1) == 0 || (IsTokenCount(field) && kDialects[i] != token_dialect_)) continue;
    if (Search(i, field, finding)) break;
  }
  return finding;
}

const json::value& Facts::operator[](Field field) {
  Finding& finding = Find(field);
  if (!finding.made.is_null()) return finding.made;
  if (finding.attribute) finding.made = PlainJson(*finding.attribute);
  if (finding.tree != RuleKeys::kNone)
    finding.made = ComposeTree(index_.Below(finding.tree), RuleBook::Instance().keys().key(finding.tree).size() + 1);
  return finding.made;
}

bool Facts::Has(Field field) { return Find(field).found(); }

std::optional<std::string_view> Facts::PlainText(Field field) {
  const Finding& finding = Find(field);
  const auto* text = finding.attribute ? finding.attribute->As<std::string>() : nullptr;
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::string Facts::Text(Field field) {
  const auto plain = PlainText(field);
  return plain ? std::string(*plain) : internal::Text((*this)[field]);
}

std::optional<std::uint64_t> Facts::Count(Field field) { return internal::Count((*this)[field]); }

std::optional<double> Facts::Number(Field field) { return internal::Number((*this)[field]); }

std::optional<std::vector<ListItem>> Facts::Items(Field field) {
  const Finding& finding = Find(field);
  if (finding.tree == RuleKeys::kNone) return std::nullopt;
  return ListItems(index_.Below(finding.tree), RuleBook::Instance().keys().key(finding.tree).size() + 1);
}

json::value Facts::Read(std::string_view key) const {
  const KeyNumber number = RuleBook::Instance().keys().Find(key);
  CHECK(number != RuleKeys::kNone);
  if (const model::Value* attribute = index_.At(number)) return PlainJson(*attribute);
  return index_.HasBelow(number) ? ComposeTree(index_.Below(number), key.size() + 1) : json::value();
}

TreeEntries Facts::Below(std::string_view key) const {
  const KeyNumber number = RuleBook::Instance().keys().Find(key);
  CHECK(number != RuleKeys::kNone);
  return index_.Below(number);
}

const json::value& Facts::Parsed(Field field) {
  auto [place, is_new] = parsed_.try_emplace(field);
  if (is_new) place->second = internal::Parsed((*this)[field]);
  return place->second;
}

const SpanEvents& Facts::events() {
  if (!events_) events_ = ReadEvents(span_, logs_);
  return *events_;
}

}  // namespace nightjar::semconv::internal
